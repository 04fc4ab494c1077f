"""How long an engine takes for a picture on this machine: measured on two pictures of that size."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from smartcut.models.interpolation import Gap, Interpolator

# Larger pictures are measured at this many pixels; the time grows with the pixels.
_MOST = 500_000
# The first picture is no larger than this on a side.
_WARM_UP = 64


def seconds_a_picture(
    engine: Interpolator, size: tuple[int, int], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds that one picture of ``size`` (width, height) takes, by what another one took.

    A first picture, which warms the engine up, is not counted.
    """
    width, height = size
    scale = min(1.0, (_MOST / (width * height)) ** 0.5)
    measured = max(1, round(width * scale)), max(1, round(height * scale))
    engine.make([_gap((min(width, _WARM_UP), min(height, _WARM_UP)), 1)])
    before = clock()
    engine.make([_gap(measured, engine.at_once)])
    took = (clock() - before) / engine.at_once
    return took * width * height / (measured[0] * measured[1])


def _gap(size: tuple[int, int], pictures: int) -> Gap:
    """Smooth noise, and the same a few pixels further on."""
    import cv2

    width, height = size
    coarse = np.random.default_rng(0).integers(
        0, 256, (height // 8 + 2, width // 8 + 2, 3), np.uint8
    )
    first = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    second = np.roll(first, (1, 4), (0, 1))
    return Gap(first, second, tuple((i + 1) / (pictures + 1) for i in range(pictures)))
