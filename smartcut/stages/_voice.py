"""How likely it is that somebody speaks, over time, by Silero's detector of voices."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Samples, Sound

if TYPE_CHECKING:
    import numpy as np


class VoiceAnalysis(Analysis):
    """The probability of a voice in every 32 ms, 0 to 1, by Silero VAD."""

    name: ClassVar[str] = "voice"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        from smartcut.models.voice_activity import RATE

        return Sound(RATE, 1) if source.audio else None

    def model(self, context: Context) -> tuple[str, str]:
        from smartcut.models.voice_activity import identity

        return identity()

    def listener(self, source: Source, context: Context) -> Listener:
        return VoiceListener()

    def empty(self, source: Source) -> Signal:
        return _signal(())


class VoiceListener:
    """Takes the sound of a source; what it has no sound for is silent."""

    def __init__(self) -> None:
        from smartcut.models.voice_activity import VoiceDetector

        self._gaps, self._detector = FilledSound(), VoiceDetector()
        self._found: list[float] = []

    def feed(self, item: Any) -> None:
        for samples in self._gaps.filled(item):
            self._found += self._detector.feed(samples).tolist()

    def finish(self) -> Signal:
        self._found += self._detector.finish().tolist()
        return _signal(tuple(round(p, 3) for p in self._found))


class FilledSound:
    """Sound without gaps: from source time 0 on, silence where there is none."""

    #: Samples of silence at a time.
    _BLOCK = 1 << 20

    def __init__(self) -> None:
        self._heard = 0

    def filled(self, item: Samples) -> Iterator[np.ndarray]:
        """Blocks of one channel, float32 (n,), that go on from those before."""
        import numpy as np

        while self._heard < item.start:
            count = min(self._BLOCK, item.start - self._heard)
            self._heard += count
            yield np.zeros(count, np.float32)
        self._heard = item.start + item.values.shape[1]
        yield item.values[0]


def _signal(values: tuple[float, ...]) -> Signal:
    from smartcut.models.voice_activity import RATE, STEP

    return Signal(Fraction(STEP, RATE), tuple(range(len(values))), ("voice",), (values,), "0..1")
