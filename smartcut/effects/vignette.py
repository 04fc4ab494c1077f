"""`vignette`: darker corners."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Bench, Image, Pixels, View, Work


class Vignette(Pixels):
    """Darkens the picture towards its corners, so that the eye stays in the middle.

    ```yaml
    - vignette: {strength: 0.6}
    ```
    """

    name: ClassVar[str] = "vignette"

    strength: Animated = Field(
        0.5, ge=0, le=1, description="How dark the corners become; 1 is black."
    )
    inner: Animated = Field(
        0.3, ge=0, lt=1, description="Where it begins: 0 is the middle of the picture, 1 a corner."
    )

    def is_idle(self) -> bool:
        return self.strength == 0

    def open(self, bench: Bench) -> Work:
        import numpy as np

        from smartcut.media.image import mixed, plain

        width, height = bench.size
        across, down = ((2 * np.arange(n) + 1) / n - 1 for n in (width, height))
        radius = np.sqrt((across[None, :] ** 2 + down[:, None] ** 2) / 2)
        way = np.clip((radius - self.inner) / (1 - self.inner), 0, 1)
        shares = (self.strength * way * way * (3 - 2 * way)).astype(np.float32)
        dark = plain(bench.size, bench.space, bench.space.black)

        def work(view: View) -> Image:
            return mixed(view.image, dark, shares)

        return work
