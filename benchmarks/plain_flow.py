"""What most people write with OpenCV's optical flow: the baseline for the ``flow`` engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from smartcut.models.interpolation import Gap


class PlainFlow:
    """DIS (medium) both ways, each picture warped by its share of its own vectors, then mixed."""

    name = "plain DIS"
    weights = None
    at_once = 1

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        return [_between(gap) for gap in gaps]


def _between(gap: Gap) -> list[np.ndarray]:
    import cv2

    first, second = (cv2.cvtColor(x, cv2.COLOR_RGB2GRAY) for x in (gap.first, gap.second))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    given: Any = None  # the stubs know no call without a flow to begin with
    onward, back = finder.calc(first, second, given), finder.calc(second, first, given)
    y, x = np.mgrid[: first.shape[0], : first.shape[1]].astype(np.float32)
    grid = np.dstack((x, y))

    def warped(picture: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        places = grid - vectors
        return cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    made = []
    for step in gap.steps:
        first = warped(gap.first, onward * np.float32(step)).astype(np.float32)
        second = warped(gap.second, back * np.float32(1 - step)).astype(np.float32)
        mixed = first + (second - first) * np.float32(step)
        made.append(np.rint(mixed).astype(gap.first.dtype))
    return made
