"""Which pictures are nearly one that was looked at: on made ones of many kinds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from benchmarks.made_looks import KINDS, still
from smartcut.models.near_repeats import (
    LIMITS,
    LONGEST,
    NearRepeats,
    difference,
    reduced_for_comparison,
)


def looks(pictures: list[np.ndarray], effort: str = "auto", step: Fraction = Fraction(1)) -> list:
    """The places of the pictures that are to be looked at."""
    repeats = NearRepeats(effort)  # type: ignore[arg-type]
    return [i for i, picture in enumerate(pictures) if repeats.is_new(picture, i * step)]


def test_the_same_picture_is_looked_at_once_however_long_it_stays() -> None:
    pictures = [still()] * 70
    assert looks(pictures) == looks(pictures, "exact") == [0]


def test_exact_looks_at_what_differs_in_one_pixel() -> None:
    other = still().copy()
    other[5, 5, 0] ^= 1
    assert looks([still(), other, other, still()], "exact") == [0, 1, 3]
    assert looks([still(), other, other, still()]) == [0]


def test_what_is_nearly_the_same_is_looked_at_again_after_a_while() -> None:
    noisy = KINDS["noise"](70)
    assert looks(noisy) == [0, int(LONGEST), 2 * int(LONGEST)]
    assert looks(noisy, "exact") == list(range(70))


def test_noise_that_is_gone_in_what_is_compared_is_looked_at() -> None:
    pictures = KINDS["strong noise"](5, 3)
    steps = [reduced_for_comparison(picture) for picture in pictures]
    assert max(map(difference, steps, steps[1:])) < LIMITS["auto"]
    assert looks(pictures) == list(range(5))
    assert looks(pictures, "low") == [0]


def test_what_drifts_slowly_is_compared_with_what_was_looked_at() -> None:
    pictures = KINDS["slow pan"](40)
    found = looks(pictures)
    assert 2 < len(found) < 40
    last = 0
    for place, picture in enumerate(pictures):
        last = place if place in found else last
        apart = difference(reduced_for_comparison(picture), reduced_for_comparison(pictures[last]))
        assert apart < LIMITS["auto"]
    steps = [reduced_for_comparison(picture) for picture in pictures]
    assert max(map(difference, steps, steps[1:])) < LIMITS["auto"]  # each is near the one before


@pytest.mark.parametrize("kind", ["small object", "fade", "cuts", "hue", "action", "text"])
def test_what_changes_is_looked_at(kind: str) -> None:
    pictures = KINDS[kind](12)
    assert looks(pictures) == list(range(12))


def test_less_effort_takes_fewer_looks() -> None:
    for kind, make in KINDS.items():
        counts = [len(looks(make(12), effort)) for effort in ("exact", "auto", "low")]
        assert counts == sorted(counts, reverse=True), kind


def test_the_difference_is_one_less_the_mean_similarity_of_the_worst_channel() -> None:
    first, second = (reduced_for_comparison(KINDS["action"](2)[i]) for i in (0, 1))
    assert difference(first, first) == pytest.approx(0, abs=1e-6)
    assert difference(first, second) == difference(second, first)
    worst, peak = 0.0, min(x[..., 0].max() for x in (first, second))
    for channel in range(3):
        a, b = (np.pad(x[..., channel].astype(np.float64), 1, "reflect") for x in (first, second))
        a, b = (np.lib.stride_tricks.sliding_window_view(x, (3, 3)) for x in (a, b))
        ma, mb, covariance = a.mean((2, 3)), b.mean((2, 3)), (a * b).mean((2, 3))
        va, vb = a.var((2, 3)), b.var((2, 3))
        c1, c2 = (0.04 * peak) ** 2, (0.06 * peak) ** 2
        level = (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
        similar = level**2 * (2 * (covariance - ma * mb) + c2) / (va + vb + c2)
        worst = max(worst, 1 - similar.mean())
    assert difference(first, second) == pytest.approx(worst, abs=1e-4)
