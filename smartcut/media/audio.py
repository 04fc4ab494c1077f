"""Sound by sample: exact ranges of source time at any rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice
from math import lcm
from pathlib import Path
from typing import Any

import av.error
import numpy as np
from av.audio.frame import AudioFrame

from smartcut.errors import SourceError
from smartcut.media.container import excuse, opened
from smartcut.media.layouts import channel_count, known_layout, layout_name
from smartcut.media.packets import PacketReader
from smartcut.media.sound_frames import float_format, resampler, to_block, to_frame
from smartcut.source import Source
from smartcut.timebase import nearest

# Codecs need some packets before the first good sample; half a second is more than any needs.
_PREROLL = Fraction(1, 2)
# Timestamps that are off by less than this are the container's rounding, not a gap.
_JITTER = Fraction(1, 50)
_BLOCK = 48_000
_PLAIN = ("mono", "stereo")


def samples(
    source: Source, rate: int, layout: int | str, start: Fraction, end: Fraction
) -> Iterator[np.ndarray]:
    """float32 blocks (channels, n) in [-1, 1] of the sound from ``start`` to ``end``.

    ``layout`` is FFmpeg's name of the channels' layout, or the number of channels. Together they
    hold exactly nearest(end * rate) - nearest(start * rate) samples; sample k is the sound at
    k / rate. There is silence where the source has none, also before 0.
    """
    first, last = nearest(start * rate), nearest(end * rate)
    layout = layout_name(layout)
    channels = channel_count(layout)
    if source.audio is None:
        yield from _silence(channels, last - first)
        return
    at = first
    for position, block in resampled(source, rate, layout, Fraction(first, rate)):
        if position >= last:
            break
        if position > at:
            yield from _silence(channels, position - at)
            at = position
        block = block[:, at - position : last - position]
        if block.shape[1]:
            yield block
            at += block.shape[1]
    yield from _silence(channels, last - at)


def _silence(channels: int, count: int) -> Iterator[np.ndarray]:
    while count > 0:
        size = min(count, _BLOCK)
        yield np.zeros((channels, size), dtype=np.float32)
        count -= size


def resampled(
    source: Source, rate: int, layout: int | str, start: Fraction = Fraction(0)
) -> Iterator[tuple[int, np.ndarray]]:
    """(position, block) without gaps from a sample at or before ``start`` on."""
    assert source.audio is not None
    blocks = native_blocks(source, layout, start)
    yield from at_rate(blocks, source.audio.sample_rate, rate, layout)


def at_rate(
    blocks: Iterator[tuple[int, np.ndarray]], native: int, rate: int, layout: int | str
) -> Iterator[tuple[int, np.ndarray]]:
    """(position, block) at ``rate`` of those at the rate ``native``, from the first one's start."""
    if native == rate:
        yield from blocks
        return
    layout = layout_name(layout)
    converter = resampler(layout, rate)
    position: int | None = None
    for at, block in blocks:
        if position is None:
            # Start where both grids have a sample, so that the phase is right.
            skip = next(i for i in range(native) if (at + i) * rate % native == 0)
            if block.shape[1] <= skip:
                block = np.concatenate([block, *_rest(blocks, skip)], axis=1)
            block, at = block[:, skip:], at + skip
            position = at * rate // native
        for made in converter.resample(to_frame(block, layout, native)):
            values = to_block(made)
            yield position, values
            position += values.shape[1]
    if position is not None:
        for made in converter.resample(None):
            values = to_block(made)
            yield position, values
            position += values.shape[1]


def _rest(blocks: Iterator[tuple[int, np.ndarray]], wanted: int) -> Iterator[np.ndarray]:
    have = 0
    for _, block in blocks:
        yield block
        have += block.shape[1]
        if have > wanted:
            return


def native_blocks(
    source: Source, layout: int | str, start: Fraction = Fraction(0)
) -> Iterator[tuple[int, np.ndarray]]:
    """(position, block) at the source's own rate, from source time 0 or later, without gaps.

    Positions follow the timestamps: gaps are filled with silence, overlaps are cut off.
    """
    audio = source.audio
    assert audio is not None
    at: int | None = None
    layout = layout_name(layout)
    grid = _grid(source.path, audio.index, audio.sample_rate, audio.timebase)
    jitter = int(_JITTER * audio.sample_rate)
    for position, block in _decoded(source, layout, start):
        if at is None and grid is not None:
            position = grid.nearest_to(position, nearest(audio.start * audio.sample_rate))
        if at is None:
            at = position
        gap = position - at
        if abs(gap) <= jitter:
            gap = 0
        if gap > 0:
            for silent in _silence(channel_count(layout), gap):
                yield at, silent
                at += silent.shape[1]
        elif gap < 0:
            block = block[:, -gap:]
        if at < 0:
            block, at = block[:, -at:], min(0, at + block.shape[1])
        if block.shape[1]:
            yield at, block
            at += block.shape[1]


