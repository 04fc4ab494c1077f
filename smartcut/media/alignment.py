"""Recordings of one event aligned by their sound: how much one is later, and how its clock drifts.

First the loudness of bands is compared, a part of one recording along all of the other; then short
windows by generalised cross-correlation with phase transform (Knapp and Carter 1976), at many
places; a line through most of these delays gives offset and drift. A second round looks again with
the drift taken out, in longer windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

#: Samples a second that are compared.
RATE = 16_000
# Of the rough search: samples from one loudness to the next, bands, and seconds of a part.
_STEP, _BANDS, _PART = 160, 12, 120.0
# Clocks of recorders differ by less than this.
_MOST_DRIFT = 600e-6
# Windows of both rounds: how many at most, seconds, seconds searched around what is expected.
_PLACES, _SHORT, _WIDE, _LONG, _NARROW = 48, 1.5, 0.35, 6.0, 0.03
# Hz in which voices and rooms are alike on all microphones.
_LOW, _HIGH = 120.0, 5000.0
# Delays this near to the line, in seconds, lie on it; so many of them have to, as a share.
_NEAR, _FINE, _ENOUGH = 2e-3, 4e-4, 0.3

Heard = Callable[[float, float], np.ndarray]
"""float32 mono at :data:`RATE` from one second to another, silent outside the recording."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound that is to be aligned."""

    heard: Heard
    seconds: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """The first's ``time`` is ``offset + (1 + drift) * time`` in the other, in seconds."""

    offset: float
    """Seconds."""
    drift: float
    """1e-6 is a part in a million."""
    spread: float
    """Seconds by which the windows' delays lie beside the line (median)."""
    share: float
    """Of the windows, how many lie on it."""


def align(one: Recording, other: Recording) -> Alignment | None:
    """How the other lies to the first; None where they have no sound in common."""
    rough = _rough(one, other)
    if rough is None:
        return None
    at, delay = rough
    times, delays = _delays(one, other, lambda t: delay, _SHORT, _reach(at))
    line = _line(times, delays, _NEAR)
    if line is None:
        return None
    offset, drift, _, _ = line
    times, delays = _delays(
        one, other, lambda t: offset + drift * t, _LONG, lambda t: _NARROW, drift
    )
    fine = _line(times, delays, _FINE)
    return None if fine is None else Alignment(*fine)


def _reach(at: float) -> Callable[[float], float]:
    return lambda time: _WIDE + _MOST_DRIFT * abs(time - at)


# ------------------------------------------------------------------------------ the rough search


def _rough(one: Recording, other: Recording) -> tuple[float, float] | None:
    """(seconds of the first, how much later the other is there) where they are most alike."""
    whole = _loudness(other)
    best: tuple[float, float, float] | None = None
    for start in _parts(one.seconds):
        length = min(_PART, one.seconds - start)
        part = _loudness(one, start, start + length)
        if not part.any() or not whole.any():
            continue
        size = 1 << (len(part) + len(whole)).bit_length()
        made = np.fft.rfft(whole, size, axis=0) * np.conj(np.fft.rfft(part, size, axis=0))
        found = np.fft.irfft(made.sum(axis=1), size)
        place = int(found.argmax())
        sure = float((found[place] - found.mean()) / (found.std() + 1e-12))
        lag = place if place < size // 2 + len(whole) // 2 else place - size
        if best is None or sure > best[0]:
            best = (sure, start + length / 2, lag * _STEP / RATE - start)
    return None if best is None or best[0] < 6 else (best[1], best[2])


def _parts(seconds: float) -> Iterator[float]:
    """Where the parts begin that are looked for: at the start, the middle and the end."""
    last = max(seconds - _PART, 0.0)
    yield from dict.fromkeys((0.0, last / 2, last))


def _loudness(recording: Recording, start: float = 0.0, end: float | None = None) -> np.ndarray:
    """float64 (n, bands): how bands come in, every 10 ms, each with mean 0 and deviation 1."""
    end = recording.seconds if end is None else end
    rows = []
    at = start
    while at < end:
        upto = min(at + 30.0, end)
        sound = recording.heard(at, upto + 2 * _STEP / RATE)
        rows.append(_bands(sound))
        at = upto
    levels = np.log10(1e-7 + np.concatenate(rows))
    risen = np.maximum(np.diff(levels, axis=0, prepend=levels[:1]), 0)
    smooth = np.hanning(9) / np.hanning(9).sum()
    risen = np.apply_along_axis(lambda row: np.convolve(row, smooth, "same"), 0, risen)
    spread = risen.std(axis=0)
    return np.where(spread > 1e-6, (risen - risen.mean(axis=0)) / (spread + 1e-12), 0.0)


