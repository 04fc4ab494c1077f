"""What steadies a shaky shot: how each picture is to be shifted and turned. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.stages._calm_path import calm_path

#: Of what may be cut off, the share that shifts may use; the rest is for turns.
_FOR_SHIFTS = 0.8
#: A shot whose pictures are nowhere further than this from where they should be is steady: a fifth
#: of a pixel of 1080 lines.
_STEADY = 2e-4


@dataclass(frozen=True, slots=True)
class Steadying:
    """float64 (n,) for the pictures of a shot: shifts in picture heights, turns in radians."""

    x: np.ndarray
    y: np.ndarray
    turn: np.ndarray
    scale: float
    """How much larger they are shown, so that no edge is seen."""


def steadied(
    x: np.ndarray, y: np.ndarray, turn: np.ndarray, aspect: float, crop: float
) -> Steadying:
    """The corrections for a shot, from the shift and turn of each picture from the one before.

    ``aspect`` is width over height; at most the share ``crop`` of the width and of the height is
    lost. The first picture's motion does not count: it is the first of a shot.
    """
    room = crop / 2
    # A turn moves the ends of the longer side furthest.
    angles = np.cumsum(np.append(0.0, turn[1:]))
    turned = calm_path(angles, (1 - _FOR_SHIFTS) * room * 2 / max(aspect, 1 / aspect)) - angles
    across, down = _rotated(x, y, turned)
    shifts = []
    for moves, side in ((across, aspect), (down, 1.0)):
        path = np.cumsum(np.append(0.0, moves[1:]))
        shifts.append(calm_path(path, _FOR_SHIFTS * room * side) - path)
    right, below = shifts
    if max(float(np.abs(one).max()) for one in (right, below, turned)) < _STEADY:
        still = np.zeros(len(x))
        return Steadying(still, still, still, 1.0)
    most = 1 / (1 - crop)
    for _ in range(8):  # rounding and second-order terms: what is too far is brought nearer
        needed = covering(right, below, turned, aspect)
        far = np.where(needed > most, (most - 1) / np.maximum(needed - 1, 1e-9), 1.0)
        if (far == 1).all():
            break
        right, below, turned = right * far, below * far, turned * far
    scale = float(min(max(covering(right, below, turned, aspect).max(), 1.0), most))
    return Steadying(right, below, turned, scale)


def _rotated(x: np.ndarray, y: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shifts as they are seen in pictures that are turned by so much."""
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def covering(x: np.ndarray, y: np.ndarray, turn: np.ndarray, aspect: float) -> np.ndarray:
    """float64 (n,): how much larger each picture must be shown to fill the frame.

    Each is turned, then shifted, then enlarged about the middle. A corner of the frame, brought
    back, lies within the picture: c / z = R(p) + t is solved for the z of each of its edges.
    """
    half = np.array([aspect / 2, 0.5])
    needed = np.ones(len(x))
    cos, sin = np.cos(turn), np.sin(turn)
    for corner in (half * (1, 1), half * (1, -1), half * (-1, 1), half * (-1, -1)):
        # R^-1 (corner / z - shift), each coordinate within -half..half.
        rows = ((cos, sin), (-sin, cos))
        for (a, b), side in zip(rows, half, strict=True):
            far, shift = a * corner[0] + b * corner[1], a * x + b * y
            for sign in (1, -1):
                room = side + sign * shift
                needed = np.maximum(needed, sign * far / np.maximum(room, 1e-9))
    return needed
