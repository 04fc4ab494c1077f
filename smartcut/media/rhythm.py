"""Beats of music: spectral flux, a tempo that may change, and the beats that fit both best.

The beats are those of Ellis (2007, "Beat tracking by dynamic programming"), with a period at each
moment that the Viterbi algorithm finds among tempi of windows of eight seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Samples a second that it hears, and from one spectrum to the next.
RATE, HOP = 22_050, 256
_WINDOW, _BANDS, _HIGHEST = 1024, 64, 8000.0
# Of the spectra in which harmony is seen: samples, and the lowest and highest Hz that count.
_LONG, _LONG_HOP, _TONES = 4096, 1024, (60.0, 2000.0)
_FRAMES = RATE / HOP  # spectra a second
# Tempi: the slowest and the fastest, how many an octave, and seconds that are looked at for one.
_SLOWEST, _FASTEST, _PER_OCTAVE, _SEEN = 45.0, 225.0, 24, 8.0
# The usual tempo, the octaves around it that are likely, and what an octave of change costs.
_USUAL, _LIKELY, _CHANGE = 120.0, 0.9, 6.0
_TIGHTNESS = 100.0
# Below this many Hz a bass drum is heard, and how much a bar out of step costs.
_BASS, _OUT_OF_STEP = 200.0, 6.0
# What a beat's flux is late by, in spectra: windows see an onset before their middle.
_LATE = 0.7


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Beats of a piece."""

    times: np.ndarray
    """float64 seconds, rising."""
    first: np.ndarray
    """bool: which are the first of a bar."""
    tempo: float
    """Beats a minute, the median; 0 where there are none."""


