"""Cuts on the beat: the joins of a programme moved to where the music beats. Pure and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from smartcut.algebra import takes
from smartcut.cut import Cut, Recipe, Segment, Shots
from smartcut.timebase import Range, nearest

Take = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Beats at ``start``, ``start + period`` and on, as far as ``end``, in timeline time."""

    start: Fraction
    period: Fraction
    end: Fraction

    def nearest(self, time: Fraction) -> Fraction | None:
        """The beat nearest to ``time``, at most half a beat away; None where there is none."""
        beat = self.start + nearest((time - self.start) / self.period) * self.period
        near = abs(beat - time) * 2 <= self.period
        return beat if near and self.start <= beat <= self.end else None


def on_the_beat(cut: Cut, grid: Grid) -> tuple[Cut, int, int]:
    """The cut with every join on the nearest beat, how many lie on one, and how many there are.

    A join is where a take ends and the next begins, or the middle of their transition. Where the
    next goes on with the same take, it begins with what comes then. Else the takes around the
    join are shortened or lengthened, at their ends first, within their shot where shots are known
    and else within their source; a join that cannot be had so stays where it was, as near as can
    be. The cut's length stays, where the last take can make up for it.
    """
    found = list(takes(cut.programme))
    carried: Segment | None = None
    segments: list[Segment] = []
    start, on_beat = Fraction(0), 0
    for i, (take, place) in enumerate(found):
        last = i == len(found) - 1
        ended, take = take[-1], _carried_on(take, carried)
        following = Fraction(0) if last else found[i + 1][0][0].overlap
        join = place.end - following / 2
        beat = None if last else grid.nearest(join)
        for aim in (beat, join):
            lasts = None if aim is None else aim + following / 2 - start
            held = _held(cut, [t for t, _ in found], i)
            fitted = None if lasts is None else _lasting(cut, take, lasts, following, held)
            if fitted:
                break
        fitted = fitted or take
        carried = fitted[-1] if not last and _goes_on(cut, ended, found[i + 1][0][0]) else None
        segments += fitted
        start += sum((s.duration for s in fitted), -following)
        if not last and grid.nearest(start + following / 2) == start + following / 2:
            on_beat += 1
    return cut.with_segments(tuple(segments)), on_beat, len(found) - 1


def _goes_on(cut: Cut, one: Segment, other: Segment) -> bool:
    """Whether what is seen goes on across a join: no frame is left out, and no shot ends."""
    if one.source is None or one.source != other.source or other.transition:
        return False
    shots = cut.data(Shots, "shots", one.source)
    is_cut = shots is not None and any(x.range.start == other.range.start for x in shots.shots)
    return one.range.end == other.range.start and not is_cut


def _carried_on(take: Take, before: Segment | None) -> Take:
    """The take, from where the segment before it now ends."""
    first = take[0]
    if before is None or before.range.end >= first.range.end or first.warp is not None:
        return take
    return (replace(first, range=Range(before.range.end, first.range.end)), *take[1:])


def _held(cut: Cut, found: Sequence[Take], i: int) -> tuple[bool, bool]:
    """Whether the start and the end of a take must stay, for it fits what is made beside it."""

    def recipe(segment: Segment) -> Recipe | None:
        return cut.source(segment.source).made if segment.source else None

    before = recipe(found[i - 1][-1]) if i else None
    after = recipe(found[i + 1][0]) if i + 1 < len(found) else None
    first, last = recipe(found[i][0]), recipe(found[i][-1])
    starts = bool((before and before.before) or (first and first.after))
    return starts, bool((after and after.after) or (last and last.before))


def _lasting(
    cut: Cut, take: Take, lasts: Fraction, following: Fraction, held: tuple[bool, bool]
) -> Take | None:
    """The take lengthened or shortened to last so long; None where its material is not enough."""
    first, last = take[0], take[-1]
    change = lasts - sum((s.duration for s in take), Fraction(0))
    if not change:
        return take
    if any(segment.warp is not None for segment in take):
        return None
    if lasts <= 0 or lasts < 2 * max(first.overlap, following):
        return None
    late = Fraction(0) if held[1] else change * last.speed
    if change > 0:
        late = min(late, _room(cut, last)[1])
    early = (change - late / last.speed) * first.speed
    if (early and held[0]) or early > _room(cut, first)[0]:
        return None
    if last.range.end + late <= last.range.start or first.range.start - early >= first.range.end:
        return None
    last = replace(last, range=Range(last.range.start, last.range.end + late))
    if len(take) == 1:
        return (_earlier(last, early),)
    return (_earlier(first, early), *take[1:-1], last)


def _earlier(segment: Segment, by: Fraction) -> Segment:
    return replace(segment, range=Range(segment.range.start - by, segment.range.end))


def _room(cut: Cut, segment: Segment) -> tuple[Fraction, Fraction]:
    """Seconds of source before and after a segment that may be shown too; a gap has any."""
    if segment.source is None:
        return Fraction(0), Fraction(10**9)
    start, end = segment.range.start, segment.range.end
    within = Range(Fraction(0), max(end, cut.source(segment.source).duration))
    lowest, highest = within.start, within.end
    shots = cut.data(Shots, "shots", segment.source)
    for shot in shots.shots if shots else ():
        if shot.range.contains(start):
            lowest = shot.range.start
        if shot.range.start < end <= shot.range.end:
            highest = shot.range.end
    return start - lowest, highest - end
