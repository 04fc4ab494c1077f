"""Which frame of which source is shown when: a cut laid out as stretches of frames.

Pure: from a cut (its edges already on frame boundaries) and the packet indexes to
:class:`Stretch` values. A stretch is one segment's body, or the overlap of two in a transition.
Where frames are to be interpolated, a layer also says how far between two frames each lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from smartcut.annotation import Shots
from smartcut.cut import Cut, Segment, Transition
from smartcut.errors import RenderError
from smartcut.render.holding import Hold, begins_before, by_picture, ends_after, without_picture
from smartcut.render.output import OutputPicture
from smartcut.timebase import Range, nearest, nearest_each, to_ticks
from smartcut.warp import Warp

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

# Container clocks round (Matroska to 1 ms), so a frame counts as begun a quarter of the shorter
# frame interval early: far more than the rounding, far less than a frame.
_EARLY = Fraction(1, 4)
# What lies this near to a source's frame, as a share of the way to the next, is that frame: the
# clocks of files round, and a frame of the source beats one that is made.
_AT = 1 / 32


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Frames of one segment: ``numbers[i]`` is the source's frame shown i-th (-1: black)."""

    segment: int
    """Its place in the programme."""
    numbers: np.ndarray
    """int64; -1 or above."""
    steps: np.ndarray | None = None
    """float64, how far each picture lies towards the next frame, 0 to below 1; None: not at all."""

    def part(self, first: int, last: int) -> Layer:
        """The ``first`` to ``last`` - 1-th of its frames."""
        steps = None if self.steps is None else self.steps[first:last]
        return Layer(self.segment, self.numbers[first:last], steps)

    def joined(self, other: Layer) -> Layer:
        """This one and then another that goes on with the same source."""
        numbers = np.concatenate([self.numbers, other.numbers])
        if self.steps is None or other.steps is None:
            return Layer(self.segment, numbers)
        return Layer(self.segment, numbers, np.concatenate([self.steps, other.steps]))


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Frames shown together: one layer, or the outgoing and the incoming of a transition."""

    pts: np.ndarray
    """int64, ticks of the output's timebase; one for each frame."""
    end: int
    """Tick at which the last frame ends."""
    layers: tuple[Layer, ...]
    transition: Transition | None = None
    shares: np.ndarray | None = None
    """float64, how much of each picture is the incoming one's, above 0 and below 1."""
    is_held: bool = False
    """It shows what is shown while its source is heard and has no picture."""

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def makes_frames(self) -> bool:
        """Whether its transition makes frames of those of both sides."""
        if self.transition is None:
            return False
        from smartcut.transition import joining

        return joining(self.transition).makes_frames

    def part(self, first: int, last: int) -> Stretch:
        """Frames ``first`` to ``last`` - 1, counted from the stretch's own first."""
        end = self.end if last == len(self) else int(self.pts[last])
        layers = tuple(x.part(first, last) for x in self.layers)
        shares = None if self.shares is None else self.shares[first:last]
        return Stretch(self.pts[first:last], end, layers, self.transition, shares, self.is_held)

    def joined(self, other: Stretch) -> Stretch:
        """This one and the one that follows it, both of one layer of the same source."""
        layer = self.layers[0].joined(other.layers[0])
        return Stretch(np.concatenate([self.pts, other.pts]), other.end, (layer,))


def lay_out(
    cut: Cut, indexes: Mapping[str, VideoIndex], picture: OutputPicture, hold: Hold = "last"
) -> tuple[Stretch, ...]:
    """The programme as stretches of frames, without gaps or overlaps in output time.

    ``hold`` says what is shown while a source is heard and has no picture.
    """
    placed = list(cut.programme.placed())
    stretches: list[Stretch] = []
    for i, (_, place) in enumerate(placed):
        following = placed[i + 1][1].start if i + 1 < len(placed) else place.end
        before = placed[i - 1][1].end if i else place.start
        if before > place.start:
            overlap = Range(place.start, before)
            stretches.extend(_transition(cut, placed, i, overlap, indexes, picture, hold))
        body = Range(max(place.start, before), max(following, max(place.start, before)))
        stretches.extend(_body(cut, placed, i, body, indexes, picture, hold))
    return tuple(stretches)


Placed = list[tuple[Segment, Range]]


def _body(
    cut: Cut,
    placed: Placed,
    i: int,
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: OutputPicture,
    hold: Hold,
) -> Iterator[Stretch]:
    pts, end = _clock(cut, placed[i], span, indexes, picture, hold)
    if len(pts):
        layer, missing = _layer(cut, placed, i, pts, indexes, picture, hold)
        yield from by_picture(Stretch(pts, end, (layer,)), missing)


