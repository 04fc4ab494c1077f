"""How many frames a second a stream has, by the times of its frames; pure.

A rate is constant where all frames lie on an even grid. Where some are missing, the commonest step
between frames still tells the rate: a camera of 30 that lost a frame is one of 30, not of 29.98.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from smartcut.timebase import standard_rate, tidy_rate

#: What is taken for one frame alone that says nothing of a rate.
PLAIN = Fraction(25)
# Frames a second beyond which a header tells of a clock.
_MOST_STATED = 1000
_DENOMINATOR = 100_000
# Steps this near to the usual one, as a share of it, are steps of one frame.
_NEAR = 1 / 4
# Shares of the steps that have to be of one frame: with the frames on a grid, and off it.
_MOST, _NEARLY_ALL = 1 / 2, 9 / 10


def rate_of(
    pts: np.ndarray, timebase: Fraction, header: Sequence[Fraction] = ()
) -> tuple[Fraction, bool]:
    """(frames a second, whether the frames leave an even grid by a quarter frame or more).

    ``pts`` int64 (N,), rising, in ticks of ``timebase``; ``header`` holds what the file says of
    its rate. Where the frames leave the grid, the rate is that of the usual step, or the average
    where no step is usual.
    """
    if len(pts) < 2:
        return stated_rate(header), False
    steps = np.diff(pts)
    measured = _short(len(steps) / (int(pts[-1] - pts[0]) * timebase))
    tidied = [tidy_rate(rate) for rate in header]
    ones = np.ones(len(steps))
    by_themselves = (tidy_rate(measured), measured) if _are_alike(steps) else ()
    even = _first_even(steps, ones, timebase, (*tidied, *by_themselves))
    if even is not None:
        return even, False
    return _of_usual_step(steps, timebase, tidied) or tidy_rate(measured), True


def _short(rate: Fraction) -> Fraction:
    """The rate, as near as 32 bits for numerator and denominator can say it."""
    return rate.limit_denominator(_DENOMINATOR)


def stated_rate(header: Sequence[Fraction]) -> Fraction:
    """The rate that a file says; covers say ticks of a clock, which are none."""
    return next((rate for rate in header if rate <= _MOST_STATED), PLAIN)


def _first_even(
    steps: np.ndarray, frames: np.ndarray, timebase: Fraction, rates: Iterable[Fraction]
) -> Fraction | None:
    """The first rate on whose grid all frames lie, ``frames`` of it from each to the next."""
    passed, due = np.cumsum(steps), np.cumsum(frames)
    for rate in rates:
        interval = float(1 / (rate * timebase))
        if np.max(np.abs(passed - due * interval)) <= _tolerance(interval):
            return rate
    return None


def _tolerance(interval: float) -> float:
    """Ticks that a frame may be off: a share of its length, or the rounding of a coarse clock."""
    return max(interval * _NEAR, min(1.0, interval / 2))


def _are_alike(steps: np.ndarray) -> bool:
    """Whether no step is longer or shorter than the average by more than a share, or a tick."""
    average = steps.mean()
    return bool(np.max(np.abs(steps - average)) <= _tolerance(average))


def _of_usual_step(
    steps: np.ndarray, timebase: Fraction, header: Sequence[Fraction]
) -> Fraction | None:
    """The rate of the commonest step; None where no step is common enough."""
    values, counts = np.unique(steps, return_counts=True)
    usual = (values[np.argmax(counts)], np.median(steps))
    single = max((np.abs(steps - u) <= u * _NEAR for u in usual), key=np.count_nonzero)
    regular = steps[single]
    if len(regular) <= _MOST * len(steps):
        return None
    frames = np.maximum(np.rint(steps / regular.mean()), 1)
    exact = _short(int(frames.sum()) / (int(steps.sum()) * timebase))
    even = _first_even(steps, frames, timebase, (standard_rate(exact), *header, exact))
    if even is not None and _are_alike(steps / frames):
        return tidy_rate(even)
    if len(regular) < _NEARLY_ALL * len(steps):
        return None
    average = _short(len(regular) / (int(regular.sum()) * timebase))
    # Clocks round: each run of regular steps is up to a tick longer or shorter than it was.
    slack = Fraction(int(len(steps) - len(regular)) + 1, int(regular.sum()))
    known = standard_rate(average)
    return known if abs(known - average) <= known * slack else tidy_rate(average)
