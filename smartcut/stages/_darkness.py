"""How much of the picture is dark over time, and for how long it stands still."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Picture
from smartcut.stages._signals import make_signal
from smartcut.timebase import Range

_SIZE = 90
#: Up to which share of its range luma counts as dark: that of FFmpeg's blackdetect.
_DARK = 0.1
#: Mean change from frame to frame, as a share of full scale, up to which a picture stands still:
#: that of FFmpeg's freezedetect.
_STILL = 0.001


class DarknessAnalysis(Analysis):
    """The share of every picture's pixels that are dark, 0 to 1."""

    name: ClassVar[str] = "darkness"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Frames | None:
        return Frames(_SIZE, "gray", "frame") if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        full = source.video is not None and source.video.colour.range == "full"
        return DarknessListener(255 * _DARK if full else 16 + 219 * _DARK)

    def empty(self, source: Source) -> Signal:
        return make_signal((), ("darkness",), ((),), "share")


class DarknessListener:
    """Takes small gray pictures; up to ``dark`` of 255 a pixel is dark."""

    def __init__(self, dark: float) -> None:
        self._dark = dark
        self._times: list[Fraction] = []
        self._shares: list[float] = []

    def feed(self, item: Picture) -> None:
        self._times.append(item.time)
        self._shares.append(float((item.pixels <= self._dark).mean()))

    def finish(self) -> Signal:
        return make_signal(self._times, ("darkness",), (self._shares,), "share")


def stillness(motion: Signal) -> Iterator[tuple[Range, float]]:
    """The stretches in which the picture does not change, each with its length in seconds."""
    times = motion.times()
    begun: Fraction | None = None
    for i in range(1, len(times)):
        change = motion.values[0][i] * float(times[i] - times[i - 1])
        if change <= _STILL:
            begun = times[i - 1] if begun is None else begun
        elif begun is not None:
            yield Range(begun, times[i]), float(times[i] - begun)
            begun = None
    if begun is not None and times[-1] > begun:
        yield Range(begun, times[-1]), float(times[-1] - begun)
