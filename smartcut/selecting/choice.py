"""Which candidates make the reel: exactly, by dynamic programming, or for variety, by MMR.

Exact: of each source, the best value of every total length of runs that do not overlap (weighted
interval scheduling with a budget); then the sources are combined as in a grouped knapsack. MMR:
maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998) under the same budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.selecting.candidates import Candidate

if TYPE_CHECKING:
    import numpy as np

#: How far under the asked duration a reel may stay when a better choice makes it shorter.
TOLERANCE = Fraction(1, 5)

# What each join costs, in seconds of a perfect score: fewer, longer pieces are easier to watch.
_JOIN = 0.25
_MOST_TICKS = 4000

# What MMR adds to the score of a moment of four seconds or more; shorter ones get their share.
_CALM, _UNHURRIED = 0.3, Fraction(4)


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds to fill; ``join`` seconds are lost at each join; ``caps`` limit single sources."""

    duration: Fraction
    join: Fraction = Fraction(0)
    caps: Mapping[str, Fraction] | None = None

    @property
    def tick(self) -> Fraction:
        """The grid on which lengths are added up, in seconds."""
        return max(Fraction(1, 100), self.duration / _MOST_TICKS)

    def ticks(self, length: Fraction) -> int:
        """The length that a candidate takes from the budget, in ticks."""
        exact = (length - self.join) / self.tick
        return max(1, int(exact + Fraction(1, 2)))


def value(candidate: Candidate, score: float) -> float:
    """What a candidate adds to a reel: its score for as long as it lasts, less the join."""
    return float(candidate.range.duration) * (0.05 + score) - _JOIN * 0.5


def select_exactly(
    candidates: Sequence[Candidate], scores: Sequence[float], budget: Budget
) -> list[int]:
    """Numbers of the candidates with the greatest total value that fill the budget.

    Of all selections that do not overlap, keep to the caps and end at most TOLERANCE under the
    budget, the most valuable; where none comes that near, the longest.
    """
    import numpy as np

    size = int((budget.duration - budget.join) / budget.tick)
    # Each piece pays for a join; the reel has one join less than pieces.
    sources = list(dict.fromkeys(c.source for c in candidates))
    tables = [_source_table(candidates, scores, s, budget, size) for s in sources]
    best = np.full(size + 1, -np.inf)
    best[0] = 0.0
    choices: list[np.ndarray] = []
    for table, _ in tables:
        best, choice = _combined(best, table)
        choices.append(choice)
    end = _best_end(best, int(TOLERANCE / budget.tick))
    chosen: list[int] = []
    for (_, trace), choice in zip(reversed(tables), reversed(choices), strict=True):
        used = int(choice[end])
        chosen.extend(trace(used))
        end -= used
    return sorted(chosen)


def _best_end(best: np.ndarray, slack: int) -> int:
    import numpy as np

    near = best[max(0, len(best) - 1 - slack) :]
    if np.isfinite(near).any():
        return len(best) - len(near) + int(np.argmax(near))
    return int(np.flatnonzero(np.isfinite(best))[-1])


def _combined(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(best value of each total, ticks of it spent on ``b``)."""
    import numpy as np

    best, spent = a.copy(), np.zeros(len(a), dtype=np.int64)
    for used in np.flatnonzero(np.isfinite(b)):
        if used == 0:
            continue
        total = a[: len(a) - used] + b[used]
        better = total > best[used:]
        best[used:][better] = total[better]
        spent[used:][better] = used
    return best, spent


def _source_table(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    source: str,
    budget: Budget,
    size: int,
) -> tuple[np.ndarray, Callable[[int], list[int]]]:
    """(best value of each length from this source, how to name the candidates behind one)."""
    import numpy as np

    own = [i for i, c in enumerate(candidates) if c.source == source]
    cap = (budget.caps or {}).get(source)
    limit = size if cap is None else min(size, int(cap / budget.tick))
    ends = sorted({candidates[i].last for i in own} | {0})
    row = {place: k for k, place in enumerate(ends)}
    arriving: dict[int, list[int]] = {}
    for i in own:
        arriving.setdefault(candidates[i].last, []).append(i)
    table = np.full((len(ends), size + 1), -np.inf)
    taken = np.full((len(ends), size + 1), -1, dtype=np.int64)
    table[0, 0] = 0.0
    for place in ends[1:]:
        k = row[place]
        table[k] = table[k - 1]
        for i in arriving[place]:
            length = budget.ticks(candidates[i].range.duration)
            if length > limit:
                continue
            start = _row_before(ends, candidates[i].first)
            total = table[start, : limit + 1 - length] + value(candidates[i], scores[i])
            better = total > table[k, length : limit + 1]
            table[k, length : limit + 1][better] = total[better]
            taken[k, length : limit + 1][better] = i

    def trace(length: int) -> list[int]:
        k, chosen = len(ends) - 1, []
        while k > 0 and length > 0:
            i = int(taken[k, length])
            if i < 0:
                k -= 1
                continue
            chosen.append(i)
            length -= budget.ticks(candidates[i].range.duration)
            k = _row_before(ends, candidates[i].first)
        return chosen

    return table[-1], trace


def _row_before(ends: Sequence[int], first: int) -> int:
    """The row of the last place at or before atom ``first``."""
    from bisect import bisect_right

    return bisect_right(ends, first) - 1


def select_diversely(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    budget: Budget,
    similarity: Callable[[int, int], float],
    diversity: float,
) -> list[int]:
    """Numbers of candidates chosen one by one: worth having, and unlike those chosen before.

    A candidate is taken only where it leaves nothing, or room for another one.
    """
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
                (1 - diversity) * _worth(candidates[i], scores[i]) - diversity * likeness[i],
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