def _transition(
    cut: Cut,
    placed: Placed,
    i: int,
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: OutputPicture,
    hold: Hold,
) -> Iterator[Stretch]:
    pts, end = _clock(cut, placed[i], span, indexes, picture, hold)
    if len(pts):
        pair = (_layer(cut, placed, k, pts, indexes, picture, hold) for k in (i - 1, i))
        layers = tuple(layer for layer, _ in pair)
        shares = np.arange(1, len(pts) + 1) / (len(pts) + 1)
        yield Stretch(pts, end, layers, placed[i][0].transition, shares)


def _clock(
    cut: Cut,
    placed: tuple[Segment, Range],
    span: Range,
    indexes: Mapping[str, VideoIndex],
    picture: OutputPicture,
    hold: Hold,
) -> tuple[np.ndarray, int]:
    """Output ticks of the frames in a stretch of timeline time, and the tick of its end."""
    segment, _ = placed
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
    pts = _own_times(placed, index, picture, hold)
    return pts[(pts >= start) & (pts < end)], end


def _own_times(
    placed: tuple[Segment, Range], index: VideoIndex, picture: OutputPicture, hold: Hold
) -> np.ndarray:
    """Output ticks at which a segment's frames are shown, as its source has them.

    The first frame is held by beginning early, the last one by lasting until the segment ends.
    """
    segment, place = placed
    if segment.warp is not None:
        return _warped_times(segment.warp, place, index, picture)
    begins, speed, unit = segment.range.start, segment.speed, picture.timebase
    offset = place.start - begins / speed
    pts = index.pts[slice(*_frames_of(segment, index))]
    before, after = list[Fraction](), list[Fraction]()
    if begins >= index.end:
        before, pts = [begins], pts[:0]
    elif begins_before(segment, index):
        past = (segment.range.end + index.origin) / index.timebase
        kept = pts if hold == "black" else pts[1:]
        before, pts = [begins], kept[kept < math.ceil(past)]
    if ends_after(segment, index) and hold == "black" and begins < index.end:
        after = [index.end]
    ticks = nearest_each(pts, index.timebase / speed / unit, (offset - index.origin / speed) / unit)
    held = ([to_ticks(t / speed + offset, unit) for t in times] for times in (before, after))
    first, last = (np.array(times, dtype=np.int64) for times in held)
    return np.concatenate([first, ticks, last])


def _warped_times(
    warp: Warp, place: Range, index: VideoIndex, picture: OutputPicture
) -> np.ndarray:
    """Output ticks at which another frame is shown; what is held is so at the source's rate."""
    found = {Fraction(0)}
    for piece in warp.pieces:
        if piece.slope:
            inner = range(
                index.boundary_near(piece.seen.start), index.boundary_near(piece.seen.end) + 1
            )
            edges = [index.time_of(n) for n in inner if n < len(index)]
            found.update(piece.time_of(t) for t in edges if piece.seen.contains(t))
        else:
            count = nearest((piece.end - piece.start) * index.rate)
            found.update(piece.start + n / index.rate for n in range(count))
    ticks = {to_ticks(place.start + t, picture.timebase) for t in found if t < warp.duration}
    return np.array(sorted(ticks), dtype=np.int64)


def _frames_of(segment: Segment, index: VideoIndex) -> tuple[int, int]:
    """(first, one past the last) frame number of a segment whose edges are on boundaries."""
    first = index.boundary_near(segment.range.start)
    last = index.boundary_near(segment.range.end)
    first = min(first, len(index) - 1)
    return first, max(last, first + 1)


def _layer(
    cut: Cut,
    placed: Placed,
    i: int,
    pts: np.ndarray,
    indexes: Mapping[str, VideoIndex],
    picture: OutputPicture,
    hold: Hold,
) -> tuple[Layer, np.ndarray]:
    """What a segment shows at these output ticks, and at which of them its source has no picture.

    Frames that last longer are no missing ones.
    """
    segment = placed[i][0]
    index = indexes.get(segment.source) if segment.source else None
    if index is None:
        drawn = segment.source is not None and cut.source(segment.source).is_drawn
        numbers = np.full(len(pts), 0 if drawn else -1, dtype=np.int64)
        return Layer(i, numbers), np.zeros(len(pts), dtype=np.bool_)
    shown = _shown(placed[i], pts, index, picture)
    missing = without_picture(segment, index, shown)
    if picture.rate is None and hold == "last" and segment.range.start < index.end:
        missing[:] = False
    if picture.rate is not None and segment.between is not None:
        if segment.warp is not None and not segment.warp.is_rising:
            raise RenderError(
                f"segment {i} plays backwards, and frames are to be made between its own, which "
                "goes forwards only: render the one, and do the other with the file"
            )
        layer = Layer(i, *_positions(cut, placed[i], pts, index, picture))
    else:
        layer = Layer(i, _numbers(placed[i], pts, shown, index, picture))
    if hold == "black":
        layer = replace(layer, numbers=np.where(missing, -1, layer.numbers))
    return layer, missing


