"""How likely it is that somebody speaks, over time, by Silero's detector of voices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Sound


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
    """Collects the sound of a source, and listens to it when it has ended."""

    def __init__(self) -> None:
        from smartcut.stages.transcribe import SoundTape

        self._tape = SoundTape()

    def feed(self, item: Any) -> None:
        self._tape.feed(item)

    def finish(self) -> Signal:
        from smartcut.models.voice_activity import probabilities

        found = probabilities(self._tape.finish())
        return _signal(tuple(round(float(p), 3) for p in found))


def _signal(values: tuple[float, ...]) -> Signal:
    from smartcut.models.voice_activity import RATE, STEP

    return Signal(Fraction(STEP, RATE), tuple(range(len(values))), ("voice",), (values,), "0..1")
