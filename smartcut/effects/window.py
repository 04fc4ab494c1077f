"""`window`: a part of the picture of another shape, which may move."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

from smartcut.curve import Animated
from smartcut.effect import Geometry, Size

_SHAPE = re.compile(r"(\d+(?:\.\d+)?)\s*[:x/]\s*(\d+(?:\.\d+)?)")


def read_shape(given: Any) -> Any:
    """``W:H`` from what a user wrote; raises ValueError for no shape."""
    found = _SHAPE.fullmatch(str(given).strip())
    if found is None or not 0.1 <= float(found[1]) / max(float(found[2]), 1e-9) <= 10:
        raise ValueError(f"{given!r} is no shape; accepted: 9:16, 1:1, 4:5, 2.39:1 and the like")
    return f"{found[1]}:{found[2]}"


#: The shape of a picture, width to height.
ShapeParam = Annotated[str, BeforeValidator(read_shape)]


def ratio(shape: str) -> float:
    """Width over height."""
    across, down = shape.split(":")
    return float(across) / float(down)


class Window(Geometry):
    """Shows a part of the picture, of a shape of its own, that may move over it.

    It is as large as fits into the picture, and stays within it: `window: {aspect: 9:16, x: {0s:
    0.3, 4s: 0.7}}`. With a `zoom` below 1 it shows more than the picture is high, or wide, with
    bars.

    ```yaml
    - window: {aspect: "1:1", x: {0s: 0.3, 4s: 0.7}}
    ```
    """

    name: ClassVar[str] = "window"

    aspect: ShapeParam = Field(description="Its shape, such as 9:16 or 1:1.")
    x: Animated = Field(0.5, ge=0, le=1, description="Its middle, across; 0 is the left edge.")
    y: Animated = Field(0.5, ge=0, le=1, description="Its middle, down; 0 is the top.")
    zoom: Animated = Field(
        1.0, gt=0, le=100, description="2 shows half as much each way, twice as large."
    )

    @property
    def has_one_size(self) -> bool:
        return True  # which its shape alone decides

    def size(self, size: Size) -> Size:
        return window_size(self.aspect, size)

    def matrix(self, size: Size) -> np.ndarray:
        shown = self.size(size)
        moved = (
            self.zoom * self._corner(share, side, own)
            for share, side, own in zip((self.x, self.y), size, shown, strict=True)
        )
        left, top = moved
        return np.array([[self.zoom, 0, -left], [0, self.zoom, -top], [0, 0, 1.0]])

    def _corner(self, share: float, side: int, own: int) -> float:
        """Where the window begins on a side of the picture."""
        seen = own / self.zoom
        if seen >= side:
            return (side - seen) / 2
        return min(max(share * side - seen / 2, 0.0), side - seen)


def window_size(aspect: str, size: Size) -> Size:
    """The largest picture of that shape, with even sides, within one of ``size``."""
    width, height = size
    wanted = ratio(aspect)
    if width / height > wanted:
        return min(_even(height * wanted), width), height
    return width, min(_even(width / wanted), height)


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))
