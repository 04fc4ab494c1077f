"""The most valuable candidates that fill a budget and keep to constraints, found exactly.

Of each source, by weighted interval scheduling: the best value of every total length of candidates
that do not overlap. Then the sources are combined as in a grouped knapsack. Two things are counted
beside the length: which of the phrases (or whatever must be there) are covered, as bits, and how
much of what is limited to a share of the film is used, on a grid.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.selecting.candidates import Candidate

if TYPE_CHECKING:
    import numpy as np

# Lengths are added up on a grid of so many steps at most, fewer where more is counted beside them.
_MOST_TICKS = 4000
_MOST_CELLS = 40_000
#: Steps of what is limited to a share.
SHARE_STEPS = 20


@dataclass(frozen=True, slots=True)
class Filled:
    """What is to be filled: ``shortest`` to ``longest`` seconds.

    ``join`` seconds are lost at each join; ``caps`` limit single sources.
    """

    shortest: Fraction
    longest: Fraction
    join: Fraction = Fraction(0)
    caps: Mapping[str, Fraction] | None = None
    is_soft: bool = False
    """Where nothing is long enough, the longest that there is will do."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of candidates beside their length."""

    covers: Sequence[int] = ()
    """Of each candidate the bits of what it covers; none: nothing has to be covered."""
    wanted: int = 0
    """The bits that have to be covered."""
    used: Sequence[Fraction] = ()
    """Of each candidate the seconds that it has of what is limited to a share."""
    share: Fraction = Fraction(1)
    """Of the film's length, at most."""


