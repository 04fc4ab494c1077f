"""`pixelate`: coarse blocks in place of the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from smartcut.curve import Length, in_pixels
from smartcut.effect import Bench, Image, Pixels, View, Work


class Pixelate(Pixels):
    """Turns the picture into coarse blocks; with a `mask`, hides a face or a number plate.

    Each block has the mean of its pixels. Its side is a whole number of chroma samples.

    ```yaml
    - pixelate: {size: 24px, mask: {shape: ellipse, width: 0.2, height: 0.3}}
    ```
    """

    name: ClassVar[str] = "pixelate"

    size: Length = Field(0.04, description="Share of the height, or pixels such as `24px`.")

    def is_idle(self) -> bool:
        return in_pixels(self.size, 1) == 0

    def open(self, bench: Bench) -> Work:
        import cv2
        import numpy as np

        step = max(bench.space.down)
        side = max(step, round(in_pixels(self.size, bench.size[1]) / step) * step)

        def coarse(plane: np.ndarray, across: int, down: int) -> np.ndarray:
            height, width = plane.shape
            blocks = -(-width // across), -(-height // down)
            edges = (0, blocks[1] * down - height), (0, blocks[0] * across - width)
            means = cv2.resize(np.pad(plane, edges, "edge"), blocks, interpolation=cv2.INTER_AREA)
            return means.repeat(down, axis=0).repeat(across, axis=1)[:height, :width]

        def work(view: View) -> Image:
            first, *others = view.image.planes
            across, down = (side // n for n in bench.space.down)
            planes = (coarse(first, side, side), *(coarse(p, across, down) for p in others))
            return replace(view.image, planes=planes)

        return work
