"""Which frame of which source is shown when: a cut laid out as stretches of frames.

Pure: from a cut (its edges already on frame boundaries) and the packet indexes to
:class:`Stretch` values. A stretch is one segment's body, or the overlap of two in a transition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from smartcut.cut import Cut, Segment
from smartcut.render.output import Picture
from smartcut.timebase import Range, nearest, to_ticks

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

# Container clocks round (Matroska to 1 ms), so a frame counts as begun a quarter of the shorter
# frame interval early: far more than the rounding, far less than a frame.
_EARLY = Fraction(1, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Frames of one segment: ``numbers[i]`` is the source's frame shown i-th (-1: black)."""

    segment: int
    """Its place in the programme."""
    numbers: np.ndarray
    """int64, never falling."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Frames shown together: one layer, or the outgoing and the incoming of a transition."""

    pts: np.ndarray
    """int64, ticks of the output's timebase; one for each frame."""
    end: int
    """Tick at which the last frame ends."""
    layers: tuple[Layer, ...]
    transition: str | None = None

    def __len__(self) -> int:
        return len(self.pts)

    def part(self, first: int, last: int) -> Stretch:
        """Frames ``first`` to ``last`` - 1, counted from the stretch's own first."""
        end = self.end if last == len(self) else int(self.pts[last])
        layers = tuple(Layer(x.segment, x.numbers[first:last]) for x in self.layers)
        return Stretch(self.pts[first:last], end, layers, self.transition)


def lay_out(cut: Cut, indexes: Mapping[str, VideoIndex], picture: Picture) -> tuple[Stretch, ...]:
    """The programme as stretches of frames, without gaps or overlaps in output time."""
    placed = list(cut.programme.placed())
    stretches: list[Stretch] = []
    for i, (_, place) in enumerate(placed):
        following = placed[i + 1][1].start if i + 1 < len(placed) else place.end
        before = placed[i - 1][1].end if i else place.start
        if before > place.start:
            overlap = Range(place.start, before)
            stretches.extend(_transition(cut, placed, i, overlap, indexes, picture))
        body = Range(max(place.start, before), max(following, max(place.start, before)))
        stretches.extend(_body(cut, placed, i, body, indexes, picture))
    return tuple(stretches)


Placed = list[tuple[Segment, Range]]


def _body(
    cut: Cut,
    placed: Placed,
    i: int,
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: Picture,
) -> Iterator[Stretch]:
    pts, end = _clock(cut, placed[i], span, indexes, picture)
    if len(pts):
        numbers = _numbers(placed[i], pts, indexes, picture)
        yield Stretch(pts, end, (Layer(i, numbers),))


def _transition(
    cut: Cut,
    placed: Placed,
    i: int,
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: Picture,
) -> Iterator[Stretch]:
    pts, end = _clock(cut, placed[i], span, indexes, picture)
    if len(pts):
        layers = tuple(Layer(k, _numbers(placed[k], pts, indexes, picture)) for k in (i - 1, i))
        kind = placed[i][0].transition
        yield Stretch(pts, end, layers, kind.kind if kind else None)


def _clock(
    cut: Cut,
    placed: tuple[Segment, Range],
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: Picture,
) -> tuple[np.ndarray, int]:
    """Output ticks of the frames in a stretch of timeline time, and the tick of its end."""
    segment, place = placed
    if picture.rate is not None:
        step = int(1 / (picture.rate * picture.timebase))
        first, last = nearest(span.start * picture.rate), nearest(span.end * picture.rate)
        return np.arange(first, last, dtype=np.int64) * step, last * step
    start, end = to_ticks(span.start, picture.timebase), to_ticks(span.end, picture.timebase)
    index = indexes.get(segment.source) if segment.source else None
    if index is None:
        # A gap among variable rates: thirty black frames a second, or one if it is shorter.
        count = max(1, nearest((span.end - span.start) * 30))
        return start + np.arange(count, dtype=np.int64) * (end - start) // count, end
    offset = place.start - segment.range.start / segment.speed
    times = [
        to_ticks(index.time_of(n) / segment.speed + offset, picture.timebase)
        for n in range(*_frames_of(segment, index))
    ]
    pts = np.array(times, dtype=np.int64)
    return pts[(pts >= start) & (pts < end)], end


def _frames_of(segment: Segment, index: VideoIndex) -> tuple[int, int]:
    """(first, one past the last) frame number of a segment whose edges are on boundaries."""
    first = index.boundary_near(segment.range.start)
    last = index.boundary_near(segment.range.end)
    first = min(first, len(index) - 1)
    return first, max(last, first + 1)


def _numbers(
    placed: tuple[Segment, Range],
    pts: np.ndarray,
    indexes: Mapping[str, VideoIndex],
    picture: Picture,
) -> np.ndarray:
    """The source frame shown at each output tick; -1 where there is no picture to show."""
    segment, place = placed
    index = indexes.get(segment.source) if segment.source else None
    if index is None:
        return np.full(len(pts), -1, dtype=np.int64)
    first, last = _frames_of(segment, index)
    if picture.rate is not None and picture.rate == index.rate and segment.speed == 1:
        start = nearest(place.start * picture.rate)
        step = int(1 / (picture.rate * picture.timebase))
        if not index.is_vfr:
            return np.clip(first + pts // step - start, first, last - 1)
    # Sampling: seconds in float64 are exact to far below the tolerance.
    rate = max(picture.rate or index.rate, index.rate)
    begins = float(place.start)
    if picture.rate is not None:
        begins = float(nearest(place.start * picture.rate) / picture.rate)
    shown = float(segment.range.start) + (pts * float(picture.timebase) - begins) * float(
        segment.speed
    )
    numbers = np.searchsorted(index.seconds, shown + float(_EARLY / rate), side="right") - 1
    return np.clip(numbers, first, last - 1).astype(np.int64)
