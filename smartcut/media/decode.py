"""Frames by number: exactly those asked for, in the order shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from smartcut.cut import Source
from smartcut.errors import SourceError
from smartcut.media.container import opened
from smartcut.media.index import VideoIndex

# How far ahead it is cheaper to decode on than to seek, in frames.
_NEAR = 60
_MOST_FREE = 3
# Decoders that can leave out pictures to which no others refer.
_SKIPPING = ("h264", "hevc")


def frames(
    source: Source,
    index: VideoIndex,
    first: int,
    last: int,
    *,
    threads: int = 0,
    roughly: bool = False,
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) for the frames numbered ``first`` to ``last`` - 1.

    Frames are told apart by their timestamps, never by counting, unless the file has none.
    ``threads`` 0 lets the decoder choose. ``roughly`` leaves out the smoothing of block edges in
    pictures that no others refer to, which small pictures do not show and which takes a tenth of
    the time. Raises SourceError where one cannot be decoded.
    """
    with Decoder(source, index, threads, roughly) as decoder:
        yield from decoder.frames(first, last)


class Decoder:
    """A source's pictures, opened once for any number of looks; see :func:`frames`."""

    def __init__(
        self, source: Source, index: VideoIndex, threads: int = 0, roughly: bool = False
    ) -> None:
        self._source = source
        self._index = index
        self._threads = threads
        self._options = {"skip_loop_filter": "noref"} if roughly else {}
        self._open = ExitStack()
        self._stream: Any = None

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream = None
        self._open.close()

    def frames(self, first: int, last: int) -> Iterator[tuple[int, VideoFrame]]:
        """(number, frame) for the frames numbered ``first`` to ``last`` - 1."""
        index = self._index
        if not 0 <= first <= last <= len(index):
            raise ValueError(f"frames {first} to {last} of {len(index)}")
        if first == last:
            return
        wanted = first
        for number, frame in self._decoded(first):
            if number < wanted:
                continue
            if number > wanted:
                break
            yield number, frame
            wanted += 1
            if wanted == last:
                return
        raise _missing(self._source, index, wanted)

    def _decoded(self, first: int) -> Iterator[tuple[int, VideoFrame]]:
        """(number, frame) from a place where decoding can start, at or before ``first``."""
        container, stream = self._opened()
        index, codec = self._index, stream.codec_context
        if index.is_counted:
            container.seek(0)
            yield from enumerate(container.decode(stream))
            return
        start = index.start_before(first)
        pts = int(index.pts[start])
        if start == 0 and index.pre_roll is not None:
            pts = index.pre_roll
        skips, target = codec.name in _SKIPPING, int(index.pts[first])
        for packet in packets_from(container, stream, pts):
            if skips:
                codec.skip_frame = "NONREF" if packet.pts < target else "DEFAULT"
            for frame in codec.decode(packet):
                number = number_of(index, frame.pts)
                if number is not None and number >= start:
                    yield number, frame
        for frame in codec.decode(None):
            number = number_of(index, frame.pts)
            if number is not None and number >= start:
                yield number, frame

    def _opened(self) -> tuple[Any, Any]:
        if self._stream is None:
            assert self._source.video is not None
            container = self._open.enter_context(opened(self._source.path))
            self._stream = container.streams[self._source.video.index]
            self._stream.thread_type = "AUTO"
            self._stream.codec_context.thread_count = self._threads
            self._stream.codec_context.options = self._options
        return self._stream.container, self._stream


def _missing(source: Source, index: VideoIndex, number: int) -> SourceError:
    time = float(index.time_of(number))
    return SourceError(
        f"{source.path}: frame {number} at {time:.3f} s cannot be decoded; the file is damaged "
        "there: leave that part out, or repair the file"
    )


class DecoderPool:
    """Decoders for several threads, each used again when it is free."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        """Of each decoder."""
        self._free: list[tuple[tuple[str, int], Decoder]] = []
        self._lock = Lock()

    def __enter__(self) -> DecoderPool:
        return self

    def __exit__(self, *error: object) -> None:
        for _, decoder in self._free:
            decoder.__exit__()
        self._free = []

    def frames(
        self, source: Source, index: VideoIndex, first: int, last: int
    ) -> Iterator[tuple[int, VideoFrame]]:
        """As :func:`frames`."""
        assert source.video is not None
        key = source.digest, source.video.index
        decoder = self._take(key) or Decoder(source, index, self.threads)
        try:
            yield from decoder.frames(first, last)
        finally:
            with self._lock:
                self._free.append((key, decoder))
                surplus = self._free.pop(0)[1] if len(self._free) > _MOST_FREE else None
            if surplus is not None:
                surplus.__exit__()

    def _take(self, key: tuple[str, int]) -> Decoder | None:
        with self._lock:
            for i, (known, decoder) in enumerate(self._free):
                if known == key:
                    del self._free[i]
                    return decoder
        return None


def number_of(index: VideoIndex, pts: int | None) -> int | None:
    """The number of the frame with that timestamp; None for one that is not shown."""
    if pts is None:
        return None
    found = int(np.searchsorted(index.pts, pts))
    return found if found < len(index) and index.pts[found] == pts else None


def packets_from(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    """The stream's packets from the key frame with that ``pts`` on."""
    back = 0
    while True:
        target = pts - back
        at_head = stream.start_time is not None and target <= stream.start_time
        try:
            container.seek(target, stream=stream, backward=True, any_frame=False)
        except OSError:
            at_head = True
            container.seek(0)
        found = False
        for packet in container.demux(stream):
            if packet.pts is None or not packet.size:
                continue
            if not found:
                if packet.pts > pts and packet.is_keyframe and not at_head:
                    break  # the seek landed too late: go further back
                found = packet.pts == pts and packet.is_keyframe
            if found:
                yield packet
        if found:
            return
        if at_head:
            yield from _from_head(container, stream, pts)
            return
        back = max(2 * back, int(2 / stream.time_base))


def _from_head(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    """The same by reading from the file's first byte: transport streams cannot seek there."""
    with opened(Path(container.name)) as again:
        found = False
        for packet in again.demux(again.streams[stream.index]):
            found = found or (packet.pts == pts and packet.is_keyframe)
            if found and packet.size and packet.pts is not None:
                yield packet


class FrameReader:
    """Frames by number in any order, for effects that look where they like; keeps a few."""

    def __init__(self, source: Source, index: VideoIndex, keep: int = 8) -> None:
        self._source = source
        self._index = index
        self._keep = keep
        self._known: OrderedDict[int, VideoFrame] = OrderedDict()
        self._ahead: Iterator[tuple[int, VideoFrame]] = iter(())
        self._next = len(index)

    def frame(self, number: int) -> VideoFrame:
        if number in self._known:
            self._known.move_to_end(number)
            return self._known[number]
        if not self._next <= number < self._next + _NEAR:
            self._ahead = frames(self._source, self._index, number, len(self._index))
        for found, frame in self._ahead:
            self._next = found + 1
            self._known[found] = frame
            if len(self._known) > self._keep:
                self._known.popitem(last=False)
            if found == number:
                return frame
        raise _missing(self._source, self._index, number)
