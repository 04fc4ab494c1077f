"""Islands of sound: stretches between two dips of the level, and how steady a voice is in each.

A filler such as "um" is one: a voice at one pitch and with one spectrum, between two short pauses.
Words are islands too, or several of them, but less steady. Hops are 10 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

RATE: Final = 16_000
_HOP: Final = 160
#: An island is so many dB above the quietest tenth, and no more than so many below its loudest
#: neighbourhood of half a second on both sides; shorter dips than so many hops do not divide it.
_ABOVE, _BELOW, _NEAR, _DIP = 8.0, 26.0, 50, 3
#: Frequencies of a voice, in Hz, and the window in which its period is looked for, in samples.
_LOWEST, _HIGHEST, _WINDOW = 60, 400, 800
_VOICED = 0.6
#: Of the spectrum: its window, the bins that count, and how many of them are one band.
_FFT, _FIRST_BIN, _BANDS, _PER_BAND = 512, 3, 21, 6


@dataclass(frozen=True, slots=True)
class Island:
    """In seconds."""

    range: Range
    whole: Range
    """The same with its tails, as far as they are louder than the quiet of the recording."""
    before: Fraction
    """How long it is quieter before it."""
    after: Fraction
    voiced: float
    """The share of it in which there is a voice."""
    flux: float
    """How much the spectrum changes from hop to hop: the mean of |log ratio| over its bands."""


def islands(samples: np.ndarray) -> Iterator[Island]:
    """The islands of float32 mono samples at 16 kHz, in order."""
    levels = _levels(samples)
    found = _stretches(levels)
    for i, (first, last) in enumerate(found):
        earliest = found[i - 1][1] if i else 0
        before = first - earliest
        following = found[i + 1][0] if i + 1 < len(found) else len(samples) // _HOP
        start, end = _with_tails(levels, first, last, earliest, following)
        yield Island(
            Range(_seconds(first), _seconds(last)),
            Range(_seconds(start), _seconds(end)),
            _seconds(before),
            _seconds(following - last),
            _voiced(samples, first, last),
            _flux(samples, first, last),
        )


def _seconds(hops: int) -> Fraction:
    return Fraction(hops * _HOP, RATE)


def _levels(samples: np.ndarray) -> np.ndarray:
    """dB of every hop and the one before it."""
    import numpy as np

    hops = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float64)
    powers = (hops**2).mean(axis=1)
    smooth = (powers + np.concatenate([powers[:1], powers[:-1]])) / 2
    levels: np.ndarray = 10 * np.log10(smooth + 1e-10)
    return levels


def _with_tails(
    levels: np.ndarray, first: int, last: int, earliest: int, following: int
) -> tuple[int, int]:
    """The hops of an island and of what is louder than the quiet beside it, between neighbours."""
    quiet = _quiet(levels)
    while first > earliest and levels[first - 1] > quiet:
        first -= 1
    while last < following and levels[last] > quiet:
        last += 1
    return first, last


def _quiet(levels: np.ndarray) -> float:
    """dB from which on there is a sound."""
    import numpy as np

    return float(np.percentile(levels, 10)) + _ABOVE


def _stretches(levels: np.ndarray) -> list[tuple[int, int]]:
    """(first, one past the last) hop of each island."""
    import numpy as np

    if not len(levels):
        return []
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(levels, _NEAR, mode="edge"), 2 * _NEAR + 1
    )
    threshold = np.maximum(_quiet(levels), around.max(axis=1) - _BELOW)
    steps = np.diff(np.concatenate([[0], levels > threshold, [0]]).astype(np.int8))
    found: list[tuple[int, int]] = []
    for first, last in zip(np.flatnonzero(steps > 0), np.flatnonzero(steps < 0), strict=True):
        if found and first - found[-1][1] < _DIP:
            found[-1] = found[-1][0], int(last)
        else:
            found.append((int(first), int(last)))
    return found


def _windows(samples: np.ndarray, first: int, last: int, length: int) -> Iterator[np.ndarray]:
    """The samples around the middle of each hop, where there are as many."""
    for hop in range(first, last):
        start = hop * _HOP + _HOP // 2 - length // 2
        if 0 <= start <= len(samples) - length:
            yield samples[start : start + length]


def _voiced(samples: np.ndarray, first: int, last: int) -> float:
    """The share of hops whose autocorrelation has a peak at the period of a voice."""
    import numpy as np

    low, high = RATE // _HIGHEST, RATE // _LOWEST
    peaks = []
    for window in _windows(samples, first, last, _WINDOW):
        centred = window - window.mean()
        spectrum = np.fft.rfft(centred, 2 * _WINDOW)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:_WINDOW]
        lag = low + int(np.argmax(correlation[low:high]))
        share = correlation[lag] / max(float(correlation[0]), 1e-9)
        peaks.append(share * _WINDOW / (_WINDOW - lag))
    return float(np.mean([peak > _VOICED for peak in peaks])) if peaks else 0.0


def _flux(samples: np.ndarray, first: int, last: int) -> float:
    import numpy as np

    windows = list(_windows(samples, first, last, _FFT))
    if len(windows) < 3:
        return float("inf")
    spectra = np.abs(np.fft.rfft(np.stack(windows) * np.hanning(_FFT), axis=1))
    used = spectra[:, _FIRST_BIN : _FIRST_BIN + _BANDS * _PER_BAND]
    bands = np.log(used.reshape(len(used), _BANDS, _PER_BAND).mean(axis=2) + 1e-4)
    return float(np.abs(np.diff(bands, axis=0)).mean())
