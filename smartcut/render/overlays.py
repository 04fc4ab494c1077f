"""The pictures above the programme: which frame of each is shown when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from smartcut.cut import Cut, Segment
from smartcut.render.layout import source_seconds
from smartcut.render.output import OutputPicture
from smartcut.render.route import Moment
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

# Times of frames are rounded by clocks: what begins so near to a frame begins with it.
_EARLY = Fraction(1, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A segment above the programme, over some of the pictures of a stretch."""

    segment: Segment
    place: Range
    """In timeline time."""
    numbers: np.ndarray
    """int64: the frame of its source at each picture of the stretch; -1 where it is not shown."""

    def moments(self, pts: np.ndarray, picture: OutputPicture) -> list[Moment | None]:
        """When each of its pictures is, in its source and in its segment."""
        found: list[Moment | None] = []
        for tick, number in zip(pts.tolist(), self.numbers.tolist(), strict=True):
            time = max(tick * picture.timebase - self.place.start, Fraction(0))
            source_time = self.segment.source_at(time)
            found.append(None if number < 0 else Moment(number, 0.0, source_time, time))
        return found


def overlays(
    cut: Cut, pts: np.ndarray, picture: OutputPicture, indexes: Mapping[str, VideoIndex]
) -> tuple[Overlay, ...]:
    """What lies over the pictures shown at these ticks, bottom to top; the cut is resolved."""
    found = []
    for track in cut.overlays:
        for segment, place in track.placed():
            index = indexes.get(segment.source) if segment.source else None
            if index is None:
                continue
            numbers = _numbers(segment, place, index, pts, picture)
            if (numbers >= 0).any():
                found.append(Overlay(segment, place, numbers))
    return tuple(found)


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
