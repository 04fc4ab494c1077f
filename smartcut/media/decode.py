"""Frames by number: exactly those asked for, in the order shown."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from threading import Lock
from typing import Any

import av.error
import numpy as np
from av.video.frame import VideoFrame

from smartcut.errors import SourceError
from smartcut.media.chip_decoding import decoder_like
from smartcut.media.container import excuse
from smartcut.media.fields import deinterlaced
from smartcut.media.index import VideoIndex
from smartcut.media.packets import PacketReader
from smartcut.media.trusted import MOST_PIXELS
from smartcut.source import Source, VideoStream

# How far ahead it is cheaper to decode on than to seek, in frames.
_NEAR = 60
_MOST_FREE = 3
# Pixels of the frames that the threads of a decoder are at: twelve of UHD.
_PIXELS_AT_ONCE = 100_000_000
#: Options of a decoder: frames may grow in the middle of a stream, too.
BOUNDED = {"max_pixels": str(MOST_PIXELS)}
#: The same for looking at small pictures; see :func:`frames`.
ROUGHLY = {**BOUNDED, "skip_loop_filter": "noref"}
# Decoders that can leave out pictures to which no others refer.
_SKIPPING = ("h264", "hevc")

Decode = Callable[[Source, VideoIndex, int, int], Iterator[tuple[int, VideoFrame]]]
"""As :func:`frames`."""


def frames(
    source: Source,
    index: VideoIndex,
    first: int,
    last: int,
    *,
    threads: int = 0,
    roughly: bool = False,
    gpu: int | None = None,
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) for the frames numbered ``first`` to ``last`` - 1.

    Frames are identified by their timestamps, never by counting, unless the file has none.
    ``threads`` 0 lets the decoder choose. ``roughly`` leaves out the smoothing of block edges in
    pictures that no others refer to, which small pictures do not show and which takes a tenth of
    the time. ``gpu`` numbers a graphics chip that decodes what it can; see :mod:`chip_decoding`.
    Raises SourceError where one cannot be decoded.
    """
    with Decoder(source, index, threads, roughly, gpu) as decoder:
        yield from decoder.frames(first, last)


class Decoder:
    """A source's pictures, opened once for any number of looks; see :func:`frames`."""

    def __init__(
        self,
        source: Source,
        index: VideoIndex,
        threads: int = 0,
        roughly: bool = False,
        gpu: int | None = None,
    ) -> None:
        self._source = source
        self._index = index
        self._threads = threads
        self._options = ROUGHLY if roughly else BOUNDED
        self._gpu = None if index.is_counted else gpu
        self._reader: PacketReader | None = None
        self._codec: Any = None

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *error: object) -> None:
        self._codec = None
        if self._reader is not None:
            self._reader.close()

    def frames(self, first: int, last: int) -> Iterator[tuple[int, VideoFrame]]:
        """(number, frame) for the frames numbered ``first`` to ``last`` - 1."""
        index = self._index
        if not 0 <= first <= last <= len(index):
            raise ValueError(f"frames {first} to {last} of {len(index)}")
        if first == last:
            return
        wanted, seen = first, -1
        try:
            for number, frame in self._decoded(first, last):
                if number < seen:
                    break  # its times do not tell frames apart: rather none than a wrong one
                seen = number
                if number < wanted:
                    continue
                if number > wanted:
                    break
                yield number, frame
                wanted += 1
                if wanted == last:
                    return
        except av.error.FFmpegError as error:
            if not self._in_chip:
                excuse(error)
                raise _missing(self._source, index, wanted) from error
        if not self._in_chip:
            raise _missing(self._source, index, wanted)
        self.__exit__()
        self._gpu, self._reader = None, None  # what the chip fails at may be within the software's
        yield from self.frames(wanted, last)

    @property
    def _in_chip(self) -> bool:
        return self._codec is not None and self._codec.is_hwaccel

    def _decoded(self, first: int, last: int) -> Iterator[tuple[int, VideoFrame]]:
        """(number, frame) from a place where decoding can start, at or before ``first``.

        Up to ``last`` - 1, and hardly a picture more is decoded.
        """
        reader, index = self._opened(), self._index
        codec = self._codec
        if self._in_chip:
            codec.flush_buffers()  # the reader does so for its own alone
        if index.is_counted:
            packets = reader.from_time(None)
            yield from enumerate(f for p in chain(packets, [None]) for f in codec.decode(p))
            return
        start = index.start_before(first)
        pts = int(index.pts[start])
        if start == 0 and index.pre_roll is not None:
            pts = index.pre_roll
        skips, target = codec.name in _SKIPPING, int(index.pts[first])
        for packet in chain(_up_to(reader.from_key(pts), index, first, last), [None]):
            if skips and packet is not None:
                codec.skip_frame = "NONREF" if packet.pts < target else "DEFAULT"
            for frame in codec.decode(packet):
                number = number_of(index, frame.pts)
                if number is not None and number >= start:
                    yield number, frame

    def _opened(self) -> PacketReader:
        if self._reader is None:
            assert self._source.video is not None
            self._reader = PacketReader(self._source.path, self._source.video.index)
            software = self._reader.decoder
            self._codec = decoder_like(software, self._gpu) or software
            if not self._in_chip:
                self._codec.thread_type = "AUTO"
                self._codec.thread_count = _within_memory(self._threads, self._source.video)
            self._codec.options = self._options
        return self._reader


def _up_to(packets: Iterator[Any], index: VideoIndex, first: int, last: int) -> Iterator[Any]:
    """The packets until all of frames ``first`` to ``last`` - 1 have come.

    What decoders hold back until later ones come is had by ending the stream there.
    """
    reached = int(index.position[first:last].max())
    for packet in packets:
        number = number_of(index, packet.pts)
        if number is not None and index.position[number] > reached:
            return
        yield packet


def _within_memory(threads: int, video: VideoStream) -> int:
    """So many threads or fewer (0 lets the decoder choose): each holds a frame or more."""
    most = max(1, _PIXELS_AT_ONCE // max(1, video.width * video.height))
    if threads == 0:
        return 0 if most >= (os.cpu_count() or 1) else most
    return min(threads, most)


def _missing(source: Source, index: VideoIndex, number: int) -> SourceError:
    time = float(index.time_of(number))
    return SourceError(
        f"{source.path}: frame {number} at {time:.3f} s cannot be decoded; the file is damaged "
        "there: leave that part out, or repair the file"
    )


def whole_frames(
    source: Source, index: VideoIndex, first: int, last: int, decode: Decode = frames
) -> Iterator[tuple[int, VideoFrame]]:
    """As :func:`frames`, deinterlaced where the source is interlaced."""
    video = source.video
    if video is None or not video.is_interlaced:
        return decode(source, index, first, last)
    return deinterlaced(partial(decode, source, index), video, len(index), first, last)


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


class FrameReader:
    """Whole frames by number in any order, for effects that look where they like; keeps a few."""

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
            self._ahead = whole_frames(self._source, self._index, number, len(self._index))
        for found, frame in self._ahead:
            self._next = found + 1
            self._known[found] = frame
            if len(self._known) > self._keep:
                self._known.popitem(last=False)
            if found == number:
                return frame
        raise _missing(self._source, self._index, number)
