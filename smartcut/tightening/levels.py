"""Which parts of a recording are loud, or voiced: curves over time to ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from smartcut.cut import Signal
from smartcut.tightening.ranges import Ranges, union
from smartcut.timebase import Range

#: Where the level of a recording is to be divided by itself, the threshold stays within these dB.
_LOWEST, _HIGHEST = -48.0, -20.0
_QUIET, _LOUD = 0.10, 0.98
#: A voice that has begun goes on down to so much less of a probability.
_HYSTERESIS = 0.15
#: How sure the detector of voices has to be.
VOICED = 0.5


def readings(signal: Signal, channel: str, duration: Fraction) -> Iterator[tuple[Range, float]]:
    """Each reading with the time until the next one; the first also covers what is before it."""
    times = signal.times()
    values = signal.channel(channel)
    for i, value in enumerate(values):
        start = times[i] if i else min(Fraction(0), times[i])
        end = times[i + 1] if i + 1 < len(times) else max(duration, start)
        if start < end:
            yield Range(start, end), value


def auto_threshold(levels: Sequence[float]) -> float:
    """Half-way in dB between the quiet and the loud parts of a recording, -48 to -20 dB."""
    if not levels:
        return _HIGHEST
    ordered = sorted(levels)
    quiet, loud = (ordered[int(share * (len(ordered) - 1))] for share in (_QUIET, _LOUD))
    return min(_HIGHEST, max(_LOWEST, (quiet + loud) / 2))


def loud(level: Signal, threshold: float, duration: Fraction) -> Ranges:
    """When the level, in dB, is at the threshold or above."""
    return union(r for r, value in readings(level, "level", duration) if value >= threshold)


def voiced(voice: Signal, threshold: float, duration: Fraction) -> Ranges:
    """When somebody speaks: from where the probability reaches the threshold to where it falls."""
    found: list[Range] = []
    speaks = False
    for place, value in readings(voice, "voice", duration):
        speaks = value >= (threshold - _HYSTERESIS if speaks else threshold)
        if speaks:
            found.append(place)
    return union(found)
