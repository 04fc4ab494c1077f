"""What is shown while a source is heard and has no picture: its nearest one, held, or black.

Pure. A source's picture may begin after its sound, end before it, or be a single frame (a cover).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from smartcut.cut import Segment
from smartcut.source import Source
from smartcut.timebase import nearest

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex
    from smartcut.render.layout import Stretch

Hold = Literal["last", "black"]

#: Sound without a picture that is shorter than this, in seconds, is padding of an encoder.
PADDING = Fraction(1, 20)
#: A last frame may last longer instead of being repeated for at most this share of a film: beyond
#: it, players that divide frames by seconds show the wrong rate.
_MOST_LASTING = 0.1


def edge_near(source: Source, index: VideoIndex, time: Fraction) -> Fraction:
    """The place nearest to ``time``, in source time, where a segment can begin or end.

    Where a frame begins; beyond the frames, on the grid that they would go on in, or ``time``
    itself, between 0 and the source's end, where there is none.
    """
    first, end = index.time_of(0), index.end
    before, after = first - time, time - end
    if first >= PADDING and before > 0:
        if index.is_vfr:
            return max(time, Fraction(0))
        return max(first - nearest(before * index.rate) / index.rate, Fraction(0))
    if source.duration - end >= PADDING and after > 0:
        if index.is_vfr:
            return min(time, source.duration)
        return end + nearest((min(time, source.duration) - end) * index.rate) / index.rate
    edge = index.boundary_near(time)
    return end if edge >= len(index) else index.time_of(edge)


def begins_before(segment: Segment, index: VideoIndex) -> bool:
    """Whether a segment, its edges as :func:`edge_near` puts them, begins before the picture."""
    return segment.range.start < index.time_of(0)


def ends_after(segment: Segment, index: VideoIndex) -> bool:
    """Whether a segment, its edges as :func:`edge_near` puts them, ends after the picture."""
    return segment.range.end > index.end


def without_picture(segment: Segment, index: VideoIndex, shown: np.ndarray) -> np.ndarray:
    """bool (N,): at which of these source times (float64 seconds) there is no frame to show."""
    missing = np.zeros(len(shown), dtype=np.bool_)
    if begins_before(segment, index):
        missing |= shown < index.seconds[0]
    if ends_after(segment, index):
        missing |= shown >= float(index.end)
    return missing


def by_picture(stretch: Stretch, missing: np.ndarray) -> Iterator[Stretch]:
    """A stretch of one layer in parts with and without a picture; the latter show held ones."""
    edges = [0, *(np.flatnonzero(np.diff(missing)) + 1).tolist(), len(stretch)]
    for first, last in pairwise(edges):
        part = stretch.part(first, last)
        if missing[first]:
            (layer,) = part.layers
            part = replace(part, layers=(replace(layer, steps=None),), is_held=True)
        yield part


def lasting(stretches: Sequence[Stretch]) -> tuple[Stretch, ...] | None:
    """The same, frames lasting longer in place of repeated ones; None where that changes none.

    What is to be black, or has no frame beside it that could last, stays as it is.
    """
    found: list[Stretch] = []
    for stretch in stretches:
        before = found[-1] if found else None
        if before is not None and _holds(stretch, before, -1):
            found[-1] = replace(before, end=stretch.end)
        elif before is not None and _holds(before, stretch, 0):
            pts = stretch.pts.copy()
            pts[0] = before.pts[0]
            found[-1] = replace(stretch, pts=pts)
        else:
            found.append(stretch)
    return tuple(found) if len(found) < len(stretches) else None


def _holds(held: Stretch, beside: Stretch, place: int) -> bool:
    """Whether a stretch holds the frame that another shows first (0) or last (-1)."""
    if not held.is_held or beside.is_held or beside.transition:
        return False
    (one,), (other,) = held.layers, beside.layers
    return one.segment == other.segment and bool(one.numbers[0] == other.numbers[place] >= 0)


def may_last(stretches: Sequence[Stretch]) -> bool:
    """Whether held frames are so few that a last frame may last longer in their place."""
    held = sum(len(s) for s in stretches if s.is_held)
    return held <= _MOST_LASTING * sum(len(s) for s in stretches)
