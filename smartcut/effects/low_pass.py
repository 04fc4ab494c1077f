"""`low_pass`: take away what lies above a frequency."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.curve import Animated
from smartcut.sound_effect import SoundBench, SoundEffect, SoundWork


class LowPass(SoundEffect):
    """Takes away what lies above a frequency: hiss, or all but what a wall lets through.

    ```yaml
    - low_pass: {frequency: 3000}
    ```
    """

    name: ClassVar[str] = "low_pass"

    frequency: Animated = Field(8000.0, ge=10, le=20_000, description="Hz; 3 dB are gone there.")
    slope: Literal[12, 24] = Field(12, description="dB an octave.")

    def settles(self) -> Fraction:
        return Fraction(1)

    def open(self, bench: SoundBench) -> SoundWork:
        from smartcut.effects._filtered import butterworth, filtered

        return filtered(bench, lambda now: butterworth("lowpass", now.frequency, now.slope))
