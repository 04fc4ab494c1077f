"""Cuts on the beat: the joins of a programme moved to where the music beats. Pure and exact."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from smartcut.annotation import Shots
from smartcut.curve import Curve, Key
from smartcut.cut import Cut, Effect, Segment
from smartcut.source import Recipe, Value
from smartcut.timebase import Range, nearest


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


@dataclass(frozen=True, slots=True)
class BeatTimes:
    """Beats at any times of the timeline, rising; at least two."""

    times: tuple[Fraction, ...]

    def nearest(self, time: Fraction) -> Fraction | None:
        """The beat nearest to ``time``, at most half a beat away; None where there is none."""
        after = bisect_left(self.times, time)
        near = self.times[max(after - 1, 0) : after + 1]
        beat = min(near, key=lambda t: abs(t - time))
        place = self.times.index(beat)
        around = self.times[max(place - 1, 0) : place + 2]
        return beat if abs(beat - time) * 2 <= max(b - a for a, b in pairwise(around)) else None


class Pulse(Protocol):
    """Beats, however they are known."""

    def nearest(self, time: Fraction) -> Fraction | None: ...


def effects_on_the_beat(cut: Cut, grid: Pulse) -> tuple[Cut, int]:
    """The cut with the times of the programme's effects on the nearest beats, and how many are.

    Those are when they begin and end, and keys of source time; of segments that play at one speed.
    What would fall on the same beat as the one before it stays where it was.
    """
    moved = 0
    segments = []
    for segment, place in cut.programme.placed():

        def to_beat(time: Fraction, segment: Segment = segment, place: Range = place) -> Fraction:
            nonlocal moved
            if not segment.range.start <= time <= segment.range.end:
                return time
            beat = grid.nearest(place.start + segment.time_of(time))
            if beat is None or not place.start <= beat <= place.end:
                return time
            moved += 1
            return segment.source_at(beat - place.start)

        if segment.warp is None and segment.source is not None:
            effects = tuple(_on_beats(effect, to_beat) for effect in segment.effects)
            segment = replace(segment, effects=effects)
        segments.append(segment)
    return cut.with_segments(tuple(segments)), moved


def _on_beats(effect: Effect, to_beat: Callable[[Fraction], Fraction]) -> Effect:
    during = effect.during
    if during is not None:
        start, end = to_beat(during.start), to_beat(during.end)
        during = Range(start, end) if start < end else during
    params = tuple((name, _keys_on_beats(value, to_beat)) for name, value in effect.params)
    return replace(effect, during=during, params=params)


def _keys_on_beats(value: Value, to_beat: Callable[[Fraction], Fraction]) -> Value:
    if isinstance(value, tuple):
        return tuple(_keys_on_beats(item, to_beat) for item in value)
    if not isinstance(value, Curve) or value.clock != "source":
        return value
    keys: list[Key] = []
    for i, key in enumerate(value.keys):
        at = to_beat(key.at)
        later = value.keys[i + 1].at if i + 1 < len(value.keys) else None
        fits = (not keys or keys[-1].at < at) and (later is None or at < later)
        keys.append(replace(key, at=at) if fits else key)
    return replace(value, keys=tuple(keys))


def on_the_beat(cut: Cut, grid: Pulse) -> tuple[Cut, int, int]:
    """The cut with every join on the nearest beat, how many lie on one, and how many there are.

    A join is where a segment ends and the next begins, or the middle of their transition. Where
    the next goes on with the same pictures, it begins with what comes then. Else the segments
    around the join are shortened or lengthened, at their ends first, within their shot where shots
    are known and else within their source; a join that cannot be had so stays where it was, as
    near as can be. The cut's length stays, where the last segment can make up for it.
    """
    found = list(cut.programme.placed())
    carried: Segment | None = None
    segments: list[Segment] = []
    start, on_beat = Fraction(0), 0
    for i, (ended, place) in enumerate(found):
        last = i == len(found) - 1
        segment = _carried_on(ended, carried)
        following = Fraction(0) if last else found[i + 1][0].overlap
        join = place.end - following / 2
        beat = None if last else grid.nearest(join)
        for aim in (beat, join):
            lasts = None if aim is None else aim + following / 2 - start
            held = _held(cut, cut.segments, i)
            fitted = None if lasts is None else lasting(cut, segment, lasts, following, held)
            if fitted:
                break
        fitted = fitted or segment
        carried = fitted if not last and _goes_on(cut, ended, found[i + 1][0]) else None
        segments.append(fitted)
        start += fitted.duration - following
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


def _carried_on(segment: Segment, before: Segment | None) -> Segment:
    """The segment, from where the one before it now ends."""
    if before is None or before.range.end >= segment.range.end or not _is_rising(segment):
        return segment
    return segment.lengthened(segment.as_warp.time_along(before.range.end) * -1, Fraction(0))


def _held(cut: Cut, found: Sequence[Segment], i: int) -> tuple[bool, bool]:
    """Whether the start and the end of a segment must stay, for it fits what is made beside it."""

    def recipe(number: int) -> Recipe | None:
        segment = found[number] if 0 <= number < len(found) else None
        return cut.source(segment.source).made if segment and segment.source else None

    before, made, after = (recipe(number) for number in (i - 1, i, i + 1))
    starts = bool((before and before.before) or (made and made.after))
    return starts, bool((after and after.after) or (made and made.before))


def lasting(
    cut: Cut, segment: Segment, lasts: Fraction, following: Fraction, held: tuple[bool, bool]
) -> Segment | None:
    """The segment lengthened or shortened to last so long; None where there is not enough of it."""
    change = lasts - segment.duration
    if not change:
        return segment
    if not _is_rising(segment) or lasts <= 0 or lasts < 2 * max(segment.overlap, following):
        return None
    before, after = _room(cut, segment)
    late = Fraction(0) if held[1] else change
    if change > 0:
        late = min(late, after / segment.pieces[-1].slope)
    early = change - late
    if (early and held[0]) or early > before / segment.pieces[0].slope:
        return None
    return segment.lengthened(early, late)


def _is_rising(segment: Segment) -> bool:
    """Whether it goes on and on: what plays backwards or stands still keeps its length."""
    return bool(segment.duration) and all(piece.slope > 0 for piece in segment.pieces)


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
