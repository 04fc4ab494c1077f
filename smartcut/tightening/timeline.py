"""Segments of a programme, divided where a stretch of their source is to be treated otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from smartcut.cut import Segment
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class Treated:
    """A stretch of a source that does not stay as it is: left out, or played faster."""

    range: Range
    speed: Fraction | None = None
    """None leaves it out."""


def treated(segment: Segment, stretches: Sequence[Treated]) -> Iterator[Segment]:
    """What becomes of a segment, in its order, whichever way it plays; held pictures stay."""
    if not segment.duration:
        yield segment
        return
    warp = segment.as_warp
    edges = {
        t for s in stretches for end in (s.range.start, s.range.end) for t in warp.times_of(end)
    }
    times = sorted({Fraction(0), *edges, segment.duration})
    transition = segment.transition
    for part, change in _alike(segment, times, stretches):
        if change is None or change.speed is not None:
            shown = segment.part(part.start, part.end)
            if change is not None and change.speed is not None:
                shown = shown.warped(shown.as_warp.faster(change.speed))
            yield replace(shown, transition=transition)
            transition = None


def _alike(
    segment: Segment, times: Sequence[Fraction], stretches: Sequence[Treated]
) -> Iterator[tuple[Range, Treated | None]]:
    """Parts of a segment's time with what becomes of each; neighbours that go on are one."""
    waiting: tuple[Range, Treated | None] | None = None
    for start, end in pairwise(times):
        change = _change(segment, start, end, stretches)
        if waiting is not None and waiting[1] == change:
            waiting = Range(waiting[0].start, end), change
            continue
        if waiting is not None:
            yield waiting
        waiting = Range(start, end), change
    if waiting is not None:
        yield waiting


def _change(
    segment: Segment, start: Fraction, end: Fraction, stretches: Sequence[Treated]
) -> Treated | None:
    shown = Range(*sorted((segment.source_at(start), segment.source_at(end))))
    if not shown.duration:
        return None
    return next((s for s in stretches if s.range.contains(shown.middle)), None)
