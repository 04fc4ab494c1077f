"""Pictures of 256 colours: a palette for all pictures of a shot, and errors spread between pixels.

The palette is FFmpeg's ``palettegen`` of all pictures, each colour weighted by how often it is
seen; ``paletteuse`` then spreads each pixel's error to its neighbours (Sierra 2-4A), within the
part of the picture that changed, so that what stands still does not flicker.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import IO, Any, cast

import numpy as np
from av.error import BlockingIOError as NotReady
from av.error import EOFError as Ended
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

_UNIT = Fraction(1, 1000)
_FORMAT = "bgra"


def with_palette(
    frames: Iterable[tuple[int, VideoFrame]],
) -> Iterator[tuple[int, VideoFrame]]:
    """The (tick, frame) pairs as ``pal8`` frames, with one palette for all.

    The frames are kept in a temporary file on the way: they are made once, and looked at twice.
    """
    with _spool() as spool:
        generating: Any = None
        for tick, frame in frames:
            pixels = frame.reformat(format=_FORMAT, threads=1).to_ndarray()
            generating = generating or _generating(frame.width, frame.height)
            generating.push(_frame(pixels, len(spool.ticks)))
            spool.put(tick, pixels)
        if generating is None:
            return
        generating.push(None)
        palette = cast(VideoFrame, generating.pull())
        yield from zip(spool.ticks, _applied(spool, palette), strict=True)


class _Spool:
    """Pictures in a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.ticks, self._shape = file, list[int](), (0, 0, 4)

    def put(self, tick: int, pixels: np.ndarray) -> None:
        self._shape = pixels.shape
        self.ticks.append(tick)
        self._file.write(np.ascontiguousarray(pixels).tobytes())

    def __iter__(self) -> Iterator[np.ndarray]:
        self._file.seek(0)
        size = int(np.prod(self._shape))
        for _ in self.ticks:
            yield np.frombuffer(self._file.read(size), np.uint8).reshape(self._shape)


@contextmanager
def _spool() -> Iterator[_Spool]:
    with tempfile.TemporaryFile(prefix="smartcut-palette-") as file:
        yield _Spool(file)


def _frame(pixels: np.ndarray, number: int) -> VideoFrame:
    frame = VideoFrame.from_ndarray(pixels, format=_FORMAT)
    frame.pts, frame.time_base = number, _UNIT
    return frame


def _buffer(graph: Graph, width: int, height: int) -> Any:
    form = VideoFormat(_FORMAT, width, height)
    return graph.add_buffer(width=width, height=height, format=form, time_base=_UNIT)


def _generating(width: int, height: int) -> Graph:
    """A graph that takes pictures and gives their palette at the end, one place of it clear."""
    graph = Graph()
    source, sink = _buffer(graph, width, height), graph.add("buffersink")
    generator = graph.add("palettegen", stats_mode="full", reserve_transparent="1")
    source.link_to(generator)
    generator.link_to(sink)
    graph.configure()
    return graph


def _applied(spool: _Spool, palette: VideoFrame) -> Iterator[VideoFrame]:
    """The pictures in the palette's colours."""
    first = next(iter(spool))
    height, width = first.shape[:2]
    graph = Graph()
    pictures, colours = _buffer(graph, width, height), _buffer(graph, palette.width, palette.height)
    using = graph.add("paletteuse", dither="sierra2_4a", diff_mode="rectangle")
    sink = graph.add("buffersink")
    pictures.link_to(using, 0, 0)
    colours.link_to(using, 0, 1)
    using.link_to(sink)
    graph.configure()
    palette.pts, palette.time_base = 0, _UNIT
    colours.push(palette)
    colours.push(None)
    for number, pixels in enumerate(spool):
        pictures.push(_frame(pixels, number))
        yield from _ready(sink)
    pictures.push(None)
    yield from _ready(sink)


def _ready(sink: Any) -> Iterator[VideoFrame]:
    while True:
        try:
            yield cast(VideoFrame, sink.pull())
        except (NotReady, Ended):
            return
