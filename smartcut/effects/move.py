"""`move`: shift, turn and enlarge the picture."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Geometry, Size


class Move(Geometry):
    """Shifts the picture, turns it about its middle and enlarges it, as a camera's move does.

    What it uncovers is black.

    ```yaml
    - move: {x: {0s: -0.1, 4s: 0.1}, scale: 1.2}
    ```
    """

    name: ClassVar[str] = "move"

    x: Animated = Field(0.0, description="How far to the right, as a share of the width.")
    y: Animated = Field(0.0, description="How far down, as a share of the height.")
    degrees: Animated = Field(0.0, description="Clockwise.")
    scale: Animated = Field(1.0, gt=0, le=100, description="1 leaves the size as it is.")

    def is_idle(self) -> bool:
        return not (self.x or self.y or self.degrees) and self.scale == 1

    def matrix(self, size: Size) -> np.ndarray:
        turn, (width, height) = np.deg2rad(self.degrees), size
        turned = self.scale * np.array(
            [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
        )
        middle = np.array([width, height]) / 2
        shift = self.scale * np.array([self.x * width, self.y * height])
        result = np.eye(3)
        result[:2, :2] = turned
        result[:2, 2] = middle + shift - turned @ middle
        return result
