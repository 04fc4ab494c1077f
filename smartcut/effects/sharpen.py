"""`sharpen`: clearer edges."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Bench, Image, Pixels, View, Work


class Sharpen(Pixels):
    """Makes edges clearer by an unsharp mask, in luma alone.

    ```yaml
    - sharpen: {strength: 1, sigma: 1.5}
    ```
    """

    name: ClassVar[str] = "sharpen"

    strength: Animated = Field(
        0.8, ge=0, le=10, description="How many times the detail is added again; 0 adds nothing."
    )
    sigma: Animated = Field(
        1.5, gt=0, le=100, description="How fine it is, in thousandths of the picture's height."
    )

    def is_idle(self) -> bool:
        return self.strength == 0

    def open(self, bench: Bench) -> Work:
        import cv2
        import numpy as np

        spread = max(self.sigma * bench.size[1] / 1000, 0.3)
        most = (1 << bench.space.depth) - 1
        strength, sharpened = self.strength, 3 if bench.space.is_rgb else 1

        def work(view: View) -> Image:
            planes = list(view.image.planes)
            for number, plane in enumerate(planes[:sharpened]):
                soft = cv2.GaussianBlur(plane, (0, 0), spread)
                clear = cv2.addWeighted(plane, 1 + strength, soft, -strength, 0)
                planes[number] = np.minimum(clear, most).astype(plane.dtype)
            return replace(view.image, planes=tuple(planes))

        return work
