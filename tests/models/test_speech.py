from __future__ import annotations

import struct
from difflib import SequenceMatcher
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Transcript, Word
from smartcut.errors import ModelError
from smartcut.models import speech
from smartcut.models.speech import (
    SpeechEngine,
    SpeechRequest,
    Utterance,
    believed,
    recognise,
    sentences,
    tidy,
)
from smartcut.models.speech_convert import read_variables, to_checkpoint
from smartcut.models.speech_loops import goes_round
from smartcut.timebase import Range

SAMPLES = Path(__file__).parents[2] / "sample_media"


def word(start: str, end: str, text: str = "x") -> Word:
    return Word(Range(F(start), F(end)), text)


def test_words_are_put_in_order_and_never_overlap() -> None:
    made = tidy(
        [
            word("1", "2.5", "b"),
            word("0.0004", "1.2", "a"),
            word("2.2", "9", "c"),
            word("3", "3.5"),
        ],
        F(4),
    )
    assert [(w.text, w.range) for w in made] == [
        ("a", Range(F(0), F("1.2"))),
        ("b", Range(F("1.2"), F("2.5"))),
        ("c", Range(F("2.5"), F(4))),
    ]


def test_sentences_end_at_punctuation_and_long_pauses() -> None:
    said = [
        word("0", "1", "Well,"),
        word("1", "2", ' yes."'),
        word("2", "3", " No"),
        word("5", "6", " go"),
        *(word(str(7 + k), str(8 + k), text) for k, text in enumerate("猫が好き。犬も")),
    ]
    assert [s.text for s in sentences(said)] == [
        'Well, yes."', "No", "go猫が好き。", "犬も"
    ]  # fmt: skip
    assert [w.text for s in sentences(said) for w in s.words][:3] == ["Well,", 'yes."', "No"]


def test_noise_and_repetition_are_not_believed() -> None:
    def said(
        text: str, no_speech: float = 0.0, log: float = -0.2, squeeze: float = 1.0
    ) -> Utterance:
        return Utterance(text, (), no_speech, log, squeeze)

    kept = believed(
        [
            said("fine"),
            said("noise", no_speech=0.9, log=-1.4),
            said("la la la", squeeze=3.0, log=-1.2),
            *[said("again")] * 6,
        ]
    )
    assert [u.text for u in kept] == ["fine", "again", "again", "again"]


@pytest.mark.parametrize(
    ("text", "circles"),
    [
        ("no no yes no no", False),
        ("No, no, no!", True),
        ("it is the end of the day, of the day of the day.", True),
        ("it is the end of the day, and of the week, and of the year", False),
        ("", False),
    ],
)
def test_a_phrase_three_times_on_end_is_a_circle(text: str, circles: bool) -> None:
    assert goes_round(text.split()) is circles


