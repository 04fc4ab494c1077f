"""Which candidates make the reel: exactly (knapsack.py), or for variety, by MMR.

MMR: maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998) under the same budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from smartcut.selecting.candidates import Candidate
from smartcut.selecting.knapsack import Filled, Knapsack

#: How far under the asked duration a reel may stay when a better choice makes it shorter.
TOLERANCE = Fraction(1, 5)

# What each join costs, in seconds of a perfect score: fewer, longer pieces are easier to watch.
_JOIN = 0.25

# What MMR adds to the score of a moment of four seconds or more; shorter ones get their share.
_CALM, _UNHURRIED = 0.3, Fraction(4)


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds to fill; ``join`` seconds are lost at each join; ``caps`` limit single sources."""

    duration: Fraction
    join: Fraction = Fraction(0)
    caps: Mapping[str, Fraction] | None = None

    @property
    def filled(self) -> Filled:
        """What is to be filled, as nearly as it can be."""
        shortest = self.duration - TOLERANCE
        return Filled(shortest, self.duration, self.join, self.caps, is_soft=True)


def value(candidate: Candidate, score: float) -> float:
    """What a candidate adds to a reel: its score for as long as it lasts, less the join."""
    return float(candidate.range.duration) * (0.05 + score) - _JOIN * 0.5


def select_exactly(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    budget: Budget,
    costs: Sequence[float] = (),
) -> list[int]:
    """Numbers of the candidates with the greatest total value that fill the budget.

    ``costs`` are taken from each one's value.

    Of all selections that do not overlap, keep to the caps and end at most TOLERANCE under the
    budget, the most valuable; where none comes that near, the longest.
    """
    values = [value(c, score) for c, score in zip(candidates, scores, strict=True)]
    if costs:
        values = [one - cost for one, cost in zip(values, costs, strict=True)]
    return Knapsack(candidates, values, budget.filled).best() or []


def select_diversely(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    budget: Budget,
    similarity: Callable[[int, int], float],
    diversity: float,
    costs: Sequence[float] = (),
) -> list[int]:
    """Numbers of candidates chosen one by one: worth having, and unlike those chosen before.

    A candidate is taken only where it leaves nothing, or room for another one. ``costs`` count as
    in :func:`select_exactly`.
    """
    worths = [_worth(c, score) for c, score in zip(candidates, scores, strict=True)]
    for i, cost in enumerate(costs):
        worths[i] -= cost / float(candidates[i].range.duration)
    shortest = min((c.range.duration for c in candidates), default=Fraction(0))
    left = budget.duration
    chosen: list[int] = []
    used: dict[str, Fraction] = {}
    likeness = [0.0] * len(candidates)
    open_ = set(range(len(candidates)))
    while open_:
        join = budget.join if chosen else Fraction(0)
        fitting = [
            i
            for i in open_
            if _fits(candidates[i], left + join, shortest - budget.join)
            and _under_cap(candidates[i], used, budget)
        ]
        if not fitting:
            break
        best = max(
            fitting,
            key=lambda i: (
                (1 - diversity) * worths[i] - diversity * likeness[i],
                candidates[i].range.duration,
                -i,
            ),
        )
        chosen.append(best)
        taken = candidates[best]
        left -= taken.range.duration - join
        used[taken.source] = used.get(taken.source, Fraction(0)) + taken.range.duration
        open_ = {i for i in open_ if not _overlap(candidates[i], taken)}
        for i in open_:
            likeness[i] = max(likeness[i], similarity(i, best))
    return sorted(chosen)


def _worth(candidate: Candidate, score: float) -> float:
    """The score, a little more for what lasts long enough to be taken in."""
    return score + _CALM * float(min(candidate.range.duration / _UNHURRIED, Fraction(1)))


def _fits(candidate: Candidate, left: Fraction, shortest: Fraction) -> bool:
    rest = left - candidate.range.duration
    return 0 <= rest <= TOLERANCE or rest >= shortest


def _under_cap(candidate: Candidate, used: Mapping[str, Fraction], budget: Budget) -> bool:
    cap = (budget.caps or {}).get(candidate.source)
    spent = used.get(candidate.source, Fraction(0)) + candidate.range.duration
    return cap is None or spent <= cap


def _overlap(a: Candidate, b: Candidate) -> bool:
    return a.source == b.source and a.first < b.last and b.first < a.last