class RhythmListener:
    """Gathers what rhythm and harmony there is, some seconds at a time."""

    def __init__(self) -> None:
        self._held = np.zeros(_LONG // 2, np.float32)  # the middle of the first windows is at 0
        self._bands: list[np.ndarray] = []
        self._harmony: list[np.ndarray] = []
        self._mel, self._chroma = _mel(), _chroma()
        self._skip = (_LONG - _WINDOW) // 2

    def add(self, samples: np.ndarray) -> None:
        """Take float32 mono samples at :data:`RATE`."""
        self._held = np.concatenate([self._held, samples])
        if len(self._held) > 20 * RATE:
            self._take()

    def _take(self) -> None:
        count = (len(self._held) - _LONG) // _LONG_HOP + 1
        if count <= 0:
            return
        short = self._held[self._skip :][: count * _LONG_HOP + _WINDOW - HOP]
        power = _power(short, _WINDOW, HOP)
        self._bands.append((power @ self._mel.T).astype(np.float32))
        whole = self._held[: (count - 1) * _LONG_HOP + _LONG]
        self._harmony.append(np.sqrt(_power(whole, _LONG, _LONG_HOP)) @ self._chroma.T)
        self._held = self._held[count * _LONG_HOP :]

    def finish(self, tempo: tuple[float, float] | None = None, metre: int = 4) -> Rhythm:
        """The beats; ``tempo`` bounds them, a minute, and ``metre`` counts those of a bar."""
        self._held = np.concatenate([self._held, np.zeros(_LONG, np.float32)])
        self._take()
        bands = np.concatenate(self._bands)
        if len(bands) < 3 * _FRAMES or bands.max() < 1e-6:
            return Rhythm(np.zeros(0), np.zeros(0, np.bool_), 0.0)
        flux, bass = _flux(bands)
        periods = _periods(flux, tempo or (_SLOWEST, _FASTEST))
        beats = _beats(flux, periods)
        first = _bars(beats, bass, np.concatenate(self._harmony), metre)
        times = np.maximum((_refined(beats, flux) - _LATE) / _FRAMES, 0.0)
        return Rhythm(
            times, first, float(60 / np.median(np.diff(times))) if len(times) > 1 else 0.0
        )


def _power(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """float32 (windows, frequencies)."""
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    seen = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    made = np.fft.rfft(seen * shape)
    return np.asarray(made.real**2 + made.imag**2, np.float32)


def _edges() -> np.ndarray:
    """float64 (bands + 2,): where the bands begin, are highest and end, in Hz; evenly in mel."""
    return 700 * (10 ** (np.linspace(0, np.log10(1 + _HIGHEST / 700), _BANDS + 2)) - 1)


def _mel() -> np.ndarray:
    """float32 (bands, frequencies): triangles from edge to edge."""
    hertz = _edges()
    at = np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW
    rising = (at - hertz[:-2, None]) / (hertz[1:-1] - hertz[:-2])[:, None]
    falling = (hertz[2:, None] - at) / (hertz[2:] - hertz[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _chroma() -> np.ndarray:
    """float32 (12, frequencies): which of the twelve tones each frequency belongs to."""
    at = np.arange(_LONG // 2 + 1) * RATE / _LONG
    inside = (at >= _TONES[0]) & (at <= _TONES[1])
    tones = np.round(12 * np.log2(np.maximum(at, 1) / 440)).astype(int) % 12
    return np.asarray((tones == np.arange(12)[:, None]) & inside, np.float32)


def _flux(bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(how much comes in, of all bands; of the lowest), each less its mean over a second."""
    heard = np.log10(1 + 1e4 * bands / bands.max())
    risen = np.maximum(heard[2:] - heard[:-2], 0)
    risen = np.concatenate([np.zeros((2, heard.shape[1]), np.float32), risen])
    low = int((_edges()[1:-1] < _BASS).sum())
    return _levelled(risen.mean(axis=1)), _levelled(risen[:, :low].mean(axis=1))


def _levelled(values: np.ndarray) -> np.ndarray:
    size = int(_FRAMES)
    mean = np.convolve(np.pad(values, size // 2, mode="edge"), np.full(size, 1 / size), "same")
    above = values - mean[size // 2 : size // 2 + len(values)]
    return above / (above.std() + 1e-9)


def _periods(flux: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """float64 (spectra,): the period of the beat at each, in spectra."""
    low, high = bounds
    tempi = low * 2 ** (np.arange(int(np.log2(high / low) * _PER_OCTAVE) + 1) / _PER_OCTAVE)
    lags = 60 * _FRAMES / tempi
    usual = np.exp(-0.5 * (np.log2(tempi / _USUAL) / _LIKELY) ** 2)
    size, step = int(_SEEN * _FRAMES), int(_FRAMES)
    padded = np.pad(flux, size // 2)
    rows = []
    for start in range(0, len(flux), step):
        seen = padded[start : start + size] * np.hanning(size)
        power = np.abs(np.fft.rfft(seen, 2 * size)) ** 2
        found = np.fft.irfft(power)[:size]
        at = np.arange(size)
        many = sum(np.interp(k * lags, at, found) / k for k in (1, 2, 3))
        rows.append(np.maximum(many, 0) / (found[0] + 1e-9) * usual)
    path = _smoothest(np.array(rows), _CHANGE / _PER_OCTAVE)
    return np.interp(np.arange(len(flux)), np.arange(len(rows)) * step, lags[path])


def _smoothest(scores: np.ndarray, cost: float) -> np.ndarray:
    """int (rows,): a column for each row, of the highest sum less ``cost`` for each step aside."""
    scores = scores / (scores.max() + 1e-9)
    columns = np.arange(scores.shape[1])
    moving = cost * np.abs(columns[:, None] - columns[None, :])
    best, came = scores[0], []
    for row in scores[1:]:
        through = best[None, :] - moving
        came.append(through.argmax(axis=1))
        best = through.max(axis=1) + row
    path = [int(best.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def _beats(flux: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """int (beats,): the spectra on which beats fall."""
    total, came = flux.copy(), np.full(len(flux), -1)
    for at in range(len(flux)):
        period = periods[at]
        first, last = max(0, int(at - 2 * period)), int(at - period / 2) + 1
        if last <= 0 or last <= first:
            continue
        away = np.log((at - np.arange(first, last)) / period)
        through = total[first:last] - _TIGHTNESS * away * away
        best = int(through.argmax())
        if through[best] > 0:
            total[at], came[at] = flux[at] + through[best], first + best
    last_period = int(periods[-1])
    at = len(flux) - 1 - int(total[::-1][: last_period + 1].argmax())
    found = []
    while at >= 0:
        found.append(at)
        at = int(came[at])
    return _sounding(np.array(found[::-1]), flux)


def _sounding(beats: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """The beats without those at either end where nothing is heard."""
    reach = 3
    heard = np.array([flux[max(0, b - reach) : b + reach + 1].max() for b in beats])
    strong = np.flatnonzero(heard > 0.25 * np.sqrt((heard**2).mean()))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else beats[:0]


def _refined(beats: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """float64: where near each beat the flux is highest, between spectra."""
    found = []
    for beat in beats:
        low = max(1, beat - 2)
        part = flux[low : beat + 3]
        top = low + int(part.argmax()) if len(part) else int(beat)
        if not 0 < top < len(flux) - 1:
            found.append(float(top))
            continue
        before, here, after = flux[top - 1 : top + 2]
        bend = before - 2 * here + after
        found.append(top + (0.5 * (before - after) / bend if bend < 0 else 0.0))
    return np.array(found)


def _bars(beats: np.ndarray, bass: np.ndarray, harmony: np.ndarray, metre: int) -> np.ndarray:
    """bool (beats,): the first of each bar, where harmony changes and the bass comes in."""
    if len(beats) < 2 * metre:
        return np.arange(len(beats)) % metre == 0
    places = np.minimum(beats * HOP // _LONG_HOP, len(harmony) - 1)
    ends = np.append(places[1:], min(len(harmony), 2 * places[-1] - places[-2]))
    tones = np.array(
        [harmony[a : max(b, a + 1)].mean(axis=0) for a, b in zip(places, ends, strict=True)]
    )
    tones /= np.linalg.norm(tones, axis=1, keepdims=True) + 1e-9
    change = np.append(0.0, 1 - (tones[1:] * tones[:-1]).sum(axis=1))
    hits = np.array([bass[max(0, b - 2) : b + 3].max() for b in beats])
    found = _standard(change) + 0.5 * _standard(hits)
    scores = np.full((len(beats), metre), 0.0)
    scores[:, 0] = found  # in state k, a beat is the k-th of its bar
    return _counted(scores) == 0


def _counted(scores: np.ndarray) -> np.ndarray:
    """int (beats,): the place in its bar of each beat; to lose count costs."""
    metre = scores.shape[1]
    best, came = scores[0], []
    for row in scores[1:]:
        goes_on = np.roll(best, 1)
        jump = best.max() - _OUT_OF_STEP
        came.append(np.where(goes_on >= jump, (np.arange(metre) - 1) % metre, best.argmax()))
        best = np.maximum(goes_on, jump) + row
    path = [int(best.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() + 1e-9)
