"""What takes are compared by in the sound: level, pitch and spectrum, fifty times a second."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Samples, Sound

if TYPE_CHECKING:
    import numpy as np

_RATE: Final = 16_000
#: Samples from one reading to the next, and of a reading.
_STEP, _WINDOW = 320, 640
#: Hz: the edges of the bands.
_EDGES: Final = (80, 160, 320, 640, 1250, 2000, 3150, 5000, 7900)
BANDS: Final = tuple(f"band{n}" for n in range(len(_EDGES) - 1))
#: Hz of a voice; how periodic a voiced reading is.
_LOWEST, _HIGHEST, _PERIODIC = 60, 400, 0.55
_QUIETEST = -100.0
#: Samples that are worked on at once.
_BLOCK = 32 * _RATE


class TakeSoundAnalysis(Analysis):
    """The level (dB RMS of full scale), pitch (Hz, 0 without one) and bands (dB) of 40 ms."""

    name: ClassVar[str] = "take-sound"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound | None:
        return Sound(_RATE, 1) if source.audio else None

    def listener(self, source: Source, context: Context) -> Listener:
        return TakeSoundListener()

    def empty(self, source: Source) -> Signal:
        channels = ("level", "pitch", *BANDS)
        return Signal(Fraction(_STEP, _RATE), (), channels, ((),) * len(channels), "dB")


class TakeSoundListener:
    """Takes the sound of a source; what it has no sound for is silent."""

    def __init__(self) -> None:
        import numpy as np

        self._rows: list[np.ndarray] = []
        # The first reading is about time 0.
        self._waiting = np.zeros(_WINDOW // 2, np.float32)
        self._end = 0

    def feed(self, item: Samples) -> None:
        import numpy as np

        gap = np.zeros(max(0, item.start - self._end), np.float32)
        own = item.values[0]
        self._end = item.start + len(own)
        self._waiting = np.concatenate([self._waiting, gap, own])
        while len(self._waiting) >= _BLOCK + _WINDOW:
            self._take(_BLOCK)

    def _take(self, count: int) -> None:
        """Readings that begin in the first samples; as many go."""
        self._rows.append(readings_of(self._waiting[: count + _WINDOW - _STEP]))
        self._waiting = self._waiting[count:]

    def finish(self) -> Signal:
        import numpy as np

        rest = -(-len(self._waiting) // _STEP) * _STEP
        self._waiting = np.pad(self._waiting, (0, rest + _WINDOW - len(self._waiting)))
        self._take(rest)
        rows = np.concatenate(self._rows, axis=1)
        channels = ("level", "pitch", *BANDS)
        values = tuple(tuple(row) for row in np.round(rows, 1).tolist())
        return Signal(Fraction(_STEP, _RATE), tuple(range(rows.shape[1])), channels, values, "dB")


def readings_of(samples: np.ndarray) -> np.ndarray:
    """(2 + bands, readings) of mono samples: level, pitch, bands; a reading every step."""
    import numpy as np

    if len(samples) < _WINDOW:
        return np.zeros((2 + len(BANDS), 0))
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_STEP]
    shaped = windows.astype(np.float64) * np.hanning(_WINDOW)
    size = 2 * _WINDOW
    power = np.abs(np.fft.rfft(shaped, size, axis=1)) ** 2
    scale = (np.hanning(_WINDOW) ** 2).sum() * size / 2
    frequencies = np.fft.rfftfreq(size, 1 / _RATE)
    bands = [
        power[:, (frequencies >= low) & (frequencies < high)].sum(axis=1) / scale
        for low, high in pairwise(_EDGES)
    ]
    level = (windows.astype(np.float64) ** 2).mean(axis=1)
    in_db = 10 * np.log10(np.maximum(np.array([level, *bands]), 10 ** (_QUIETEST / 10)))
    return np.vstack([in_db[:1], _pitch(power, size)[None], in_db[1:]])


def _pitch(power: np.ndarray, size: int) -> np.ndarray:
    """Hz of each reading by its autocorrelation (Rabiner 1977); 0 where it has no pitch."""
    import numpy as np

    related = np.fft.irfft(power, size, axis=1)
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), size)) ** 2, size)
    first, last = _RATE // _HIGHEST, _RATE // _LOWEST
    lags = np.arange(first, min(last, _WINDOW * 3 // 4))
    whole = np.maximum(related[:, :1], 1e-12)
    likeness = related[:, lags] / whole * (window[0] / window[lags])
    # Of multiples of a period that are about as good, the shortest one is meant.
    top = likeness.max(axis=1, keepdims=True)
    found = lags[(likeness >= 0.9 * top).argmax(axis=1)]
    best = _peak_near(likeness, found - first) + first
    return np.where(top[:, 0] >= _PERIODIC, _RATE / best, 0.0)


def _peak_near(likeness: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """The highest place within a few after each beginning."""
    import numpy as np

    reach = np.minimum(begin[:, None] + np.arange(12), likeness.shape[1] - 1)
    rows = np.arange(len(begin))[:, None]
    return np.asarray(reach[rows[:, 0], likeness[rows, reach].argmax(axis=1)])
