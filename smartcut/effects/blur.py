"""`blur`: soften the picture."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Bench, Image, Pixels, View, Work


class Blur(Pixels):
    """Softens the picture by a Gaussian; with a `mask`, a face or a sign.

    ```yaml
    - blur: {sigma: 20, mask: {shape: ellipse, width: 0.2, height: 0.3, feather: 0.1}}
    ```
    """

    name: ClassVar[str] = "blur"

    sigma: Animated = Field(
        8.0, ge=0, le=1000, description="Its spread, in thousandths of the picture's height."
    )

    def is_idle(self) -> bool:
        return self.sigma == 0

    def open(self, bench: Bench) -> Work:
        from smartcut.media.filters import Filters

        pixels = self.sigma * bench.size[1] / 1000
        filters = Filters(("gblur", {"sigma": f"{pixels:.4f}", "steps": "3"}))

        def work(view: View) -> Image:
            return filters(view.image)

        return work
