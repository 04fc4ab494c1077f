"""What a network's vectors lose where pictures that are nearly the same share one look."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from smartcut.models.near_repeats import LIMITS, Effort, NearRepeats

#: The cosine of a vector that is given to the true one, for 99 of 100 pictures.
BOUND = 0.98


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's, with the mean rank for ties; 1 where both are the same throughout."""
    a, b = (_ranks(np.asarray(values)) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size else float(np.array_equal(a, b))


def _ranks(values: np.ndarray) -> np.ndarray:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which])


def figures(
    pictures: Sequence[np.ndarray], times: Sequence[Fraction], vectors: np.ndarray
) -> dict[str, dict[str, float]]:
    """For each effort: pictures, looks, how many vectors lie under BOUND, and the least cosine."""
    return {effort: _of_effort(effort, pictures, times, vectors) for effort in LIMITS}


def _of_effort(
    effort: Effort, pictures: Sequence[np.ndarray], times: Sequence[Fraction], vectors: np.ndarray
) -> dict[str, float]:
    repeats, looks, places = NearRepeats(effort), 0, list[int]()
    for place, (picture, time) in enumerate(zip(pictures, times, strict=True)):
        is_new = repeats.is_new(picture, time)
        looks += is_new
        places.append(place if is_new else places[-1])
    cosines = (vectors * vectors[places]).sum(axis=1)
    return {
        "pictures": len(pictures),
        "looks": looks,
        "under": int((cosines < BOUND).sum()),
        "least": float(cosines.min()),
    }
