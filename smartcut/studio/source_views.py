"""A source at a glance, for a timeline: a strip of pictures, and how loud it is when.

Both are kept in the cache by the source's digest.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from pydantic import BaseModel

from smartcut.cache import Cache, key_of
from smartcut.interchange.json import tells
from smartcut.media.audio import gathered, native_blocks
from smartcut.media.index import VideoIndex, video_index
from smartcut.media.picture import to_rgb
from smartcut.media.sparse import picked
from smartcut.render.fitting import conformer
from smartcut.render.output import OutputPicture
from smartcut.render.picture_format import SDR, fitting_colour
from smartcut.source import Source, VideoStream

#: Raised whenever the same source would come out with other pictures, or other peaks.
VERSION = 1
#: Peaks a second.
PEAKS = 100

_HEIGHT, _MOST_TILES, _QUALITY = 54, 100, 70
_RGB = "gbrp"


@dataclass(frozen=True, slots=True)
class SourceStrip:
    """Pictures of a source side by side, as a JPEG; nothing where it has none."""

    jpeg: bytes = b""
    times: tuple[float, ...] = ()
    """When each is shown, in source time."""
    width: int = 0
    height: int = 0
    """Of each picture."""


class _StripTimes(BaseModel):
    times: list[float]
    width: int
    height: int


def strip_of(
    source: Source, cache: Cache, give_way: Callable[[], object] = lambda: None
) -> SourceStrip:
    """Key frames of the source, evenly thinned; the others are not decoded.

    ``give_way`` is called after each, and may wait. Raises SourceError where one cannot be
    decoded.
    """
    if source.video is None or source.is_drawn or not source.path.exists():
        return SourceStrip()
    inputs = {"source": source.digest, "stream": source.video.index, "height": _HEIGHT}
    key = key_of("source-strip", VERSION, inputs)
    told, found = cache.load(key, tells(_StripTimes)), cache.find(key, ".jpg")
    if told is None or found is None:
        made = _strip(source, source.video, cache, give_way)
        with cache.create(key, ".jpg") as path:
            path.write_bytes(made.jpeg)
        told = {"times": made.times, "width": made.width, "height": made.height}
        cache.store(key, told)
        return made
    return SourceStrip(found.read_bytes(), tuple(told["times"]), told["width"], told["height"])


def _strip(
    source: Source, video: VideoStream, cache: Cache, give_way: Callable[[], object]
) -> SourceStrip:
    from PIL import Image

    index = video_index(source, cache)
    numbers = _tiles(index)
    across, down = video.display_size
    width = max(2, round(across * _HEIGHT / down / 2) * 2)
    small = OutputPicture(
        "mjpeg", width, _HEIGHT, _RGB, None, video.timebase, fitting_colour(SDR, _RGB), "stretch",
        crf=None, bitrate=None, preset=None,
    )  # fmt: skip
    conform = conformer(video, small, cache)
    tiles = []
    for _, frame in picked(source, index, numbers):
        tiles.append(to_rgb(conform(frame)))
        give_way()
    stream = io.BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(stream, "JPEG", quality=_QUALITY)
    times = tuple(float(index.time_of(number)) for number in numbers)
    return SourceStrip(stream.getvalue(), times, width, _HEIGHT)


def _tiles(index: VideoIndex) -> list[int]:
    """The key frames to show: no more than fit, about equally far from each other."""
    starts = np.flatnonzero(index.is_start)
    if len(starts) <= _MOST_TILES:
        return [int(number) for number in starts]
    seconds = index.seconds[starts]
    wanted = np.linspace(seconds[0], seconds[-1], _MOST_TILES)
    return [int(starts[i]) for i in np.unique(np.searchsorted(seconds, wanted))]


def peaks_of(source: Source, cache: Cache, give_way: Callable[[], object] = lambda: None) -> bytes:
    """The highest magnitude of all channels in each hundredth of a second: 255 is full scale.

    ``give_way`` is called before each block, and may wait. Raises SourceError where the sound
    cannot be decoded.
    """
    if source.audio is None or not source.path.exists():
        return b""
    key = key_of("peaks", VERSION, {"source": source.digest, "stream": source.audio.index})
    found = cache.find(key, ".u8")
    if found is not None:
        return found.read_bytes()
    made = _peaks(source, give_way)
    with cache.create(key, ".u8") as path:
        path.write_bytes(made)
    return made


def _peaks(source: Source, give_way: Callable[[], object]) -> bytes:
    assert source.audio is not None
    rate = source.audio.sample_rate
    end = max(source.duration, source.audio.start + source.audio.duration)
    peaks = np.zeros(max(1, -(-end.numerator * PEAKS // end.denominator)), np.float32)
    blocks = gathered(native_blocks(source, source.audio.layout, Fraction(0)), rate)
    for first, values in _parts(blocks, rate):
        give_way()
        inside = values[: max(0, len(peaks) - first)]
        np.maximum(
            peaks[first : first + len(inside)], inside, out=peaks[first : first + len(inside)]
        )
    return bytes(np.rint(np.clip(peaks, 0, 1) * 255).astype(np.uint8))


def _parts(blocks: Iterator[tuple[int, np.ndarray]], rate: int) -> Iterator[tuple[int, np.ndarray]]:
    """(number of the first, peaks) of blocks (channels, n) that begin at these samples."""
    for at, block in blocks:
        places = (at + np.arange(block.shape[1])) * PEAKS // rate
        edges = np.flatnonzero(np.diff(places, prepend=-1))
        yield int(places[0]), np.maximum.reduceat(np.abs(block).max(axis=0), edges)