def test_what_goes_round_in_circles_is_heard_in_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is where it was told what came before; what is straight stays as it is."""
    how: list[str] = []
    said: list[str] = []

    def utterance(*texts: str) -> Utterance:
        timed = enumerate(texts)
        words = tuple(word(str(n / 5), str((n + 1) / 5), text) for n, text in timed)
        return Utterance(" ".join(texts), words, 0.0, -0.2, 1.0)

    def told(*given: object) -> tuple[str, list[Utterance]]:
        how.append("told")
        return "en", [utterance(*said)]

    def in_windows(
        model: object, sound: object, pieces: speech.Pieces, request: SpeechRequest
    ) -> tuple[str, list[tuple[speech.Pieces, list[Utterance]]]]:
        how.append("windows")
        return "en", [(pieces, [utterance("the", "end")])]

    monkeypatch.setattr(speech, "_told", told)
    monkeypatch.setattr(speech, "_in_windows", in_windows)
    request = SpeechRequest("faster-whisper", vad=False, is_told=True)
    straight, round_and_round = ["well", "said"], ["the", "end,"] * 4
    for said[:], expected in ((round_and_round, ["told", "windows"]), (straight, ["told"])):
        how.clear()
        found = recognise(np.zeros(32_000, np.float32), request, loaded=lambda name: None)
        assert how == expected
        assert len([w for s in found.sentences for w in s.words]) == 2


def test_what_is_not_sent_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten seconds, two are speech: the rest, less its margins, is not sent; times are exact."""
    voice = np.zeros(313, np.float32)
    voice[125:188] = 1.0  # 4.0 s to 6.016 s
    monkeypatch.setattr(speech, "probabilities", lambda samples: voice)
    heard: list[int] = []

    def run(
        model: object, sound: object, pieces: speech.Pieces, request: SpeechRequest
    ) -> tuple[str, list[tuple[speech.Pieces, list[Utterance]]]]:
        heard.extend(b - a for a, b in pieces)
        said = Utterance(" there", (word("0.3", "2.3", " there"),), 0.0, -0.2, 1.0)
        return "en", [(pieces, [said])]

    monkeypatch.setattr(speech, "_faster_whisper", run)
    sound = np.zeros(160_000, np.float32)
    found = recognise(sound, SpeechRequest("faster-whisper"), loaded=lambda name: None)
    assert heard == [round(2.616 * 16_000)]
    assert found.unsent == pytest.approx(1 - 2.616 / 10, abs=1e-4)
    assert found.recogniser == "faster-whisper, int8"
    (sentence,) = found.sentences
    assert abs(sentence.range.start - 4) < F("0.11")
    assert abs(sentence.range.end - F("6.016")) < F("0.11")


def test_a_sound_without_speech_asks_for_no_model() -> None:
    found = recognise(np.zeros(160_000, np.float32), SpeechRequest("faster-whisper"), loaded=fail)
    assert (found.sentences, found.unsent) == ((), 1.0)


def fail(name: str) -> None:
    raise AssertionError(f"{name} was loaded")


def test_an_english_model_refuses_other_languages() -> None:
    with pytest.raises(ModelError, match="knows English only"):
        recognise(np.zeros(16_000, np.float32), SpeechRequest("whisper", language="de"))


def test_an_absent_model_says_how_to_get_it() -> None:
    rng = np.random.default_rng(0)
    request = SpeechRequest("faster-whisper", model="no-such-size", vad=False)
    with pytest.raises(ModelError, match="--allow-net"):
        recognise(rng.standard_normal(16_000).astype(np.float32), request)


def _text(value: str) -> bytes:
    raw = value.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw


def _ct2(path: Path, layers: int, width: int, vocabulary: int) -> dict[str, np.ndarray]:
    """A tiny model in CTranslate2's form; the answer holds its variables."""
    rng = np.random.default_rng(1)

    def values(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float16)

    v: dict[str, np.ndarray] = {
        "encoder/conv1/weight": values(width, 80, 3), "encoder/conv1/bias": values(width),
        "encoder/conv2/weight": values(width, width, 3), "encoder/conv2/bias": values(width),
        "encoder/position_encodings/encodings": values(1500, width),
        "decoder/position_encodings/encodings": values(448, width),
        "decoder/embeddings/weight": values(vocabulary, width),
        "encoder/num_heads": np.array(2, np.int16), "decoder/num_heads": np.array(2, np.int16),
    }  # fmt: skip

    def norm(name: str) -> None:
        v[f"{name}/gamma"], v[f"{name}/beta"] = values(width), values(width)

    def linear(name: str, rows: int, columns: int) -> None:
        v[f"{name}/weight"], v[f"{name}/bias"] = values(rows, columns), values(rows)

    for side in ("encoder", "decoder"):
        norm(f"{side}/layer_norm")
        for i in range(layers):
            at = f"{side}/layer_{i}"
            norm(f"{at}/self_attention/layer_norm")
            linear(f"{at}/self_attention/linear_0", 3 * width, width)
            linear(f"{at}/self_attention/linear_1", width, width)
            if side == "decoder":
                norm(f"{at}/attention/layer_norm")
                linear(f"{at}/attention/linear_0", width, width)
                linear(f"{at}/attention/linear_1", 2 * width, width)
                linear(f"{at}/attention/linear_2", width, width)
            norm(f"{at}/ffn/layer_norm")
            linear(f"{at}/ffn/linear_0", 4 * width, width)
            linear(f"{at}/ffn/linear_1", width, 4 * width)
    kinds = {np.dtype(np.float16): 4, np.dtype(np.int16): 2}
    data = struct.pack("<I", 6) + _text("WhisperSpec") + struct.pack("<II", 3, len(v))
    for name, value in v.items():
        data += _text(name) + struct.pack("<B", value.ndim)
        data += b"".join(struct.pack("<I", n) for n in value.shape)
        data += struct.pack("<BI", kinds[value.dtype], value.nbytes) + value.tobytes()
    path.write_bytes(data + struct.pack("<I", 0))
    return v


