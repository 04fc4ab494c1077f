"""A calm path within reach of a shaky one. Pure.

Of all paths that stay within a room around the given one, that with the least change of speed, as
in M. Grundmann, V. Kwatra and I. Essa, "Auto-directed video stabilization with robust L1 optimal
camera paths" (CVPR 2011), with squares in place of absolute values: a straight line wherever one
fits. Found by the alternating direction method of multipliers (S. Boyd et al., 2011, section 5.2).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

#: What the first, second and third differences cost.
_COSTS = (1e-4, 1.0, 10.0)
#: Steps that are solved at once, and how many of them two neighbours share.
WINDOW, SHARED = 600, 240
#: Of the method: the weight of the constraint, its over-relaxation, and how often it is repeated.
_PENALTY, _RELAXED, _ROUNDS = 0.01, 1.7, 400


def calm_path(path: np.ndarray, room: float) -> np.ndarray:
    """float64 (n,): the calmest path that is nowhere further than ``room`` from ``path`` (n,)."""
    if room <= 0 or len(path) < 3:
        return path.astype(np.float64)
    found = np.zeros(len(path))
    weights = np.zeros(len(path))
    for first in range(0, max(len(path) - SHARED, 1), WINDOW - SHARED):
        part = path[first : first + WINDOW]
        ramp = np.minimum(np.arange(1, len(part) + 1), SHARED).astype(float)
        share = ramp if first else np.full(len(part), float(SHARED))
        if first + WINDOW < len(path):
            share = np.minimum(share, ramp[::-1])
        found[first : first + WINDOW] += share * _solved(part / room) * room
        weights[first : first + WINDOW] += share
    return np.clip(found / weights, path - room, path + room)


def _solved(path: np.ndarray) -> np.ndarray:
    """The calmest path within 1 of the given one."""
    inverse = _inverse(len(path))
    middle = path.mean()  # what all have in common costs nothing, and digits
    path = path - middle
    near, multiplier = path.copy(), np.zeros(len(path))
    calm = near
    for _ in range(_ROUNDS):
        calm = inverse @ (near - multiplier)
        relaxed = _RELAXED * calm + (1 - _RELAXED) * near
        near = np.clip(relaxed + multiplier, path - 1, path + 1)
        multiplier += relaxed - near
    result: np.ndarray = calm + middle
    return result


@lru_cache(maxsize=8)
def _inverse(count: int) -> np.ndarray:
    """The step of the method for paths of so many steps: a matrix (count, count)."""
    system = np.eye(count) * _PENALTY
    for order, cost in enumerate(_COSTS, 1):
        if count > order:
            difference = np.diff(np.eye(count), n=order, axis=0)
            system += cost * difference.T @ difference
    inverse: np.ndarray = np.linalg.inv(system) * _PENALTY
    return inverse
