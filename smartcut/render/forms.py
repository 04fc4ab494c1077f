"""Forms as coverage of pixels, and how they are painted: for drawers of shapes and bars."""

from __future__ import annotations

import math

import numpy as np

from smartcut.colours import rgba
from smartcut.drawer import Painted
from smartcut.image import Size

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def pixels_around(box: Box, size: Size, more: float = 1.0) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the whole pixels of a frame that a box touches."""
    left, top = (max(0, math.floor(v - more)) for v in box[:2])
    right, bottom = (min(n, math.ceil(v + more)) for v, n in zip(box[2:], size, strict=True))
    return left, top, max(right, left), max(bottom, top)


def box_coverage(box: Box, pixels: tuple[int, int, int, int]) -> np.ndarray:
    """float32 (rows, columns): how much of each pixel lies in an upright box."""
    across = _overlap(box[0], box[2], pixels[0], pixels[2])
    down = _overlap(box[1], box[3], pixels[1], pixels[3])
    return np.outer(down, across).astype(np.float32)


def _overlap(start: float, end: float, first: int, last: int) -> np.ndarray:
    edges = np.arange(first, last)
    return np.clip(np.minimum(end, edges + 1) - np.maximum(start, edges), 0, 1)


def coverage(distance: np.ndarray) -> np.ndarray:
    """float32 of a form, from the distance in pixels to its edge, below 0 inside it."""
    return np.clip(0.5 - distance, 0, 1).astype(np.float32)


def centres(pixels: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The places of pixels, x of (1, columns) and y of (rows, 1)."""
    left, top, right, bottom = pixels
    return np.arange(left, right)[None, :] + 0.5, np.arange(top, bottom)[:, None] + 0.5


def round_box(x: np.ndarray, y: np.ndarray, half: tuple[float, float], radius: float) -> np.ndarray:
    """The distance to a box about (0, 0) with round corners."""
    across, down = (np.abs(v) - h + radius for v, h in zip((x, y), half, strict=True))
    outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    result: np.ndarray = outside + np.minimum(np.maximum(across, down), 0) - radius
    return result


def ellipse(x: np.ndarray, y: np.ndarray, half: tuple[float, float]) -> np.ndarray:
    """The distance to an ellipse about (0, 0), near its edge."""
    across, down = (max(h, 1e-3) for h in half)
    far = np.hypot(x / across, y / down)
    slope = np.hypot(x / across**2, y / down**2)
    result: np.ndarray = far * (far - 1) / np.maximum(slope, 1e-9)
    return np.where(far < 1e-6, -min(across, down), result)


def line(x: np.ndarray, y: np.ndarray, end: tuple[float, float], half: float) -> np.ndarray:
    """The distance to a line with round ends, from (0, 0)."""
    length = max(end[0] ** 2 + end[1] ** 2, 1e-9)
    along = np.clip((x * end[0] + y * end[1]) / length, 0, 1)
    result: np.ndarray = np.hypot(x - along * end[0], y - along * end[1]) - half
    return result


def painted(layers: list[tuple[np.ndarray, str]], left: int, top: int) -> Painted | None:
    """Coverages that share no part of a pixel, each in its colour; None for nothing."""
    if not layers or not layers[0][0].size:
        return None
    colour = np.zeros((*layers[0][0].shape, 3), np.float32)
    alpha = np.zeros((*layers[0][0].shape, 1), np.float32)
    for share, name in layers:
        *rgb, opacity = rgba(name)
        own = share[..., None] * np.float32(opacity / 255)
        colour += np.array(rgb, np.float32) / 255 * own
        alpha += own
    straight = colour / np.maximum(alpha, 1e-6)
    return Painted(np.concatenate([straight, alpha], axis=2), left, top)
