"""`crop`: take away the edges of the picture."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Length, in_pixels
from smartcut.effect import Geometry, Size
from smartcut.errors import StageError


class Crop(Geometry):
    """Takes away the edges of the picture, on whole pixels; what is left fills the output.

    Of a part of a segment, or changing, it is scaled to the picture's size, with bars if need be.
    """

    name: ClassVar[str] = "crop"
    otio: ClassVar[str | None] = "VideoCrop"

    left: Length = Field(0.0, description="Share of the width, or pixels such as `80px`.")
    right: Length = Field(0.0, description="Share of the width, or pixels.")
    top: Length = Field(0.0, description="Share of the height, or pixels.")
    bottom: Length = Field(0.0, description="Share of the height, or pixels.")

    def is_idle(self) -> bool:
        return not any(in_pixels(s, 1) for s in (self.left, self.top, self.right, self.bottom))

    def size(self, size: Size) -> Size:
        sides = zip((self.left, self.top, self.right, self.bottom), size * 2, strict=True)
        left, top, right, bottom = (round(in_pixels(s, pixels)) for s, pixels in sides)
        if left + right >= size[0] or top + bottom >= size[1]:
            raise StageError(f"`crop` leaves nothing of a picture of {size[0]}x{size[1]}")
        return size[0] - left - right, size[1] - top - bottom

    def matrix(self, size: Size) -> np.ndarray:
        left, top = round(in_pixels(self.left, size[0])), round(in_pixels(self.top, size[1]))
        return np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
