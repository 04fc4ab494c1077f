"""How loud a source is, every hundredth of a second."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Final

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Samples, Sound

if TYPE_CHECKING:
    import numpy as np

_RATE: Final = 48_000
_STEP: Final = 480
#: dB: what is quieter is digital silence.
QUIETEST: Final = -100.0


class LevelAnalysis(Analysis):
    """The peak of the sound in every 10 ms, over both channels, in dB of full scale, -100 to 0."""

    name: ClassVar[str] = "level"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(_RATE, 2) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        return LevelListener()

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1, 100), (), ("level",), ((),), "dB")


class LevelListener:
    """Takes the sound of a source; what it has no sound for is silent."""

    def __init__(self) -> None:
        self._peaks: dict[int, float] = {}
        self._end = 0

    def feed(self, item: Samples) -> None:
        import numpy as np

        first, begun = divmod(item.start, _STEP)
        loudest = np.abs(item.values).max(axis=0)
        padding = -(begun + len(loudest)) % _STEP
        steps = np.pad(loudest, (begun, padding)).reshape(-1, _STEP).max(axis=1)
        for i, peak in enumerate(steps.tolist(), first):
            self._peaks[i] = max(peak, self._peaks.get(i, 0.0))
        self._end = max(self._end, first + len(steps))

    def finish(self) -> Signal:
        import numpy as np

        peaks = np.array([self._peaks.get(i, 0.0) for i in range(self._end)])
        return Signal(
            Fraction(1, 100), tuple(range(self._end)), ("level",), (in_decibels(peaks),), "dB"
        )


def in_decibels(amplitudes: np.ndarray) -> tuple[float, ...]:
    """dB of full scale, to a tenth, of amplitudes in 0..1."""
    import numpy as np

    levels = 20 * np.log10(np.maximum(amplitudes, 10 ** (QUIETEST / 20)))
    return tuple(np.round(levels, 1).tolist())
