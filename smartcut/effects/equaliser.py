"""`equaliser`: more or less of the bass, the treble, or any band."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.curve import Animated
from smartcut.params import Params
from smartcut.sound_effect import SoundBench, SoundEffect, SoundWork

if TYPE_CHECKING:
    from smartcut.effects._filtered import Chain


class Band(Params):
    """A band of frequencies made louder or softer."""

    frequency: float = Field(ge=10, le=20_000, description="Its middle, Hz.")
    db: float = Field(ge=-40, le=40, description="dB in its middle.")
    width: float = Field(1.0, gt=0, le=10, description="Octaves between the points of half the dB.")


class Equaliser(SoundEffect):
    """Makes bass, treble, or any bands of frequencies louder or softer.

    ```yaml
    - equaliser: {bass: -3, treble: 2, bands: [{frequency: 300, db: -4, width: 0.7}]}
    ```
    """

    name: ClassVar[str] = "equaliser"

    bass: Animated = Field(0.0, ge=-40, le=40, description="dB of what lies below 100 Hz.")
    treble: Animated = Field(0.0, ge=-40, le=40, description="dB of what lies above 5000 Hz.")
    bands: tuple[Band, ...] = Field((), description="Each `{frequency, db, width}`.")

    def is_idle(self) -> bool:
        return self.bass == 0 and self.treble == 0 and not any(band.db for band in self.bands)

    def settles(self) -> Fraction:
        return Fraction(1)

    def open(self, bench: SoundBench) -> SoundWork:
        from smartcut.effects._filtered import biquad, filtered

        bands = [
            biquad("equalizer", b.frequency, width_type="o", width=f"{b.width}", gain=f"{b.db}")
            for b in self.bands
            if b.frequency < bench.rate / 2
        ]

        def chain(now: Equaliser) -> Chain:
            bass = biquad("lowshelf", 100, width_type="q", width="0.7071", gain=f"{now.bass:.4f}")
            treble = biquad(
                "highshelf", 5000, width_type="q", width="0.7071", gain=f"{now.treble:.4f}"
            )
            return [bass, *bands, treble]

        return filtered(bench, chain)
