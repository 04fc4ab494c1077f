"""Voiceovers: what is heard when, what subtitles show, what is made once, and what is refused."""

from __future__ import annotations

import json
import os
import sys
import wave
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import smartcut as sc
from smartcut.algebra import voiced_in_timeline, words_in_timeline
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cache import Cache
from smartcut.context import LocalContext, Stored
from smartcut.cut import Captions, Cut, Ducking, Segment, Track
from smartcut.errors import MissingExtra, ModelError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.loudness import LoudnessMeter
from smartcut.models import weights
from smartcut.models.voice import engine as engines
from smartcut.models.voice.engine import JOE, LineSound, choose
from smartcut.models.voice.espeak import Espeak, from_wav, program
from smartcut.models.voice.line import speak
from smartcut.models.voice.piper import Piper, with_lengths
from smartcut.models.voice.spelling import (
    sentences_of,
    shared_out,
    spans_of_words,
    words_of,
)
from smartcut.render.captions.cues import cues
from smartcut.render.sound.clips import mix
from smartcut.source import AudioStream, Recipe, Source
from smartcut.stage import NotReady, find_stage
from smartcut.stages.voiceover import Voiceover
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

RATE = 22_050


class Tones:
    """An engine that hums every word for half a second, with a tenth of silence after it."""

    name = "tones"
    voice = "hum"
    rate = RATE
    language = "en"
    model: str | None = "hum-1"
    weights: str | None = "0" * 64

    def __init__(self, tells: bool = True) -> None:
        self.tells = tells
        self.said: list[str] = []

    def say(self, sentences: Sequence[str], speed: F, seed: int) -> list[LineSound]:
        self.said += sentences
        found = []
        for sentence in sentences:
            size, rest = int(RATE / 2 / speed), int(RATE / 10 / speed)
            hum = 0.3 * np.sin(np.arange(size) * 0.1)
            one = np.concatenate([hum, np.zeros(rest)]).astype(np.float32)
            count = len(words_of(sentence))
            spans = tuple((i * len(one), i * len(one) + size) for i in range(count))
            found.append(LineSound(np.tile(one, count), spans if self.tells else None))
        return found


@pytest.fixture
def tones(monkeypatch: pytest.MonkeyPatch) -> Tones:
    engine = Tones()
    monkeypatch.setattr(engines, "choose", lambda *given, **options: (engine, None))
    return engine


def context(folder: Path) -> LocalContext:
    return LocalContext(Cache(folder), device="cpu")


def footage(id: str, seconds: F) -> Source:
    audio = AudioStream(0, "pcm", F(1, 48_000), 48_000, 2, "stereo", F(0), seconds)
    return Source(id, Path(id), id, "wav", F(0), seconds, None, audio)


def plain(seconds: F | int = 20) -> Cut:
    segment = Segment("a", Range(F(0), F(seconds)))
    return Cut((footage("a", F(seconds)),), (Track("programme", (segment,)),))


def spoken(words: Sequence[Word]) -> list[tuple[str, F, F]]:
    return [(w.text, w.range.start, w.range.end) for w in words]


