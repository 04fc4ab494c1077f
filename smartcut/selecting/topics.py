"""Where a talk changes its subject: the best division of its sentences into sections.

A section is worth how alike its sentences are (their vectors' sum, squared, over their number),
less a price for each section; dynamic programming finds the division that is worth most. So a
section ends in a valley of likeness, as in TextTiling (Hearst 1997), but no threshold is set on
single valleys (cf. Utiyama & Isahara 2001 for the search).

What a division gains grows with the length of its sections, and so does what their own parts would
gain: the price is a share of the deepest valley's gain, found in a few rounds from a low one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: What a section costs at least; measured on talks with known sections, for vectors of length 1.
PRICE = 1.2
#: What it costs, in shares of what the best boundary gains.
SHARE = 0.4
_TRIES = 40
_ROUNDS = 12


def section_starts(
    vectors: np.ndarray,
    starts: Sequence[float],
    end: float,
    shortest: float,
    count: int | None = None,
) -> list[int]:
    """The numbers of the sentences with which sections begin; the first is 0.

    ``vectors`` is float (N, D), rows of length 1; ``starts`` are the sentences' beginnings and
    ``end`` the end of the last one, in seconds. No section is shorter than ``shortest`` seconds,
    unless the whole is. ``count`` is how many there are to be; where the lengths allow fewer, there
    are fewer.
    """
    edges = np.array([*starts, end], dtype=np.float64)
    if count is None:
        return _priced(vectors, edges, shortest)
    low, high = 0.0, float(len(vectors)) + 1
    found = _best(vectors, edges, shortest, low)
    for _ in range(_TRIES):
        if len(found) == count:
            break
        middle = (low + high) / 2
        tried = _best(vectors, edges, shortest, middle)
        low, high = (middle, high) if len(tried) > count else (low, middle)
        if len(tried) <= count:
            found = tried
    return found


def _priced(vectors: np.ndarray, edges: np.ndarray, shortest: float) -> list[int]:
    """The division at a price that its deepest valley sets."""
    price = PRICE
    found = _best(vectors, edges, shortest, price)
    for _ in range(_ROUNDS):
        dearer = max(price, SHARE * max(_gains(vectors, found), default=0.0))
        if dearer <= price:
            break
        price, found = dearer, _best(vectors, edges, shortest, dearer)
    return found


def _gains(vectors: np.ndarray, starts: Sequence[int]) -> list[float]:
    """What each boundary adds: the worth of the sections beside it, less that of them as one."""
    edges = [*starts, len(vectors)]

    def worth(first: int, last: int) -> float:
        return float(np.square(vectors[first:last].sum(axis=0)).sum()) / (last - first)

    return [
        worth(a, b) + worth(b, c) - worth(a, c)
        for a, b, c in zip(edges, edges[1:], edges[2:], strict=False)
    ]


def _best(vectors: np.ndarray, edges: np.ndarray, shortest: float, price: float) -> list[int]:
    count = len(vectors)
    if not count:
        return []
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    worth = np.full(count + 1, -np.inf)
    worth[0], came = 0.0, np.zeros(count + 1, dtype=int)
    for last in range(1, count + 1):
        long_enough = edges[last] - edges[:last] >= shortest
        long_enough[0] |= last == count  # the whole may be short
        firsts = np.flatnonzero(long_enough & np.isfinite(worth[:last]))
        if not len(firsts):
            continue
        within = np.square(sums[last] - sums[firsts]).sum(axis=1) / (last - firsts)
        total = worth[firsts] + within - price
        best = int(np.argmax(total))
        worth[last], came[last] = total[best], firsts[best]
    starts, at = [], count
    while at:
        at = int(came[at])
        starts.append(at)
    return starts[::-1]
