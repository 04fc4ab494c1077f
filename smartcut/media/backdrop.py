"""What is shown beside a picture of another shape: the picture itself, filling all, and blurred."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smartcut.image import Image
from smartcut.media.image_parts import part, plane_box

# The backdrop is made so many times smaller, where blurring it is cheap.
_SMALLER = 8
# Spread of the blur, as a share of the picture's height.
_SPREAD = 0.025


def on_backdrop(image: Image, box: tuple[int, int, int, int]) -> Image:
    """The picture with bars, of which ``box`` (left, top, width, height) is no bar, without them.

    Its sides lie on the chroma grid.
    """
    inner = part(image, *box)
    planes = []
    for number, (whole, shown) in enumerate(zip(image.planes, inner.planes, strict=True)):
        filled = _filled(shown, whole.shape)
        filled[plane_box(image.space, number, *box)] = shown
        planes.append(filled)
    alpha = None if image.alpha is None else np.full_like(image.alpha, (1 << image.space.depth) - 1)
    if alpha is not None and inner.alpha is not None:
        alpha[plane_box(image.space, 0, *box)] = inner.alpha
    return replace(image, planes=tuple(planes), alpha=alpha)


def _filled(plane: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The middle of a plane, as much as has the shape that is to be filled, blurred."""
    import cv2

    rows, columns = plane.shape
    wide = shape[1] / shape[0]
    across, down = min(columns, round(rows * wide)), min(rows, round(columns / wide))
    left, top = (columns - across) // 2, (rows - down) // 2
    middle = plane[top : top + down, left : left + across]
    small = max(2, shape[1] // _SMALLER), max(2, shape[0] // _SMALLER)
    shrunk = cv2.resize(middle, small, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(shrunk, (0, 0), max(0.5, small[1] * _SPREAD))
    return np.ascontiguousarray(cv2.resize(blurred, (shape[1], shape[0])))