# ------------------------------------------------------------------------------- the text itself


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two?  Three!\nFour", ["One.", "Two?", "Three!", "Four"]),
        ("Dr. Smith met J. Doe. He left.", ["Dr. Smith met J. Doe.", "He left."]),
        ("It opens at 5 p.m. on Monday.", ["It opens at 5 p.m. on Monday."]),
        ("It opens at 5 p.m. Come early.", ["It opens at 5 p.m.", "Come early."]),
        ('He said "Go." Then 3.5 m more…', ['He said "Go."', "Then 3.5 m more…"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


def test_marks_that_stand_alone_go_with_a_word() -> None:
    assert words_of("– One — two & three !") == ["– One —", "two &", "three !"]


def test_samples_are_shared_out_by_letters() -> None:
    assert shared_out(["a", "bcd,", "ef"], 10, 70) == ((10, 20), (20, 50), (50, 70))


def test_sounds_are_told_apart_where_words_run_together_or_come_apart() -> None:
    said = list("wˈʌn ʌvðə fˈɔːɹɾi tˈuː.")
    spans = tuple((10 * i, 10 * i + 10) for i in range(len(said)))
    alone = [list("wˈʌn"), list("ˈʌv"), list("ðˈə"), list("fˈɔːɹɾi tˈuː")]
    found = spans_of_words(said, spans, alone)
    assert found == ((0, 40), (50, 70), (70, 90), (100, 210))
    assert spans_of_words(said, spans, [*alone, []]) is None
    assert spans_of_words([], (), alone) is None


# -------------------------------------------------------------------------------- one line of it


@pytest.mark.parametrize("tells", [True, False])
def test_a_line_is_exact_to_the_sample(tells: bool) -> None:
    line = speak(Tones(tells), "Two words. Three more words!", F(1), F(1, 4), 0)
    word, rest, pause = 11_025, 2205, 5513
    assert line.samples.dtype == np.int16
    assert len(line.samples) == 5 * (word + rest) + pause
    one, two = line.transcript.sentences
    second = F(2 * (word + rest) + pause, RATE)
    assert (one.text, two.text) == ("Two words.", "Three more words!")
    assert one.range == Range(F(0), F(2 * word + rest, RATE)) or not tells
    assert two.range == Range(second, second + F(3 * word + 2 * rest, RATE)) or not tells
    if tells:
        assert spoken(two.words)[1] == (
            "more",
            second + F(word + rest, RATE),
            second + F(2 * word + rest, RATE),
        )
    else:
        lengths = [w.range.duration for w in two.words]
        assert [w.text for w in two.words] == ["Three", "more", "words!"]
        assert abs(lengths[0] / lengths[1] - F(5, 4)) < F(1, 1000)
    assert np.all(line.samples[2 * (word + rest) - rest : 2 * (word + rest) + pause] == 0)


def test_every_line_is_equally_loud_and_none_clips() -> None:
    line = speak(Tones(), "This is as long as it has to be.", F(1), F(0), 0)
    meter = LoudnessMeter(RATE, 1)
    meter.add(line.samples[None] / np.float32(32768))
    assert meter.integrated == pytest.approx(-19, abs=0.05)
    short = speak(Tones(), "No", F(2), F(0), 0)
    assert np.abs(short.samples).max() / 32768 == pytest.approx(10 ** (-6 / 20), rel=1e-3)


def test_an_engine_that_says_nothing_is_an_error() -> None:
    class Mute(Tones):
        def say(self, sentences: Sequence[str], speed: F, seed: int) -> list[LineSound]:
            return [LineSound(np.zeros(100, np.float32), None) for _ in sentences]

    with pytest.raises(ModelError, match=r"tones \(hum\) says nothing for 'Hello.'"):
        speak(Mute(), "Hello.", F(1), F(0), 0)


# ------------------------------------------------------------------------------------ the stage


def test_lines_are_heard_where_they_are_wanted(tones: Tones, tmp_path: Path) -> None:
    assert find_stage("voiceover") is Voiceover
    stage = Voiceover(
        text=["One two.", {"say": "Three.", "at": "5s"}, "Four"],
        start="1s", pause="1/2", gain=-2, speed=2, seed=7,
    )  # fmt: skip
    cut = stage.apply(plain(), context(tmp_path))
    word, both = F(5512, RATE), F(5512 + 2205 // 2, RATE)
    ids = ["voiceover", "voiceover-2", "voiceover-3"]
    assert [s.id for s in cut.sources] == ["a", *ids]
    voice = cut.tracks[1]
    assert (voice.role, voice.gain) == ("voice", -2.0)
    heard = [(s.source, place) for s, place in voice.placed() if s.source]
    assert heard == [
        ("voiceover", Range(F(1), 1 + 2 * both)),
        ("voiceover-2", Range(F(5), 5 + both)),
        ("voiceover-3", Range(5 + both + F(1, 2), 5 + 2 * both + F(1, 2))),
    ]
    assert spoken(words_in_timeline(cut)) == [
        ("One", F(1), 1 + word),
        ("two.", 1 + both, 1 + both + word),
        ("Three.", F(5), 5 + word),
        ("Four", 5 + both + F(1, 2), 5 + both + F(1, 2) + word),
    ]
    assert cut.source("voiceover").made == Recipe(
        "voiceover", "tones", 7,
        (("text", "One two."), ("voice", "hum"), ("speed", "2"), ("pause", "1/2")),
        model="hum-1", weights="0" * 64,
    )  # fmt: skip
    assert cut.programme.ducking == Ducking()
    assert cut.footage == (cut.source("a"),)
    assert cut_from_json(cut_to_json(cut)) == cut
    with wave.open(str(cut.source("voiceover").path)) as file:
        assert (file.getnframes(), file.getframerate()) == (2 * both * RATE, RATE)


def test_subtitles_follow_the_voice_and_what_was_said_before(tones: Tones, tmp_path: Path) -> None:
    word = Word(Range(F(1), F(2)), "Before.")
    known = Transcript("en", (Sentence(word.range, "Before.", (word,)),))
    cut = plain().with_annotation(Annotation("transcript", "a", known))
    cut = Voiceover(text="Here it is.", start="5s").apply(cut, context(tmp_path))
    shown = cues(words_in_timeline(cut), Captions(), Range(F(0), F(20)))
    assert [(c.text, c.range.start) for c in shown] == [("Before.", F(1)), ("Here it is.", F(5))]
    assert [w.text for w in voiced_in_timeline(cut)] == ["Here", "it", "is."]


def test_what_was_spoken_is_not_spoken_again(tones: Tones, tmp_path: Path) -> None:
    stage, where = Voiceover(text=["One.", "Two."]), context(tmp_path)
    planning = Stored(where.cache, device="cpu")
    with pytest.raises(NotReady, match="not done before"):
        stage.preview(plain(), planning)
    assert tones.said == []
    made = stage.apply(plain(), where)
    assert tones.said == ["One.", "Two."]
    again, (step,) = stage.preview(plain(), planning)
    assert (again, step.state) == (made, "cached")
    assert stage.apply(plain(), where) == made
    Voiceover(text=["Two.", "Three."]).apply(plain(), where)
    assert tones.said == ["One.", "Two.", "Three."]
    Voiceover(text="One.", speed="1.5").apply(plain(), where)
    assert tones.said[3:] == ["One."]


def test_a_sound_that_is_gone_or_damaged_is_made_again(tones: Tones, tmp_path: Path) -> None:
    stage, where = Voiceover(text="One."), context(tmp_path)
    path = stage.apply(plain(), where).source("voiceover").path
    before = path.read_bytes()
    path.write_bytes(before[:-2])
    with pytest.raises(NotReady, match="gone from the cache"):
        stage.preview(plain(), Stored(where.cache, device="cpu"))
    stage.apply(plain(), where)
    assert path.read_bytes() == before
    assert tones.said == ["One.", "One."]


def test_a_line_said_twice_is_one_source(tones: Tones, tmp_path: Path) -> None:
    cut = Voiceover(text=["Again.", "Again."]).apply(plain(), context(tmp_path))
    assert [s.id for s in cut.sources] == ["a", "voiceover"]
    assert [w.text for w in words_in_timeline(cut)] == ["Again.", "Again."]


def test_two_voiceovers_are_two_tracks(tones: Tones, tmp_path: Path) -> None:
    where = context(tmp_path)
    cut = Voiceover(text="Two.", start="9s").apply(
        Voiceover(text="One.", duck=False).apply(plain(), where), where
    )
    assert [t.role for t in cut.tracks] == ["programme", "voice", "voice"]
    assert spoken(words_in_timeline(cut))[1][:2] == ("Two.", F(9))


def test_a_file_of_text(tones: Tones, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("\ufeffOne\r\ntwo.\r\n\r\n\r\n--\n\nThree. Four.\n", encoding="utf-8")
    cut = Voiceover(file=file).apply(plain(), context(tmp_path))
    made = [dict(s.made.params)["text"] for s in cut.sources if s.made]
    assert made == ["One two.", "Three. Four."]


# --------------------------------------------------------------------------------------- the mix


def mixed(cut: Cut, seconds: int) -> np.ndarray:
    """The mix where the programme is 0.5 all the time, music 0.25, and a voice is silent."""
    levels = {"a": 0.5, "music": 0.25}

    def read(clip: Any, skipped: int) -> Any:
        level = levels.get(clip.source.id, 0.0)
        yield np.full((2, clip.end - clip.start), level, np.float32)

    heard = [w.range for w in words_in_timeline(cut)]
    return np.concatenate(list(mix(cut, read, duration=F(seconds), speech=heard)), axis=1)[0]


def test_the_sources_own_sound_goes_down_under_the_voice(tones: Tones, tmp_path: Path) -> None:
    stage = Voiceover(text="One two three.", start="2s", duck={"depth": 20, "attack": "0.5s"})
    sound = mixed(stage.apply(plain(8), context(tmp_path)), 8)
    at = lambda seconds: sound[round(seconds * 48_000)]  # noqa: E731
    assert at(1.4) == pytest.approx(0.5)
    assert at(1.75) == pytest.approx(0.5 * 10 ** (-10 / 20), rel=1e-3)
    assert at(2.05) == at(3.0) == at(3.65) == pytest.approx(0.05, rel=1e-3)
    assert at(4.4) == pytest.approx(0.5)


def test_it_stays_where_no_ducking_is_wanted_or_only_it_speaks(
    tones: Tones, tmp_path: Path
) -> None:
    cut = Voiceover(text="One.", start="2s", duck=False).apply(plain(8), context(tmp_path))
    assert np.all(mixed(cut, 8) == 0.5)
    word = Word(Range(F(1), F(2)), "Own.")
    known = Transcript("en", (Sentence(word.range, "Own.", (word,)),))
    cut = plain(8).with_annotation(Annotation("transcript", "a", known))
    ducked = replace(cut, tracks=(replace(cut.programme, ducking=Ducking()),))
    assert np.all(mixed(ducked, 8) == 0.5)


def test_music_goes_down_under_the_voice_too(tones: Tones, tmp_path: Path) -> None:
    cut = Voiceover(text="One.", start="2s", duck=False).apply(plain(8), context(tmp_path))
    music = Track("music", (Segment("music", Range(F(0), F(8))),), ducking=Ducking(40))
    cut = replace(cut, sources=(*cut.sources, footage("music", F(8))), tracks=(*cut.tracks, music))
    sound = mixed(cut, 8)
    assert sound[48_000] == pytest.approx(0.75)
    assert sound[round(2.2 * 48_000)] == pytest.approx(0.5 + 0.0025, rel=1e-3)


def test_a_voice_is_heard_at_its_time_to_the_sample(tones: Tones, tmp_path: Path) -> None:
    """Silence before it, or another line, moves nothing."""
    lines = ["One.", {"say": "Two.", "at": "1.37s"}, {"say": "Three.", "at": "4s"}]
    cut = Voiceover(text=lines, start="1/3").apply(plain(8), context(tmp_path))
    cut = replace(cut, mix=replace(cut.mix, programme_gain=None))

    def read(clip: Any, skipped: int) -> Any:
        yield np.ones((2, clip.end - clip.start), np.float32)

    sound = np.concatenate(list(mix(cut, read, duration=F(8))), axis=1)[0]
    edges = np.flatnonzero(np.diff((sound > 0).astype(int)) == 1) + 1
    assert list(edges) == [16_000, 65_760, 192_000]
    assert np.all(sound[16_000 : 16_000 + 24_000] == 1)


# -------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "give either `text` or `file`"),
        ({"text": "..."}, "there is nothing to say in '...'"),
        ({"text": ["Yes.", ""]}, "there is nothing to say in ''"),
        ({"text": "long " * 1200}, "a line has 6000 characters; at most 5000"),
        ({"text": "A", "speed": 9}, "less than or equal to 4"),
        ({"text": "A", "engine": "siri"}, "'auto', 'piper' or 'espeak'"),
        ({"text": [{"say": "A", "when": 1}]}, "Extra inputs are not permitted"),
        ({"file": "nowhere.txt"}, "there is no file nowhere.txt"),
    ],
)
def test_parameters_that_cannot_be(params: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Voiceover(**params)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"text": ["One two three.", {"say": "Early.", "at": "1s"}]},
            "'Early.' is to be heard at 1 s, but the line before it lasts until 1.800 s",
        ),
        (
            {"text": "One two three.", "start": "9s"},
            "would be heard from 9.000 to 10.800 s, but the cut lasts 10.000 s; say less",
        ),
        ({"text": "One.", "start": "10s", "beyond": "cut"}, "from 10.000 to 10.600 s"),
    ],
)
def test_lines_that_do_not_fit(
    params: dict[str, Any], words: str, tones: Tones, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=words):
        Voiceover(**params).apply(plain(10), context(tmp_path))


