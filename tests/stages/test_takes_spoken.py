"""`takes` of a synthetic voice that speaks sentences, as a recogniser hears them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from benchmarks.made_speech import MadeTalk, make_talk, write_sound
from smartcut.annotation import Transcript
from smartcut.models.voice.espeak import Espeak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.weights("whisper-base"),
    pytest.mark.skipif(
        shutil.which("espeak-ng") is None,
        reason="espeak-ng is not installed: apt-get install espeak-ng",
    ),
]

SENTENCES = (
    "Good morning, and welcome to the house.",
    "Today we look at the old lighthouse on the hill.",
    "The keeper lived there with his family.",
    "He lit the lamp every evening, and put it out at dawn.",
)


def spoken(
    folder: Path, name: str, script: Sequence[str | float], noisy: int, level: float, room: float
) -> MadeTalk:
    """Writes what is spoken, with noise over one of its parts."""
    random = np.random.default_rng(len(script))
    talk = make_talk(Espeak("en-us"), script)
    samples = talk.samples * level + random.normal(0, room, len(talk.samples))
    start, end, _ = talk.said[noisy]
    part = slice(round(start * talk.rate), round(end * talk.rate))
    samples[part] += random.normal(0, 0.15, part.stop - part.start)
    write_sound(folder / f"{name}.wav", samples.astype(np.float32), talk.rate)
    return talk


def plain(text: str) -> list[str]:
    return [word.strip(".,").casefold() for word in text.split()]


def test_noise_a_false_start_and_a_gap_are_not_heard(tmp_path: Path) -> None:
    first, second, third, fourth = SENTENCES
    whole = (first, 0.5, second, 0.6, third, 0.5, fourth, 0.8)
    one = spoken(tmp_path, "one", whole, 0, 1.0, 0.0005)
    repeated = (first, 0.5, "Today we look at", 0.4, second, 3.0, third, 0.5, fourth, 0.8)
    two = spoken(tmp_path, "two", repeated, 3, 0.6, 0.001)
    files = [tmp_path / "one.wav", tmp_path / "two.wav"]
    heard = sc.open(*files) | sc.transcribe(model="base", language="en")
    reading = heard | sc.takes(text=" ".join(SENTENCES))
    cut = reading.render(tmp_path / "out.wav").cut
    noises = {"one": one.said[0][:2], "two": two.said[3][:2]}
    for segment in cut.segments:
        start, end = noises[segment.source or ""]
        shown = min(end, float(segment.range.end)) - max(start, float(segment.range.start))
        assert shown < 0.1, segment
    # The four sentences take 9.3 s; with the gap of 3 s it were more than 12.
    assert 9 < float(cut.duration) < 11.8
    again = sc.open(tmp_path / "out.wav") | sc.transcribe(model="base", language="en")
    found = again.cut().data(Transcript, "transcript", "out")
    assert found is not None
    words = [word for s in found.sentences for word in plain(s.text)]
    assert words == plain(" ".join(SENTENCES))


def test_the_ready_pipeline_runs(tmp_path: Path) -> None:
    first, second, *_ = SENTENCES
    spoken(tmp_path, "one", (first, 0.5, second, 0.6), 0, 1.0, 0.0005)
    spoken(tmp_path, "two", (first, 0.5, second, 0.6), 1, 1.0, 0.0005)
    ready = Path(__file__).parents[2] / "pipelines" / "best_take.yaml"
    (tmp_path / "script.txt").write_text(f"{first}\n{second}\n", encoding="utf-8")
    params = {"script": str(tmp_path / "script.txt"), "model": "base", "language": "en"}
    pipeline = sc.Pipeline.from_yaml(ready, **params)
    inputs = [tmp_path / "one.wav", tmp_path / "two.wav"]
    result = pipeline.run(inputs, tmp_path / "out.mka")
    assert [s.source for s in result.cut.segments] == ["two", "one"]
    assert (tmp_path / "out.srt").read_text(encoding="utf-8").count("lighthouse") == 1
