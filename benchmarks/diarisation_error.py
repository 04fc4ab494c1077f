"""Diarisation error rate, as NIST's md-eval computes it: optimal mapping, no collar.

Error time over reference time: speech that is missed, silence taken for speech, and speech given
to another speaker under the one-to-one mapping of speakers that confuses least. Times at which
several speak in the reference are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: (start, end, speaker), in seconds.
Labelled = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class DiarisationError:
    """Shares of the reference's time."""

    missed: float
    false_alarm: float
    confused: float

    @property
    def rate(self) -> float:
        return self.missed + self.false_alarm + self.confused


def diarisation_error(reference: Sequence[Labelled], found: Sequence[Labelled]) -> DiarisationError:
    """The error of what was found; one speaker at a time is expected of it."""
    edges = np.unique([t for a, b, _ in (*reference, *found) for t in (a, b)])
    middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    truth, names = _spoken(reference, middles)
    heard, labels = _spoken(found, middles)
    counted = truth.sum(axis=0) <= 1
    truth, heard, lengths = truth[:, counted], heard[:, counted], lengths[counted]
    spoken, said = truth.any(axis=0), heard.any(axis=0)
    total = float(lengths[spoken].sum())
    shared = (truth * lengths) @ heard.T.astype(float)
    right = best_total(shared) if len(names) and len(labels) else 0.0
    both = float(lengths[spoken & said].sum())
    return DiarisationError(
        float(lengths[spoken & ~said].sum()) / total,
        float(lengths[said & ~spoken].sum()) / total,
        (both - right) / total,
    )


def _spoken(turns: Sequence[Labelled], times: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """bool (speakers, times), and the speakers' names."""
    names = sorted({name for _, _, name in turns})
    found = np.zeros((len(names), len(times)), bool)
    for start, end, name in turns:
        found[names.index(name)] |= (times >= start) & (times < end)
    return found, names


def best_total(gains: np.ndarray) -> float:
    """The largest sum of entries (rows, columns), one of each row and column at most.

    Exact: over subsets of the smaller side, of which there are few (speakers, up to about 15).
    """
    if gains.shape[0] < gains.shape[1]:
        gains = gains.T
    count = gains.shape[1]
    best = np.full(1 << count, -np.inf)
    best[0] = 0.0
    subsets = np.arange(1 << count)
    for row in gains:
        after = best.copy()
        for column, gain in enumerate(row):
            free = subsets[(subsets >> column) & 1 == 0]
            taken = free | (1 << column)
            after[taken] = np.maximum(after[taken], best[free] + gain)
        best = after
    return float(best.max())
