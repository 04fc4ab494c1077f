"""`compressor`: loud and soft closer to each other."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.sound_effect import SoundBench, SoundEffect, SoundWork
from smartcut.timebase import TimeParam

if TYPE_CHECKING:
    from smartcut.effects._filtered import Chain


class Compressor(SoundEffect):
    """Brings loud and soft closer to each other: what is above a level grows by less.

    ```yaml
    - compressor: {threshold: -24, ratio: 3, makeup: 4}
    ```
    """

    name: ClassVar[str] = "compressor"

    threshold: float = Field(
        -20.0, ge=-60, le=0, description="dB below full scale above which it works."
    )
    ratio: float = Field(3.0, ge=1, le=20, description="So many dB more come out as one.")
    attack: TimeParam = Field(
        Fraction(1, 50), gt=0, le=2, description="Seconds in which it takes hold."
    )
    release: TimeParam = Field(
        Fraction(1, 4), gt=0, le=9, description="Seconds in which it lets go."
    )
    knee: float = Field(6.0, ge=0, le=18, description="dB around the threshold in which it begins.")
    makeup: float = Field(0.0, ge=0, le=36, description="dB added to all.")

    def is_idle(self) -> bool:
        return self.ratio == 1 and self.makeup == 0

    def settles(self) -> Fraction:
        return 4 * (self.attack + self.release)

    def open(self, bench: SoundBench) -> SoundWork:
        from smartcut.effects._filtered import filtered

        def factor(decibels: float) -> str:
            return f"{10 ** (decibels / 20):.6f}"

        options = {
            "threshold": factor(self.threshold),
            "ratio": f"{self.ratio}",
            "attack": f"{float(self.attack) * 1000:.4f}",
            "release": f"{float(self.release) * 1000:.4f}",
            "knee": factor(self.knee),
            "makeup": factor(self.makeup),
            "link": "maximum",
            "detection": "rms",
        }

        def chain(now: Compressor) -> Chain:
            return [("acompressor", options)]

        return filtered(bench, chain)
