"""Vectors of one voice, found in two steps; pure.

Agglomerative clustering by average linkage comes first, and stops early. What it leaves is joined
by likeness: the mean cosine between two clusters, over what it is within them. Two halves of one
voice have a likeness of about 1 however much that voice varies, and two voices mostly one below
0.8, whereas their mean cosines overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

#: Average linkage stops at this mean distance, 1 - cosine.
NEAR = 0.34
#: Clusters of at least this likeness are one voice.
ALIKE = 0.79
#: What the mean cosine within a voice is before any is seen, and for how many pairs that counts.
_WITHIN, _PAIRS = 0.78, 20
#: Vectors that a voice has at least.
FEWEST = 4
#: Vectors that are clustered at most; of more, evenly spaced ones are taken.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters that become one; a cluster has the number of its lowest vector."""

    kept: int
    gone: int
    nearness: float
    """The mean distance, 1 - cosine, by average linkage; the likeness afterwards."""


def voices_of(
    vectors: np.ndarray, times: np.ndarray, least: int = 1, most: int | None = None
) -> np.ndarray:
    """int64 (N,): the voice of each vector, -1 for those that are of none.

    ``times`` (N,) are in lengths of windows: vectors less than 1 apart share some of their sound.
    ``least`` and ``most`` bound the number of voices; within them likeness decides. There are
    fewer than ``least`` only where no step leaves that many clusters of the fewest vectors.
    """
    count = len(vectors)
    if count > MOST:
        chosen = np.linspace(0, count - 1, MOST).round().astype(int)
        found = np.full(count, -1)
        found[chosen] = voices_of(vectors[chosen], times[chosen], least, most)
        return found
    first = [merge for merge in merges_of(vectors) if merge.nearness <= NEAR]
    second = list(likest(vectors, times, clusters_after(first, count)))
    merges = [*first, *second]
    here = len(first) + sum(merge.nearness >= ALIKE for merge in second)
    numbers = _numbers(merges, count)
    wanted = min(max(numbers[here], least), most or count)
    best = min(
        range(len(merges) + 1), key=lambda done: (abs(numbers[done] - wanted), abs(done - here))
    )
    labels = clusters_after(merges[:best], count)
    sizes = np.bincount(labels, minlength=1)
    believed = sizes >= min(FEWEST, int(sizes.max()))
    return np.asarray(np.where(believed, np.cumsum(believed) - 1, -1)[labels])


def merges_of(vectors: np.ndarray) -> list[Merge]:
    """All merges of (N, D) rows of length 1, the nearest first: N - 1 of them.

    By chains of nearest neighbours (Benzécri 1982): time and memory grow with the square of N.
    """
    count = len(vectors)
    far = (1 - vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(far, np.inf)
    sizes = np.ones(count)
    left = set(range(count))
    found: list[Merge] = []
    chain: list[int] = []
    while len(left) > 1:
        if not chain:
            chain.append(min(left))
        top = chain[-1]
        nearest = int(far[top].argmin())
        if len(chain) > 1 and far[top, chain[-2]] <= far[top, nearest]:
            nearest = chain[-2]
            chain = chain[:-2]
            found.append(_merged(far, sizes, min(top, nearest), max(top, nearest)))
            left.discard(max(top, nearest))
        else:
            chain.append(nearest)
    return sorted(found, key=lambda merge: merge.nearness)


def _merged(far: np.ndarray, sizes: np.ndarray, kept: int, gone: int) -> Merge:
    distance = float(far[kept, gone])
    whole = sizes[kept] + sizes[gone]
    mean = (far[kept] * sizes[kept] + far[gone] * sizes[gone]) / whole
    far[kept], far[:, kept] = mean, mean
    far[gone], far[:, gone] = np.inf, np.inf
    far[kept, kept] = np.inf
    sizes[kept] = whole
    return Merge(kept, gone, distance)


def likest(vectors: np.ndarray, times: np.ndarray, labels: np.ndarray) -> Iterator[Merge]:
    """Merges of clusters, the likest pair first each time, until one is left."""
    numbers = [int(np.flatnonzero(labels == i)[0]) for i in range(int(labels.max(initial=-1)) + 1)]
    members = np.stack([labels == i for i in range(len(numbers))]).astype(np.float64)
    apart = (np.abs(times[:, None] - times) >= 1).astype(np.float64)
    sums = members @ ((vectors @ vectors.T) * apart) @ members.T
    pairs = members @ apart @ members.T
    left = np.ones(len(numbers), bool)
    while left.sum() > 1:
        within = (np.diag(sums) + _PAIRS * _WITHIN) / (np.diag(pairs) + _PAIRS)
        between = sums / np.maximum(pairs, 1)
        like = np.where(pairs > 0, between / np.sqrt(np.outer(within, within)), -1.0)
        like[~left] = like[:, ~left] = -np.inf
        np.fill_diagonal(like, -np.inf)
        one, other = sorted(int(i) for i in np.unravel_index(int(like.argmax()), like.shape))
        if numbers[one] > numbers[other]:
            one, other = other, one
        yield Merge(numbers[one], numbers[other], float(like[one, other]))
        for table in (sums, pairs):
            table[one] += table[other]
            table[:, one] += table[:, other]
        left[other] = False


def clusters_after(merges: Sequence[Merge], count: int) -> np.ndarray:
    """int64 (N,): the cluster of each of N vectors, by number, after these merges."""
    owner = np.arange(count)
    for merge in merges:
        owner[owner == merge.gone] = merge.kept
    return np.unique(owner, return_inverse=True)[1]


def _numbers(merges: Sequence[Merge], count: int) -> list[int]:
    """How many clusters have the fewest vectors at least, after 0, 1, 2 ... merges."""
    sizes = [1] * count
    large = 0
    found = [large]
    for merge in merges:
        one, other = sizes[merge.kept], sizes[merge.gone]
        sizes[merge.kept] = one + other
        large += (one + other >= FEWEST) - (one >= FEWEST) - (other >= FEWEST)
        found.append(large)
    return found
