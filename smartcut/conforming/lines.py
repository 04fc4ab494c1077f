"""Lines through hits: source time that passes evenly along a stretch of a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.conforming.search import Hits
from smartcut.conforming.thumbs import Thumbs
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.windows import PictureWindow

#: Speeds that are looked for, forwards and backwards.
FASTEST = 4.6
# Seconds of film around a hit whose other hits speak for its line, or between two of a pair.
_NEAR, _PAIR = 1.5, 1.3
# Frames of the source by which a hit may lie beside its line.
_BESIDE = 2.0
# Seconds without a hit end a line.
_GAP = 1.2
# What the usual speed is given in advance, in hits; what is held, or plays backwards, counts less.
_USUAL, _SLOWEST, _UNUSUAL = 0.6, 0.2, 0.8
# So many lines over one frame of the film are kept, where they have this share of the best support.
_MOST, _SHARE = 4, 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """A source's time as a film's passes: ``start + speed * film time``, in seconds."""

    source: int
    window: PictureWindow
    start: float
    speed: float

    def at(self, times: np.ndarray) -> np.ndarray:
        """Source times at film times."""
        return self.start + self.speed * times


@dataclass(frozen=True, slots=True)
class Guess:
    """A line, and the frames of the film over which it was found."""

    line: Line
    first: int
    last: int
    """Frames ``first`` to ``last`` - 1."""
    support: float
    """The likeness of its hits, added up."""


def guesses(
    hits: Hits,
    film: np.ndarray,
    sources: Sequence[Thumbs],
    windows: Sequence[PictureWindow],
    tick: Tick = untold,
) -> list[Guess]:
    """Lines that the hits lie on, the best of those over the same part of the film.

    ``film`` holds the seconds at which the film's frames begin.
    """
    found: list[Guess] = []
    for source, window in sorted({*zip(hits.source.tolist(), hits.window.tolist(), strict=True)}):
        group = hits.part((hits.source == source) & (hits.window == window))
        group = group.part(np.argsort(group.probe, kind="stable"))
        thumbs = sources[source]
        points = _Points(group, film[group.probe], thumbs.seconds[group.frame], thumbs.rate)
        found.extend(_lines(points, source, windows[window], tick))
    return _chosen(found, len(film))


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Hits of one source through one window, by film time."""

    hits: Hits
    film: np.ndarray
    source: np.ndarray
    rate: float

    def near(self, first: float, last: float) -> slice:
        return slice(*np.searchsorted(self.film, [first, last + 1e-9]).tolist())

    def beside(self, where: slice, at: int, speed: np.ndarray) -> np.ndarray:
        """float64 (speeds, hits): seconds beside the lines through hit ``at``."""
        passed = self.film[where] - self.film[at]
        apart = np.abs(self.source[where] - self.source[at] - speed[:, None] * passed)
        return np.asarray(apart)


def _lines(points: _Points, source: int, window: PictureWindow, tick: Tick) -> Iterator[Guess]:
    candidates = sorted(_candidates(points, tick), reverse=True)
    used = np.zeros(len(points.film), bool)
    for _, number, speed in candidates:
        if used[number]:
            continue
        tick()
        grown = _grown(points, number, speed)
        if grown is None:
            used[number] = True
            continue
        on, start, speed = grown
        used[on] = True
        used[number] = True
        probes = points.hits.probe[on]
        support = float(points.hits.likeness[on].sum())
        line = Line(source, window, start, speed)
        yield Guess(line, int(probes[0]), int(probes[-1]) + 1, support)


def _candidates(points: _Points, tick: Tick) -> Iterator[tuple[float, int, float]]:
    """(support, hit, speed) of the best line through each hit."""
    likeness, near = points.hits.likeness, _BESIDE / points.rate
    for number, time in enumerate(points.film.tolist()):
        tick()
        where = points.near(time - _NEAR, time + _NEAR)
        later = points.near(time + 1e-6, time + _PAIR)
        slopes = (points.source[later] - points.source[number]) / (points.film[later] - time)
        slopes = np.unique(np.round(slopes[np.abs(slopes) <= FASTEST], 3))
        speeds = np.concatenate([[1.0], slopes])
        on = points.beside(where, number, speeds) <= near
        support = on @ likeness[where]
        support[(speeds < _SLOWEST) | (speeds > FASTEST)] *= _UNUSUAL
        support[0] += _USUAL
        best = int(support.argmax())
        yield float(support[best]), number, float(speeds[best])


def _grown(points: _Points, number: int, speed: float) -> tuple[np.ndarray, float, float] | None:
    """(hits on the line, start, speed): the line through a hit as far as it goes."""
    near = _BESIDE / points.rate
    start = float(points.source[number] - speed * points.film[number])
    first = last = float(points.film[number])
    reach, known = _NEAR, -1
    while True:
        where = points.near(first - reach, last + reach)
        apart = np.abs(points.source[where] - start - speed * points.film[where])
        on = np.arange(where.start, where.stop)[apart <= near]
        on = _unbroken(on, points.film, float(points.film[number]))
        if len(on) == 0:
            return None
        first, last = float(points.film[on[0]]), float(points.film[on[-1]])
        if len(on) <= known:  # fitted anew, a line may lose hits: it would come and go for ever
            return on, start, speed
        known = len(on)
        if speed == 1:
            start = float(np.median(points.source[on] - points.film[on]))
        elif last - first > 0.5:
            speed, start = (float(v) for v in np.polyfit(points.film[on], points.source[on], 1))
        reach = max(_NEAR, (last - first) / 2)


def _unbroken(on: np.ndarray, film: np.ndarray, middle: float) -> np.ndarray:
    """Those hits around a time between which no gap lies."""
    if len(on) == 0:
        return on
    breaks = np.flatnonzero(np.diff(film[on]) > _GAP) + 1
    for part in np.split(on, breaks):
        if film[part[0]] <= middle + 1e-6 and film[part[-1]] >= middle - 1e-6:
            return part
    return on[:0]


def _chosen(found: list[Guess], frames: int) -> list[Guess]:
    """The best over each part of the film."""
    best = np.zeros(frames, np.float32)
    count = np.zeros(frames, np.int64)
    kept = []
    for guess in sorted(found, key=lambda g: -g.support):
        span = slice(guess.first, guess.last)
        is_needed = (count[span] < _MOST) & (guess.support >= _SHARE * best[span])
        if is_needed.any():
            kept.append(guess)
            best[span] = np.maximum(best[span], guess.support)
            count[span] += 1
    return kept
