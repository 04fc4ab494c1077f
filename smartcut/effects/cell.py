"""`cell`: put the picture into a box of the frame."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Box, Placement, Size


class Cell(Placement):
    """Puts the picture into a box of the frame: as much as fills it, or all of it.

    The box is in shares of the frame. Its edges lie on whole, even pixels, so that boxes side by
    side meet.

    ```yaml
    - cell: {x: 0.5, y: 0, width: 0.5, height: 1, gap: 0.01}
    ```
    """

    name: ClassVar[str] = "cell"
    moves: ClassVar[Literal["picture", "in frame"] | None] = None

    x: Animated = Field(0.0, description="Its left edge, a share of the frame's width.")
    y: Animated = Field(0.0, description="Its upper edge, a share of the frame's height.")
    width: Animated = Field(1.0, gt=0, description="A share of the frame's width.")
    height: Animated = Field(1.0, gt=0, description="A share of the frame's height.")
    fit: Literal["fill", "whole"] = Field(
        "fill", description="`fill` leaves out what is too much, `whole` shows what is below."
    )
    margin: float = Field(
        0.0, ge=0, lt=0.5, description="Kept free along the frame's edges, of its shorter side."
    )
    gap: float = Field(
        0.0, ge=0, lt=0.5, description="Kept free between boxes, a share of the shorter side."
    )

    def window(self, canvas: Size) -> Box | None:
        return self._box(canvas) if self.fit == "fill" else None

    def matrix(self, size: Size, canvas: Size) -> np.ndarray:
        left, top, right, bottom = self._box(canvas)
        scales = (right - left) / size[0], (bottom - top) / size[1]
        scale = max(scales) if self.fit == "fill" else min(scales)
        x, y = ((left + right) - scale * size[0]) / 2, ((top + bottom) - scale * size[1]) / 2
        return np.array([[scale, 0, x], [0, scale, y], [0, 0, 1.0]])

    def _box(self, canvas: Size) -> Box:
        shorter = min(canvas)
        edge, half = (self.margin - self.gap / 2) * shorter, self.gap * shorter / 2
        sides = []
        for start, length, whole in zip(
            (self.x, self.y), (self.width, self.height), canvas, strict=True
        ):
            room = whole - 2 * edge
            first = _even(edge + start * room + half, whole)
            last = _even(edge + (start + length) * room - half, whole)
            sides.append((first, max(last, min(first + 2, whole))))
        (left, right), (top, bottom) = sides
        return left, top, right, bottom


def _even(place: float, whole: int) -> int:
    """The nearest even pixel, or the frame's own edge."""
    return min(max(2 * round(place / 2), 0), whole) if place < whole - 0.5 else whole
