"""`rotate`: turn the picture."""

from __future__ import annotations

from math import cos, radians, sin
from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Animated, Curve
from smartcut.effect import Geometry, Size


class Rotate(Geometry):
    """Turns the picture clockwise.

    By 90, 180 or 270 degrees its size turns with it; where nothing else is done to a whole film, it
    is copied, and players turn it. By another angle it turns about its middle
    and keeps its size; what it uncovers is black.

    ```yaml
    - rotate: {degrees: 90}
    ```
    """

    name: ClassVar[str] = "rotate"
    otio: ClassVar[str | None] = "VideoRotate"

    degrees: Animated = Field(90.0, description="Clockwise; below 0, the other way.")

    @property
    def orientation(self) -> tuple[int, bool] | None:
        if isinstance(self.degrees, Curve) or self.degrees % 90:
            return None
        return int(self.degrees % 360), False

    def is_idle(self) -> bool:
        return self.degrees % 360 == 0

    def size(self, size: Size) -> Size:
        return size if self.degrees % 180 != 90 else (size[1], size[0])

    def matrix(self, size: Size) -> np.ndarray:
        turns, rest = divmod(self.degrees % 360, 90)
        exact = ((1, 0), (0, 1), (-1, 0), (0, -1))[int(turns)]
        angle = radians(self.degrees)
        c, s = exact if rest == 0 else (cos(angle), sin(angle))
        turned = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
        back, there = np.eye(3), np.eye(3)
        back[:2, 2], there[:2, 2] = -np.array(size) / 2, np.array(self.size(size)) / 2
        result: np.ndarray = there @ turned @ back
        return result
