"""What the network of voices sees: mel spectra, less the noise that goes on beneath a voice.

Noise makes all voices alike. In each band, what is there even in the quietest tenths of a second of
the twenty seconds around counts as noise, and twice that is taken off (S. F. Boll, "Suppression of
acoustic noise in speech using spectral subtraction", 1979; R. Martin, "Noise power spectral density
estimation based on optimal smoothing and minimum statistics", 2001). Where there is none, nothing
changes.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

RATE: Final = 16_000
BANDS: Final = 40
#: Frames that the network sees, 10 ms each.
FRAMES: Final = 160
_FFT, _HOP = 400, 160
#: dB of full scale to which a quieter window is raised.
_LOUDNESS = -30.0
#: Frames on each side of a stretch of speech in which its noise is looked for.
_AROUND = 1000
#: Frames that are averaged, the share of such averages that are quieter than noise, and by how
#: much more than that is taken off.
_SMOOTH, _QUIET, _LESS = 10, 0.15, 2.0


class VoiceSpectrum:
    """Takes sound block by block, and keeps the spectra that are still needed."""

    def __init__(self) -> None:
        self._frames = [np.zeros((0, BANDS + 1), np.float32)]
        self._first = 0
        self._next = 0
        self._sound = np.zeros(_FFT // 2, np.float32)

    def feed(self, samples: np.ndarray, is_last: bool = False) -> None:
        """Take float32 mono samples at 16 kHz, the last ones with silence after them."""
        after = np.zeros(_FFT // 2 if is_last else 0, np.float32)
        self._sound = np.concatenate([self._sound, samples, after])
        count = max(0, (len(self._sound) - _FFT) // _HOP + 1)
        if count:
            self._frames.append(_spectra(self._sound, count))
            self._sound = self._sound[count * _HOP :]
            self._next += count

    def knows(self, end: int) -> bool:
        """Whether all is there that tells of a stretch of speech that ends with that sample."""
        return self._next >= end // _HOP + _AROUND

    def noise(self, first: int, end: int) -> np.ndarray:
        """float32 (40,): the noise beneath a stretch of these samples."""
        start = max(self._first, first // _HOP - _AROUND)
        known = self._joined()[start - self._first : end // _HOP + _AROUND - self._first, :BANDS]
        known = known[-start % _SMOOTH :]
        whole = known[: len(known) // _SMOOTH * _SMOOTH]
        if not len(whole):
            return np.zeros(BANDS, np.float32)
        means = whole.reshape(-1, _SMOOTH, BANDS).mean(axis=1)
        return np.asarray(_LESS * np.quantile(means, _QUIET, axis=0), np.float32)

    def row(self, first: int, end: int, noise: np.ndarray) -> np.ndarray:
        """float32 (160, 40): a window of these samples; one shorter than 1.6 s is repeated."""
        start, last = first // _HOP - self._first, max(first // _HOP + 1, end // _HOP) - self._first
        seen = self._joined()[start:last]
        level = 10 * np.log10(float(seen[:, BANDS].mean(dtype=np.float64)) + 1e-12)
        heard = np.maximum(seen[:, :BANDS] - noise, 0)
        heard = heard * np.float32(10 ** (max(0.0, _LOUDNESS - level) / 10))
        return np.asarray(np.tile(heard, (-(-FRAMES // len(heard)), 1))[:FRAMES])

    def forget(self, before: int) -> None:
        """Let go of what tells of no stretch that begins at that sample or later."""
        known = self._joined()
        gone = min(max(0, before // _HOP - _AROUND - self._first), len(known))
        self._frames = [known[gone:].copy()]
        self._first += gone

    def _joined(self) -> np.ndarray:
        """float32 (n, 41): all frames there are, the last column their mean power."""
        if len(self._frames) > 1:
            self._frames = [np.concatenate(self._frames)]
        return self._frames[0]


def _spectra(sound: np.ndarray, count: int) -> np.ndarray:
    """float32 (count, 41) of sound that begins 200 samples before the first frame's middle."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FFT)[::_HOP][:count]
    power = np.abs(np.fft.rfft(frames * _hann())) ** 2
    middles = frames[:, (_FFT - _HOP) // 2 : (_FFT + _HOP) // 2]
    level = (middles.astype(np.float64) ** 2).mean(axis=1, keepdims=True)
    return np.concatenate([power @ _filters().T, level], axis=1).astype(np.float32)


@cache
def _hann() -> np.ndarray:
    return np.hanning(_FFT + 1)[:-1]


@cache
def _filters() -> np.ndarray:
    """float64 (40, 201): triangles of equal area over Slaney's mel scale, 0 to 8 kHz."""
    edges = _hertz(np.linspace(0, _mel(RATE / 2), BANDS + 2))
    at = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    rising = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * (2 / (edges[2:] - edges[:-2]))[:, None])


# Slaney's scale is linear up to 1 kHz, 200/3 Hz a mel; above, 27 mels are a factor of 6.4.
_LINEAR, _BREAK, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _mel(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz / _LINEAR
    return float(_BREAK / _LINEAR + np.log(hertz / _BREAK) / _STEP)


def _hertz(mels: np.ndarray) -> np.ndarray:
    above = _BREAK * np.exp(_STEP * (mels - _BREAK / _LINEAR))
    return np.where(mels < _BREAK / _LINEAR, mels * _LINEAR, above)
