"""The settings of `colour` that bring colours of sources to those of films: robust least squares.

The settings are found by Levenberg's and Marquardt's method with weights after Tukey (biweight), so
that captions, logos and what lies a little off do not count. Intervals are those of the bootstrap
over stretches, each time with one step of Newton's from the whole; colours of one stretch are no
news of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.effects.colour import ColourCorrection
from smartcut.learning_style.colour_pairs import StretchColours
from smartcut.learning_style.estimates import Estimate, between, drawn_again

#: The settings, in the order of their fields.
SETTINGS = ("exposure", "contrast", "saturation", "temperature", "tint")
#: What changes nothing.
NEUTRAL = ColourCorrection()
_ROUNDS, _TURNS, _STEP, _NEAR = 12, 4, 1e-4, 1e-6
# Tukey's constant, and the least spread of what is left: a third of a level of eight bits.
_TUKEY, _LEAST = 4.685, 1 / 765
# What the way to eight bits and back may move a signal by: a level.
_LEVEL = 1 / 255


@dataclass(frozen=True)
class FittedGrade:
    """Settings of `colour`, with intervals; those that are not told from none are left out."""

    settings: Mapping[str, Estimate]

    @property
    def effect(self) -> ColourCorrection:
        return ColourCorrection(**{name: one.value for name, one in self.settings.items()})

    def __call__(self, colours: np.ndarray) -> np.ndarray:
        return self.effect.on_colours(colours)


def fitted_grade(stretches: Sequence[StretchColours]) -> FittedGrade:
    """The grade of all stretches; settings whose interval holds what changes nothing are none."""
    names = list(SETTINGS)
    while names:
        found = _fitted(stretches, names)
        idle = {
            name: abs(_inner(name, one.value) - _neutral(name)) / max(one.width, 1e-9)
            for name, one in found.items()
            if one.low <= getattr(NEUTRAL, name) <= one.high
        }
        if not idle:
            return FittedGrade(found)
        names.remove(min(idle, key=lambda name: idle[name]))
    return FittedGrade({})


def _fitted(stretches: Sequence[StretchColours], names: Sequence[str]) -> dict[str, Estimate]:
    source = np.concatenate([one.source for one in stretches])
    film = np.concatenate([one.film for one in stretches])
    values = np.array([_neutral(name) for name in names])
    weights = np.ones(len(film))
    for _ in range(_TURNS):
        values = _least(values, names, source, film, weights)
        weights = _weights(film - _graded(values, names, source))
    slopes = _slopes(values, names, source)
    own = np.concatenate([np.full(len(one.film), k) for k, one in enumerate(stretches)])
    normal, pull = _parts(slopes, film - _graded(values, names, source), weights, own)
    draws = drawn_again(len(stretches), lambda some: _moved(values, normal[some], pull[some]))
    drawn = np.array(draws)
    floor = _floor(slopes, weights)
    return {
        name: _estimate(name, values[i], drawn[:, i], floor[i], len(stretches))
        for i, name in enumerate(names)
    }


def _estimate(name: str, value: float, drawn: np.ndarray, floor: float, count: int) -> Estimate:
    low, high = between(drawn, drawn)
    ends = [_outer(name, end) for end in (min(low, value - floor), max(high, value + floor))]
    return Estimate(_outer(name, value), min(ends), max(ends), count)


def _floor(slopes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(settings,): how far a change of a level moves each, if it lies along what that changes."""
    power = (slopes**2 * weights[:, None, None]).sum(axis=(0, 1)) / max(weights.sum() * 3, 1e-9)
    return np.asarray(_LEVEL / np.sqrt(np.maximum(power, 1e-9)))


# ------------------------------------------------------------------------------- least squares


def _least(
    values: np.ndarray,
    names: Sequence[str],
    source: np.ndarray,
    film: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Levenberg and Marquardt."""
    damping = 1e-3
    apart = film - _graded(values, names, source)
    loss = float((weights[:, None] * apart**2).sum())
    for _ in range(_ROUNDS):
        slopes = _slopes(values, names, source)
        normal, pull = _sums(slopes, apart, weights)
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), pull)
        tried = _bounded(values + step, names)
        after = film - _graded(tried, names, source)
        its = float((weights[:, None] * after**2).sum())
        if its > loss:
            damping *= 10
            continue
        values, apart, loss, damping = tried, after, its, damping / 10
        if np.abs(step).max() < _NEAR:
            break
    return values


def _sums(
    slopes: np.ndarray, apart: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(d, d) and (d,): the normal equations of slopes (n, 3, d) and what is left (n, 3)."""
    weighed = slopes * weights[:, None, None]
    return np.einsum("nci,ncj->ij", weighed, slopes), np.einsum("nci,nc->i", weighed, apart)


def _parts(
    slopes: np.ndarray, apart: np.ndarray, weights: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same of each stretch."""
    each = [
        _sums(slopes[at], apart[at], weights[at])
        for at in (own == k for k in range(int(own.max()) + 1))
    ]
    return np.array([one for one, _ in each]), np.array([other for _, other in each])


def _moved(values: np.ndarray, normal: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The settings of some stretches: a step of Newton's from those of all."""
    whole = normal.sum(axis=0)
    whole = whole + 1e-6 * np.diag(np.diag(whole) + 1e-9)
    return np.asarray(values + np.linalg.solve(whole, pull.sum(axis=0)))


def _weights(apart: np.ndarray) -> np.ndarray:
    size = np.sqrt((apart**2).sum(axis=1))
    spread = max(1.4826 * float(np.median(size)), _LEAST)
    found: np.ndarray = np.clip(1 - (size / (_TUKEY * spread)) ** 2, 0, None) ** 2
    return found


def _slopes(values: np.ndarray, names: Sequence[str], source: np.ndarray) -> np.ndarray:
    """(n, 3, settings)."""
    columns = []
    for i in range(len(names)):
        step = np.zeros(len(names))
        step[i] = _STEP
        rise = _graded(values + step, names, source) - _graded(values - step, names, source)
        columns.append(rise / (2 * _STEP))
    return np.stack(columns, axis=-1)


def _graded(values: np.ndarray, names: Sequence[str], source: np.ndarray) -> np.ndarray:
    given = {name: _outer(name, v) for name, v in zip(names, values, strict=True)}
    return NEUTRAL.model_copy(update=given).on_colours(source)


# ------------------------------------------------------------------------- scales of the settings


def _inner(name: str, value: float) -> float:
    """On the scale on which equal steps look alike: contrast and saturation by their logarithm,
    temperature in hundreds of mired."""
    if name in ("contrast", "saturation"):
        return float(np.log(max(value, 1e-3)))
    return 1e4 / value if name == "temperature" else value


def _outer(name: str, value: float) -> float:
    if name in ("contrast", "saturation"):
        return float(np.exp(value))
    return float(1e4 / value if name == "temperature" else value)


def _neutral(name: str) -> float:
    return _inner(name, getattr(NEUTRAL, name))


_BOUNDS = {
    "exposure": (-6.0, 6.0),
    "contrast": (-2.3, 2.3),
    "saturation": (-6.9, 2.3),
    "temperature": (1e4 / 25000, 1e4 / 1500),
    "tint": (-1.0, 1.0),
}


def _bounded(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    low, high = np.array([_BOUNDS[name] for name in names]).T
    return np.clip(values, low, high)
