"""The nearest rows of some segments: a scan over codes, then exact products for what it leaves.

The scan estimates every row's product with the query. The exact products of the rows with the
highest estimates give a bound that the k best must reach; every row whose estimate comes within
``SURE`` standard errors of that bound is then computed exactly. So the recall follows from the
estimate's error, whatever the vectors are like: no graph or clustering has to suit them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from smartcut.library import codes
from smartcut.library.segments import VectorSegment

#: A row at the bound is missed by one in 22; those above it less often.
SURE = 1.7
#: At most this share of all rows is computed exactly, but always _FEW.
_SHARE, _FEW = 0.05, 20_000
_PIECE = 1 << 17
_GATHER = 512
_THREADS = min(8, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Near:
    """A row near the query; ``score`` is their inner product (the cosine of unit vectors)."""

    segment: int
    row: int
    score: float


@dataclass(frozen=True, slots=True)
class RowPiece:
    """Rows ``first`` to ``last`` of a segment; ``at`` is the first one's place among all."""

    segment: int
    first: int
    last: int
    at: int


class Vectors:
    """Segments that are searched together. ``alive`` marks each segment's rows that count."""

    def __init__(
        self, segments: Sequence[VectorSegment], alive: Sequence[np.ndarray | None] | None = None
    ) -> None:
        self._segments = list(segments)
        self._alive = list(alive) if alive is not None else [None] * len(self._segments)
        self._starts = np.cumsum([0, *(s.size for s in self._segments)])
        self._pieces = [
            RowPiece(i, first, min(first + _PIECE, segment.size), int(self._starts[i]) + first)
            for i, segment in enumerate(self._segments)
            for first in range(0, segment.size, _PIECE)
        ]
        self._pool = ThreadPoolExecutor(_THREADS) if len(self._pieces) > 1 else None

    @property
    def size(self) -> int:
        """Rows, those that do not count included."""
        return int(self._starts[-1])

    def search(self, query: np.ndarray, count: int) -> list[Near]:
        """The ``count`` rows with the largest product with ``query`` (dimensions,), best first."""
        if not self.size or count < 1:
            return []
        query = np.asarray(query, np.float32)
        asked = codes.question(query)
        estimates = self._estimates(query, asked)
        first = _highest(estimates, min(self.size, 4 * count + 64))
        exact = self._exact(first, query)
        if len(first) < self.size:
            places = np.argsort(-exact)[:count]
            more = self._within(estimates, float(exact[places[-1]]), asked.error, first)
            first = np.concatenate((first, more))
            exact = np.concatenate((exact, self._exact(more, query)))
        best = np.lexsort((first, -exact))[:count]
        return [self._near(int(first[i]), float(exact[i])) for i in best if np.isfinite(exact[i])]

    def rows(self, near: Sequence[Near]) -> np.ndarray:
        """float32 (N, dimensions): the vectors themselves."""
        one = [self._segments[n.segment].rows[n.row : n.row + 1] for n in near]
        return np.concatenate(one)

    def _near(self, place: int, score: float) -> Near:
        segment = int(np.searchsorted(self._starts, place, "right")) - 1
        return Near(segment, place - int(self._starts[segment]), score)

    def _map(self, work, items):  # type: ignore[no-untyped-def]
        return list((self._pool.map if self._pool else map)(work, items))

    def _estimates(self, query: np.ndarray, asked: codes.CodedQuestion) -> np.ndarray:
        offsets = [float(query @ s.centre) for s in self._segments]
        found = np.empty(self.size, np.float32)

        def scan(piece: RowPiece) -> None:
            segment, part = self._segments[piece.segment], slice(piece.first, piece.last)
            out = found[piece.at : piece.at + piece.last - piece.first]
            offset = offsets[piece.segment]
            codes.estimate(asked, segment.codes[:, part], segment.scale[part], offset, out)
            alive = self._alive[piece.segment]
            if alive is not None:
                out[~alive[part]] = -np.inf

        self._map(scan, self._pieces)
        return found

    def _within(
        self, estimates: np.ndarray, bound: float, error: float, known: np.ndarray
    ) -> np.ndarray:
        """Places, in order, of further rows that may reach the bound."""

        def reach(piece: RowPiece) -> np.ndarray:
            scale = self._segments[piece.segment].scale[piece.first : piece.last]
            high = scale * np.float32(SURE * error)
            high += estimates[piece.at : piece.at + len(scale)]
            return np.flatnonzero(high >= bound) + piece.at

        found = np.concatenate(self._map(reach, self._pieces))
        found = np.setdiff1d(found, known, assume_unique=True)
        most = max(_FEW, int(_SHARE * self.size))
        return found[np.sort(_highest(estimates[found], most))] if len(found) > most else found

    def _exact(self, places: np.ndarray, query: np.ndarray) -> np.ndarray:
        """float32 products of the rows at these places, -inf for those that do not count."""
        order = np.argsort(places, kind="stable")
        ordered = places[order]
        parts = [ordered[i : i + _GATHER] for i in range(0, len(ordered), _GATHER)]

        def products(part: np.ndarray) -> np.ndarray:
            found = np.empty(len(part), np.float32)
            owner = np.searchsorted(self._starts, part, "right") - 1
            for i in np.unique(owner):
                mine = owner == i
                rows = part[mine] - self._starts[i]
                values = self._segments[i].rows.products(rows, query)
                alive = self._alive[i]
                found[mine] = values if alive is None else np.where(alive[rows], values, -np.inf)
            return found

        result = np.empty(len(places), np.float32)
        if parts:
            result[order] = np.concatenate(self._map(products, parts))
        return result


def _highest(values: np.ndarray, count: int) -> np.ndarray:
    """Places of about the ``count`` highest values: at least so many where there are."""
    if count >= len(values):
        return np.arange(len(values))
    step = max(1, len(values) // (1 << 15))
    sample = np.sort(values[::step])[::-1]
    wanted = int(1.3 * count / step) + 8
    if step > 1 and wanted < len(sample):
        found = np.flatnonzero(values >= sample[wanted])
        if count <= len(found) <= 8 * count + 4096:
            return found
    return np.argpartition(-values, count)[:count]
