"""Cuts a block's input into tiles whose answers are, put together, the untiled answer.

Tiles are cut inside each of IFNet's blocks, not out of the whole picture: a block's reach is 40
pixels of its own input, however far things move, so that a margin of 40 makes the tiles exact
and no seam has to be hidden. Only the pictures, flow and mask themselves stay whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: A block works on cells of 4 x 4 pixels; tiles begin and end between cells.
CELL = 4
#: Ten cells: one for the two convolutions with stride 2, eight for the chain, one for the last.
REACH = 10 * CELL


@dataclass(frozen=True, slots=True)
class TileRange:
    """A stretch of one axis: ``read`` is what the tile sees, ``keep`` what it answers for."""

    read: slice
    keep: slice

    @property
    def inner(self) -> slice:
        """Where ``keep`` lies within ``read``."""
        return slice(self.keep.start - self.read.start, self.keep.stop - self.read.start)


def spans(length: int, parts: int) -> list[TileRange]:
    """``length`` pixels (a multiple of 4) in at most so many parts, each with its margins."""
    cells = -(-length // CELL)
    size = -(-cells // parts) * CELL
    found = []
    for start in range(0, length, size):
        stop = min(start + size, length)
        read = slice(max(start - REACH, 0), min(stop + REACH, length))
        found.append(TileRange(read, slice(start, stop)))
    return found


def worth_splitting(parts: list[TileRange]) -> bool:
    """Whether the widest part, margins included, is enough narrower than the whole."""
    return max(p.read.stop - p.read.start for p in parts) <= 0.8 * parts[-1].keep.stop


def grid(height: int, width: int, limit: int) -> tuple[int, int]:
    """Into how many rows and columns a picture is best cut for tiles of ``limit`` pixels.

    Fewest pixels computed twice among all that fit; where the margins alone do not fit, the
    smallest tiles worth having, as wide as their margins.
    """
    if height * width <= limit:
        return 1, 1
    best, cost = (-(-height // REACH), -(-width // REACH)), None
    for columns in range(1, -(-width // REACH) + 1):
        across = min(-(-width // columns) + CELL + 2 * REACH, width)
        rows = next(
            (
                n
                for n in range(1, -(-height // REACH) + 1)
                if min(-(-height // n) + CELL + 2 * REACH, height) * across <= limit
            ),
            None,
        )
        if rows is None:
            continue
        total = (height + 2 * REACH * (rows - 1)) * (width + 2 * REACH * (columns - 1))
        if cost is None or total < cost:
            best, cost = (rows, columns), total
    return best


def tiles(height: int, width: int, limit: int) -> Iterator[tuple[TileRange, TileRange]]:
    """The rows and columns of each tile of at most ``limit`` pixels, margins included."""
    rows, columns = grid(height, width, limit)
    for down in spans(height, rows):
        for across in spans(width, columns):
            yield down, across
