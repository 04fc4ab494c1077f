"""Faces that a network found in a picture, and how those that are one face become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

#: Boxes that share more of their common area than this are one face.
_SAME = 0.3

Find = Callable[[np.ndarray], np.ndarray]
"""Gives float64 (n, 5) for RGB (height, width, 3): left, top, right, bottom, in shares of the
picture, and how sure the network is, 0..1; the surest face first."""


@dataclass(frozen=True, slots=True)
class FaceNetwork:
    """A loaded network that finds faces, for one thread."""

    find: Find
    engine: str
    """What computes it: library, version, precision."""

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        return self.find(rgb)


def opencv() -> str:
    """OpenCV as an engine."""
    return f"opencv {cv2.__version__}, fp32"


def merged(boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """float64 (n, 5): boxes that overlap as their mean, weighted by score, and the best score.

    ``boxes`` is (m, 4): left, top, right, bottom. As MediaPipe does: the best box alone jitters.
    """
    left = np.argsort(-scores)
    found = []
    while len(left):
        best = left[0]
        same = overlaps(boxes[best], boxes[left]) > _SAME
        same[0] = True
        group = left[same]
        weights = scores[group, None]
        found.append([*(boxes[group] * weights).sum(0) / weights.sum(), scores[best]])
        left = left[~same]
    return np.array(found, np.float64).reshape(-1, 5)


def overlaps(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """float64 (n,): common area over joint area of a box (4,) and each of others (n, 4)."""
    corner = np.maximum(one[:2], others[:, :2])
    opposite = np.minimum(one[2:], others[:, 2:])
    common = np.clip(opposite - corner, 0, None).prod(1)
    joint = (one[2:] - one[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(1) - common
    return np.asarray(common / np.maximum(joint, 1e-12), np.float64)
