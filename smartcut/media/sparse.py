"""Some frames of a file, decoding as little as they need."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from itertools import chain
from typing import Any

import av.error
from av.video.frame import VideoFrame

from smartcut.errors import SourceError
from smartcut.media.ahead import ahead
from smartcut.media.chip_decoding import decoder_like
from smartcut.media.decode import ROUGHLY, number_of
from smartcut.media.index import VideoIndex
from smartcut.media.packets import PacketReader
from smartcut.media.sampling import Run, sparse_runs
from smartcut.source import Source
from smartcut.usable import usable_cores

# From so many packets on it is cheaper to seek over them than to read them.
_FAR = 600
# Where a frame that nothing refers to is known for certain.
_SKIPS = ("h264", "mpeg2video", "mpeg4")
# Frames that a thread may be ahead of their use: they are whole, and may be large.
_AHEAD = 4

_Frames = Iterator[tuple[int, VideoFrame]]


def picked(
    source: Source, index: VideoIndex, numbers: Sequence[int], gpu: int | None = None
) -> _Frames:
    """(number, frame) for the rising ``numbers``, as :func:`frames` has them ``roughly``.

    Only packets from the key frame before each are given to the decoder, and of these not those
    that nothing refers to, nor B pictures where all of ``numbers`` there can be had without. Runs
    from a key frame are decoded side by side, each by one thread: decoders whose threads share a
    run take a fifth more of the processors. ``gpu`` numbers a graphics chip that decodes what it
    can. Raises SourceError where a frame cannot be decoded.
    """
    place = 0
    failures = () if gpu is None else (av.error.FFmpegError,)
    with suppress(*failures):
        for number, frame in _decoded(source, index, sparse_runs(numbers, index), gpu):
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
    source: Source, index: VideoIndex, found: Sequence[Run], gpu: int | None
) -> Generator[tuple[int, VideoFrame]]:
    """The wanted frames of all runs, in order."""
    assert source.video is not None
    stream = source.video.index
    with PacketReader(source.path, stream) as reader:
        at_once = usable_cores() if reader.is_by_place and gpu is None else 1
        if min(len(found), at_once) < 2:
            yield from chain.from_iterable(_of_runs(reader, index, found, gpu))
            return
    with ExitStack() as stack:
        parts = [found[k::at_once] for k in range(min(len(found), at_once))]
        threads = [
            stack.enter_context(closing(ahead(_marked(source, index, part), _AHEAD)))
            for part in parts
        ]
        for number in range(len(found)):
            for item in threads[number % len(threads)]:
                if item is None:
                    break
                yield item


def _marked(
    source: Source, index: VideoIndex, found: Sequence[Run]
) -> Generator[tuple[int, VideoFrame] | None]:
    """The same of some runs, with None at the end of each."""
    assert source.video is not None
    with PacketReader(source.path, source.video.index) as reader:
        for frames in _of_runs(reader, index, found, None):
            yield from frames
            yield None


def _of_runs(
    reader: PacketReader, index: VideoIndex, found: Sequence[Run], gpu: int | None
) -> Iterator[_Frames]:
    """The wanted frames of each run, which have to be used before the next run's."""
    own = reader.decoder
    decoder = decoder_like(own, gpu) or own
    if not decoder.is_hwaccel:
        decoder.thread_type = "AUTO"
        decoder.thread_count = 0 if len(found) == 1 else 1
    decoder.options = ROUGHLY
    packets: Iterator[Any] = iter(())
    at = -_FAR
    for run in found:
        if reader.is_by_place or run.first - at > _FAR or at < 0:
            # FFmpeg fills in for missing pictures where it decodes itself
            without = frozenset() if decoder.is_hwaccel else _left_out(run, index)
            packets = reader.from_key(int(index.pts[index.order[run.first]]), without)
        at = run.last
        yield _frames(decoder, _of_run(packets, index, run), index, run)


def _left_out(run: Run, index: VideoIndex) -> frozenset[int]:
    """The pts of the run's packets that its frames do not need."""
    if not run.is_base or index.is_base is None:
        return frozenset()
    numbers = index.order[run.first : run.last + 1]
    return frozenset(index.pts[numbers[~index.is_base[numbers]]].tolist())


def _frames(
    decoder: Any, packets: Iterator[tuple[Any, int | None]], index: VideoIndex, run: Run
) -> _Frames:
    """The run's wanted frames; the decoder is as new afterwards."""
    skips = decoder.name in _SKIPS
    for packet, number in packets:
        if skips:
            decoder.skip_frame = "DEFAULT" if number in run.wanted else "NONREF"
        yield from _wanted(decoder.decode(packet), index, run)
    yield from _wanted(decoder.decode(None), index, run)
    decoder.flush_buffers()


def _wanted(frames: Sequence[VideoFrame], index: VideoIndex, run: Run) -> _Frames:
    for frame in frames:
        number = number_of(index, frame.pts)
        if number is not None and number in run.wanted:
            yield number, frame


def _of_run(
    packets: Iterator[Any], index: VideoIndex, run: Run
) -> Iterator[tuple[Any, int | None]]:
    """(packet, its frame) of the run, from its key frame on."""
    inside = False
    for packet in packets:
        number = number_of(index, packet.pts)
        at = None if number is None else int(index.position[number])
        inside = inside or at == run.first
        if inside:  # what is not in the index is never shown, but may be referred to
            yield packet, number
        if at is not None and at >= run.last:
            return
