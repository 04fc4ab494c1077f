"""Parts of sources' pictures found in a film, wherever and however large.

Every source is looked at twice a second through a few hundred windows, so coarsely that a window
that lies near the right one is enough; the best are then laid over the film exactly. All of it is
products of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from smartcut.conforming.aligning import laid_over
from smartcut.conforming.descriptors import (
    agreement,
    block_likeness,
    difference,
    normalised,
    viewed,
)
from smartcut.conforming.thumbs import HEIGHT, WIDTH, Thumbs
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.windows import PictureWindow, fitted

# Places across and down at which a view is compared, and those around each.
_ACROSS, _DOWN, _AROUND = 16, 9, 5
_NOISE = 1.5
# Each window is so much smaller than the one before, down to the smallest, and they lie this far
# apart, in shares of their size.
_SMALLER, _SMALLEST, _STEP = 0.92, 0.55, 0.08
# Source pictures a second, those that are looked at together, and those of which one is kept.
_RATE, _TOGETHER, _BIN = 2.0, 32, 8
# Candidates for each picture of the film; around the best, so many frames of the source are tried.
CANDIDATES, _CLOSER, _TRIED = 5, 2, (-10, -5, 5, 10)
# How alike pictures have to be through their exact window.
_ALIKE = 0.55


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame of the film that shows a part of a source's picture, about."""

    probe: int
    """The film's frame."""
    source: int
    frame: int
    """The source's frame, about."""
    window: PictureWindow


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Windows of one size: every left edge with every top edge."""

    width: float
    height: float
    lefts: np.ndarray
    tops: np.ndarray

    def window(self, number: int) -> PictureWindow:
        down, across = divmod(number, len(self.lefts))
        left, top = float(self.lefts[across]), float(self.tops[down])
        return PictureWindow(left, top, left + self.width, top + self.height)

    def views(self, pictures: np.ndarray) -> np.ndarray:
        """float32 (n, windows, d): rows to be compared, of uint8 (n, HEIGHT, WIDTH)."""
        across = np.concatenate(
            [_means(left, left + self.width, _ACROSS, WIDTH) for left in self.lefts.tolist()]
        )
        down = np.concatenate(
            [_means(top, top + self.height, _DOWN, HEIGHT) for top in self.tops.tolist()]
        )
        seen = down @ (pictures.astype(np.float32) @ across.T)
        n, ny, nx = len(pictures), len(self.tops), len(self.lefts)
        seen = seen.reshape(n, ny, _DOWN, nx, _ACROSS).transpose(0, 1, 3, 2, 4)
        return _rows(seen.reshape(n, ny * nx, _DOWN, _ACROSS))


def _means(first: float, last: float, count: int, pixels: int) -> np.ndarray:
    """float32 (count, pixels): means over even parts of a stretch, in shares of the picture."""
    edges = np.linspace(first, last, count + 1) * pixels
    left, right = np.arange(pixels), np.arange(1, pixels + 1)
    inside = np.minimum(edges[1:, None], right) - np.maximum(edges[:-1, None], left)
    inside = np.maximum(inside, 0)
    return (inside / np.maximum(inside.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _band(count: int) -> np.ndarray:
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    near = (apart <= _AROUND // 2).astype(np.float32)
    return near / near.sum(axis=1, keepdims=True)


def _rows(seen: np.ndarray) -> np.ndarray:
    """float32 (..., d) of length 1: how each place differs from its surroundings."""
    down, across = _band(_DOWN), _band(_ACROSS)
    mean = down @ seen @ across.T
    spread = down @ (seen * seen) @ across.T - mean * mean
    found = (seen - mean) / np.sqrt(np.maximum(spread, 0) + _NOISE**2)
    found = found.reshape(*seen.shape[:-2], -1)
    length = np.sqrt((found * found).sum(axis=-1, keepdims=True))
    return np.asarray(found / np.maximum(length, 1.0), np.float32)


def _grids(film: tuple[int, int], source: tuple[int, int]) -> Iterator[_Grid]:
    """Windows of the film's shape within the source's picture."""
    inner = fitted(film, source)[0]
    width, height = min(inner.width, 1.0), min(inner.height, 1.0)
    scale = 1.0 if min(width, height) < 0.99 else _SMALLER
    while scale > _SMALLEST:
        w, h = width * scale, height * scale
        yield _Grid(w, h, _edges(w), _edges(h))
        scale *= _SMALLER


def _edges(size: float) -> np.ndarray:
    room = 1 - size
    return np.linspace(0, room, int(np.ceil(room / (_STEP * size) - 1e-6)) + 1)


# ------------------------------------------------------------------------------------- search


def sightings(
    film: Thumbs,
    probes: np.ndarray,
    size: tuple[int, int],
    sources: Sequence[Thumbs],
    sizes: Sequence[tuple[int, int]],
    most: int = CANDIDATES,
    tick: Tick = untold,
) -> Iterator[Sighting]:
    """What the film's frames ``probes`` show, where they show a part of some source's picture.

    Each is laid over the ``most`` views that are most alike.
    """
    pictures = np.asarray(film.pictures[probes])
    whole = _Grid(1.0, 1.0, np.zeros(1), np.zeros(1))
    asked = np.concatenate([whole.views(p)[:, 0] for p in (pictures, pictures[:, :, ::-1])])
    best = _BestViews(len(asked), most)
    for number, (source, shape) in enumerate(zip(sources, sizes, strict=True)):
        step = max(1, round(source.rate / _RATE))
        for grid in _grids(size, shape):
            for first in range(0, len(source), step * _TOGETHER):
                tick()
                numbers = np.arange(first, min(first + step * _TOGETHER, len(source)), step)
                views = grid.views(np.asarray(source.pictures[numbers]))
                best.take(asked, views, number, numbers, grid)
    for place, probe in enumerate(probes.tolist()):
        tick()
        straight = [(one, False) for one in best.of(place)]
        candidates = straight + [(one, True) for one in best.of(place + len(probes))]
        candidates.sort(key=lambda pair: -pair[0][0])
        found = _exact(pictures[place], candidates[:most], sources)
        if found is not None:
            yield Sighting(probe, *found[1:])


_Candidate = tuple[float, int, int, PictureWindow]
"""(likeness, source, frame, window)."""


class _BestViews:
    """The likest views so far, of neighbouring frames only the likest."""

    def __init__(self, count: int, most: int) -> None:
        self._most = most
        self._least = np.full(count, -1.0, np.float32)
        self._found: list[list[_Candidate]] = [[] for _ in range(count)]

    def take(
        self, asked: np.ndarray, views: np.ndarray, source: int, numbers: np.ndarray, grid: _Grid
    ) -> None:
        for first in range(0, len(views), _BIN):
            part = views[first : first + _BIN]
            likeness = asked @ part.reshape(-1, part.shape[-1]).T
            top = likeness.argmax(axis=1)
            values = likeness[np.arange(len(asked)), top]
            for row in np.flatnonzero(values > self._least).tolist():
                frame, window = divmod(int(top[row]), part.shape[1])
                known = self._found[row]
                number = int(numbers[first + frame])
                known.append((float(values[row]), source, number, grid.window(window)))
                known.sort(key=lambda one: -one[0])
                del known[self._most :]
                if len(known) == self._most:
                    self._least[row] = known[-1][0]

    def of(self, row: int) -> list[_Candidate]:
        return self._found[row]


_Fit = tuple[float, int, int, PictureWindow]
"""(difference, source, frame, exact window)."""


def _exact(
    picture: np.ndarray, candidates: Sequence[tuple[_Candidate, bool]], sources: Sequence[Thumbs]
) -> _Fit | None:
    """The best of the candidates, each with whether it is mirrored; None where none is alike.

    The best are tried some frames earlier and later as well.
    """
    found: list[_Fit] = []
    for (_, source, frame, window), mirrored in candidates:
        fit = _fit(picture, sources[source], source, frame, replace(window, mirrored=mirrored))
        if fit is not None:
            found.append(fit)
    found.sort(key=lambda fit: fit[0])
    for _, source, frame, window in found[:_CLOSER]:
        for step in _TRIED:
            near = min(max(frame + step, 0), len(sources[source]) - 1)
            fit = _fit(picture, sources[source], source, near, window)
            if fit is not None:
                found.append(fit)
    return min(found, key=lambda fit: fit[0]) if found else None


def _fit(
    picture: np.ndarray, source: Thumbs, number: int, frame: int, window: PictureWindow
) -> _Fit | None:
    own = np.ascontiguousarray(picture[:, ::-1]) if window.mirrored else picture
    theirs = np.asarray(source.pictures[frame])
    exact = laid_over(own, theirs, replace(window, mirrored=False))
    if exact is None:
        return None
    alike = block_likeness(normalised(own[None]), normalised(viewed(theirs[None], exact)))
    if agreement(*alike)[0] < _ALIKE:
        return None
    return float(difference(*alike)[0]), number, frame, replace(exact, mirrored=window.mirrored)
