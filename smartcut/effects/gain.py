"""`gain`: louder or softer, with fades."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.curve import Animated, Curve, Key
from smartcut.sound_effect import SoundBench, SoundBlock, SoundEffect, SoundWork
from smartcut.timebase import Range, TimeParam


class Gain(SoundEffect):
    """Makes the sound louder or softer, and lets it come in and go out.

    `db: {0s: -20, 2s: 0}` changes over time. `fade_in` and `fade_out` lie at the ends of each
    segment, or at `from` and `to`; where there is no room for both, each gets its share.

    ```yaml
    - gain: {db: -6, fade_in: 500ms, fade_out: 2s, on: last}
    ```
    """

    name: ClassVar[str] = "gain"

    db: Animated = Field(0.0, ge=-120, le=40, description="dB; 0 leaves the level, -6 halves it.")
    fade_in: TimeParam = Field(Fraction(0), ge=0, description="Seconds of coming in.")
    fade_out: TimeParam = Field(Fraction(0), ge=0, description="Seconds of going out.")

    def is_idle(self) -> bool:
        return self.db == 0 and not self.fade_in and not self.fade_out

    def within(self, shown: Range) -> SoundEffect:
        fades = self.fade_in + self.fade_out
        if not fades:
            return self
        room = min(Fraction(1), shown.duration / fades)
        keys = {shown.start: 0.0} if self.fade_in else {}
        keys |= {shown.start + self.fade_in * room: 1.0, shown.end - self.fade_out * room: 1.0}
        keys |= {shown.end: 0.0} if self.fade_out else {}
        level = Curve(tuple(Key(at, value) for at, value in sorted(keys.items())), "segment")
        return _Faded(db=self.db, amount=self.amount, level=level)

    def open(self, bench: SoundBench) -> SoundWork:
        return lambda block: block.values * _factors(block, block.first.db, block.last.db)


class _Faded(SoundEffect):
    """A gain that is a factor, besides dB."""

    name: ClassVar[str] = "gain"

    db: Animated
    level: Animated

    def open(self, bench: SoundBench) -> SoundWork:
        import numpy as np

        def work(block: SoundBlock) -> np.ndarray:
            count = block.values.shape[1]
            level = np.linspace(block.first.level, block.last.level, count, endpoint=False)
            factors = _factors(block, block.first.db, block.last.db)
            faded: np.ndarray = block.values * (level * factors).astype(np.float32)
            return faded

        return work


def _factors(block: SoundBlock, first: float, last: float):  # type: ignore[no-untyped-def]
    """float32: the factor of each sample, from one dB to another."""
    import numpy as np

    if first == last:
        return np.float32(10 ** (first / 20))
    decibels = np.linspace(first, last, block.values.shape[1], endpoint=False)
    return (10 ** (decibels / 20)).astype(np.float32)
