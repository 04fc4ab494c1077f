"""`de_ess`: softer hissing consonants."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.sound_effect import SoundBench, SoundBlock, SoundEffect, SoundWork

if TYPE_CHECKING:
    import numpy as np

_HIGHEST = 12_000.0


class DeEss(SoundEffect):
    """Makes s, sh and z softer where they stand out: what lies above a frequency, for that moment.

    ```yaml
    - de_ess: {reduction: 6}
    ```
    """

    name: ClassVar[str] = "de_ess"

    reduction: Animated = Field(6.0, ge=0, le=24, description="dB by which they become softer.")
    frequency: float = Field(4500.0, ge=2000, le=10_000, description="Hz above which they lie.")
    ratio: float = Field(
        1.0, gt=0, le=20, description="So much power above it, for one below, stands out."
    )

    def is_idle(self) -> bool:
        return self.reduction == 0

    def settles(self) -> Fraction:
        return Fraction(1, 10)

    def delay(self) -> int:
        from smartcut.media.spectral import DELAY

        return DELAY

    def open(self, bench: SoundBench) -> SoundWork:
        import numpy as np

        from smartcut.media.spectral import BINS, WINDOW, Spectral

        hertz = np.arange(BINS) * bench.rate / WINDOW
        hissing = (hertz >= self.frequency) & (hertz <= _HIGHEST)
        spoken = (hertz >= 150) & (hertz < self.frequency)
        spectral = Spectral(bench.channels)

        def work(block: SoundBlock) -> np.ndarray:
            least = 10 ** (-block.first.reduction / 20)

            def change(values: np.ndarray) -> np.ndarray:
                power = (values.real**2 + values.imag**2).sum(axis=0)
                shares = power[:, hissing].sum(axis=1) / (power[:, spoken].sum(axis=1) + 1e-12)
                # from nothing at the ratio to all at twice that
                much = np.clip(shares / self.ratio - 1, 0, 1)
                gains = np.where(hissing, 1 - (1 - least) * much[:, None], 1.0)
                return np.asarray(values * gains.astype(np.float32), values.dtype)

            return spectral(block.values, change)

        return work
