"""Sets of time as ranges in order, none touching another: joined, in common, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from smartcut.timebase import Range

Ranges = tuple[Range, ...]


def union(*sets: Iterable[Range], gap: Fraction = Fraction(0)) -> Ranges:
    """What is in any of them; ranges no further apart than ``gap`` seconds become one."""
    found: list[Range] = []
    for item in sorted(r for one in sets for r in one if r.duration):
        if found and item.start - found[-1].end <= gap:
            found[-1] = Range(found[-1].start, max(found[-1].end, item.end))
        else:
            found.append(item)
    return tuple(found)


def common(one: Sequence[Range], other: Sequence[Range]) -> Ranges:
    """What is in both sets."""
    return tuple(_common(one, other))


def _common(one: Sequence[Range], other: Sequence[Range]) -> Iterator[Range]:
    i = j = 0
    while i < len(one) and j < len(other):
        both = one[i].intersect(other[j])
        if both is not None:
            yield both
        if one[i].end <= other[j].end:
            i += 1
        else:
            j += 1


def left(within: Range, taken: Sequence[Range]) -> Ranges:
    """What of ``within`` is in none of the ranges taken, which are a set."""
    return tuple(_left(within, taken))


def _left(within: Range, taken: Sequence[Range]) -> Iterator[Range]:
    at = within.start
    for item in taken:
        end = min(item.start, within.end)
        if end > at:
            yield Range(at, end)
        at = max(at, item.end)
    if at < within.end:
        yield Range(at, within.end)


def without(kept: Sequence[Range], taken: Sequence[Range]) -> Ranges:
    """What is in the first set and not in the second."""
    return tuple(part for item in kept for part in _left(item, taken))


def padded(ranges: Iterable[Range], before: Fraction, after: Fraction) -> Ranges:
    """Each with so many seconds more at its start and end; negative ones take away."""
    longer = ((r.start - before, r.end + after) for r in ranges)
    return union(Range(start, end) for start, end in longer if start < end)
