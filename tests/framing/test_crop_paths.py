"""Paths of crops: exact, calm, and always where they must be."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.framing import path as paths
from smartcut.framing.path import STEP, Calm, as_keys, best_path, following, places, smoothed

CROP = 0.3164


def followed(middle: np.ndarray, half: float = 0.04, calm: Calm | None = None) -> np.ndarray:
    calm = calm or Calm()
    costs = following(middle - half, middle + half, CROP, calm.deadzone)
    return best_path(costs, CROP, calm)


def test_no_cheaper_path_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all paths on a small grid, tried one by one, none costs less."""
    monkeypatch.setattr(paths, "GRID", 6)
    calm = Calm(max_speed=2.7)
    grid = places(0.5)
    spacing = grid[1] - grid[0]
    fastest = round(calm.max_speed * float(STEP) / spacing)
    most = max(1, round(fastest * float(STEP / Fraction(1, 2))))
    random = np.random.default_rng(3)
    for _ in range(5):
        costs = random.uniform(0, 12, (5, len(grid)))

        def cost(path: tuple[int, ...], costs: np.ndarray = costs) -> float:
            speeds = np.diff(path)
            turns = np.abs(np.diff(speeds))
            if np.abs(speeds).max() > fastest or turns.max() > most:
                return np.inf
            # Before the first step it may have come at any speed that it goes on with.
            moving = paths._MOVING * np.abs(speeds).sum() + paths._TURNING * turns.sum()
            return float(costs[np.arange(len(path)), path].sum() + moving)

        cheapest = min(map(cost, product(range(len(grid)), repeat=5)))
        found = np.searchsorted(grid + 1e-9, best_path(costs, 0.5, calm))
        assert cost(tuple(found.tolist())) == pytest.approx(cheapest)


def test_it_stands_while_the_subject_stays_near_the_middle() -> None:
    sway = 0.5 + 0.03 * np.sin(np.arange(160) / 3)
    path = followed(sway)
    assert np.ptp(path) == 0
    assert path[0] == pytest.approx(0.5, abs=0.01)


@given(st.floats(0.02, 0.3), st.floats(0.3, 2.0), st.floats(0, 6))
def test_a_subject_that_is_not_too_fast_is_always_inside(
    reach: float, speed: float, phase: float
) -> None:
    half = 0.04
    time = np.arange(80) * float(STEP)
    turning = min(speed, 0.3 / reach)  # radians a second: below half of the highest speed
    middle = 0.5 + reach * np.sin(turning * time + phase)
    path = followed(middle, half)
    assert (np.abs(path - middle) + half <= CROP / 2 + 0.01).all()
    assert np.abs(np.diff(path)).max() <= Calm().max_speed * float(STEP) + 1e-9
    assert path.min() >= CROP / 2 - 1e-9
    assert path.max() <= 1 - CROP / 2 + 1e-9


def test_moves_begin_and_end_softly() -> None:
    jump = np.where(np.arange(120) < 60, 0.25, 0.75)
    fine = smoothed(followed(jump), Fraction(1))
    step = float(STEP) / 2
    speed = np.diff(fine) / step
    assert np.abs(speed).max() <= 0.6 + 1e-6
    # 0.6 in half a second, and less where it is rounded.
    assert np.abs(np.diff(speed)).max() / step <= 1.2
    assert fine[0] == pytest.approx(0.25, abs=0.06)
    assert fine[-1] == pytest.approx(0.75, abs=0.06)


def test_an_even_move_stays_even_to_its_ends() -> None:
    line = np.linspace(0.3, 0.6, 40)
    fine = smoothed(line, Fraction(1))
    np.testing.assert_allclose(fine, np.linspace(0.3, 0.6, 79), atol=1e-12)
    assert [time for time, _ in as_keys(fine, Fraction(2))] == [2, 2 + 39 * STEP]


def test_what_is_larger_than_the_crop_is_shown_around_its_middle() -> None:
    path = followed(np.full(40, 0.4), half=0.3)
    np.testing.assert_allclose(path, 0.4, atol=0.01)


def test_long_paths_are_planned_in_parts_that_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    middle = 0.5 + 0.25 * np.sin(np.arange(200) / 20)
    monkeypatch.setattr(paths, "_MOST", 64)
    path = followed(middle)
    assert len(path) == 200
    assert np.abs(np.diff(path)).max() <= Calm().max_speed * float(STEP) + 1e-9
    assert (np.abs(path - middle) + 0.04 <= CROP / 2 + 0.01).all()
