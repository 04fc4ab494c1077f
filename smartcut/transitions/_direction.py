"""Directions on a picture: how far an edge is, and planes side by side."""

from __future__ import annotations

from typing import Literal

import numpy as np

from smartcut.image import Image, Size

Direction = Literal["left", "right", "up", "down"]


def edge_shares(size: Size, direction: Direction, share: float, feather: float) -> np.ndarray:
    """float32 (height, width): 1 behind an edge that has gone so far, 0 before it.

    ``feather`` is the breadth of the soft edge as a share of the way; at a share of 0 all of it
    lies before the picture, at 1 behind.
    """
    width, height = size
    length = width if direction in ("left", "right") else height
    way = (np.arange(length, dtype=np.float64) + 0.5) / length
    if direction in ("left", "up"):
        way = way[::-1]
    gone = share * (1 + feather) - way
    line = np.clip(gone / feather, 0, 1) if feather else (gone > 0).astype(np.float64)
    line = line if direction in ("left", "right") else line[:, np.newaxis]
    return np.broadcast_to(line, (height, width)).astype(np.float32)


def beside(
    outgoing: Image, incoming: Image, direction: Direction, share: float, pushes: bool
) -> Image:
    """The incoming picture, which has moved in by its share, and what is left of the outgoing.

    By whole samples of chroma, so that no pixel changes. The outgoing one moves too where the
    incoming ``pushes`` it, or else stays where it is.
    """
    across = direction in ("left", "right")
    axis, step = (1, outgoing.space.down[0]) if across else (0, outgoing.space.down[1])
    # Chroma samples between the edge that the incoming picture comes from, and its far edge.
    whole = -(-outgoing.size[0 if across else 1] // step)
    left = int(np.floor((1 - share) * whole + 0.5))

    def joined(out: np.ndarray, new: np.ndarray, each: int) -> np.ndarray:
        length = out.shape[axis]
        gap = min(left * each, length)
        if direction in ("left", "up"):
            kept = _cut(out, axis, length - gap, length) if pushes else _cut(out, axis, 0, gap)
            return np.concatenate([kept, _cut(new, axis, 0, length - gap)], axis)
        kept = _cut(out, axis, 0, gap) if pushes else _cut(out, axis, length - gap, length)
        return np.concatenate([_cut(new, axis, gap, length), kept], axis)

    planes = tuple(
        joined(out, new, 1 if number else step)
        for number, (out, new) in enumerate(zip(outgoing.planes, incoming.planes, strict=True))
    )
    alpha = None
    if outgoing.alpha is not None and incoming.alpha is not None:
        alpha = joined(outgoing.alpha, incoming.alpha, step)
    return Image(planes, outgoing.space, alpha)


def _cut(plane: np.ndarray, axis: int, first: int, last: int) -> np.ndarray:
    return plane[:, first:last] if axis else plane[first:last]
