"""The ranking regression finds the least loss, and the weights that pairs were made by."""

from __future__ import annotations

import numpy as np
import pytest

from smartcut.learning_style.estimates import estimated, median
from smartcut.learning_style.ranking import auc, loss, ranked, regressed
from smartcut.learning_style.silences import divided


@pytest.mark.parametrize("seed", range(12))
def test_no_point_around_has_less_loss(seed: int) -> None:
    """Against a brute search: all points of finer and finer grids in two dimensions."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(int(random.integers(3, 40)), 2)) * random.uniform(0.1, 3)
    counts = random.uniform(0.1, 2, len(rows))
    ridge = float(random.choice([0.05, 0.5, 5.0]))
    found = regressed(rows, counts, ridge)
    middle, width = np.zeros(2), 64.0
    while width > 1e-4:
        steps = np.linspace(-width, width, 9)
        points = [middle + np.array([x, y]) for x in steps for y in steps]
        middle = min(points, key=lambda point: loss(point, rows, counts, ridge))
        width *= 0.6
    assert loss(found, rows, counts, ridge) <= loss(middle, rows, counts, ridge) + 1e-9
    assert found == pytest.approx(middle, abs=2e-2)


def test_pairs_that_are_told_apart_wholly_keep_finite_weights() -> None:
    rows = np.array([[1.0, 0.0], [2.0, 0.0], [5.0, 0.0]])
    found = regressed(rows, np.ones(3))
    assert np.isfinite(found).all()
    assert found[0] > 0
    assert found[1] == pytest.approx(0)
    assert auc(found, rows, np.ones(3)) == 1.0
    assert auc(-found, rows, np.ones(3)) == 0.0
    assert auc(np.zeros(2), rows, np.ones(3)) == 0.5


def test_standard_errors_are_as_wide_as_estimates_are_spread() -> None:
    """Weights of many made sets of pairs spread as much as their errors say."""
    truth, weights, errors = np.array([1.5, -0.5]), [], []
    for seed in range(60):
        random = np.random.default_rng(seed)
        rows = random.normal(size=(300, 2))
        rows *= np.where(random.uniform(size=300) < 1 / (1 + np.exp(-rows @ truth)), 1, -1)[:, None]
        found = ranked(rows, np.ones(300), np.arange(300))
        weights.append(found.weights)
        errors.append(found.errors)
    assert np.mean(weights, axis=0) == pytest.approx(truth, abs=0.1)
    assert np.mean(errors, axis=0) == pytest.approx(np.std(weights, axis=0), rel=0.25)


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_makes_fewest_mistakes(seed: int) -> None:
    """Against trying all limits."""
    random = np.random.default_rng(seed)
    lengths = random.uniform(0, 2, int(random.integers(2, 30)))
    is_cut = lengths + random.normal(0, 0.2, len(lengths)) > 1
    low, high = divided(lengths, is_cut)

    def mistakes(limit: float) -> int:
        return int(((lengths >= limit) != is_cut).sum())

    fewest = min(mistakes(limit) for limit in [*lengths, lengths.max() + 1])
    best = [limit for limit in [*lengths, lengths.max() + 1] if mistakes(limit) == fewest]
    assert low <= min(best)
    assert high >= min(max(best), lengths.max())


def test_intervals_hold_what_they_were_drawn_from() -> None:
    held = 0
    for seed in range(60):
        numbers = np.random.default_rng(seed).normal(0.3, 0.1, 40)
        found = estimated(numbers, median)
        assert found.low <= found.value <= found.high
        held += found.low <= 0.3 <= found.high
    assert held >= 52
