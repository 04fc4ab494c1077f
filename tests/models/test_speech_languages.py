"""Which language is spoken when: the division of speech, and what is said about it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from smartcut.annotation import Sentence, Transcript, Word
from smartcut.errors import MissingModel, ModelError
from smartcut.models import speech, speech_models
from smartcut.models.speech import SpeechRequest, recognise
from smartcut.models.speech_languages import RATE, Piece, path, stretches
from smartcut.models.speech_models import Recognisers, identity, recognisers
from smartcut.models.speech_notes import WrittenPassage, notes
from smartcut.timebase import Range

LANGUAGES = {0: "en", 1: "de", 2: "fr"}


def piece(start: float, end: float) -> Piece:
    return round(start * RATE), round(end * RATE)


def in_languages(*said: tuple[float, int]) -> np.ndarray:
    """Sound whose samples number the language; pairs of seconds and number."""
    return np.concatenate([np.full(round(s * RATE), n, np.float32) for s, n in said])


def judge(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
    """Reads the number of the language off the samples, as shares of those in a piece."""
    assert len(sound) <= 30 * RATE
    found = []
    for first, last in pieces:
        numbers, counts = np.unique(sound[first:last], return_counts=True)
        shares = dict.fromkeys(LANGUAGES.values(), 0.001)
        for n, c in zip(numbers.tolist(), counts.tolist(), strict=True):
            shares[LANGUAGES.get(int(n), "?")] = c / (last - first)
        found.append(shares)
    return found


def test_speech_is_divided_where_its_language_changes() -> None:
    sound = in_languages((20, 0), (15, 1), (70, 0), (3, 2), (12, 0))
    pieces = [piece(0.5, 8), piece(9, 19.5), piece(20, 34), piece(35, 105), piece(105, 108)]
    pieces.append(piece(109, 119))
    found = stretches(sound, pieces, judge)
    assert [(s.language, s.share > 0.9) for s in found] == [
        ("en", True), ("de", True), ("en", True), ("fr", True), ("en", True)
    ]  # fmt: skip
    assert found[0].pieces == (piece(0.5, 8), piece(9, 19.5))
    # 70 s in a row are heard in three parts
    assert [round((b - a) / RATE, 1) for a, b in found[2].pieces] == [23.3, 23.3, 23.3]
    assert sum(s.samples for s in found) == sum(b - a for a, b in pieces)
    assert stretches(sound, [], judge) == []


def test_a_doubtful_piece_goes_with_its_neighbours() -> None:
    parts = [piece(0, 4), piece(4, 5), piece(5, 9)]
    sure, unsure = {"en": 0.9, "cy": 0.01}, {"cy": 0.6, "en": 0.2}
    assert path(parts, [sure, unsure, sure]) == ["en", "en", "en"]
    long = [piece(0, 4), piece(4, 8), piece(8, 12)]
    other = {"de": 0.99, "en": 0.001}
    assert path(long, [{"en": 0.97, "de": 0.0}, other, {"en": 0.97}]) == ["en", "de", "en"]
    assert path(parts, [unsure, sure, sure]) == ["en", "en", "en"]


def test_the_stretch_heard_by_itself_has_the_last_word() -> None:
    """What sounds like Latin beside another language is Polish alone."""

    def misled(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
        if len(pieces) > 1:
            return [{"it": 0.99}, {"la": 0.8, "pl": 0.1}, {"la": 0.7, "pl": 0.2}]
        return [{"it": 0.9} if sound[0] == 0 else {"pl": 0.9, "la": 0.1}]

    sound = in_languages((6, 0), (12, 1))
    found = stretches(sound, [piece(0, 6), piece(6, 12), piece(12, 18)], misled)
    assert [(s.language, len(s.pieces)) for s in found] == [("it", 1), ("pl", 2)]


def test_a_doubtful_stretch_is_heard_piece_by_piece() -> None:
    """Two languages in one window that sound alike there; rare ones are believed last."""

    def misled(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
        if len(np.unique(sound)) > 1:
            return [{"la": 0.7, "en": 0.2, "de": 0.1}] * len(pieces)
        return judge(sound, pieces)

    sound = in_languages((6, 0), (6, 1))
    found = stretches(sound, [piece(0, 6), piece(6, 12)], misled)
    assert [(s.language, s.pieces) for s in found] == [
        ("en", (piece(0, 6),)), ("de", (piece(6, 12),))
    ]  # fmt: skip


def test_pieces_that_are_no_clearer_alone_are_not_divided() -> None:
    """French in noise: taken as a whole it is likely, its pieces alone are anything."""

    def noisy(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
        if len(sound) > 8 * RATE:
            return [{"fr": 0.6, "pt": 0.2, "ro": 0.2}] * len(pieces)
        return [{"pt": 0.7, "fr": 0.1} if sound[0] == 0 else {"fr": 0.7, "ht": 0.3}]

    found = stretches(in_languages((6, 0), (4, 1)), [piece(0, 6), piece(6, 10)], noisy)
    assert [(s.language, s.share) for s in found] == [("fr", 0.6)]


def test_a_short_stretch_that_nobody_understands_is_no_language_of_its_own() -> None:
    def misled(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
        unclear = {"uk": 0.3, "fi": 0.3, "ro": 0.3, "de": 0.02, "en": 0.01}
        clear = judge(sound, pieces)
        return [unclear if sound[a] == 2 else c for (a, _), c in zip(pieces, clear, strict=True)]

    sound = in_languages((6, 0), (6, 1), (3, 2), (6, 0))
    pieces = [piece(0, 6), piece(6, 12), piece(12, 15), piece(15, 21)]
    found = stretches(sound, pieces, misled)
    assert [(s.language, len(s.pieces)) for s in found] == [("en", 1), ("de", 2), ("en", 1)]


Heard = Mapping[tuple[int, ...], Mapping[str, float]]


def _unclear(heard: Heard):  # type: ignore[no-untyped-def]
    """Hears sounds of some numbers as given where they are alone, and takes each for a language of
    its own beside others; hears all else as :func:`judge`."""

    def misled(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Mapping[str, float]]:
        found = judge(sound, pieces)
        for number, (first, last) in enumerate(pieces):
            said = tuple(np.unique(sound[first:last]).astype(int).tolist())
            if said in heard:
                found[number] = heard[said] if len(pieces) == 1 else {f"x{said[0]}": 0.99}
        return found

    return misled


def test_doubtful_stretches_side_by_side_are_heard_together() -> None:
    """Spanish by a machine is anything in parts, and Spanish as a whole."""
    heard = {
        (3,): {"tl": 0.3, "es": 0.2, "en": 0.1, "fi": 0.2, "eu": 0.2},
        (4,): {"ja": 0.3, "tl": 0.25, "es": 0.15, "fi": 0.3},
        (3, 4): {"es": 0.95},
    }
    sound = in_languages((6, 0), (2, 3), (3, 4))
    pieces = [piece(0, 6), piece(6, 8), piece(8, 11)]
    found = stretches(sound, pieces, _unclear(heard))
    assert [(s.language, s.pieces) for s in found] == [
        ("en", (piece(0, 6),)), ("es", (piece(6, 8), piece(8, 11)))
    ]  # fmt: skip


def test_doubtful_stretches_go_with_the_languages_on_both_sides() -> None:
    """Of two that stay doubtful one is likelier in each, and neither in the other's guess."""
    heard = {
        (3,): {"tl": 0.4, "en": 0.3, "fi": 0.29, "de": 0.01},
        (4,): {"ja": 0.4, "de": 0.3, "fi": 0.29, "en": 0.01},
        (3, 4): {"tl": 0.3, "ja": 0.3, "fi": 0.4},
    }
    sound = in_languages((6, 0), (2, 3), (2, 4), (6, 1))
    pieces = [piece(0, 6), piece(6, 8), piece(8, 10), piece(10, 16)]
    found = stretches(sound, pieces, _unclear(heard))
    assert [(s.language, s.pieces) for s in found] == [
        ("en", (piece(0, 6), piece(6, 8))), ("de", (piece(8, 10), piece(10, 16)))
    ]  # fmt: skip
    # Where one side alone speaks, both are its language.
    short = stretches(sound[: 10 * RATE], pieces[:3], _unclear(heard))
    assert [(s.language, len(s.pieces)) for s in short] == [("en", 3)]


