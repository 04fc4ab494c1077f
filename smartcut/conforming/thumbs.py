"""Small gray pictures of every frame of a source: made in one decoding pass, kept on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from smartcut.cache import Cache, key_of
from smartcut.conforming.ticks import Paced
from smartcut.errors import SourceError
from smartcut.media.ahead import ahead
from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex
from smartcut.media.reduce import Reducer
from smartcut.source import Source
from smartcut.stage import Frames

#: Of the way pictures are reduced, and of the file that keeps them.
VERSION = 3
#: Width and height of a small picture; frames of any shape are stretched to it.
WIDTH, HEIGHT = 64, 36
_WISH = Frames((WIDTH, HEIGHT), "gray")
_AHEAD = 64

Advance = Callable[[float], None]
"""Called with the seconds that were looked at, some times a second."""


@dataclass(frozen=True, eq=False)
class Thumbs:
    """All frames of a source, small."""

    pictures: np.ndarray
    """uint8 (n, HEIGHT, WIDTH), read from the disk as it is looked at."""
    index: VideoIndex

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def seconds(self) -> np.ndarray:
        """float64 (n,): when each frame begins."""
        return self.index.seconds

    @property
    def rate(self) -> float:
        """Frames a second."""
        return float(self.index.rate)

    def shown_at(self, times: np.ndarray, early: float) -> np.ndarray:
        """int64: the frames shown at source times, which begin ``early`` seconds before them."""
        found = np.searchsorted(self.seconds, times + early, side="right") - 1
        return np.clip(found, 0, len(self) - 1)


def thumbs_of(
    source: Source, index: VideoIndex, cache: Cache, advance: Advance | None = None
) -> Thumbs:
    """The small pictures of a source, from the cache where they are there.

    Raises SourceError where a frame cannot be decoded, or there are no pictures.
    """
    if source.video is None:
        raise SourceError(f"{source.path} has no pictures to recognise")
    stream = source.video.index
    key = key_of("conform-thumbs", VERSION, {"source": source.digest, "stream": stream})
    path = cache.find(key, ".npy")
    if path is None:
        with cache.create(key, ".npy") as made:
            _write(made, source, index, advance)
        path = cache.place(key, ".npy")
    return Thumbs(np.load(path, mmap_mode="r"), index)


def _write(path: Path, source: Source, index: VideoIndex, advance: Advance | None) -> None:
    shape = (len(index), HEIGHT, WIDTH)
    tick = None if advance is None else Paced(advance)
    kept = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    for number, picture in ahead(_reduced(source, index), _AHEAD):
        kept[number] = picture
        if tick is not None:
            tick(float(index.time_of(number)))
    kept.flush()
    del kept


def _reduced(source: Source, index: VideoIndex) -> Iterator[tuple[int, np.ndarray]]:
    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(_WISH)]
    for number, frame in frames(source, index, 0, len(index), roughly=True):
        yield number, reducer(frame, keys)[0]
