"""How the voices of a source sound: a vector for every window of its speech."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from smartcut.annotation import Voices
from smartcut.diarising.windows import RATE, Stretches, windows_of
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, RowNetwork, Sound
from smartcut.stages._voice import FilledSound
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

#: Windows asked about at a time, and how many such handfuls are out at once.
_HANDFUL, _UNDER_WAY = 64, 4


@dataclass(frozen=True)
class VoiceVectors(RowNetwork):
    """A network that turns spectrograms of voices, (N, 160, 40), into vectors of length 1."""

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        from smartcut.models.voice_embedding import VoiceEncoder

        return VoiceEncoder(device, allow_net)

    def batch(self, device: str) -> int:
        return 16 if device == "cpu" else 64


class VoicesAnalysis(Analysis):
    """Stretches of speech by Silero VAD, and in each a vector every 0.4 s at most."""

    name: ClassVar[str] = "voices"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(RATE, 1) if source.audio else None

    def empty(self, source: Source) -> Voices:
        return Voices((), (), "")

    def model(self, context: Context) -> tuple[str, str]:
        from smartcut.models import voice_activity, voice_embedding, weights

        detector, digest = voice_activity.identity()
        own = weights.digest(voice_embedding.NAME)
        return f"{detector} and {voice_embedding.NAME}", f"{digest}+{own}"

    def asks(self, context: Context) -> VoiceVectors:
        from smartcut.models import voice_embedding, weights

        return VoiceVectors(voice_embedding.NAME, weights.digest(voice_embedding.NAME))

    def listener(self, source: Source, context: Context) -> Listener:
        return VoicesListener(self.asks(context), source, context)


class VoicesListener:
    """Finds speech as it comes, and forgets sound once its windows are asked about."""

    def __init__(self, network: VoiceVectors, source: Source, context: Context) -> None:
        from smartcut.models.voice_activity import VoiceDetector

        self._ask = lambda rows: context.ask(network, rows, source)
        self._store = context.cache.store_array
        self._gaps, self._detector, self._speech = FilledSound(), VoiceDetector(), Stretches()
        self._held: list[np.ndarray] = []
        self._held_from = 0
        self._stretches: list[Range] = []
        self._windows: list[Range] = []
        self._rows: list[np.ndarray] = []
        self._answers: list[Future[np.ndarray]] = []

    def feed(self, item: Any) -> None:
        for samples in self._gaps.filled(item):
            self._held.append(samples.copy())
            found = self._detector.feed(samples)
            if len(found):
                self._look(self._speech.feed(found.tolist()))

    def finish(self) -> Voices:
        import numpy as np

        self._look(self._speech.feed(self._detector.finish().tolist()))
        self._look(self._speech.finish())
        self._flush()
        if not self._answers:
            return Voices((), (), "")
        vectors = np.concatenate([answer.result() for answer in self._answers])
        key = self._store(vectors.astype(np.float32))
        return Voices(tuple(self._stretches), tuple(self._windows), key)

    def _look(self, stretches: Iterable[tuple[int, int]]) -> None:
        """Ask about the windows of stretches that have ended, and let go of their sound."""
        import numpy as np

        from smartcut.models.voice_embedding import mel_of

        sound = np.concatenate(self._held) if self._held else np.zeros(0, np.float32)
        for first, end in stretches:
            self._stretches.append(_range(first, end))
            for start, last in windows_of(first, end):
                heard = sound[start - self._held_from : last - self._held_from]
                self._windows.append(_range(start, last))
                self._rows.append(mel_of(heard))
                if len(self._rows) >= _HANDFUL:
                    self._flush()
        needed = min(self._speech.needed_from, self._held_from + len(sound))
        self._held = [sound[needed - self._held_from :].copy()]
        self._held_from = needed

    def _flush(self) -> None:
        import numpy as np

        if not self._rows:
            return
        if len(self._answers) >= _UNDER_WAY:
            self._answers[-_UNDER_WAY].result()
        self._answers.append(self._ask(np.stack(self._rows)))
        self._rows = []


def _range(first: int, end: int) -> Range:
    return Range(Fraction(first, RATE), Fraction(end, RATE))