# ----------------------------------------------------------------------------- which model hears


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The models on this machine."""
    names = {"tiny.en", "base"}
    monkeypatch.setattr(
        speech_models.weights, "find", lambda name: Path(name[8:]) if name[8:] in names else None
    )
    monkeypatch.setattr(
        speech_models, "find_model", lambda name, engine: Path(name) if name in names else None
    )
    return names


def test_auto_takes_what_suits_language_and_device(here: set[str]) -> None:
    assert recognisers("auto", None) == Recognisers("tiny.en", "base")
    assert recognisers("auto", None, "cuda") == Recognisers("base", "base")
    assert recognisers("small", None) == Recognisers("small", "small")
    assert recognisers("tiny.en", None) == Recognisers("tiny.en", None)
    assert identity("auto", "faster-whisper", "de")[0] == "whisper-base (faster-whisper)"
    both = identity("auto", "faster-whisper")
    assert both[0] == "whisper-tiny.en and whisper-base (faster-whisper)"
    assert both != identity("auto", "faster-whisper", "en")
    here.remove("base")
    assert recognisers("auto", None) == Recognisers("tiny.en", None)
    with pytest.raises(MissingModel, match="knows the language 'de'; run: smartcut models pull"):
        recognisers("auto", "de")
    with pytest.raises(ModelError, match="knows English only, and translates nothing"):
        recognisers("auto", None, "cpu", "translate")
    with pytest.raises(ModelError, match="knows English only, not 'de'"):
        identity("tiny.en", "faster-whisper", "de")
    here |= {"base"}
    here.remove("tiny.en")
    assert recognisers("auto", None) == Recognisers("base", "base")


@pytest.fixture
def mixed(here: set[str], monkeypatch: pytest.MonkeyPatch) -> list[SpeechRequest]:
    """Recognises languages off the samples; the answer holds what was asked of which model."""
    asked: list[SpeechRequest] = []

    def run(model, sound, pieces, request):  # type: ignore[no-untyped-def]
        assert model == request.model
        asked.append(request)
        times = range(len(sound.of(pieces)) // RATE)
        words = (Word(Range(F(t), F(t + 1)), f" w{t}" + "." * (t % 5 == 4), 0.9) for t in times)
        said = speech.Utterance("x", tuple(words), 0.0, -0.2, 1.0)
        return request.language, [(pieces, [said])]

    monkeypatch.setattr(speech, "_faster_whisper", run)
    monkeypatch.setattr(speech, "judge_of", lambda model, engine: judge)
    monkeypatch.setattr(speech, "placed", lambda words, *others: words)
    monkeypatch.setattr(speech, "probabilities", lambda heard: heard)
    pieces = [piece(0, 10), piece(10, 20), piece(20, 25)]
    monkeypatch.setattr(speech, "spoken_pieces", lambda voice, count, pause=0.5: pieces)
    return asked


SOUND = in_languages((10, 0), (10, 1), (5, 0))


def test_a_mixed_recording_is_written_down_in_its_languages(mixed: list[SpeechRequest]) -> None:
    found = recognise(SOUND, SpeechRequest("faster-whisper", "auto"), loaded=lambda name: name)
    assert [(r.model, r.language) for r in mixed] == [
        ("tiny.en", "en"), ("base", "de"), ("tiny.en", "en")
    ]  # fmt: skip
    assert found.language == "en"
    assert found.languages() == ("en", "de")
    assert [(s.language, float(s.range.start)) for s in found.sentences] == [
        (None, 0), (None, 5), ("de", 10), ("de", 15), (None, 20)
    ]  # fmt: skip
    assert found.sentences[2].text == "w0 w1 w2 w3 w4."
    assert found.notes == (
        "speech in 2 languages: en 00:00:00-00:00:10, de 00:00:10-00:00:20, en 00:00:20-00:00:25",
        "`model: auto` took tiny.en for en, base for de",
    )


def test_translation_leaves_english_as_it_is_and_says_it_is_rough(
    mixed: list[SpeechRequest],
) -> None:
    request = SpeechRequest("faster-whisper", "base", task="translate")
    found = recognise(SOUND, request, loaded=lambda name: name)
    assert [r.task for r in mixed] == ["transcribe", "translate", "transcribe"]
    assert found.languages() == ("en",)
    assert "translated from de by Whisper, which is rough" in found.notes[1]


def test_a_language_that_is_given_is_not_looked_for(mixed: list[SpeechRequest]) -> None:
    request = SpeechRequest("faster-whisper", "auto", language="de")
    found = recognise(SOUND, request, loaded=lambda name: name)
    assert [(r.model, r.language) for r in mixed] == [("base", "de")]
    assert found.language == "de"
    assert found.sentences[0].language is None


def _passage(probability: float, **changes: object) -> WrittenPassage:
    words = tuple(Word(Range(F(k), F(k + 1)), f"w{k}", probability) for k in range(6))
    sentence = Sentence(Range(F(0), F(6)), "w", words)
    return replace(WrittenPassage("en", 1.0, "tiny.en", (sentence,)), **changes)  # type: ignore[arg-type]


def test_speech_that_an_english_model_does_not_know_is_not_english_in_silence() -> None:
    (note,) = notes([_passage(0.45)], "auto", "transcribe", True)
    assert "does not seem to be English, which is all that 'tiny.en' knows" in note
    assert "smartcut models pull whisper-base" in note
    assert notes([_passage(0.88)], "auto", "transcribe", True) == ()
    doubtful = [_passage(0.9, language="fr", share=0.41, model="base")]
    (note,) = notes(doubtful, "base", "transcribe", False)
    assert note == "the language is uncertain: fr (0.41); `language: CODE` says which it is"


# ------------------------------------------------------------------------------- real recordings

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None,
    reason="espeak-ng is not installed: apt-get install espeak-ng",
)


def _made(*said: tuple[str, str]) -> np.ndarray:
    """Sentences by espeak-ng, as (voice, text), half a second apart."""
    from smartcut.media.audio import at_rate
    from smartcut.models.voice.espeak import Espeak

    parts = [np.zeros(RATE // 2, np.float32)]
    for voice, text in said:
        engine = Espeak(voice)
        (line,) = engine.say([text], F(9, 10), 0)
        blocks = iter([(0, line.samples[None])])
        parts += [block[0] for _, block in at_rate(blocks, engine.rate, RATE, 1)]
        parts.append(parts[0])
    return np.concatenate(parts)


SAID = (
    ("en-us", "Good morning and welcome. Today we will look at the old lighthouse on the hill."),
    ("de", "Guten Morgen und herzlich willkommen. Heute sehen wir uns den alten Leuchtturm an."),
    ("es", "Buenos días y bienvenidos. Hoy vamos a visitar el viejo faro de la colina."),
)


@pytest.mark.slow
@needs_espeak
@pytest.mark.weights("whisper-base", "whisper-tiny.en")
@pytest.mark.parametrize("engine", ["faster-whisper", "whisper"])
def test_three_languages_in_one_recording(engine: speech.SpeechEngine) -> None:
    found = recognise(_made(*SAID), SpeechRequest(engine, "auto"))
    spoken = [s.language or found.language for s in found.sentences]
    assert list(dict.fromkeys(spoken)) == ["en", "de", "es"]
    texts = {
        x: " ".join(s.text for s in found.sentences if (s.language or found.language) == x)
        for x in ("en", "de", "es")
    }
    assert "look at the old lighthouse" in texts["en"]
    assert "Guten Morgen und herzlich" in texts["de"]
    assert "bienvenidos" in texts["es"]


@pytest.mark.slow
@needs_espeak
@pytest.mark.weights("whisper-tiny.en")
def test_german_is_not_taken_for_english_in_silence() -> None:
    found = recognise(_made(SAID[1]), SpeechRequest("faster-whisper", "tiny.en"))
    assert "does not seem to be English" in found.notes[0]
    assert isinstance(found, Transcript)
    assert recognise(_made(SAID[0]), SpeechRequest("faster-whisper", "tiny.en")).notes == ()
