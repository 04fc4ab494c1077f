"""Frames in falling order: decoded forwards, a group of pictures at a time, and handed out from its
end. Memory is bounded whatever the length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

T = TypeVar("T")

# Bytes of the frames that are held, and the fewest frames.
_MOST_BYTES, _FEWEST = 256_000_000, 8


def most_held(size: float) -> int:
    """How many frames of so many bytes may be held."""
    return max(_FEWEST, int(_MOST_BYTES / size))


def backwards(
    read: Callable[[int, int], Iterator[tuple[int, T]]],
    index: VideoIndex,
    first: int,
    last: int,
    most: int,
) -> Iterator[tuple[int, T]]:
    """(number, frame) for the frames numbered ``last`` - 1 down to ``first``.

    ``read`` gives those from one number up to another. A group of pictures of more than ``most``
    frames is decoded several times.
    """
    while last > first:
        start = max(first, last - most)
        # a group that fits is decoded once, with those before it that fit too
        key = next((n for n in range(start, last) if index.is_start[n]), None)
        if key is not None and start > first:
            start = key
        held = [*read(start, last)]
        while held:
            yield held.pop()
        last = start
