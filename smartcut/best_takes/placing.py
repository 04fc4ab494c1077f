"""Where passages are cut out of their takes: in the calm beside their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from smartcut.best_takes.choosing import Passage
from smartcut.best_takes.recording import HEARD, TakeRecording
from smartcut.best_takes.weighing import Candidate
from smartcut.timebase import Range

#: Seconds of a pause at a join at least and at most, where there are as many.
_LEAST, _MOST = 0.08, 0.8
#: Seconds before the first word and after the last one.
MARGIN = 0.3

#: Times are taken to so many parts of a second, where no frame says better.
_PARTS = 48_000


@dataclass(frozen=True, slots=True)
class FrameEdges:
    """Of a source: where frames begin at or before a time, and at or after it."""

    before: Callable[[Fraction], Fraction]
    after: Callable[[Fraction], Fraction]

    def within(self, wanted: float, least: float, most: float) -> Fraction:
        """The edge nearest to a wanted time between two; else the nearest to their middle."""
        inside = [e for e in self._near(wanted) if least - 1e-4 <= e <= most + 1e-4]
        return inside[0] if inside else self._near((least + most) / 2)[0]

    def _near(self, time: float) -> list[Fraction]:
        exact = max(Fraction(0), Fraction(round(time * _PARTS), _PARTS))
        return sorted({self.before(exact), self.after(exact)}, key=lambda e: abs(e - exact))


@dataclass(frozen=True, slots=True)
class PlacedPassage:
    """What is shown of a recording, in seconds of it."""

    passage: Passage
    start: Fraction
    end: Fraction
    overlap: float = 0.0
    """Seconds that it shares with the one before it, for a transition."""


def placed(
    passages: Sequence[Passage],
    recordings: Sequence[TakeRecording],
    edges: Sequence[FrameEdges],
    pauses: Sequence[float],
    overlap: float = 0.0,
) -> list[PlacedPassage]:
    """Where each passage begins and ends; joins overlap by so much where there is calm for it.

    ``pauses`` are those between each word and the next, as takes have them.
    """
    first, last = passages[0], passages[-1]
    own = recordings[first.recording]
    word = own.edges[first.candidates[0].heard][0]
    lead = calm(own, word, -1, own.rooms[first.candidates[0].heard][0])
    starts = [edges[first.recording].within(word - min(lead, MARGIN), word - lead, word)]
    ends, overlaps = [], [0.0]
    for one, other in pairwise(passages):
        end, start, shared = _joint(one, other, recordings, edges, pauses[one.last], overlap)
        ends.append(end)
        starts.append(start)
        overlaps.append(shared)
    own = recordings[last.recording]
    word = own.edges[last.candidates[-1].heard][1]
    tail = calm(own, word, 1, own.rooms[last.candidates[-1].heard][1])
    ends.append(edges[last.recording].within(word + min(tail, MARGIN), word, word + tail))
    rows = zip(passages, starts, ends, overlaps, strict=True)
    return [PlacedPassage(*row) for row in rows]


def _joint(
    one: Passage,
    other: Passage,
    recordings: Sequence[TakeRecording],
    edges: Sequence[FrameEdges],
    pause: float,
    overlap: float,
) -> tuple[Fraction, Fraction, float]:
    """(end of the first, start of the second, seconds that they share)."""
    before, after = recordings[one.recording], recordings[other.recording]
    heard, following = one.candidates[-1].heard, other.candidates[0].heard
    end, start = before.edges[heard][1], after.edges[following][0]
    tail = calm(before, end, 1, before.rooms[heard][1])
    lead = calm(after, start, -1, after.rooms[following][0])
    wanted = min(max(pause, _LEAST), _MOST)
    room = tail + lead
    shared = max(0.0, min(overlap, room - wanted, 2 * tail, 2 * lead))
    whole = min(wanted + shared, room)
    # Each side has its half, and what the other one lacks.
    kept = min(tail, max(whole / 2, whole - lead))
    out = edges[one.recording].within(end + kept, end, end + tail)
    rest = min(lead, max(0.0, whole - (float(out) - end)))
    begin = edges[other.recording].within(start - rest, start - lead, start)
    return out, begin, shared


def placed_like(
    one: PlacedPassage,
    first: Candidate,
    last: Candidate,
    recordings: Sequence[TakeRecording],
    edges: Sequence[FrameEdges],
) -> Range:
    """What is shown of another take in a passage's place: its words from ``first`` to ``last``.

    As much is shown before and after them as of the take in whose place it is, where it is calm.
    """
    shown, own = recordings[one.passage.recording], recordings[first.recording]
    lead = shown.edges[one.passage.candidates[0].heard][0] - float(one.start)
    tail = float(one.end) - shown.edges[one.passage.candidates[-1].heard][1]
    start, end = own.edges[first.heard][0], own.edges[last.heard][1]
    before = calm(own, start, -1, own.rooms[first.heard][0])
    after = calm(own, end, 1, own.rooms[last.heard][1])
    there = edges[first.recording]
    return Range(
        there.within(start - min(max(lead, 0.0), before), start - before, start),
        there.within(end + min(max(tail, 0.0), after), end, end + after),
    )


def calm(recording: TakeRecording, edge: float, way: int, room: float) -> float:
    """Seconds beside a word until something is heard again, in the room that there is."""
    first, last = sorted((edge, edge + way * room))
    levels = recording.levels(first, last) if room > recording.step else recording.level[:0]
    if not len(levels):
        return room
    loud = levels >= recording.room(edge)[0] + HEARD + 3
    ordered = loud if way > 0 else loud[::-1]
    # The word's own end may be heard in the first readings.
    for number, is_loud in enumerate(ordered[2:], 2):
        if is_loud:
            return min(room, max(0.0, (number - 1) * recording.step))
    return room
