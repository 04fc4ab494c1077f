"""The weights of signals, with intervals, and how well they tell what another film chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.learning_style.chosen import ChoicePairs, joined
from smartcut.learning_style.estimates import Estimate, between
from smartcut.learning_style.ranking import auc, ranked, regressed

_DRAWS, _SEED = 200, 20


@dataclass(frozen=True, slots=True)
class SignalWeight:
    """What one signal counts."""

    signal: str
    share: Estimate
    """Of all that count for being chosen, 0..1."""
    slope: float
    """Of the regression: by rank, in logits."""
    error: float
    """The standard error of the slope."""
    slope_low: float
    slope_high: float

    @property
    def is_told(self) -> bool:
        """It counts for being chosen, in 95 % of the samples drawn again."""
        return self.slope_low > 0

    @property
    def is_against(self) -> bool:
        """It counts against being chosen, in 95 % of the samples drawn again."""
        return self.slope_high < 0


@dataclass(frozen=True, slots=True)
class Weighing:
    """All of them, and of each film the share of pairs that the others' weights order rightly."""

    weights: tuple[SignalWeight, ...]
    held_back: tuple[float, ...]
    chosen: int
    left: int

    @property
    def auc(self) -> float:
        return float(np.mean(self.held_back))

    @property
    def chance(self) -> float:
        """What weights that mean nothing reach in one of 40 cases (of Mann and Whitney's U)."""
        deviation = (self.chosen + self.left + 1) / (12 * self.chosen * self.left)
        return 0.5 + 1.96 * float(np.sqrt(deviation))


def shares(slopes: np.ndarray) -> np.ndarray:
    """What each counts of all that count for being chosen."""
    positive = np.clip(slopes, 0.0, None)
    whole = positive.sum()
    found: np.ndarray = positive / whole if whole else positive
    return found


def weighed(films: Sequence[ChoicePairs], names: Sequence[str]) -> Weighing:
    """The weights by films that have pairs each; there are at least two."""
    whole = joined(films)
    rows, counts = whole.rows, whole.counts()
    found = ranked(rows, counts, whole.pairs[:, 0])
    own = shares(found.weights)
    drawn = _drawn(whole)
    parts = np.array([shares(slopes) for slopes in drawn])
    weights = tuple(
        SignalWeight(
            name,
            Estimate(float(own[i]), *between(parts[:, i], parts[:, i]), len(whole.chosen)),
            float(found.weights[i]),
            float(found.errors[i]),
            *between(drawn[:, i], drawn[:, i]),
        )
        for i, name in enumerate(names)
    )
    held = (_held_back(films, number) for number in range(len(films)))
    return Weighing(weights, tuple(held), len(whole.chosen), len(whole.left))


def _drawn(whole: ChoicePairs) -> np.ndarray:
    """The weights of samples of passages, of the chosen ones and of those left."""
    random, found = np.random.default_rng(_SEED), []
    rows, chosen, left = whole.rows, len(whole.chosen), len(whole.left)
    for _ in range(_DRAWS):
        often = (
            np.bincount(random.integers(0, count, count), minlength=count)
            for count in (chosen, left)
        )
        counts = whole.counts(*often)
        some = counts > 0
        found.append(regressed(rows[some], counts[some]))
    return np.array(found)


def _held_back(films: Sequence[ChoicePairs], number: int) -> float:
    others = joined([film for n, film in enumerate(films) if n != number])
    weights = regressed(others.rows, others.counts())
    return auc(weights, films[number].rows, films[number].counts())
