"""A programme that is being edited: each segment with where it comes from.

What lies above a programme at times of the timeline is moved by where its pictures go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from smartcut.algebra import fitted
from smartcut.cut import Cut, Segment, Track

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Item:
    """A segment of the programme as it becomes."""

    segment: Segment
    origin: int | None = None
    """The number of the segment that it comes from; None for what is new."""
    skipped: Fraction = _NONE
    """Segment time of that one at its beginning."""
    pace: Fraction = Fraction(1)
    """Seconds of that one for each of its own."""

    def time_of(self, time: Fraction) -> Fraction | None:
        """When it shows a time of its origin, since its own beginning; None where it does not."""
        own = (time - self.skipped) / self.pace
        return own if 0 <= own < self.segment.duration else None


def items_of(cut: Cut) -> list[Item]:
    """The programme, as it is."""
    return [Item(segment, number) for number, segment in enumerate(cut.segments)]


def with_items(cut: Cut, items: Sequence[Item]) -> Cut:
    """The cut with the programme that these items are, and with what lies above it moved along.

    Transitions are shortened where they no longer fit; what comes first has none.
    """
    segments: list[Segment] = []
    for item in items:
        segments.append(fitted(item.segment, segments[-1] if segments else None))
    changed = cut.with_segments(tuple(segments))
    if all(one.segment == other for one, other in zip(items, cut.segments, strict=False)) and len(
        items
    ) == len(cut.segments):
        return changed
    if not any(isinstance(s.at, Fraction) for track in cut.tracks[1:] for s in track.segments):
        return changed
    ripple = _Ripple(cut, changed, items)
    above = (ripple.moved(track) for track in cut.tracks[1:])
    return replace(changed, tracks=(changed.programme, *above))


class _Ripple:
    """Where times of the timeline go when the programme changes."""

    def __init__(self, before: Cut, after: Cut, items: Sequence[Item]) -> None:
        self._before = list(before.programme.placed())
        self._after = list(zip(items, after.programme.places, strict=True))
        self._end = after.duration

    def moved(self, track: Track) -> Track:
        """A track, with what begins at timeline times where its pictures went."""
        segments = tuple(
            replace(s, at=self._time(s.at, s.duration)) if isinstance(s.at, Fraction) else s
            for s in track.segments
        )
        return track if segments == track.segments else replace(track, segments=segments)

    def _time(self, at: Fraction, lasts: Fraction) -> Fraction:
        """Where the picture of a time is; where it is gone, where what followed it is.

        After the end, so that what lasts so long ends with the film.
        """
        under = [n for n, (_, place) in enumerate(self._before) if place.start <= at]
        if not under or at >= self._before[-1][1].end:
            return at
        number = under[-1]
        then = at - self._before[number][1].start
        for item, place in self._after:
            if item.origin == number and (own := item.time_of(then)) is not None:
                return place.start + own
        later = [
            (item.origin, item.skipped, place.start)
            for item, place in self._after
            if item.origin is not None
            and (item.origin > number or (item.origin == number and item.skipped > then))
        ]
        return min(later)[2] if later else max(min(at, self._end - lasts), _NONE)


def parts(item: Item, kept: Iterable[tuple[Fraction, Fraction]]) -> list[Item]:
    """What is left of an item, by segment time; all but the first have no name and come in plain.

    Alone, it goes on at its ends as it did there; beside others, effects go on as if it were whole.
    """
    kept = [one for one in kept if one[1] > one[0]]
    segment, found = item.segment, list[Item]()
    for start, end in kept:
        part = (
            segment.lengthened(-start, end - segment.duration)
            if len(kept) == 1
            else segment.part(start, end)
        )
        if found:
            part = replace(part, transition=None, id="", lead=_NONE)
        found.append(replace(item, segment=part, skipped=item.skipped + start * item.pace))
    return found


def divided(item: Item, time: Fraction) -> list[Item]:
    """An item in two, at a time since its beginning."""
    return parts(item, [(_NONE, time), (time, item.segment.duration)])
