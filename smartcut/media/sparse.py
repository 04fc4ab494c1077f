"""Some frames of a file, decoding as little as they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import av.error
import numpy as np
from av.video.frame import VideoFrame

from smartcut.errors import SourceError
from smartcut.media.chip_decoding import decoder_like
from smartcut.media.decode import ROUGHLY, number_of
from smartcut.media.index import VideoIndex
from smartcut.media.packets import PacketReader
from smartcut.media.sampling import runs
from smartcut.source import Source

# From so many packets on it is cheaper to seek over them than to read them.
_FAR = 600
# Where a frame that nothing refers to is known for certain.
_SKIPS = ("h264", "mpeg2video", "mpeg4")


def picked(
    source: Source, index: VideoIndex, numbers: Sequence[int], gpu: int | None = None
) -> Iterator[tuple[int, VideoFrame]]:
    """(number, frame) for the rising ``numbers``, as :func:`frames` has them ``roughly``.

    Only packets from the key frame before each are given to the decoder, and of these not those
    that nothing refers to. ``gpu`` numbers a graphics chip that decodes what it can. Raises
    SourceError where a frame cannot be decoded.
    """
    place = 0
    failures = () if gpu is None else (av.error.FFmpegError,)
    with suppress(*failures):
        for number, frame in _decoded(source, index, numbers, gpu):
            if place == len(numbers) or number != numbers[place]:
                break
            yield number, frame
            place += 1
    if place == len(numbers):
        return
    if gpu is not None:  # what the chip fails at may be within the software's reach
        yield from picked(source, index, numbers[place:])
        return
    expected = numbers[place]
    raise SourceError(
        f"{source.path}: frame {expected} at {float(index.time_of(expected)):.3f} s cannot be "
        "decoded; the file is damaged there: leave that part out, or repair the file"
    )


def _decoded(
    source: Source, index: VideoIndex, numbers: Sequence[int], gpu: int | None
) -> Iterator[tuple[int, VideoFrame]]:
    assert source.video is not None
    wanted = set(numbers)
    # The reader empties its own decoder when it seeks; the other one is left in peace.
    path, stream = source.path, source.video.index
    with PacketReader(path, stream) as reader, PacketReader(path, stream) as other:
        decoder = decoder_like(other.decoder, gpu) or other.decoder
        if not decoder.is_hwaccel:
            decoder.thread_type = "AUTO"
        decoder.options = ROUGHLY
        skips = decoder.name in _SKIPS
        for packet, number, is_first in _packets(reader, index, numbers):
            # Does the decoder forget by itself, at this packet, what came before?
            if is_first and (decoder.name == "hevc" or not index.is_entry[number]):
                yield from _frames(decoder, None, index, wanted)
                decoder.flush_buffers()
            if skips:
                decoder.skip_frame = "DEFAULT" if number in wanted else "NONREF"
            yield from _frames(decoder, packet, index, wanted)
        yield from _frames(decoder, None, index, wanted)


def _frames(
    decoder: Any, packet: Any, index: VideoIndex, wanted: set[int]
) -> Iterator[tuple[int, VideoFrame]]:
    for frame in decoder.decode(packet):
        number = number_of(index, frame.pts)
        if number is not None and number in wanted:
            yield number, frame


def _packets(
    reader: PacketReader, index: VideoIndex, numbers: Sequence[int]
) -> Iterator[tuple[Any, int | None, bool]]:
    """(packet, its frame, whether a run begins with it) of all runs, in order."""
    position = np.empty_like(index.order)
    position[index.order] = np.arange(len(index))
    packets: Iterator[Any] = iter(())
    at = -_FAR
    for first, last in runs(np.asarray(numbers, np.int64), index).tolist():
        if reader.is_by_place or first - at > _FAR or at < 0:
            packets = reader.from_key(int(index.pts[index.order[first]]))
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
