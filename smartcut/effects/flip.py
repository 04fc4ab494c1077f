"""`flip`: mirror the picture."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from smartcut.effect import Geometry, Size


class Flip(Geometry):
    """Mirrors the picture: left becomes right, or top becomes bottom.

    Where nothing else is done to a whole film, it is copied, and players mirror it.

    ```yaml
    - flip: {axis: vertical}
    ```
    """

    name: ClassVar[str] = "flip"
    otio: ClassVar[str | None] = "VideoFlip"

    axis: Literal["horizontal", "vertical"] = Field(
        "horizontal", description="`horizontal` swaps left and right, `vertical` top and bottom."
    )

    @property
    def orientation(self) -> tuple[int, bool] | None:
        return (0, True) if self.axis == "horizontal" else (180, True)

    def matrix(self, size: Size) -> np.ndarray:
        if self.axis == "horizontal":
            return np.array([[-1, 0, size[0]], [0, 1, 0], [0, 0, 1.0]])
        return np.array([[1, 0, 0], [0, -1, size[1]], [0, 0, 1.0]])
