"""Figures with an interval: the same numbers drawn again and again (bootstrap, percentiles)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: How often the numbers are drawn again, and the share of the figures that an interval holds.
DRAWS, HELD = 400, 0.95
_SEED = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and between which two it lies with 95 % of the samples drawn again."""

    value: float
    low: float
    high: float
    count: int
    """How many observations it was made from."""

    @property
    def width(self) -> float:
        return self.high - self.low

    def to_plain(self) -> dict[str, float]:
        """Numbers, as in JSON."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {**{name: round(v, 4) for name, v in numbers.items()}, "n": self.count}


def drawn_again(count: int, figure: Callable[[np.ndarray], Any], draws: int = DRAWS) -> list[Any]:
    """The figure of each sample: ``figure`` gets places, ``count`` of them, some more than once.

    The samples are the same each time. Those whose figure is None do not count.
    """
    random = np.random.default_rng(_SEED)
    found = (figure(random.integers(0, count, count)) for _ in range(draws))
    return [one for one in found if one is not None]


def between(lows: Any, highs: Any) -> tuple[float, float]:
    """The interval that holds 95 % of figures, each of which lies between two numbers."""
    beyond = (1 - HELD) / 2
    return float(np.quantile(lows, beyond)), float(np.quantile(highs, 1 - beyond))


def estimated(values: Any, figure: Callable[[np.ndarray], float]) -> Estimate:
    """A figure of numbers, such as their median, with its interval; there is at least one."""
    numbers = np.asarray(values, dtype=float)
    samples = drawn_again(len(numbers), lambda places: figure(numbers[places]))
    return Estimate(float(figure(numbers)), *between(samples, samples), len(numbers))


def median(numbers: np.ndarray) -> float:
    return float(np.median(numbers))


def spread(numbers: np.ndarray) -> float:
    """Between the quartiles."""
    low, high = np.quantile(numbers, [0.25, 0.75])
    return float(high - low)
