"""What a stage that chooses could have chosen: the moments, their scores, and what counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smartcut.timebase import Range

#: So many moments are told of, the best ones.
MOST_OFFERS = 300


@dataclass(frozen=True, slots=True)
class OfferedMoment:
    """A moment of a source that could be chosen."""

    source: str
    range: Range
    """In source time."""
    score: float
    """0..1."""
    scores: tuple[tuple[str, float], ...] = ()
    """What the score is made of, each in 0..1."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What a stage chose from: the best moments of which none overlaps another, best first."""

    stage: str
    weights: tuple[tuple[str, float], ...]
    """What counts how much in the scores."""
    moments: tuple[OfferedMoment, ...]
    count: int
    """How many there were, with those that overlap."""


def best_apart(
    ranges: Sequence[tuple[str, Range]], scores: Sequence[float], most: int = MOST_OFFERS
) -> list[int]:
    """Numbers of ranges of sources, the highest score first, of which none overlaps another.

    Of equal scores the longer range goes first.
    """
    order = sorted(range(len(ranges)), key=lambda i: (-scores[i], -ranges[i][1].duration, i))
    taken: dict[str, list[Range]] = {}
    found: list[int] = []
    for number in order:
        source, place = ranges[number]
        there = taken.setdefault(source, [])
        if any(place.overlaps(other) for other in there):
            continue
        there.append(place)
        found.append(number)
        if len(found) == most:
            break
    return found
