"""Where a cut costs nothing: at which frames of a source a copy can begin and end. Pure.

From the packet index alone. An in-point costs the frames up to the next place where a copy can
begin; an out-point those before it whose packets come after later ones.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.render.splicing.copying import JOINABLE, parts, why_not_alike
from smartcut.source import Source
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex
    from smartcut.stage import Target

# What an encoded part costs besides its frames, in frames: decoding the way to it, a key frame of
# its own, a seam to check.
_PART = 8


@dataclass(frozen=True, slots=True)
class PartEdges:
    """Frames ``first`` to ``last`` - 1 of a source, and how many a cut at each end has encoded."""

    first: int
    last: int
    lead: int
    tail: int

    def share_up_to(self, other: PartEdges) -> float:
        """About which share has to be encoded of what begins with this and ends with another."""
        frames = other.last - self.first
        return min((self.lead + other.tail) / frames, 1.0) if frames > 0 else 0.0


@dataclass(frozen=True, eq=False)
class CopyPlaces:
    """What cuts of a source cost, in frames that have to be encoded."""

    index: VideoIndex

    @cached_property
    def leads(self) -> np.ndarray:
        """int64 (N + 1,): of an in-point at each frame, those up to where a copy can begin."""
        entries = np.append(np.flatnonzero(self.index.is_entry), len(self.index))
        numbers = np.arange(len(self.index) + 1)
        found: np.ndarray = entries[np.searchsorted(entries, numbers)] - numbers
        return found

    @cached_property
    def tails(self) -> np.ndarray:
        """int64 (N + 1,): of an out-point at each frame, those that no copy can hold."""
        numbers = np.arange(len(self.index) + 1)
        highest = np.maximum.accumulate(np.concatenate([[-1], self.index.order]))
        whole = np.flatnonzero(highest == numbers - 1)
        found: np.ndarray = numbers - whole[np.searchsorted(whole, numbers, side="right") - 1]
        return found

    def start(self, asked: Fraction, room: Range) -> Fraction:
        """The in-point in ``room`` that costs least; ``asked`` unless another costs less."""
        return self._cheapest(asked, room, self.leads)

    def end(self, asked: Fraction, room: Range) -> Fraction:
        """The out-point in ``room`` that costs least; ``asked`` unless another costs less."""
        return self._cheapest(asked, room, self.tails)

    def division(self, asked: Fraction, room: Range) -> Fraction:
        """The same of what ends there and what begins there, both together."""
        return self._cheapest(asked, room, self.leads, self.tails)

    def _cheapest(self, asked: Fraction, room: Range, *costs: np.ndarray) -> Fraction:
        """The place in ``room`` that costs least, the nearest of several.

        Only one at which a whole encoded part less is needed, and no more frames are encoded: a
        move that makes such a part shorter is none worth making.
        """
        index, here = self.index, self.index.boundary_near(asked)
        parted, most = (sum(int(c) for c in row) for row in _rows(costs, here))
        if not parted:
            return asked
        numbers = np.arange(index.frame_at(room.start), index.frame_at(room.end) + 2)
        numbers = numbers[numbers <= len(index)]
        pieces, frames = (np.sum(row, axis=0) for row in _rows(costs, numbers))
        better = numbers[(pieces < parted) & (frames <= most)]
        times = [(int(n), index.time_of(int(n))) for n in better]
        ways = [(n, time) for n, time in times if room.start <= time <= room.end]

        def cost(way: tuple[int, Fraction]) -> tuple[int, Fraction]:
            pieces, frames = (sum(int(c) for c in row) for row in _rows(costs, way[0]))
            return frames + _PART * pieces, abs(way[1] - asked)

        return min(ways, key=cost)[1] if ways else asked

    def encoded(self, part: Range) -> int:
        """How many frames of a part of the source have to be encoded where it is shown alone."""
        first, last = map(self.index.boundary_near, (part.start, part.end))
        return sum(p.last - p.first for p in parts(self.index, first, last, False) if not p.copied)

    def edges(self, part: Range) -> PartEdges:
        """The first frame of a part and the one after its last, and what cuts there cost."""
        first, last = map(self.index.boundary_near, (part.start, part.end))
        return PartEdges(first, last, int(self.leads[first]), int(self.tails[last]))


def _rows(costs: Sequence[np.ndarray], at: Any) -> tuple[list[Any], list[Any]]:
    """Of places: whether each cost needs an encoded part, and how many frames it has."""
    frames = [cost[at] for cost in costs]
    return [one > 0 for one in frames], frames


def why_never_copied(source: Source, main: Source, index: VideoIndex, target: Target) -> str | None:
    """Why nothing of a source will be copied, whatever is cut; None where it can be."""
    video, leading = source.video, main.video
    if not target.copies:
        return "the pictures are encoded in any case"
    if video is None or leading is None or source.made or main.made:
        return "it has no recorded picture"
    if video.codec not in JOINABLE:
        return f"parts encoded by us cannot be joined to copied {video.codec}"
    if index.is_counted or not index.is_one_sequence:
        return "its packets cannot become part of another stream"
    if target.rate is not None and (index.is_vfr or index.rate != target.rate):
        return "it is brought to another frame rate"
    width, height = video.display_size
    if target.size not in (None, (width, height)):
        return "another size was asked for"
    if target.short_side not in (None, min(width, height)):
        return "another size was asked for"
    return why_not_alike(video, leading)


# --------------------------------------------------------------------------------- how far to move


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cut of a source keeps clear of, in source time."""

    slack: Fraction
    """Seconds by which it may move at most."""
    whole: Sequence[Range] = ()
    """Stretches that stay whole and on their side, such as words; in order and apart."""
    shots: Sequence[Fraction] | None = None
    """When shots begin, in order; None where nobody knows."""

    def of_start(self, asked: Fraction) -> Range:
        """Where an in-point may lie: nothing of another shot comes before what it shows."""
        before, after = self._shot_around(asked)
        low = asked if before is None else before
        return self._room(asked, low, (asked + after) / 2 if after is not None else None)

    def of_end(self, asked: Fraction) -> Range:
        """Where an out-point may lie: nothing of another shot comes after what it shows."""
        before, after = self._shot_around(asked, is_end=True)
        high = asked if self.shots is None else after
        return self._room(asked, (asked + before) / 2 if before is not None else None, high)

    def of_division(self, asked: Fraction) -> Range:
        """Where a place may lie at which one part ends and another begins: in one shot."""
        if self.shots is None:
            return Range(asked, asked)
        return self._room(asked, self._shot_around(asked)[0], self._shot_around(asked, True)[1])

    def _shot_around(
        self, asked: Fraction, is_end: bool = False
    ) -> tuple[Fraction | None, Fraction | None]:
        """The beginnings of shots on both sides; at a shot's own, its side counts as none."""
        if self.shots is None:
            return None, None
        place = (bisect_left if is_end else bisect_right)(self.shots, asked)
        after = self.shots[place] if place < len(self.shots) else None
        return (self.shots[place - 1] if place else Fraction(0)), after

    def _room(self, asked: Fraction, low: Fraction | None, high: Fraction | None) -> Range:
        start, end = max(asked - self.slack, Fraction(0)), asked + self.slack
        start = start if low is None else max(start, low)
        end = end if high is None else min(end, high)
        place = bisect_right(self.whole, asked, key=lambda one: one.start)
        if place and self.whole[place - 1].start < asked < self.whole[place - 1].end:
            return Range(asked, asked)
        before = [one.end for one in self.whole[max(0, place - 2) : place] if one.end <= asked]
        after = [
            one.start for one in self.whole[max(0, place - 1) : place + 1] if one.start >= asked
        ]
        start, end = max([start, *before]), min([end, *after])
        return Range(min(start, asked), max(end, asked))