def test_converted_weights_load_into_whisper(tmp_path: Path) -> None:
    from whisper.model import ModelDimensions, Whisper

    v = _ct2(tmp_path / "model.bin", layers=2, width=8, vocabulary=30)
    checkpoint = to_checkpoint(read_variables(tmp_path / "model.bin"))
    model = Whisper(ModelDimensions(**checkpoint["dims"]))
    model.load_state_dict(checkpoint["model_state_dict"])
    key = checkpoint["model_state_dict"]["decoder.blocks.1.cross_attn.key.weight"]
    assert np.array_equal(key.numpy(), v["decoder/layer_1/attention/linear_1/weight"][:8])


def test_a_cut_off_model_file_is_refused(tmp_path: Path) -> None:
    _ct2(tmp_path / "model.bin", 1, 8, 30)
    data = (tmp_path / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="not a CTranslate2 model"):
        read_variables(tmp_path / "model.bin")


@pytest.mark.weights("whisper-tiny.en")
def test_silence_and_hum_hold_no_words() -> None:
    t = np.arange(8 * 16_000) / 16_000
    hum = (0.1 * np.sin(2 * np.pi * 100 * t)).astype(np.float32)
    for sound in (np.zeros_like(hum), hum):
        assert recognise(sound, SpeechRequest("faster-whisper")).sentences == ()


def spoken_words(text: str) -> list[str]:
    text = text.lower().replace("harbour", "harbor")
    return "".join(c for c in text if c.isalpha() or c == " ").split()


@pytest.mark.weights("whisper-base")
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["faster-whisper", "whisper"])
def test_the_multilingual_model_writes_what_is_said(engine: SpeechEngine) -> None:
    from smartcut.media.listen import listen
    from smartcut.media.probe import probe
    from smartcut.stage import Sound
    from smartcut.stages.transcribe import SoundTape

    source, tape = probe(SAMPLES / "harbour.mp4"), SoundTape()
    listen(source, [(Sound(16_000, 1), tape)], None)
    found = recognise(tape.finish()[: 12 * 16_000], SpeechRequest(engine, "base"))
    assert found.language == "en"
    assert found.sentences[0].text == "Welcome to the harbor."


@pytest.mark.weights("whisper-tiny.en")
@pytest.mark.parametrize(
    "engine", ["faster-whisper", pytest.param("whisper", marks=pytest.mark.slow)]
)
def test_the_narrator_is_understood_when_he_speaks(engine: str) -> None:
    import json

    truth = json.loads((SAMPLES / "truth.json").read_text())["harbour.mp4"]["speech"]
    cut = (sc.open(SAMPLES / "harbour.mp4") | sc.transcribe(engine=engine)).cut()
    found = cut.data(Transcript, "transcript", "harbour")
    assert found is not None
    heard = " ".join(s.text for s in found.sentences)
    said = " ".join(line["text"] for line in truth)
    matcher = SequenceMatcher(a=spoken_words(said), b=spoken_words(heard), autojunk=False)
    right = sum(block.size for block in matcher.get_matching_blocks())
    assert right >= 0.93 * len(spoken_words(said))
    words = [w for s in found.sentences for w in s.words]
    for line in truth:
        first = min(words, key=lambda w: abs(float(w.range.start) - line["start"]))
        assert abs(float(first.range.start) - line["start"]) < 0.3
    assert cut.annotations[0].weights is not None
