"""`crop`: take away the edges of the picture."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Length, in_pixels
from smartcut.effect import Geometry, Size
from smartcut.errors import StageError


class Crop(Geometry):
    """Takes away the edges of the picture; what is left fills the output.

    Edges lie on whole pixels. Where a crop lasts for a part of a segment, or changes, what is
    left is scaled to the picture's size, with bars where it has another shape.
    """

    name: ClassVar[str] = "crop"
    otio: ClassVar[str | None] = "VideoCrop"

    left: Length = Field(0.0, description="Share of the width, or pixels such as `80px`.")
    right: Length = Field(0.0, description="Share of the width, or pixels.")
    top: Length = Field(0.0, description="Share of the height, or pixels.")
    bottom: Length = Field(0.0, description="Share of the height, or pixels.")

    def is_idle(self) -> bool:
        sides = (self.left, self.right, self.top, self.bottom)
        return all(in_pixels(side, 1) == 0 for side in sides)

    def size(self, size: Size) -> Size:
        left, right, top, bottom = self._edges(size)
        if right <= left or bottom <= top:
            raise StageError(f"`crop` leaves nothing of a picture of {size[0]}x{size[1]}")
        return right - left, bottom - top

    def matrix(self, size: Size) -> np.ndarray:
        left, _, top, _ = self._edges(size)
        return np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])

    def _edges(self, size: Size) -> tuple[int, int, int, int]:
        (left, right), (top, bottom) = (
            (round(in_pixels(near, side)), side - round(in_pixels(far, side)))
            for near, far, side in (
                (self.left, self.right, size[0]),
                (self.top, self.bottom, size[1]),
            )
        )
        return left, right, top, bottom