def gathered(
    blocks: Iterator[tuple[int, np.ndarray]], size: int
) -> Iterator[tuple[int, np.ndarray]]:
    """The same samples in blocks of ``size`` or a little more: frames of a codec are short."""
    first, parts, count = 0, list[np.ndarray](), 0
    for at, block in blocks:
        if not parts:
            first = at
        parts.append(block)
        count += block.shape[1]
        if count >= size:
            yield first, np.concatenate(parts, axis=1)
            parts, count = [], 0
    if parts:
        yield first, np.concatenate(parts, axis=1)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where frames of a constant size start: the first after ``phase`` samples, then evenly."""

    phase: int
    size: int
    tolerance: int

    def nearest_to(self, position: int, start: int) -> int:
        """The start of the frame that a coarse clock puts at ``position``."""
        frames = nearest(Fraction(position - start - self.phase, self.size))
        exact = start + self.phase + frames * self.size
        # The file's first frame, which may be short, is already where it belongs.
        if position <= start or frames < 0 or abs(exact - position) > self.tolerance:
            return position
        return exact


@lru_cache(maxsize=64)
def _grid(path: Path, stream_index: int, rate: int, timebase: Fraction) -> _Grid | None:
    """The frame grid, for clocks that are too coarse to tell samples apart (Matroska's is 1 ms)."""
    if timebase * rate <= 1:
        return None
    with opened(path) as container:
        stream = container.streams[stream_index]
        sizes = [f.samples for f in islice(container.decode(stream), 6)]
    if len(sizes) < 3 or len(set(sizes[1:])) != 1:
        return None
    return _Grid(sizes[0], sizes[1], nearest(timebase * rate) + 1)


def _decoded(source: Source, layout: str, start: Fraction) -> Iterator[tuple[int, np.ndarray]]:
    """(position, float32 block) of each decoded frame from a little before ``start``."""
    audio = source.audio
    assert audio is not None
    early = start - _PREROLL
    sought = early > audio.start
    tick = int((early + source.origin) / audio.timebase) if sought else None
    convert, position = _Converter(layout), _positions(source)
    good = 0
    try:
        with PacketReader(source.path, audio.index, inside=sought) as reader:
            decoder = reader.decoder
            decoder.thread_type = "AUTO"
            for packet in chain(reader.from_time(tick), [None]):
                for frame in _frames(source, decoder, packet, bool(good)):
                    good += 1
                    if sought and good == 1:
                        continue  # decoders drop part of it as if it were the file's first
                    yield position(frame.pts), convert(frame)
    except av.error.FFmpegError as error:
        excuse(error)
        raise SourceError(
            f"{source.path}: its sound cannot be decoded: {error.strerror or error}"
        ) from error
    except _NoNumbers as error:
        raise SourceError(f"{source.path}: its sound holds values that are no numbers") from error


def _positions(source: Source) -> Callable[[int], int]:
    """The sample, of the source's own rate, that is the nearest to a time in ticks of its sound."""
    audio = source.audio
    assert audio is not None
    scale, origin = audio.timebase * audio.sample_rate, source.origin * audio.sample_rate
    unit = lcm(scale.denominator, origin.denominator)
    times, minus = 2 * int(scale * unit), 2 * int(origin * unit) - unit
    return lambda tick: (tick * times - minus) // (2 * unit)


def _frames(source: Source, decoder: Any, packet: Any, was_good: bool) -> Iterator[Any]:
    """What a packet holds; a damaged one is passed over only at the beginning."""
    try:
        decoded = decoder.decode(packet)
    except av.error.InvalidDataError as error:
        if not was_good:
            return
        assert source.audio is not None
        ticks = packet.pts if packet is not None and packet.pts is not None else 0
        at = float(ticks * source.audio.timebase - source.origin)
        raise SourceError(
            f"{source.path}: the sound at {at:.3f} s cannot be decoded; the file is damaged there"
        ) from error
    yield from (f for f in decoded if f.pts is not None and f.samples)


class _NoNumbers(ValueError):
    """Samples of floating point may be infinite, or no numbers at all."""


class _Converter:
    """Decoded frames as float32 arrays in the wanted layout.

    One channel and two become each other by doubling and by the mean; all else by FFmpeg's mix.
    """

    def __init__(self, layout: str) -> None:
        self._layout = layout
        self._resampler: Any = None

    def __call__(self, frame: AudioFrame) -> np.ndarray:
        have = known_layout(frame.layout.name)
        plain = have in _PLAIN and self._layout in _PLAIN
        kept = have if plain else self._layout
        if have == kept and frame.format.name == float_format(kept) and self._resampler is None:
            block = to_block(frame)
        else:
            block = self._resampled(frame, kept)
        if frame.format.name.startswith(("flt", "dbl")) and not np.isfinite(block).all():
            raise _NoNumbers
        return as_channels(block, channel_count(self._layout)) if plain else block

    def _resampled(self, frame: AudioFrame, layout: str) -> np.ndarray:
        if self._resampler is None:
            self._resampler = resampler(layout, frame.sample_rate)
        frame.pts = None
        parts = [to_block(made) for made in self._resampler.resample(frame)]
        return np.concatenate(parts, axis=1) if len(parts) != 1 else parts[0]


def as_channels(block: np.ndarray, channels: int) -> np.ndarray:
    """One or two channels (float32) of one or two."""
    if block.shape[0] == channels:
        return block
    if channels == 1:
        return block.mean(axis=0, keepdims=True, dtype=np.float32)
    return np.repeat(block, channels, axis=0)
