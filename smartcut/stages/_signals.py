"""From measured pictures to a signal with exact times."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any, Protocol

from smartcut.annotation import Signal


class Readings(Protocol):
    """What a listener has read: a value, or several, for each of its times."""

    @property
    def times(self) -> Sequence[Fraction]: ...

    @property
    def values(self) -> Sequence[Any]: ...


def readings(listener: Readings) -> dict[str, Any]:
    """What was read in a part of a source, as plain data."""
    return {"times": [str(time) for time in listener.times], "values": listener.values}


def make_signal(
    times: Sequence[Fraction],
    channels: tuple[str, ...],
    values: Sequence[Sequence[float]],
    unit: str,
    summary: tuple[tuple[str, float], ...] = (),
) -> Signal:
    """A signal whose ticks hit every time exactly; values are kept to six digits."""
    ticks = lcm(*(time.denominator for time in times)) if times else 1
    return Signal(
        timebase=Fraction(1, ticks),
        pts=tuple(int(time * ticks) for time in times),
        channels=channels,
        values=tuple(tuple(float(f"{v:.6g}") for v in row) for row in values),
        unit=unit,
        summary=summary,
    )
