"""Loudness of the sound over time, as EBU R 128 measures it."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Final

from smartcut.annotation import Signal
from smartcut.cut import Cut
from smartcut.source import Source
from smartcut.stage import Analysis, AnalysisStage, Context, Group, Listener, Params, Samples, Sound

RATE: Final = 48_000
CHANNELS: Final = 2


class LoudnessParams(Params):
    """The stage has nothing to set: the standard says it all."""


class LoudnessAnalysis(LoudnessParams, Analysis):
    """Momentary and short-term loudness every 100 ms, in LUFS, and the figures of the whole.

    The window of a reading lies around its time (400 ms and 3 s); near the source's ends only
    the part inside counts. Nothing reads lower than -70. The summary holds ``integrated`` (LUFS),
    ``range`` (LU), ``true_peak`` (dBTP), ``momentary_max`` and ``short_term_max`` (LUFS, over
    whole windows); a figure that silence or shortness leaves undefined is not there.
    """

    name: ClassVar[str] = "loudness"
    version: ClassVar[int] = 3

    def wants(self, source: Source) -> Sound | None:
        return Sound(RATE, CHANNELS) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        return LoudnessListener()

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1, 10), (), ("momentary", "short_term"), ((), ()), "LUFS")


class LoudnessListener:
    """Takes the sound of a source, and knows its loudness at the end."""

    def __init__(self) -> None:
        from smartcut.media.loudness import LoudnessMeter

        self.meter = LoudnessMeter(RATE, CHANNELS)

    def feed(self, item: Samples) -> None:
        import numpy as np

        # Sound that starts late, or has a hole, is silent there.
        while (gap := item.start - self.meter.count) > 0:
            self.meter.add(np.zeros((CHANNELS, min(gap, RATE)), np.float32))
        self.meter.add(item.values[:, -gap:] if gap else item.values)

    def finish(self) -> Signal:
        curves = self.meter.momentary_around, self.meter.short_term_around
        return Signal(
            timebase=Fraction(1, 10),
            pts=tuple(range(len(curves[0]))),
            channels=("momentary", "short_term"),
            values=tuple(tuple(round(float(v), 3) for v in curve) for curve in curves),
            unit="LUFS",
            summary=self._summary(),
        )

    def _summary(self) -> tuple[tuple[str, float], ...]:
        from smartcut.media.loudness import FLOOR

        meter = self.meter
        momentary, short_term = meter.momentary, meter.short_term
        figures = {
            "integrated": meter.integrated,
            "range": meter.range,
            "true_peak": meter.true_peak,
            "momentary_max": float(momentary.max()) if len(momentary) else None,
            "short_term_max": float(short_term.max()) if len(short_term) else None,
        }
        return tuple(
            (name, round(value, 3))
            for name, value in figures.items()
            if value is not None and (name in ("range", "true_peak") or value > FLOOR)
        )


class Loudness(LoudnessParams, AnalysisStage):
    """Measures the loudness of every source (EBU R 128).

    ```yaml
    - loudness
    ```
    """

    name: ClassVar[str] = "loudness"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("loudness",)
    hint: ClassVar[str] = "- loudness"

    def analyses(self) -> tuple[Analysis, ...]:
        return (LoudnessAnalysis(),)


def loudness_of(cut: Cut, source: Source, context: Context) -> Signal | None:
    """The loudness of a source of the cut; measured now if no stage did before."""
    known = cut.data(Signal, "loudness", source.id)
    found = known or context.result(LoudnessAnalysis(), source).data
    return found if isinstance(found, Signal) else None
