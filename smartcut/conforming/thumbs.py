"""Small gray pictures of every frame of a source: made in one decoding pass, kept on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.cache import Cache, key_of
from smartcut.errors import SourceError
from smartcut.media.ahead import ahead
from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex
from smartcut.media.reduce import Reducer
from smartcut.source import Source
from smartcut.stage import Frames

#: Of the way pictures are reduced, and of the files that keep them.
VERSION = 2
#: Width and height of small pictures; frames of any shape are stretched to it.
WIDTH, HEIGHT = 64, 36
#: The same of larger ones, of which there are few.
LARGE_WIDTH, LARGE_HEIGHT = 320, 180
_WISHES = (
    Frames((WIDTH, HEIGHT), "gray"),
    Frames((LARGE_WIDTH, LARGE_HEIGHT), "gray"),
)
_AHEAD = 64
_EVERY = 50

Advance = Callable[[Fraction], None]


@dataclass(frozen=True, eq=False)
class Thumbs:
    """All frames of a source, small; and a few larger."""

    pictures: np.ndarray
    """uint8 (n, HEIGHT, WIDTH), read from the disk as it is looked at."""
    large: np.ndarray
    """uint8 (m, LARGE_HEIGHT, LARGE_WIDTH), likewise."""
    large_numbers: np.ndarray
    """int64 (m,): which frames these are."""
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
    source: Source, index: VideoIndex, cache: Cache, large: float, advance: Advance | None = None
) -> Thumbs:
    """The small pictures of a source, from the cache where they are there.

    ``large`` is how many larger ones there are a second. Raises SourceError where a frame cannot
    be decoded, or there are no pictures.
    """
    if source.video is None:
        raise SourceError(f"{source.path} has no pictures to recognise")
    numbers = _every(index, large)
    what = {"source": source.digest, "stream": source.video.index, "large": large}
    keys = [
        key_of("conform-thumbs", VERSION, {**what, "size": size}) for size in ("small", "large")
    ]
    if any(cache.find(key, ".npy") is None for key in keys):
        with cache.create(keys[0], ".npy") as small, cache.create(keys[1], ".npy") as larger:
            kept = (
                _memory(small, (len(index), HEIGHT, WIDTH)),
                _memory(larger, (len(numbers), LARGE_HEIGHT, LARGE_WIDTH)),
            )
            _fill(kept, numbers, source, index, advance)
    pictures, few = (np.load(cache.place(key, ".npy"), mmap_mode="r") for key in keys)
    return Thumbs(pictures, few, numbers, index)


def _every(index: VideoIndex, rate: float) -> np.ndarray:
    """The frames shown at even times, ``rate`` a second."""
    times = np.arange(index.seconds[0], float(index.end), 1 / rate)
    return np.unique(np.searchsorted(index.seconds, times + 1e-6, side="right") - 1)


def _memory(path: object, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)  # type: ignore[arg-type]


def _fill(
    kept: tuple[np.memmap, np.memmap],
    numbers: np.ndarray,
    source: Source,
    index: VideoIndex,
    advance: Advance | None,
) -> None:
    wanted = {number: place for place, number in enumerate(numbers.tolist())}
    for number, small, large in ahead(_reduced(source, index, set(wanted)), _AHEAD):
        kept[0][number] = small
        if large is not None:
            kept[1][wanted[number]] = large
        if advance is not None and number % _EVERY == 0:
            advance(index.time_of(number))
    for pictures in kept:
        pictures.flush()


def _reduced(
    source: Source, index: VideoIndex, wanted: set[int]
) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(wish) for wish in _WISHES]
    for number, frame in frames(source, index, 0, len(index), roughly=True):
        made = reducer(frame, keys if number in wanted else keys[:1])
        yield number, made[0], made[1] if len(made) > 1 else None