def _bands(sound: np.ndarray) -> np.ndarray:
    seen = np.lib.stride_tricks.sliding_window_view(sound, 3 * _STEP)[::_STEP]
    power = np.abs(np.fft.rfft(seen * np.hanning(3 * _STEP))) ** 2
    hertz = np.arange(power.shape[1]) * RATE / (3 * _STEP)
    edges = np.geomspace(_LOW, _HIGH, _BANDS + 1)
    inside = [(hertz >= a) & (hertz < b) for a, b in pairwise(edges)]
    return np.stack([power[:, band].sum(axis=1) for band in inside], axis=1)


# -------------------------------------------------------------------------------- short windows


def _delays(
    one: Recording,
    other: Recording,
    expected: Callable[[float], float],
    seconds: float,
    reach: Callable[[float], float],
    drift: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """(middles of windows, how much later the other is there), in seconds of the first."""
    first = max(0.0, -expected(0.0))
    last = min(one.seconds, other.seconds - expected(one.seconds))
    seconds = min(seconds, max(last - first, 0.0))
    if seconds < 0.25:
        return np.zeros(0), np.zeros(0)
    count = int(np.clip(3 * (last - first) / seconds, 1, _PLACES))
    times, delays = [], []
    for start in np.linspace(first, last - seconds, count):
        middle = start + seconds / 2
        delay, wide = expected(middle), reach(middle)
        a = one.heard(start, start + seconds)
        begin = start + delay - wide - drift * seconds / 2
        b = other.heard(begin, begin + (seconds + 2 * wide) * (1 + abs(drift)) + 0.01)
        if drift:
            at = np.arange(int((seconds + 2 * wide) * RATE)) * (1 + drift)
            b = np.interp(at, np.arange(len(b)), b)
        found = _delay(a, b, int(2 * wide * RATE))
        if found is not None:
            times.append(middle)
            delays.append(delay - wide + found / RATE)
    return np.array(times), np.array(delays)


def _delay(a: np.ndarray, b: np.ndarray, most: int) -> float | None:
    """Samples, with a fraction, from 0 to ``most``, by which ``a`` begins later in ``b``."""
    if not a.any() or not b.any():
        return None
    size = 1 << (len(a) + len(b)).bit_length()
    made = np.fft.rfft(b, size) * np.conj(np.fft.rfft(a * np.hanning(len(a)), size))
    hertz = np.arange(len(made)) * RATE / size
    made = np.where((hertz >= _LOW) & (hertz <= _HIGH), made / (np.abs(made) + 1e-12), 0)
    found = np.fft.irfft(made, size)[: most + 1]
    top = int(found.argmax())
    if not 0 < top < len(found) - 1:
        return float(top)
    before, here, after = found[top - 1 : top + 2]
    bend = before - 2 * here + after
    return top + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _line(
    times: np.ndarray, delays: np.ndarray, near: float
) -> tuple[float, float, float, float] | None:
    """(offset, drift, median distance, share) of the line through most; None where it has few."""
    if len(times) == 0:
        return None
    candidates = [(float(np.median(delays)), 0.0)]
    for i, j in combinations(range(len(times)), 2):
        slope = (delays[j] - delays[i]) / (times[j] - times[i])
        if abs(slope) <= _MOST_DRIFT:
            candidates.append((delays[i] - slope * times[i], slope))
    offsets, slopes = np.array(candidates).T
    apart = np.abs(delays - (offsets[:, None] + slopes[:, None] * times))
    counts = (apart <= near).sum(axis=1)
    on = apart[int(counts.argmax())] <= near
    if on.sum() < max(1, _ENOUGH * len(times)) or (len(times) >= 4 and on.sum() < 3):
        return None
    if on.sum() >= 3:
        slope, offset = np.polyfit(times[on], delays[on], 1)
    else:
        offset, slope = candidates[int(counts.argmax())]
    spread = np.median(np.abs(delays[on] - (offset + slope * times[on])))
    return float(offset), float(slope), float(spread), float(on.mean())
