"""`zoom`: make the picture larger or smaller about a point."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Geometry, Size


class Zoom(Geometry):
    """Makes the picture larger about a point, which stays where it is; below 1, smaller.

    With keys it is a Ken Burns effect: `zoom: {scale: {0s: 1.0, 5s: 1.3}, x: 0.3}`.

    ```yaml
    - zoom: {scale: {0s: 1, 4s: 1.3}}
    ```
    """

    name: ClassVar[str] = "zoom"

    scale: Animated = Field(1.2, gt=0, le=100, description="1 leaves the picture as it is.")
    x: Animated = Field(0.5, description="The point, across; 0 is the left edge, 1 the right.")
    y: Animated = Field(0.5, description="The point, down; 0 is the top, 1 the bottom.")

    def is_idle(self) -> bool:
        return self.scale == 1

    def matrix(self, size: Size) -> np.ndarray:
        scale, x, y = self.scale, self.x * size[0], self.y * size[1]
        return np.array([[scale, 0, x * (1 - scale)], [0, scale, y * (1 - scale)], [0, 0, 1.0]])