def _positions(
    cut: Cut,
    placed: tuple[Segment, Range],
    pts: np.ndarray,
    index: VideoIndex,
    picture: OutputPicture,
) -> tuple[np.ndarray, np.ndarray]:
    segment, _ = placed
    times = _segment_times(placed, pts, picture)
    return positions(
        cut, segment, index, source_seconds(segment, times) - float(segment.range.start)
    )


def positions(
    cut: Cut, segment: Segment, index: VideoIndex, passed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The frame shown and how far it is to the next, ``passed`` source seconds into a segment.

    Never between the frames of two shots, nor past the source's last frame: there, a frame is held.
    """
    last = len(index) - 1
    passed = np.maximum(passed, 0)
    if index.is_vfr:
        shown = np.maximum(float(segment.range.start) + passed, index.seconds[0])
        numbers = np.clip(np.searchsorted(index.seconds, shown, side="right") - 1, 0, last)
        ends = np.append(index.seconds[1:], np.inf)[numbers]
        steps = (shown - index.seconds[numbers]) / (ends - index.seconds[numbers])
    else:
        along = np.clip(_frames_of(segment, index)[0] + passed * float(index.rate), 0, last)
        numbers = np.floor(along).astype(np.int64)
        steps = along - numbers
    shots = cut.data(Shots, "shots", segment.source or "")
    cuts = [s.start_frame for s in shots.shots if s.entry == "cut"] if shots else []
    steps = np.where(steps < _AT, 0, np.where(steps > 1 - _AT, 1, steps))
    steps = np.where(np.isin(numbers + 1, cuts) & (steps < 1), 0, steps)
    numbers = np.minimum(numbers + (steps == 1), last).astype(np.int64)
    return numbers, np.where(steps == 1, 0, np.round(steps, 6))


def _shown(
    placed: tuple[Segment, Range], pts: np.ndarray, index: VideoIndex, picture: OutputPicture
) -> np.ndarray:
    """float64 seconds of source time shown at each output tick, early by what clocks round."""
    rate = max(picture.rate or index.rate, index.rate)
    return source_seconds(placed[0], _segment_times(placed, pts, picture), float(_EARLY / rate))


def _segment_times(
    placed: tuple[Segment, Range], pts: np.ndarray, picture: OutputPicture
) -> np.ndarray:
    """float64 seconds since a segment's beginning at each output tick."""
    begins = float(placed[1].start)
    if picture.rate is not None:
        begins = float(nearest(placed[1].start * picture.rate) / picture.rate)
    # Sampling: seconds in float64 are exact to far below the tolerance.
    return pts * float(picture.timebase) - begins


def source_seconds(segment: Segment, times: np.ndarray, early: float = 0.0) -> np.ndarray:
    """float64 seconds of source time at times since a segment's beginning.

    Frames begin ``early`` seconds before their time; played backwards, they begin where they end.
    """
    if segment.warp is None:
        return float(segment.range.start) + times * float(segment.speed) + early
    points = np.array([[float(t), float(s)] for t, s in segment.warp.points])
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    pieces = np.searchsorted(points[:, 0], times + early, side="right") - 1
    slope = slopes[np.clip(pieces, 0, len(slopes) - 1)]
    return np.interp(times, points[:, 0], points[:, 1]) + np.where(slope < 0, -early, early)


def _numbers(
    placed: tuple[Segment, Range],
    pts: np.ndarray,
    shown: np.ndarray,
    index: VideoIndex,
    picture: OutputPicture,
) -> np.ndarray:
    """The source frame at each output tick, or the one held there; ``shown`` as :func:`_shown`."""
    segment, place = placed
    first, last = _frames_of(segment, index)
    if picture.rate is not None and picture.rate == index.rate and segment.is_plain:
        start = nearest(place.start * picture.rate)
        step = int(1 / (picture.rate * picture.timebase))
        if not index.is_vfr:
            early = max(index.time_of(0) - segment.range.start, Fraction(0))
            opening = first - nearest(early * index.rate)
            return np.clip(opening + pts // step - start, first, last - 1)
    numbers = np.searchsorted(index.seconds, shown, side="right") - 1
    return np.clip(numbers, first, last - 1).astype(np.int64)