@dataclass(slots=True)
class Knapsack:
    """A choice to make: ``values`` are what each candidate adds."""

    candidates: Sequence[Candidate]
    values: Sequence[float]
    filled: Filled
    counted: Counted = field(default_factory=Counted)

    @property
    def steps(self) -> int:
        """Steps on the axis of what is limited to a share; 1 where nothing is."""
        return 1 + SHARE_STEPS if any(self.counted.used) else 1

    @property
    def masks(self) -> int:
        return 1 << self.counted.wanted.bit_length()

    @property
    def tick(self) -> Fraction:
        """The grid on which lengths are added up, in seconds."""
        most = min(_MOST_TICKS, _MOST_CELLS // (self.steps * self.masks))
        return max(Fraction(1, 100), self.filled.longest / most)

    def length(self, number: int) -> int:
        """What a candidate takes of the budget, in ticks; each pays for a join."""
        exact = (self.candidates[number].range.duration - self.filled.join) / self.tick
        return max(1, int(exact + Fraction(1, 2)))

    def usage(self, number: int) -> int:
        """The steps that a candidate uses of what is limited, rounded up."""
        if self.steps == 1:
            return 0
        whole = self.counted.share * self.filled.longest
        if not whole:
            return 0 if not self.counted.used[number] else self.steps
        return int(-(-self.counted.used[number] * SHARE_STEPS // whole))

    def mask(self, number: int) -> int:
        covers = self.counted.covers
        return (covers[number] if covers else 0) & self.counted.wanted

    # ------------------------------------------------------------------------- solving

    def best(self) -> list[int] | None:
        """Numbers of the candidates with the greatest value, in order; None where none fit."""
        import numpy as np

        size = int((self.filled.longest - self.filled.join) / self.tick)
        if size < 0:
            return None
        shape = (self.steps, self.masks, size + 1)
        sources = list(dict.fromkeys(c.source for c in self.candidates))
        best = np.full(shape, -np.inf)
        best[0, 0, 0] = 0.0
        traces, choices = [], []
        for source in sources:
            table, trace = self._of_source(source, shape)
            best, choice = _combined(best, table)
            traces.append(trace)
            choices.append(choice)
        end = self._end(best, size)
        if end is None:
            return None
        return sorted(_traced(end, traces, choices))

    def _end(self, best: np.ndarray, size: int) -> Cell | None:
        """The cell of the best choice that is long enough and keeps to what is counted."""
        import numpy as np

        low = max(0, -int((self.filled.join - self.filled.shortest) // self.tick))
        mask = self.counted.wanted
        rows = best[:, mask].copy()
        for step in range(1, self.steps):
            # Of a film that is shorter than the longest, less may be used.
            rows[step, : -(-step * size // SHARE_STEPS)] = -np.inf
        near = rows[:, low:]
        if not np.isfinite(near).any():
            known = np.flatnonzero(np.isfinite(rows).any(axis=0))
            if not self.filled.is_soft or not len(known) or not known[-1]:
                return None
            low = int(known[-1])
            near = rows[:, low : low + 1]
        step, place = (int(v) for v in np.unravel_index(int(near.argmax()), near.shape))
        return step, mask, low + place

    def _of_source(
        self, source: str, shape: tuple[int, int, int]
    ) -> tuple[np.ndarray, Callable[[Cell], list[int]]]:
        """(best value of each cell from this source, how to name the candidates behind one)."""
        import numpy as np

        own = [i for i, c in enumerate(self.candidates) if c.source == source]
        cap = (self.filled.caps or {}).get(source)
        limit = shape[2] - 1 if cap is None else min(shape[2] - 1, int(cap / self.tick))
        ends = sorted({self.candidates[i].last for i in own} | {0})
        arriving: dict[int, list[int]] = {}
        for i in own:
            arriving.setdefault(self.candidates[i].last, []).append(i)
        table = np.full((len(ends), *shape), -np.inf)
        taken = np.full((len(ends), *shape), -1, dtype=np.int32)
        came = np.zeros((len(ends), *shape), dtype=np.int16)
        table[0, 0, 0, 0] = 0.0
        for k, place in enumerate(ends[1:], start=1):
            table[k] = table[k - 1]
            for i in arriving[place]:
                length, used = self.length(i), self.usage(i)
                if length > limit or used >= shape[0]:
                    continue
                start = bisect_right(ends, self.candidates[i].first) - 1
                for mask in range(shape[1]):
                    new = mask | self.mask(i)
                    before = table[start, : shape[0] - used, mask, : limit + 1 - length]
                    total = before + self.values[i]
                    here = np.s_[k, used:, new, length : limit + 1]
                    better = total > table[here]
                    table[here][better] = total[better]
                    taken[here][better] = i
                    came[here][better] = mask

        def trace(cell: Cell) -> list[int]:
            step, mask, length = cell
            k, chosen = len(ends) - 1, []
            while k > 0 and length > 0:
                i = int(taken[k, step, mask, length])
                if i < 0:
                    k -= 1
                    continue
                chosen.append(i)
                mask = int(came[k, step, mask, length])
                step, length = step - self.usage(i), length - self.length(i)
                k = bisect_right(ends, self.candidates[i].first) - 1
            return chosen

        return table[-1], trace


Cell = tuple[int, int, int]
"""(steps used of what is limited, bits covered, ticks of length)."""
Choice = Callable[[Cell], tuple[Cell, Cell]]
"""Of a cell of a sum: the cells of its two parts."""


def _combined(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Choice]:
    """(best value of each cell of both together, of which cells each is the sum)."""
    import numpy as np

    best = a.copy()
    spent = np.zeros(a.shape, dtype=np.int64)
    before = np.broadcast_to(np.arange(a.shape[1])[None, :, None], a.shape).copy()
    for flat in np.flatnonzero(np.isfinite(b)):
        step, mask, used = (int(v) for v in np.unravel_index(flat, b.shape))
        if not used:
            continue
        for own in range(a.shape[1]):
            total = a[: a.shape[0] - step, own, : a.shape[2] - used] + b[step, mask, used]
            here = np.s_[step:, own | mask, used:]
            better = total > best[here]
            best[here][better] = total[better]
            spent[here][better] = flat
            before[here][better] = own

    def parts(cell: Cell) -> tuple[Cell, Cell]:
        step, mask, used = (int(v) for v in np.unravel_index(int(spent[cell]), b.shape))
        return (cell[0] - step, int(before[cell]), cell[2] - used), (step, mask, used)

    return best, parts


def _traced(
    end: Cell, traces: Sequence[Callable[[Cell], list[int]]], choices: Sequence[Choice]
) -> list[int]:
    chosen: list[int] = []
    for trace, choice in zip(reversed(traces), reversed(choices), strict=True):
        end, own = choice(end)
        chosen.extend(trace(own))
    return chosen
