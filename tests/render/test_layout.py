"""Which frame is shown when: the pure layout of a cut, without any media."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction as F
from math import lcm
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.algebra import snap
from smartcut.cut import Cut, Segment, Track, Transition
from smartcut.render.layout import lay_out
from smartcut.render.output import OutputPicture, Wish, choose_output, constant_timebase
from smartcut.render.splicing.spans import encoded_spans
from smartcut.source import Colour, Source, VideoStream
from smartcut.timebase import Range, nearest
from smartcut.warp import straightened


@dataclass(frozen=True)
class Index:
    """A packet index of frames at these source times (the last entry is the end)."""

    edges: tuple[F, ...]
    rate: F
    is_vfr: bool = False

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def end(self) -> F:
        return self.edges[-1]

    @property
    def seconds(self) -> np.ndarray:
        return np.array([float(t) for t in self.edges[:-1]])

    origin = F(0)

    @property
    def timebase(self) -> F:
        return F(1, lcm(*(t.denominator for t in self.edges)))

    @property
    def pts(self) -> np.ndarray:
        return np.array([int(t / self.timebase) for t in self.edges[:-1]])

    def time_of(self, number: int) -> F:
        return self.edges[number]

    def boundary_near(self, time: F) -> int:
        return min(range(len(self.edges)), key=lambda i: (abs(self.edges[i] - time), i))


def constant(rate: F, count: int) -> Index:
    return Index(tuple(i / rate for i in range(count + 1)), rate)


def source(id: str, index: Index) -> Source:
    stream = VideoStream(
        0, "h264", F(1, 90000), 320, 180, "yuv420p", index.rate, index.is_vfr, F(0), index.end,
        len(index),
    )  # fmt: skip
    return Source(id, Path(f"{id}.mp4"), id * 8, "mp4", F(0), index.end, stream)


def picture(rate: F | None, timebase: F | None = None) -> OutputPicture:
    timebase = timebase or constant_timebase(rate or F(1))
    return OutputPicture(
        "h264", 320, 180, "yuv420p", rate, timebase, Colour(), "pad", 20, None, "veryfast"
    )


def cut_of(indexes: dict[str, Index], *segments: Segment) -> Cut:
    sources = tuple(source(id, index) for id, index in indexes.items())
    cut = Cut(sources, (Track("programme", segments),))

    def boundary(s: Source, time: F) -> F:
        return indexes[s.id].edges[indexes[s.id].boundary_near(time)]

    return snap(cut, boundary)


def shown(cut: Cut, indexes: dict[str, Index], rate: F | None, timebase: F | None = None):
    return lay_out(cut, indexes, picture(rate, timebase))  # type: ignore[arg-type]


NTSC = F(30000, 1001)


def test_a_cut_at_the_source_rate_shows_exactly_its_frames() -> None:
    indexes = {"a": constant(NTSC, 300)}
    cut = cut_of(indexes, Segment("a", Range(F(1), F(2))), Segment("a", Range(F(5), F(7))))
    stretches = shown(cut, indexes, NTSC)
    assert [list(s.layers[0].numbers) for s in stretches] == [
        list(range(30, 60)),
        list(range(150, 210)),
    ]
    pts = np.concatenate([s.pts for s in stretches])
    assert set(np.diff(pts)) == {1001 * (constant_timebase(NTSC).denominator // 30000)}


def test_container_rounding_to_milliseconds_repeats_and_drops_nothing() -> None:
    rate = F(30)
    rounded = tuple(F(round(i / rate * 1000), 1000) for i in range(301))
    indexes = {"a": Index(rounded, rate)}
    cut = cut_of(indexes, Segment("a", Range(F(0), F(10))))
    numbers = np.concatenate([s.layers[0].numbers for s in shown(cut, indexes, rate)])
    assert list(numbers) == list(range(300))


@pytest.mark.parametrize(("rate", "asked"), [(F(25), F(50)), (F(50), F(25)), (F(24), F(60))])
def test_another_rate_repeats_or_drops_evenly(rate: F, asked: F) -> None:
    indexes = {"a": constant(rate, int(rate * 4))}
    cut = cut_of(indexes, Segment("a", Range(F(0), F(4))))
    (stretch,) = shown(cut, indexes, asked)
    assert len(stretch) == 4 * asked
    expected = [int(F(i) * rate / asked) for i in range(int(4 * asked))]
    assert list(stretch.layers[0].numbers) == expected


def test_variable_frame_times_are_kept() -> None:
    edges = tuple(F(t, 1000) for t in (0, 40, 100, 140, 300, 340, 400))
    indexes = {"a": Index(edges, F(15), is_vfr=True)}
    cut = cut_of(indexes, Segment("a", Range(F(100, 1000), F(340, 1000))))
    (stretch,) = shown(cut, indexes, None, F(1, 1000))
    assert list(stretch.pts) == [0, 40, 200]
    assert stretch.end == 240
    assert list(stretch.layers[0].numbers) == [2, 3, 4]


def test_a_dissolve_overlaps_and_shortens() -> None:
    indexes = {"a": constant(F(10), 100)}
    cut = cut_of(
        indexes,
        Segment("a", Range(F(0), F(2))),
        Segment("a", Range(F(5), F(7)), transition=Transition("dissolve", F(1, 2))),
    )
    first, joint, second = shown(cut, indexes, F(10))
    assert list(first.layers[0].numbers) == list(range(15))
    assert [list(x.numbers) for x in joint.layers] == [list(range(15, 20)), list(range(50, 55))]
    assert list(second.layers[0].numbers) == list(range(55, 70))
    assert second.end * constant_timebase(F(10)) == F(7, 2)


def test_half_speed_shows_each_frame_twice() -> None:
    indexes = {"a": constant(F(10), 100)}
    cut = cut_of(indexes, Segment("a", Range(F(1), F(2)), speed=F(1, 2)))
    (stretch,) = shown(cut, indexes, F(10))
    assert list(stretch.layers[0].numbers) == [n for n in range(10, 20) for _ in range(2)]


times = st.fractions(min_value=0, max_value=9, max_denominator=997)


@given(
    pieces=st.lists(st.tuples(times, times), min_size=1, max_size=6),
    rate=st.sampled_from([F(24), F(25), F(24000, 1001), NTSC, F(50), F(60)]),
    asked=st.sampled_from([None, F(24), F(25), NTSC, F(60)]),
)
def test_output_frames_follow_each_other_without_gaps(pieces, rate, asked) -> None:
    indexes = {"a": constant(rate, int(rate * 10))}
    segments = [Segment("a", Range(min(p), max(p) + F(1, 10))) for p in pieces]
    cut = cut_of(indexes, *segments)
    if not cut.segments:
        return
    out = asked or rate
    stretches = shown(cut, indexes, out)
    pts = np.concatenate([s.pts for s in stretches])
    step = 1 / (out * constant_timebase(out))
    assert list(pts) == [int(i * step) for i in range(len(pts))]
    assert abs(stretches[-1].end * constant_timebase(out) - cut.duration) <= 1 / out / 2


def test_long_stretches_are_divided_and_moving_one_keeps_its_key() -> None:
    indexes = {"a": constant(F(25), 2500)}
    long = Segment("a", Range(F(0), F(60)))
    short = Segment("a", Range(F(70), F(72)))
    made = picture(F(25))
    one = cut_of(indexes, long, short)
    two = cut_of(indexes, short, long)
    spans = [
        encoded_spans(c, lay_out(c, indexes, made), made, indexes, "as asked")  # type: ignore[arg-type]
        for c in (one, two)
    ]
    assert [len(s.stretch) for s in spans[0]] == [250] * 6 + [50]
    assert sorted(s.key for s in spans[0]) == sorted(s.key for s in spans[1])


def test_mixed_rates_take_that_of_the_source_shown_longest() -> None:
    indexes = {"a": constant(F(25), 250), "b": constant(F(30), 300)}
    cut = cut_of(indexes, Segment("a", Range(F(0), F(2))), Segment("b", Range(F(0), F(5))))
    output = choose_output(cut, Wish(), Path("x.mp4"))
    assert output.picture is not None
    assert output.picture.rate == 30
    assert "30" in output.notes[0]


@pytest.mark.parametrize(
    ("first", "second", "size"),
    [(F(4), F("4.02"), 320), (F(40), F("41.9"), 320), (F(4), F(6), 640), (F(40), F(43), 640)],
)
def test_sources_of_other_sizes_are_told_of_and_the_first_of_equals_leads(
    first: F, second: F, size: int
) -> None:
    indexes = {"a": constant(F(25), 1200), "b": constant(F(25), 1200)}
    cut = cut_of(indexes, Segment("a", Range(F(0), first)), Segment("b", Range(F(0), second)))
    a, b = cut.sources
    assert b.video is not None
    cut = replace(cut, sources=(a, replace(b, video=replace(b.video, width=640, height=360))))
    output = choose_output(cut, Wish(), Path("x.mp4"))
    assert output.picture is not None
    assert output.picture.width == size
    (note,) = output.notes
    assert {"a 320x180", "b 640x360"} <= set(note.partition("(")[2].partition(")")[0].split("; "))
    assert f"because {'a' if size == 320 else 'b'} is shown longest" in note
    assert "render.resolution" in note
    assert not choose_output(cut, Wish(size=(640, 360)), Path("x.mp4")).notes
    same = replace(cut, sources=(a, replace(b, video=a.video)))
    assert not choose_output(same, Wish(), Path("x.mp4")).notes


slopes = st.sampled_from([F(-2), F(-1), F(0), F(1, 7), F(1, 2), F(1), F(3)])


@given(
    steps=st.lists(st.tuples(st.integers(1, 40), slopes), min_size=1, max_size=6),
    rate=st.sampled_from([F(24), F(30000, 1001), F(60)]),
)
def test_a_warp_lasts_to_the_frame(steps: list[tuple[int, F]], rate: F) -> None:
    """Ramps, what is held and what turns round have as many pictures as their time says."""
    index = constant(F(25), 500)
    points = [(F(0), F(10))]
    for lasts, slope in steps:
        points.append((points[-1][0] + F(lasts, 25), points[-1][1] + F(lasts, 25) * slope))
    warp = straightened(points)
    if warp.seen.start < 0 or warp.seen.end > 20:
        return
    segment = Segment("a", Range(F(0), F(1))).warped(warp)
    cut = Cut((source("a", index),), (Track("programme", (segment, segment)),))
    stretches = shown(cut, {"a": index}, rate)
    counts = [sum(len(s) for s in stretches if s.layers[0].segment == i) for i in (0, 1)]
    assert sum(counts) == nearest(2 * warp.duration * rate)
    assert counts[0] == nearest(warp.duration * rate)