def test_a_voice_may_be_cut_off_where_that_is_wanted(tones: Tones, tmp_path: Path) -> None:
    stage = Voiceover(text="One two three.", start="9s", beyond="cut")
    cut = stage.apply(plain(10), context(tmp_path))
    assert cut.duration == 10
    assert cut.tracks[1].duration == F(9) + F(3 * 13_230, RATE)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\n \n--\n", b"word " * 1100])
def test_a_file_that_holds_no_lines(content: bytes, tones: Tones, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(content)
    with pytest.raises(StageError, match=r"lines.txt (cannot be read: .*UTF-16|must hold text)"):
        Voiceover(file=file).apply(plain(), context(tmp_path))


# ------------------------------------------------------------------------------------ the engines


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with piper-tts, but no weights, and an empty PATH; the folder in that PATH."""
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines, "find_spec", lambda name: name)
    return tmp_path


@pytest.mark.parametrize("engine", ["auto", "piper"])
def test_weights_that_are_missing_say_how_to_get_them(engine: Any, nothing: Path) -> None:
    with pytest.raises(ModelError, match="run: smartcut models pull piper-joe"):
        choose(engine, None)


def test_a_package_that_is_missing_says_how_to_get_it(
    nothing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'smartcut-pipelines\[voice\]'"):
        choose("auto", None)


def test_a_program_that_is_missing_says_how_to_get_it(nothing: Path) -> None:
    for given in (("espeak", None), ("auto", "de")):
        with pytest.raises(ModelError, match="apt install espeak-ng"):
            choose(*given)  # type: ignore[arg-type]


def test_voices_that_are_none(nothing: Path) -> None:
    with pytest.raises(ModelError, match="'de' is no voice of Piper"):
        choose("piper", "de")
    with pytest.raises(ModelError, match="is a Piper voice, and `engine: espeak`"):
        choose("espeak", "own.onnx")
    with pytest.raises(ModelError, match="there is no file .*own.onnx; a Piper voice is"):
        choose("auto", str(nothing / "own.onnx"))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "is not the description of a Piper voice"),
        ("{}", "is not the description of a Piper voice"),
        (
            json.dumps(
                {
                    "audio": {"sample_rate": 16000},
                    "espeak": {"voice": "de"},
                    "phoneme_type": "text",
                    "inference": {"noise_scale": 0},
                    "phoneme_id_map": {"_": [0], "^": [1], "$": [2]},
                }
            ),
            "the phonemes are 'text'; only voices of espeak",
        ),
    ],
)
def test_a_voice_of_your_own_is_looked_at(config: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "own.onnx").write_bytes(b"nothing")
    (tmp_path / "own.onnx.json").write_text(config)
    with pytest.raises(ModelError, match=words):
        Piper(tmp_path / "own.onnx")


def test_a_program_that_fails_is_named(nothing: Path) -> None:
    script(nothing / "espeak-ng", "import sys; sys.exit('no such voice')")
    engine, note = choose("espeak", "xx")
    assert note is None
    with pytest.raises(ModelError, match=r"the voice 'xx' \(no such voice\)"):
        engine.say(["Hello."], F(1), 0)
    with pytest.raises(ModelError, match=r"speaks at speeds of 0.46 to 2.57, not 4"):
        engine.say(["Hello."], F(4), 0)


def test_without_piper_espeak_speaks_and_says_so(nothing: Path) -> None:
    script(nothing / "espeak-ng", "")
    engine, note = choose("auto", None)
    assert isinstance(engine, Espeak)
    assert note is not None
    assert "espeak-ng's" in note
    assert "models pull piper-joe" in note


def script(path: Path, body: str) -> None:
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(0o755)


def test_a_wav_from_a_pipe_has_wrong_lengths() -> None:
    head = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
    head += RATE.to_bytes(4, "little") + b"\0" * 8 + b"data\xff\xff\xff\x7f"
    assert list(from_wav(head + b"\x00\x40\x00\xc0\x01", RATE)) == [0.5, -0.5]
    with pytest.raises(ModelError, match="gave 22050 samples a second, not 16000"):
        from_wav(head, 16_000)
    with pytest.raises(ModelError, match="gave no samples a second"):
        from_wav(b"", RATE)


def test_the_length_of_phonemes_is_added_to_the_graph_where_it_is_one() -> None:
    name = b"x/Ceil_output_0"
    added = with_lengths(b"...\x0f" + name + b"...")
    assert added.startswith(b"...\x0f")
    assert added.endswith(b"\x3a\x13\x62\x11\x0a\x0f" + name)
    long = b"/one/two/three/four/five/six/seve/Ceil_output_7"
    assert len(long) == ord("/")
    assert with_lengths(b"\x00/" + long).endswith(b"\x0a/" + long)
    for other in (b"nothing", b"\x0e/Ceil_output_0\x0e/Ceil_output_1", b"\x03/Ceil_output_0"):
        assert with_lengths(other) == other


@pytest.mark.skipif(
    program() is None, reason="espeak-ng is not installed: apt-get install espeak-ng"
)
def test_espeak_speaks_faster_and_other_languages() -> None:
    engine = Espeak("de")
    assert engine.language == "de"
    slow, fast = (speak(engine, "Guten Abend. Danke!", F(s), F(0), 0) for s in (1, 2))
    assert 1.5 < len(slow.samples) / len(fast.samples) < 3
    assert [s.text for s in slow.transcript.sentences] == ["Guten Abend.", "Danke!"]
    assert np.array_equal(slow.samples, speak(engine, "Guten Abend. Danke!", F(1), F(0), 1).samples)


# ------------------------------------------------------------------------------ the whole of it


def test_in_a_film(tones: Tones, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=90)
    cut = sc.open(path) | sc.voiceover(text="Here it is.", start="1s") | sc.subtitles()
    cut.render(out)
    assert "00:00:01,000 --> 00:00:02,700\nHere it is." in (tmp_path / "o.srt").read_text()
    manifest = json.loads((tmp_path / "o.manifest.json").read_text())
    (row,) = manifest["generated"]
    assert (row["media"], row["kind"], row["engine"]) == ("sound", "voiceover", "tones")
    assert (row["start"], row["end"]) == (1.0, 2.8)
    assert row["params"]["text"] == "Here it is."


@pytest.mark.slow
@pytest.mark.weights(JOE, "whisper-tiny.en")
def test_what_piper_says_is_understood() -> None:
    """Read back by Whisper: the words, and when they are heard. piper-tts stays outside."""
    pytest.importorskip("onnxruntime")
    if engines.find_spec("piper") is None:
        pytest.skip("piper-tts is not installed: pip install 'smartcut-pipelines[voice]'")
    from smartcut.media.audio import samples
    from smartcut.media.probe import probe
    from smartcut.models.speech import SpeechRequest, recognise
    from smartcut.models.voice.line import write_wav

    engine, note = choose("piper", None)
    assert (engine.name, engine.language, note) == ("piper", "en", None)
    assert engine.weights == weights.digest(JOE)
    text = "The quick brown fox jumps over the lazy dog. The boats leave at noon."
    line = speak(engine, text, F(1), F(1, 2), 3)
    assert not any(name.partition(".")[0] == "piper" for name in sys.modules)
    path = Path(os.environ["SMARTCUT_CACHE"]) / "said.wav"
    write_wav(path, line.samples, line.rate)
    source = probe(path, id="said")
    sound = np.concatenate(list(samples(source, 16_000, 1, F(0), source.duration)), axis=1)[0]
    read = [
        w
        for s in recognise(sound, SpeechRequest("faster-whisper", beam_size=1)).sentences
        for w in s.words
    ]
    said = [w for s in line.transcript.sentences for w in s.words]
    assert [w.text.strip(".,").lower() for w in read] == [w.text.strip(".").lower() for w in said]
    apart = [abs(a.range.middle - b.range.middle) for a, b in zip(read, said, strict=True)]
    assert sorted(apart)[len(apart) // 2] < F(1, 10)
    assert max(apart) < F(1, 2)


@pytest.mark.slow
@pytest.mark.weights(JOE)
def test_piper_says_the_same_for_the_same_seed_and_slower_where_asked() -> None:
    if engines.find_spec("piper") is None:
        pytest.skip("piper-tts is not installed: pip install 'smartcut-pipelines[voice]'")
    engine, _ = choose("piper", None)
    one, same, other, slow = (
        speak(engine, "Good evening, everybody.", F(speed), F(0), seed)
        for speed, seed in ((1, 1), (1, 1), (1, 2), (F(1, 2), 1))
    )
    assert np.array_equal(one.samples, same.samples)
    assert one.transcript == same.transcript
    assert len(other.samples) != len(one.samples) or np.any(other.samples != one.samples)
    assert 1.7 < len(slow.samples) / len(one.samples) < 2.3
