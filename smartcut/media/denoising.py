"""Steady noise taken out of speech by the estimator of Ephraim and Malah (1985).

Its gain is what the logarithm of the speech's spectrum is expected to be, given the power of the
noise at each frequency, which must be known.
"""

from __future__ import annotations

import numpy as np

from smartcut.media.spectral import Spectral

# How much of the speech found in a window is expected in the next (the "decision-directed" share).
_STAYS = 0.96
# The least speech expected, and the most power beside the noise that is told apart, as ratios.
_LEAST, _MOST = 10**-2.5, 1e3
# Arguments of the exponential integral in the table of gains.
_ARGUMENTS = np.logspace(-3, 1.7, 400)


def _exponential_integral(x: np.ndarray) -> np.ndarray:
    """E1(x) for x > 0: its series below 1 (Abramowitz and Stegun 5.1.11), else 5.1.22."""
    low = np.minimum(x, 1.0)
    series, term = -np.euler_gamma - np.log(low), np.ones_like(low)
    for k in range(1, 20):
        term *= -low / k
        series -= term / k
    high, fraction = np.maximum(x, 1.0), np.zeros_like(x)
    for k in range(60, 0, -1):
        fraction = k / (1 + k / (high + fraction))
    return np.where(x < 1, series, np.exp(-high) / (high + fraction))


_TABLE = np.exp(0.5 * _exponential_integral(_ARGUMENTS)).astype(np.float32)


class SoundDenoiser:
    """The noise taken out as a function of blocks, as :class:`Spectral` gives it.

    ``noise`` (channels, BINS) is its power in windows as :func:`spectra` makes them.
    """

    def __init__(self, noise: np.ndarray) -> None:
        self._noise = np.maximum(noise, 1e-12).astype(np.float32)
        self._spectral = Spectral(len(noise))
        self._speech = np.zeros_like(self._noise)

    def __call__(self, block: np.ndarray, reduction: float) -> np.ndarray:
        """The block with its noise at most ``reduction`` dB lower."""
        least = np.float32(10 ** (-reduction / 20))

        def change(values: np.ndarray) -> np.ndarray:
            power = np.minimum((values.real**2 + values.imag**2) / self._noise[:, None], _MOST)
            gains = np.empty_like(power)
            for number in range(power.shape[1]):
                gains[:, number] = self._gain(power[:, number], least)
            return values * gains

        return self._spectral(block, change)

    def _gain(self, power: np.ndarray, least: np.float32) -> np.ndarray:
        found = _STAYS * self._speech + (1 - _STAYS) * np.maximum(power - 1, 0)
        found = np.maximum(found, _LEAST)
        share = found / (1 + found)
        gain = share * np.interp(share * power, _ARGUMENTS, _TABLE)
        gain = np.clip(gain, least, 1).astype(np.float32)
        self._speech = gain * gain * power
        return gain
