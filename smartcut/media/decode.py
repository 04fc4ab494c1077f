"""Frames by number: exactly those asked for, in the order shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from smartcut.cut import Source
from smartcut.errors import SourceError
from smartcut.media.container import opened
from smartcut.media.index import VideoIndex

# How far ahead it is cheaper to decode on than to seek, in frames.
_NEAR = 60


def frames(
    source: Source, index: VideoIndex, first: int, last: int, *, threads: int = 0
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) for the frames numbered ``first`` to ``last`` - 1.

    Frames are told apart by their timestamps, never by counting, unless the file has none.
    ``threads`` 0 lets the decoder choose. Raises SourceError where one cannot be decoded.
    """
    if not 0 <= first <= last <= len(index):
        raise ValueError(f"frames {first} to {last} of {len(index)}")
    if first == last:
        return
    wanted = first
    for number, frame in _decoded(source, index, first, threads):
        if number < wanted:
            continue
        if number > wanted:
            raise _missing(source, index, wanted)
        yield number, frame
        wanted += 1
        if wanted == last:
            return
    raise _missing(source, index, wanted)


def _missing(source: Source, index: VideoIndex, number: int) -> SourceError:
    time = float(index.time_of(number))
    return SourceError(
        f"{source.path}: frame {number} at {time:.3f} s cannot be decoded; the file is damaged "
        "there: leave that part out, or repair the file"
    )


def _decoded(
    source: Source, index: VideoIndex, first: int, threads: int
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) from a place where decoding can start, at or before ``first``."""
    assert source.video is not None
    with opened(source.path) as container:
        stream = container.streams[source.video.index]
        stream.thread_type = "AUTO"
        if threads:
            stream.codec_context.thread_count = threads
        if index.is_counted:
            yield from enumerate(container.decode(stream))
            return
        start = index.start_before(first)
        pts = int(index.pts[start])
        if start == 0 and index.pre_roll is not None:
            pts = index.pre_roll
        packets = packets_from(container, stream, pts)
        for packet in packets:
            for frame in stream.codec_context.decode(packet):
                number = number_of(index, frame.pts)
                if number is not None and number >= start:
                    yield number, frame
        for frame in stream.codec_context.decode(None):
            number = number_of(index, frame.pts)
            if number is not None and number >= start:
                yield number, frame


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
