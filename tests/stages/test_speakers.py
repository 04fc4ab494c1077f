"""`speakers`: turns, labels of words, names; from the sound and from a file."""

from __future__ import annotations

import json
import wave
from fractions import Fraction as F
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.annotation import Speakers, Transcript
from smartcut.cli import app
from smartcut.errors import PipelineError, SmartcutError
from smartcut.media.probe import probe
from smartcut.stage import Answer, Samples, Sound
from smartcut.stages._voices import VoicesAnalysis, VoicesListener, VoiceVectors
from smartcut.stages.speakers import SpeakersStage
from tests.conftest import SAMPLES

RATE = 16_000
RTTM = (
    "SPEAKER talk 1 0.0 2.0 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
    "SPEAKER talk 1 2.2 1.6 <NA> <NA> SPEAKER_01 <NA> <NA>\n"
)
SRT = (
    "1\n00:00:00,000 --> 00:00:02,000\nGood morning Ben.\n\n"
    "2\n00:00:02,000 --> 00:00:04,000\nHello, how are you?\n"
)


def write_wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Four seconds without a voice, and what is said in them."""
    tone = np.sin(np.arange(4 * RATE) / 9) * 0.1
    (tmp_path / "talk.rttm").write_text(RTTM)
    (tmp_path / "talk.srt").write_text(SRT)
    return write_wav(tmp_path / "talk.wav", tone)


@pytest.fixture
def spoken(talk: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The talk with its captions; words are spread over them, without a recogniser."""
    monkeypatch.setattr("smartcut.models.speech_alignment.aligned", _spread)
    return sc.open(talk) | sc.transcribe(text=talk.with_suffix(".srt"))


def _spread(sound: Any, lines: Any, *_: Any) -> list[Any]:
    from smartcut.models.speech_alignment import spread

    return [spread(when, text.split()) for when, text in lines]


# ----------------------------------------------------------------------------- from a file


def test_turns_of_a_file_label_the_words(spoken: Any, talk: Path) -> None:
    asked = sc.speakers(turns=talk.with_suffix(".rttm"), names={"SPEAKER_00": "Ada"})
    cut = (spoken | asked).cut()
    turns = cut.data(Speakers, "speakers", "talk")
    assert turns.names == ("Ada", "SPEAKER_01")
    assert [t.range.start for t in turns.turns] == [0, F(11, 5)]
    words = [w for s in cut.data(Transcript, "transcript", "talk").sentences for w in s.words]
    assert [w.speaker for w in words] == ["Ada"] * 3 + ["SPEAKER_01"] * 4
    assert "speakers: 2 speakers: Ada, SPEAKER_01" in cut.notes
    found = (spoken | asked | sc.words(speaker="Ada", padding=0)).cut()
    assert [s.range.start for s in found.segments] == [0]
    assert found.segments[0].range.end == pytest.approx(F(2), abs=0.01)


def test_names_that_nobody_has_are_told(talk: Path) -> None:
    cut = (sc.open(talk) | sc.speakers(turns=talk.with_suffix(".rttm"), names={"X": "Y"})).cut()
    told = "speakers: there is no X to be renamed; speakers: SPEAKER_00, SPEAKER_01"
    assert told in cut.notes


def test_a_file_of_other_recordings_is_refused(talk: Path, tmp_path: Path) -> None:
    other = tmp_path / "two.rttm"
    other.write_text(RTTM + RTTM.replace("talk", "b"))
    cut = (sc.open(talk) | sc.speakers(turns=other)).cut()
    assert len(cut.data(Speakers, "speakers", "talk").turns) == 2
    other.write_text(RTTM.replace("talk", "a") + RTTM.replace("talk", "b"))
    with pytest.raises(SmartcutError, match="speaks of a, b, and the sources are called talk"):
        (sc.open(talk) | sc.speakers(turns=other)).cut()
    other.write_text("SPEAKER talk 1 x\n")
    with pytest.raises(SmartcutError, match="no line of RTTM"):
        (sc.open(talk) | sc.speakers(turns=other)).cut()


@pytest.mark.parametrize("count", [0, "4..2", "many", 21, "1..x", True])
def test_counts_that_cannot_be(count: Any) -> None:
    with pytest.raises((PipelineError, ValueError), match="count"):
        SpeakersStage.model_validate({"count": count})


@pytest.mark.parametrize(
    ("count", "bounds"), [("auto", "auto"), (3, (3, 3)), ("3", (3, 3)), ("2..4", (2, 4))]
)
def test_counts(count: Any, bounds: Any) -> None:
    assert SpeakersStage.model_validate({"count": count}).count == bounds


def test_where_nobody_speaks(talk: Path) -> None:
    """The network is not asked, so its weights are not needed."""
    cut = (sc.open(talk) | sc.speakers()).cut()
    assert cut.data(Speakers, "speakers", "talk").turns == ()
    assert "speakers: nobody speaks" in cut.notes


def test_captions_tell_who_speaks_where_that_is_known(spoken: Any, talk: Path) -> None:
    asked = sc.subtitles(speakers="names", sidecar="srt")
    with pytest.raises(SmartcutError, match="add `- speakers` before it"):
        (spoken | asked).cut()
    known = spoken | sc.speakers(turns=talk.with_suffix(".rttm"))
    assert (known | asked).cut().captions.speakers == "names"


def test_who_speaks_is_written_beside_the_film(talk: Path, tmp_path: Path) -> None:
    """In the time of the film: its first second is cut off, and a speaker comes twice."""
    steps = sc.open(talk) | sc.speakers(turns=talk.with_suffix(".rttm"))
    (steps | sc.trim(ranges=["1-3", "0-1"])).render(tmp_path / "film.wav", speaker_list=True)
    rows = [row.split() for row in (tmp_path / "film.rttm").read_text().splitlines()]
    assert [(row[1], row[3], row[4], row[7]) for row in rows] == [
        ("film", "0.000", "1.000", "SPEAKER_00"),
        ("film", "1.200", "0.800", "SPEAKER_01"),
        ("film", "2.000", "1.000", "SPEAKER_00"),
    ]


