"""Colours of a conformed film beside those of its sources at the same places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smartcut.cache import Cache
from smartcut.conforming.beside import LaidOver, laid_over
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed

#: Pixels of the shorter side of pictures that are compared, and of the blocks that are averaged.
SHORT, BLOCK = 216, 12
# Moments of each stretch, and colours of each moment at most.
_MOMENTS, _COLOURS = 2, 160
# The share of the blocks that is compared: those with the least detail, in which a picture that
# lies a little off has the same colour.
_FLAT = 0.5
# Signals nearer to black or to white than that may have been cut off.
_ENDS = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class StretchColours:
    """Of one stretch of a film: some of its colours, and those of its source there."""

    film: np.ndarray
    """float64 (n, 3): gamma-coded RGB in 0..1."""
    source: np.ndarray


def colours_of(found: Conformed, cache: Cache) -> tuple[StretchColours, ...]:
    """Those of each part that shows a source, as far as they can be compared."""
    wanted = {
        place: _frames(part) for place, part in enumerate(found.parts) if part.source is not None
    }
    pairs: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for one in laid_over(found, wanted, SHORT, cache):
        pairs.setdefault(one.part, []).append(_sampled(one, found.parts[one.part]))
    return tuple(_stretches(pairs))


def _stretches(pairs: dict[int, list[tuple[np.ndarray, np.ndarray]]]) -> Iterator[StretchColours]:
    for _, own in sorted(pairs.items()):
        film, source = (np.concatenate(one) for one in zip(*own, strict=True))
        if len(film):
            yield StretchColours(film, source)


def _frames(part: FilmPart) -> list[int]:
    """Some that it shows alone: in no transition, and in no fade."""
    first, last = part.first + max(part.blend, part.fade_in), part.last - part.fade_out
    if last <= first:
        return []
    shares = (np.arange(_MOMENTS) + 1) / (_MOMENTS + 1)
    return sorted({int(first + share * (last - 1 - first)) for share in shares})


def _sampled(one: LaidOver, part: FilmPart) -> tuple[np.ndarray, np.ndarray]:
    """float64 (n, 3) twice: means of blocks with little detail, nowhere cut off or covered."""
    import cv2

    rows, columns = (side // BLOCK for side in one.film.shape[:2])

    def blocks(picture: np.ndarray) -> np.ndarray:
        whole = picture[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
        return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)

    film, source = blocks(one.film) / 255, blocks(one.source) / 255
    power = blocks(one.source.astype(np.float32) ** 2) / 255**2
    detail = np.clip(power - source**2, 0, None).sum(axis=2)
    kept = blocks(one.inside) >= 1
    kept &= ~_covered(part, (rows, columns))
    for colours in (film, source):
        kept &= (colours > _ENDS).all(axis=2) & (colours < 1 - _ENDS).all(axis=2)
    if not kept.any():
        return np.zeros((0, 3)), np.zeros((0, 3))
    kept &= detail <= np.quantile(detail[kept], _FLAT)
    places = np.flatnonzero(kept)
    some = places[np.linspace(0, len(places) - 1, min(_COLOURS, len(places))).astype(int)]
    return tuple(c.reshape(-1, 3)[some].astype(np.float64) for c in (film, source))


def _covered(part: FilmPart, shape: tuple[int, int]) -> np.ndarray:
    """bool: what something else covers, a block more on each side."""
    found = np.zeros(shape, bool)
    if part.covered is not None:
        left, top, right, bottom = part.covered
        rows, columns = shape
        found[
            max(int(top * rows) - 1, 0) : int(np.ceil(bottom * rows)) + 1,
            max(int(left * columns) - 1, 0) : int(np.ceil(right * columns)) + 1,
        ] = True
    return found
