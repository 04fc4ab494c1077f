"""The pictures above the programme: which frame of each is shown when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from smartcut.cut import Cut, Segment
from smartcut.render.layout import Stretch, source_seconds
from smartcut.render.output import OutputPicture
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.drawer import Drawer
    from smartcut.media.index import VideoIndex
    from smartcut.render.route import Moment

# Times of frames are rounded by clocks: what begins so near to a frame begins with it.
_EARLY = Fraction(1, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A segment above the programme, over some of the pictures of a stretch."""

    segment: Segment
    place: Range
    """In timeline time."""
    numbers: np.ndarray
    """int64: the frame of its source at each picture of the stretch; -1 where it is not shown.
    What is drawn has one frame, 0."""
    drawn: tuple[Drawer | None, ...] | None = None
    """For what is drawn: as it is at each picture of the stretch."""

    @property
    def is_seen(self) -> bool:
        return bool((self.numbers >= 0).any())

    def part(self, first: int, last: int) -> Overlay:
        """Over the ``first`` to ``last`` - 1-th picture alone."""
        drawn = None if self.drawn is None else self.drawn[first:last]
        return replace(self, numbers=self.numbers[first:last], drawn=drawn)

    def moments(self, pts: np.ndarray, picture: OutputPicture) -> list[Moment | None]:
        """When each of its pictures is, in its source and in its segment."""
        from smartcut.render.route import Moment

        found: list[Moment | None] = []
        for tick, number in zip(pts.tolist(), self.numbers.tolist(), strict=True):
            time = max(tick * picture.timebase - self.place.start, Fraction(0))
            source_time = self.segment.source_at(time)
            found.append(None if number < 0 else Moment(number, 0.0, source_time, time))
        return found


def overlays(
    cut: Cut, stretch: Stretch, picture: OutputPicture, indexes: Mapping[str, VideoIndex]
) -> tuple[Overlay, ...]:
    """What lies over the pictures of a stretch, bottom to top; the cut is resolved."""
    placed = (item for track in cut.overlays for item in track.placed())
    found = (_overlay(cut, segment, place, stretch, picture, indexes) for segment, place in placed)
    return tuple(one for one in found if one is not None and one.is_seen)


def _overlay(
    cut: Cut,
    segment: Segment,
    place: Range,
    stretch: Stretch,
    picture: OutputPicture,
    indexes: Mapping[str, VideoIndex],
) -> Overlay | None:
    if segment.source is None:
        return None
    source, index = cut.source(segment.source), indexes.get(segment.source)
    if source.is_drawn:
        from smartcut.render.drawing import seen_at

        drawn = seen_at(source, segment, place, stretch, picture)
        numbers = np.array([-1 if now is None else 0 for now in drawn], dtype=np.int64)
        return Overlay(segment, place, numbers, drawn)
    if index is None:
        return None
    return Overlay(segment, place, _numbers(segment, place, index, stretch.pts, picture))


def _numbers(
    segment: Segment, place: Range, index: VideoIndex, pts: np.ndarray, picture: OutputPicture
) -> np.ndarray:
    rate = picture.rate or index.rate
    times = pts * float(picture.timebase) + float(_EARLY / rate)
    inside = (times >= float(place.start)) & (times < float(place.end))
    early = float(_EARLY / rate)
    shown = source_seconds(segment, times - early - float(place.start), early)
    numbers = np.searchsorted(index.seconds, shown, side="right") - 1
    return np.where(inside, np.clip(numbers, 0, len(index) - 1), -1).astype(np.int64)


def covered(shown: Sequence[Overlay], count: int) -> np.ndarray:
    """bool (count,): which pictures of a stretch something lies over."""
    result = np.zeros(count, dtype=np.bool_)
    for one in shown:
        result |= one.numbers >= 0
    return result