# --------------------------------------------------------------------------- the listener


def _heard(samples: np.ndarray, block: int, start: int = 0) -> tuple[Any, np.ndarray]:
    kept: list[np.ndarray] = []

    def ask(network: Any, rows: np.ndarray, source: Any) -> Answer:
        future = Answer()
        future.set_result(rows.mean(axis=1))
        return future

    def store(array: np.ndarray) -> str:
        kept.append(array)
        return "key"

    context: Any = SimpleNamespace(ask=ask, cache=SimpleNamespace(store_array=store))
    listener = VoicesListener(VoiceVectors("v", ""), None, context)  # type: ignore[arg-type]
    for at in range(0, len(samples), block):
        listener.feed(Samples(start + at, samples[None, at : at + block]))
    return listener.finish(), kept[0]


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """The narrator of the sample talk, float32 at 16 kHz."""
    from smartcut.media.listen import listen
    from smartcut.stages._voice import FilledSound

    parts: list[np.ndarray] = []
    gaps = FilledSound()

    class Tape:
        def feed(self, item: Samples) -> None:
            parts.extend(part.copy() for part in gaps.filled(item))

        def finish(self) -> Any:
            return None

    source = probe(SAMPLES / "harbour.mp4")
    listen(source, [(Sound(RATE, 1), Tape())], None)
    return np.concatenate(parts)


def test_vectors_do_not_depend_on_how_the_sound_comes(voice: np.ndarray) -> None:
    whole, vectors = _heard(voice, len(voice))
    parts, others = _heard(voice, 1001)
    assert whole == parts
    assert np.array_equal(vectors, others)
    assert len(whole.windows) == len(vectors) > 10
    late, moved = _heard(voice, 4096, start=5 * 512)  # whole steps of the detector
    assert np.array_equal(vectors.shape, moved.shape)
    assert late.windows[0].start == whole.windows[0].start + F(5 * 512, RATE)


def test_a_source_without_sound_has_no_voices() -> None:
    assert VoicesAnalysis().empty(None).windows == ()  # type: ignore[arg-type]


# ------------------------------------------------------------------------ with the network


@pytest.fixture
def two(voice: np.ndarray, tmp_path: Path) -> tuple[Path, list[tuple[float, float]]]:
    """The narrator, the same recording played a third faster, and he again: who speaks when."""
    high = np.interp(np.arange(0, len(voice), 4 / 3), np.arange(len(voice)), voice)
    first, second, third = (0.5, 3.7), (6.5, 8.9), (13.3, 15.6)  # what he says
    parts, turns, at = [], [], 0.0
    for sound, (start, end), speed in (
        (voice, first, 1), (high, first, 4 / 3), (high, second, 4 / 3),
        (voice, second, 1), (voice, third, 1),
    ):  # fmt: skip
        part = sound[round(start / speed * RATE) : round(end / speed * RATE)]
        parts += [part, np.zeros(RATE // 5)]
        turns.append((at, at + len(part) / RATE))
        at += len(part) / RATE + 0.2
    return write_wav(tmp_path / "two.wav", np.concatenate(parts)), turns


@pytest.mark.weights("voice-embedding")
def test_two_voices_are_told_apart(two: Any, voice: np.ndarray, tmp_path: Path) -> None:
    path, turns = two
    cut = (sc.open(path) | sc.speakers()).cut()
    found = cut.data(Speakers, "speakers", "two").turns
    for (start, end), number in zip(turns, (0, 1, 1, 0, 0), strict=True):
        own = [t for t in found if start <= t.range.middle < end]
        assert own
        assert {t.speaker for t in own} == {f"SPEAKER_{number:02d}"}
    write_wav(tmp_path / "ada.wav", voice[6 * RATE : 16 * RATE])
    named = (sc.open(path) | sc.speakers(voices={"Ada": tmp_path / "ada.wav"})).cut()
    assert named.data(Speakers, "speakers", "two").names == ("Ada", "SPEAKER_01")
    both = sc.open(path, tmp_path / "ada.wav") | sc.speakers(count=2)
    assert both.cut().data(Speakers, "speakers", "ada").names == ("SPEAKER_00",)


@pytest.mark.weights("voice-embedding", "whisper-tiny.en")
def test_the_command_says_who_speaks(two: Any, tmp_path: Path) -> None:
    path, _ = two
    for name in ("out.json", "out.srt", "out.rttm"):
        given = ["transcribe", str(path), "--speakers", "auto", "-o", str(tmp_path / name)]
        shown = CliRunner().invoke(app, given)
        assert shown.exit_code == 0, shown.output
    segments = json.loads((tmp_path / "out.json").read_text())["segments"]
    assert [s["speaker"] for s in segments][:1] == ["SPEAKER_00"]
    assert {s["speaker"] for s in segments} == {"SPEAKER_00", "SPEAKER_01"}
    assert all(w["speaker"] for s in segments for w in s["words"])
    subtitles = (tmp_path / "out.srt").read_text()
    named = [row.split(":")[0] for row in subtitles.splitlines() if row.startswith("SPEAKER")]
    assert named == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    rows = (tmp_path / "out.rttm").read_text().splitlines()
    assert rows[0].split()[:3] == ["SPEAKER", "two", "1"]
    refused = CliRunner().invoke(app, ["transcribe", str(path), "-o", str(tmp_path / "x.rttm")])
    assert "add --speakers auto" in str(refused.exception)
