"""Some frames of a file, decoding as little as they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from smartcut.cut import Source
from smartcut.errors import SourceError
from smartcut.media.bitstream import Start, start_of
from smartcut.media.container import opened
from smartcut.media.decode import number_of, packets_from
from smartcut.media.index import VideoIndex
from smartcut.media.sampling import runs

# From so many packets on it is cheaper to seek over them than to read them.
_FAR = 600
# Where a frame that nothing refers to is known for certain.
_SKIPS = ("h264", "mpeg2video", "mpeg4")


def picked(
    source: Source, index: VideoIndex, numbers: Sequence[int]
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) for the rising ``numbers``.

    Only packets from the key frame before each are given to the decoder, and of these not those
    that nothing refers to. Raises SourceError where a frame cannot be decoded.
    """
    missing = iter(numbers)
    expected = next(missing, None)
    for number, frame in _decoded(source, index, numbers):
        if number != expected:
            break
        yield number, frame
        expected = next(missing, None)
    if expected is not None:
        raise SourceError(
            f"{source.path}: frame {expected} at {float(index.time_of(expected)):.3f} s cannot be "
            "decoded; the file is damaged there: leave that part out, or repair the file"
        )


def _decoded(
    source: Source, index: VideoIndex, numbers: Sequence[int]
) -> Iterator[tuple[int, VideoFrame]]:
    assert source.video is not None
    wanted = set(numbers)
    # The reader seeks, which empties its own decoder; the other one is left in peace.
    with opened(source.path) as reader, opened(source.path) as container:
        stream = container.streams[source.video.index]
        stream.thread_type = "AUTO"
        decoder = stream.codec_context
        skips = decoder.name in _SKIPS
        for packet, number, is_first in _packets(reader, source.video.index, index, numbers):
            if is_first and not _is_apart(packet):
                yield from _frames(decoder, None, index, wanted)
                decoder.flush_buffers()
            if skips:
                decoder.skip_frame = "DEFAULT" if number in wanted else "NONREF"
            yield from _frames(decoder, packet, index, wanted)
        yield from _frames(decoder, None, index, wanted)


def _is_apart(packet: Any) -> bool:
    """Whether the decoder forgets by itself, at this packet, what came before."""
    return packet.stream.codec_context.name != "hevc" and start_of(packet) is Start.COPY


def _frames(
    decoder: Any, packet: Any, index: VideoIndex, wanted: set[int]
) -> Iterator[tuple[int, VideoFrame]]:
    for frame in decoder.decode(packet):
        number = number_of(index, frame.pts)
        if number is not None and number in wanted:
            yield number, frame


def _packets(
    reader: Any, stream_index: int, index: VideoIndex, numbers: Sequence[int]
) -> Iterator[tuple[Any, int | None, bool]]:
    """(packet, its frame, whether a run begins with it) of all runs, in order."""
    stream = reader.streams[stream_index]
    position = np.empty_like(index.order)
    position[index.order] = np.arange(len(index))
    packets: Iterator[Any] = iter(())
    at = -_FAR
    for first, last in runs(np.asarray(numbers, np.int64), index).tolist():
        if first - at > _FAR or at < 0:
            packets = packets_from(reader, stream, int(index.pts[index.order[first]]))
        inside = False
        for packet in packets:
            number = number_of(index, packet.pts)
            if number is not None:
                at = int(position[number])
                is_first = at == first
                inside = inside or is_first
            if inside:  # what is not in the index is never shown, but may be referred to
                yield packet, number, number is not None and is_first
            if number is not None and at >= last:
                break
