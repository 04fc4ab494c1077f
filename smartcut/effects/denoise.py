"""`denoise`: less noise in the picture."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Bench, Image, Pixels, View, Work

# What FFmpeg's fftdnoiz takes for each step of noise: twice its spread gives the highest PSNR.
_SIGMA = 2.0


class Denoise(Pixels):
    """Takes noise out of the picture and leaves edges, by its spectrum in small blocks.

    Every picture is worked on by itself, so nothing trails behind what moves.

    ```yaml
    - denoise: {strength: 6}
    ```
    """

    name: ClassVar[str] = "denoise"

    strength: Animated = Field(
        4.0,
        ge=0,
        le=50,
        description="How far samples are off for noise (standard deviation, in steps of 8 bits): "
        "2 in daylight, 6 at night, 12 where it hides the picture.",
    )

    def is_idle(self) -> bool:
        return self.strength == 0

    def open(self, bench: Bench) -> Work:
        from smartcut.media.filters import Filters

        sigma = min(self.strength * _SIGMA, 100)
        filters = Filters(("fftdnoiz", {"sigma": f"{sigma:.4f}"}))

        def work(view: View) -> Image:
            return filters(view.image)

        return work
