"""Where in the picture an effect works: a box, an ellipse or a polygon, with soft edges."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from smartcut.curve import Animated, Curve, value_at
from smartcut.stage import Params

if TYPE_CHECKING:
    import numpy as np

_ANIMATED = ("x", "y", "width", "height", "feather")


class Mask(Params):
    """A part of the picture; places and lengths are shares of its width and height."""

    shape: Literal["box", "ellipse", "polygon"] = Field("box", description="Its outline.")
    x: Animated = Field(0.5, description="Its middle, across; 0 is the left edge, 1 the right.")
    y: Animated = Field(0.5, description="Its middle, down; 0 is the top, 1 the bottom.")
    width: Animated = Field(0.5, gt=0, description="Share of the picture's width.")
    height: Animated = Field(0.5, gt=0, description="Share of the picture's height.")
    points: tuple[tuple[float, float], ...] = Field(
        (), description="Corners [x, y] of a polygon, which may lie outside the picture."
    )
    feather: Animated = Field(
        0.0, ge=0, le=1, description="Width of its soft edge, as a share of the picture's height."
    )
    invert: bool = Field(False, description="Work outside of it instead.")

    @model_validator(mode="after")
    def _polygons_have_points(self) -> Mask:
        if (self.shape == "polygon") != bool(self.points):
            raise ValueError("`points` go with `shape: polygon`, which needs them")
        if self.points and len(self.points) < 3:
            raise ValueError("a polygon needs at least three points")
        return self

    @property
    def curves(self) -> tuple[Curve, ...]:
        """All that changes over time in it."""
        return tuple(v for v in (getattr(self, n) for n in _ANIMATED) if isinstance(v, Curve))

    def at(self, source_time: Fraction, segment_time: Fraction) -> Mask:
        """The mask at a moment: every curve is a number."""
        given = {name: getattr(self, name) for name in _ANIMATED}
        found = {n: value_at(v, source_time, segment_time) for n, v in given.items()}
        return self.model_copy(update=found) if self.curves else self

    def shares(self, size: tuple[int, int]) -> np.ndarray:
        """float32 (height, width) in 0..1 for a picture of (width, height): 1 is inside."""
        import cv2

        drawn = self._box(size) if self.shape == "box" else self._outlined(size)
        if self.feather:
            drawn = cv2.GaussianBlur(drawn, (0, 0), max(self.feather * size[1] / 4, 0.3))
        return 1 - drawn if self.invert else drawn

    def _box(self, size: tuple[int, int]) -> np.ndarray:
        """How much of each pixel the box covers."""
        import numpy as np

        sides = ((self.x, self.width, size[0]), (self.y, self.height, size[1]))
        covered = []
        for middle, length, count in sides:
            low, high = ((middle + sign * length / 2) * count for sign in (-1, 1))
            begins = np.arange(count)
            covered.append(np.clip(np.minimum(high, begins + 1) - np.maximum(low, begins), 0, 1))
        return np.outer(covered[1], covered[0]).astype(np.float32)

    def _outlined(self, size: tuple[int, int]) -> np.ndarray:
        import cv2
        import numpy as np

        # In sixteenths of a pixel; the middle of the first pixel is at 0 for OpenCV.
        corners = np.array(self._corners(size)) * size - 0.5
        canvas = np.zeros(size[::-1], np.uint8)
        cv2.fillPoly(canvas, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return canvas.astype(np.float32) / np.float32(255)

    def _corners(self, size: tuple[int, int]) -> list[tuple[float, float]]:
        """In shares of the picture."""
        if self.shape == "polygon":
            return list(self.points)
        x, y, width, height = (getattr(self, name) for name in _ANIMATED[:4])
        steps = max(64, max(size) // 4)
        turns = (2 * math.pi * i / steps for i in range(steps))
        return [(x + math.cos(t) * width / 2, y + math.sin(t) * height / 2) for t in turns]
