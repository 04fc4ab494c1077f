"""Silence is no highlight: it has no score, begins no moment and fills no budget."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from random import Random
from typing import Any

import pytest

from smartcut.annotation import Annotation, Sentence, Signal, Transcript, Word
from smartcut.cache import Cache
from smartcut.context import Stored
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.plan import requested
from smartcut.selecting.scoring import ranks
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.spec_reading import parse_spec
from smartcut.stage import Analysis
from smartcut.stages.highlights import Highlights
from smartcut.timebase import Range

LASTS = 40
SAID = [(9, 12, "First we cast off."), (12.4, 15.5, "Then the sail goes up."), (16, 19, "Look.")]


def talk(*extra: Annotation, said: list[Any] = SAID) -> Cut:
    """Nine seconds of a silent logo, ten of speech, then digital silence; all moves a little."""
    video = VideoStream(
        0, "h264", F(1, 12800), 320, 180, "yuv420p", F(25), False, F(0), F(LASTS), LASTS * 25
    )
    audio = AudioStream(1, "aac", F(1, 48000), 48000, 2, "stereo", F(0), F(LASTS))
    source = Source("a", Path("a"), "a", "mp4", F(0), F(LASTS), video, audio)
    track = Track("programme", (Segment("a", Range(F(0), F(LASTS))),))
    return Cut((source,), (track,), (transcript(said), noise(), *extra))


def transcript(said: list[Any]) -> Annotation:
    sentences = []
    for start, end, text in said:
        texts = text.split()
        step = (F(end) - F(start)) / len(texts)
        words = tuple(
            Word(Range(F(start) + i * step, F(start) + (i + 1) * step), t)
            for i, t in enumerate(texts)
        )
        sentences.append(Sentence(Range(F(start), F(end)), text, words))
    return Annotation("transcript", "a", Transcript("en", tuple(sentences)))


def noise() -> Annotation:
    """Movement of which nothing can be said, as of a clock in a corner."""
    random = Random(3)
    values = tuple(0.0065 + random.random() / 1000 for _ in range(LASTS * 5))
    return Annotation(
        "motion", "a", Signal(F(1, 5), tuple(range(LASTS * 5)), ("motion",), (values,))
    )


def loudness() -> Annotation:
    values = tuple(-21.0 if 88 <= i < 193 else -70.0 for i in range(LASTS * 10))
    signal = Signal(F(1, 10), tuple(range(LASTS * 10)), ("momentary",), (values,), "LUFS")
    return Annotation("loudness", "a", signal)


class Listening(Stored):
    """A context that knows the loudness of every source."""

    asked = 0

    def result(self, analysis: Analysis, source: Source) -> Annotation:
        assert analysis.name == "loudness"
        self.asked += 1
        return loudness()


@pytest.fixture
def context(tmp_path: Path) -> Listening:
    return Listening(Cache(tmp_path / "c"))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("method", ["knapsack", "mmr"])
def test_a_moment_begins_at_its_sentence_and_silence_fills_nothing(
    known: bool, method: str, context: Listening
) -> None:
    cut = talk(*([loudness()] if known else []))
    made = Highlights(duration=30, method=method).apply(cut, context)
    assert context.asked == (not known)
    assert made.segments[0].range.start == pytest.approx(F(9) - F(3, 20), abs=0.03)
    assert made.segments[-1].range.end == pytest.approx(F(19) + F(3, 20), abs=0.35)
    assert 9.5 < made.duration < 11
    assert "not 30 s" in made.notes[-1]
    assert "s are silent or blank" in made.notes[-1]


def test_a_shortest_moment_is_not_reached_by_silence(context: Listening) -> None:
    made = Highlights(duration=30, min_length=15, max_length=30).apply(talk(loudness()), context)
    (moment,) = made.segments
    assert moment.range.start == pytest.approx(F(9) - F(3, 20), abs=0.03)
    assert moment.range.end == pytest.approx(F(19) + F(3, 20), abs=0.35)
    assert any("no moment lasts 15 s (min_length) without silence" in note for note in made.notes)


def test_the_scores_of_silence_are_nothing(context: Listening) -> None:
    cut = talk(loudness())
    weights = {"speech": 1.0, "motion": 0.0, "loudness": 1.0}
    chosen = Highlights(duration=4, weights=weights).apply(cut, context).segments
    for segment in chosen:
        assert dict(segment.scores)["speech"] > 0.5
        assert segment.label
        assert segment.label not in ("speech", "loudness")
    assert ranks([0.0, 0.0, 3.0, 1.0], 0.0) == [0.0, 0.0, 1.0, pytest.approx(2 / 3)]
    assert ranks([0.0, 0.0], 0.0) == [0.0, 0.0]
    assert ranks([-70.0, None, -20.0], -70.0) == [0.0, 0.0, 1.0]


def test_words_heard_in_digital_silence_are_none(context: Listening) -> None:
    cut = talk(loudness(), said=[*SAID, (30, 31, "Thank you.")])
    made = Highlights(duration=30).apply(cut, context)
    assert all(segment.range.end < 20 for segment in made.segments)


def test_a_short_pause_stays_in_its_moment_and_a_long_silence_parts_two(
    context: Listening,
) -> None:
    values = [-70.0] * (LASTS * 10)
    for start, end in ((5, 9), (10, 14), (20, 24)):
        values[start * 10 - 2 : end * 10 + 2] = [-20.0] * ((end - start) * 10 + 4)
    signal = Signal(F(1, 10), tuple(range(LASTS * 10)), ("momentary",), (tuple(values),), "LUFS")
    said = [(5, 9, "one two"), (10, 14, "three four"), (20, 24, "five six")]
    cut = talk(Annotation("loudness", "a", signal), said=said)
    whole = Highlights(duration=30, max_length=30, min_length=8).apply(cut, context).segments
    assert [(round(s.range.start), round(s.range.end)) for s in whole] == [(5, 14)]
    parts = Highlights(duration=30, max_length=30).apply(cut, context).segments
    assert [(round(s.range.start), round(s.range.end)) for s in parts] == [(5, 14), (20, 24)]


def test_blank_pictures_without_sound_are_left_out(context: Listening) -> None:
    cut = talk()
    source = cut.sources[0]
    values = tuple(0.2 if 10 <= i < 16 else 0.0 for i in range(LASTS))
    motion = Annotation("motion", "a", Signal(F(1), tuple(range(LASTS)), ("motion",), (values,)))
    mute = Cut((source,), cut.tracks, (motion,))
    made = Highlights(duration=20).apply(mute, context)
    assert context.asked == 0, "nobody speaks"
    (moment,) = made.segments
    assert moment.range.start == pytest.approx(10, abs=0.5)
    assert moment.range.end == pytest.approx(16, abs=0.5)
    assert moment.label == "motion"
    still = Annotation(
        "motion", "a", Signal(F(1), tuple(range(LASTS)), ("motion",), ((0.0,) * LASTS,))
    )
    with pytest.raises(StageError, match="silent or blank"):
        Highlights(duration=20).apply(Cut((source,), cut.tracks, (still,)), context)


def test_silence_counts_only_where_sound_does(context: Listening) -> None:
    made = Highlights(duration=30, weights={"motion": 1.0}).apply(talk(loudness()), context)
    assert made.duration > 29


@pytest.mark.parametrize(
    ("stages", "measured"),
    [
        ("[transcribe, highlights]", ["transcript", "loudness"]),
        ("[motion, highlights]", ["motion"]),
        ("[transcribe, highlights: {weights: {motion: 1}}]", ["transcript"]),
    ],
    ids=["speech", "pictures", "speech does not count"],
)
def test_loudness_is_measured_with_all_else_where_silence_is_left_out(
    stages: str, measured: list[str]
) -> None:
    steps = parse_spec(f"stages: {stages}").steps
    assert [analysis.name for _, analysis in requested(steps, ())] == measured
