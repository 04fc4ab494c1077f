"""Sound changed in the spectrum, a short window after the other, and put together again.

Windows lie on a grid of source time, so that the same samples come out wherever a part begins.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: Samples of a window, and from one to the next.
WINDOW, HOP = 1024, 256
#: Frequencies of a spectrum.
BINS = WINDOW // 2 + 1
#: Samples by which what comes out is late.
DELAY = WINDOW - HOP

_SHAPE = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
# What the overlapping windows, squared, add up to.
_TOTAL = WINDOW / HOP / 2


def spectra(values: np.ndarray) -> np.ndarray:
    """complex64 (channels, windows, BINS) of samples (channels, n); whole windows alone."""
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW, axis=-1)[:, ::HOP]
    return np.asarray(np.fft.rfft(windows * _SHAPE, axis=-1), np.complex64)


class Spectral:
    """A change of spectra as a function of blocks of sound, for one thread.

    Blocks are float32 (channels, n), in order, n a multiple of :data:`HOP`; as many samples come
    out, :data:`DELAY` later. ``change`` is given the spectra (channels, windows, BINS).
    """

    def __init__(self, channels: int) -> None:
        self._before = np.zeros((channels, DELAY), np.float32)
        self._open = np.zeros((channels, DELAY), np.float32)

    def __call__(self, block: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        heard = np.concatenate([self._before, block], axis=1)
        self._before = heard[:, -DELAY:]
        made = np.fft.irfft(change(spectra(heard)), WINDOW, axis=-1)
        made = made.astype(np.float32) * (_SHAPE / _TOTAL)
        laid = np.zeros_like(heard)
        laid[:, :DELAY] = self._open
        for number in range(made.shape[1]):
            laid[:, number * HOP : number * HOP + WINDOW] += made[:, number]
        self._open = laid[:, block.shape[1] :]
        return laid[:, : block.shape[1]]
