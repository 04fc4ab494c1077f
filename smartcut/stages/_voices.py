"""How the voices of a source sound: a vector for every window of its speech."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from smartcut.annotation import Voices
from smartcut.diarising.windows import RATE, Stretches, windows_of
from smartcut.source import Source
from smartcut.stage import Analysis, Answer, Context, Listener, RowNetwork, Sound, engine_of
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
        from smartcut.models.voice_spectrum import VoiceSpectrum

        self._ask = lambda rows: context.ask(network, rows, source)
        self._store = context.cache.store_array
        self._gaps, self._detector = FilledSound(), VoiceDetector()
        self._speech, self._spectrum = Stretches(), VoiceSpectrum()
        self._due: deque[tuple[int, int]] = deque()
        self._stretches: list[Range] = []
        self._windows: list[Range] = []
        self._rows: list[np.ndarray] = []
        self._answers: list[Answer] = []

    def feed(self, item: Any) -> None:
        for samples in self._gaps.filled(item):
            self._spectrum.feed(samples)
            found = self._detector.feed(samples)
            if len(found):
                self._due.extend(self._speech.feed(found.tolist()))
                self._look()

    def finish(self) -> Voices:
        import numpy as np

        self._spectrum.feed(np.zeros(0, np.float32), is_last=True)
        self._due.extend(self._speech.feed(self._detector.finish().tolist()))
        self._due.extend(self._speech.finish())
        self._look(is_last=True)
        self._flush()
        if not self._answers:
            return Voices((), (), "")
        vectors = np.concatenate([answer.result() for answer in self._answers])
        key = self._store(vectors.astype(np.float32))
        windows, engine = tuple(self._windows), engine_of(self._answers)
        return Voices(tuple(self._stretches), windows, key, engine)

    def _look(self, is_last: bool = False) -> None:
        """Ask about the windows of stretches of which enough is known, and forget the rest."""
        while self._due and (is_last or self._spectrum.knows(self._due[0][1])):
            first, end = self._due.popleft()
            noise = self._spectrum.noise(first, end)
            self._stretches.append(_range(first, end))
            for start, last in windows_of(first, end):
                self._windows.append(_range(start, last))
                self._rows.append(self._spectrum.row(start, last, noise))
                if len(self._rows) >= _HANDFUL:
                    self._flush()
        self._spectrum.forget(self._due[0][0] if self._due else self._speech.needed_from)

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
