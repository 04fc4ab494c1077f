"""`colour`: exposure, contrast, saturation, white balance."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.curve import Animated
from smartcut.effect import Space, Tone

# A display's response (ITU-R BT.1886): doubling the light multiplies signals by 2 ** (1 / 2.4).
_GAMMA = 2.4
# Daylight as it is meant to look white (CIE D65), in K.
_WHITE = 6504.0
_STEPS = 33


class ColourCorrection(Tone):
    """Corrects exposure, contrast, saturation and white balance.

    Exposure multiplies the light of the display (ITU-R BT.1886), so that 1 EV is twice as bright.

    ```yaml
    - colour: {exposure: 0.3, saturation: 1.1, temperature: 5200}
    ```
    """

    name: ClassVar[str] = "colour"

    exposure: Animated = Field(0.0, ge=-10, le=10, description="EV: 1 is twice the light.")
    contrast: Animated = Field(1.0, ge=0, le=10, description="About middle grey; 0 is all grey.")
    saturation: Animated = Field(1.0, ge=0, le=10, description="0 is black and white.")
    temperature: Animated = Field(
        _WHITE,
        ge=1500,
        le=25000,
        description="K of the light to look white; less is bluer.",
    )
    tint: Animated = Field(0.0, ge=-1, le=1, description="Above 0 to magenta, below to green.")

    def is_idle(self) -> bool:
        plain = (self.exposure, self.contrast, self.saturation) == (0, 1, 1)
        return plain and not self._shifts_white()

    def _shifts_white(self) -> bool:
        return (self.temperature, self.tint) != (_WHITE, 0)

    def tables(self, space: Space) -> np.ndarray | None:
        if self._shifts_white() or space.is_rgb:
            return None
        top = 1 << space.depth
        samples = np.arange(top, dtype=np.float64)
        black, reach = (0, top - 1) if space.is_full else (top / 16, top * 219 / 256)
        light = self._contrasted((samples - black) / reach) * reach + black
        gain = self.saturation * self.contrast * self._gain()
        chroma = (samples - top / 2) * gain + top / 2
        return np.stack([light, chroma, chroma])

    def _gain(self) -> float:
        return 2 ** (self.exposure / _GAMMA)

    def _contrasted(self, signal: np.ndarray) -> np.ndarray:
        return (signal * self._gain() - 0.5) * self.contrast + 0.5

    def cube(self) -> np.ndarray | None:
        steps = np.linspace(0, 1, _STEPS)
        rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        return self.on_colours(rgb).astype(np.float32)

    def on_colours(self, rgb: np.ndarray) -> np.ndarray:
        """RGB (..., 3) in 0..1 as it comes out."""
        rgb = self._contrasted(rgb * _white_gains(self.temperature, self.tint))
        luma = (rgb @ (0.2126, 0.7152, 0.0722))[..., None]
        return np.clip(luma + (rgb - luma) * self.saturation, 0, 1)


def _white_gains(kelvin: float, tint: float) -> np.ndarray:
    """Gains of red, green and blue signals that make light of that temperature white."""
    light = _of_planck(_WHITE) / _of_planck(kelvin)
    light = light * np.array([1, 2.0**-tint, 1])
    light /= light @ (0.2126, 0.7152, 0.0722)  # white stays as bright as it was
    gains: np.ndarray = light ** (1 / _GAMMA)
    return gains


def _of_planck(kelvin: float) -> np.ndarray:
    """Linear RGB (BT.709) of daylight or lamps; loci after Kim et al. (US patent 7024034)."""
    t = 1000 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
        y = (
            -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
            if kelvin < 2222
            else -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
        )
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = np.array([x / y, 1, (1 - x - y) / y])
    to_rgb = np.array(
        [
            [3.2404542, -1.5371385, -0.4985314],
            [-0.9692660, 1.8760108, 0.0415560],
            [0.0556434, -0.2040259, 1.0572252],
        ]
    )
    rgb: np.ndarray = np.maximum(to_rgb @ xyz, 1e-3)
    return rgb
