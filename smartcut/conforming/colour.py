"""The colours of a film as a table of those of its sources, where a grade changed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from smartcut.conforming.pairs import Pair
from smartcut.conforming.windows import PictureWindow
from smartcut.render.lut import SIZE, identity

# Pixels of a pair that are compared, and of all, and rounds in which those far off are left out.
_PIXELS, _FEWEST, _IN_ALL, _ROUNDS = 1500, 40, 60_000, 4
# Pictures this alike, in dB, need no table; one has to gain so much.
_ALIKE, _GAIN = 38.0, 1.5
_RIDGE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Grade:
    """A table of colours, and how well it does."""

    table: np.ndarray
    """float32 (n, n, n, 3): see :mod:`smartcut.render.lut`."""
    before: float
    """How alike the pictures are without it, in dB."""
    after: float


Samples = tuple[np.ndarray, np.ndarray]
"""Colours float64 (n, 3) in 0..1 of the film, and of the source at the same places."""


def sampled(pair: Pair, window: PictureWindow, pairs: int) -> Samples:
    """Some colours of a pair, one of so many; the same for the same pair."""
    import cv2

    height, width = pair.film.shape[:2]
    matrix = window.to_source(pair.source.shape[1::-1], (width, height))
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(
        pair.source, matrix, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    film, source = (cv2.GaussianBlur(p, (0, 0), 1.5) for p in (pair.film, shown))
    random = np.random.default_rng(pair.run)
    count = max(_FEWEST, min(_PIXELS, _IN_ALL // max(pairs, 1)))
    rows = random.integers(4, height - 4, count)
    columns = random.integers(4, width - 4, count)
    return film[rows, columns] / 255.0, source[rows, columns] / 255.0


def grade(samples: Sequence[Samples]) -> Grade | None:
    """The table that brings the sources' colours to the film's; None where none is needed."""
    if not samples:
        return None
    film = np.concatenate([one for one, _ in samples])
    source = np.concatenate([other for _, other in samples])
    matrix, kept = _polynomial(film, source)
    before = _likeness(film, source, kept)
    after = _likeness(film, np.clip(_powers(source) @ matrix, 0, 1), kept)
    if before >= _ALIKE or after < before + _GAIN:
        return None
    return Grade(_table(matrix, source), before, after)


def table_between(film: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The table, as of :class:`Grade`, that brings colours (n, 3) of sources to those of films."""
    return _table(_polynomial(film, source)[0], source)


def _polynomial(film: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of :func:`_powers`, and bool (n,): the colours that are not far off."""
    kept = np.ones(len(film), bool)
    matrix = np.zeros((0, 3))
    for _ in range(_ROUNDS):
        matrix = _fitted(source[kept], film[kept])
        apart = np.abs(_powers(source) @ matrix - film).max(axis=1)
        kept = apart <= max(4 * float(np.median(apart)), 0.02)
    return matrix, kept


def _powers(colours: np.ndarray) -> np.ndarray:
    """float64 (n, 20): products of up to three of red, green and blue."""
    columns = [np.ones(len(colours))]
    for degree in (1, 2, 3):
        for which in combinations_with_replacement(range(3), degree):
            columns.append(colours[:, which].prod(axis=1))
    return np.stack(columns, axis=1)


def _fitted(source: np.ndarray, film: np.ndarray) -> np.ndarray:
    """float64 (20, 3): coefficients; what the colours do not tell stays as it is."""
    powers = _powers(source)
    same = np.zeros((powers.shape[1], 3))
    same[1:4] = np.eye(3)
    normal = powers.T @ powers / len(powers) + _RIDGE * np.eye(powers.shape[1])
    found: np.ndarray = same + np.linalg.solve(
        normal, powers.T @ (film - powers @ same) / len(powers)
    )
    return found


def _likeness(film: np.ndarray, source: np.ndarray, weight: np.ndarray) -> float:
    apart = float(((film - source)[weight] ** 2).mean())
    return float(-10 * np.log10(max(apart, 1e-7)))


def _table(matrix: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The table of a polynomial; beyond the colours that were seen it goes on with their shift."""
    colours = identity().reshape(-1, 3)
    low, high = np.percentile(seen, [0.5, 99.5], axis=0)
    inside = np.clip(colours, low, high)
    shift = _powers(inside) @ matrix - inside
    found = np.clip(colours + shift, 0, 1).astype(np.float32)
    return found.reshape(SIZE, SIZE, SIZE, 3)
