"""The sound of a cut: clips placed to the sample, cross-faded, ducked and summed.

A clip occupies timeline samples nearest(start * rate) to nearest(end * rate), from exact cumulative
time, so nothing drifts. Everything streams: a block at a time, whatever the length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.algebra import merged
from smartcut.cut import Cut, Ducking, Segment, Source, Track
from smartcut.timebase import Range, nearest

Read = Callable[[Source, Fraction, Fraction, Fraction], Iterator[np.ndarray]]
"""(source, start, end, speed) -> float32 blocks (channels, n) at the mix's rate."""

_BLOCK = 48_000


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound of one source on the timeline, in samples; the fades lie inside ``start``..``end``."""

    source: Source
    time: Fraction
    """Source time heard at ``start``."""
    speed: Fraction
    start: int
    end: int
    fade_in: int = 0
    fade_out: int = 0
    equal_power: tuple[bool, bool] = (False, False)
    """Shape of the two fades: equal power across transitions, equal gain at joins."""


# ----------------------------------------------------------------------------------- placement


def programme_clips(cut: Cut, rate: int) -> list[Clip]:
    """The programme's own sound; each hard join is a short cross-fade centred on it.

    Equal-gain fades leave a join inside continuous material exactly as it was. Where
    a source has no more material to overlap with, it fades inside its own range.
    """
    placed = list(cut.programme.placed())
    half = nearest(cut.mix.crossfade * rate / 2)
    clips = []
    for i, (segment, place) in enumerate(placed):
        source = cut.source(segment.source) if segment.source else None
        if source is None or source.audio is None:
            continue
        before = placed[i - 1] if i else None
        after = placed[i + 1] if i + 1 < len(placed) else None
        clips.append(_clip(segment, place, source, before, after, rate, half))
    return clips


Placed = tuple[Segment, Range]


def _clip(
    segment: Segment,
    place: Range,
    source: Source,
    before: Placed | None,
    after: Placed | None,
    rate: int,
    half: int,
) -> Clip:
    assert source.audio is not None
    audio_end = source.audio.start + source.audio.duration
    start, end = nearest(place.start * rate), nearest(place.end * rate)
    half = min(half, (end - start) // 4)
    reach = half * segment.speed / rate
    time, fade_in, fade_out = segment.range.start, 0, 0
    power_in = power_out = False
    if segment.overlap:
        fade_in, power_in = nearest(segment.overlap * rate), True
    elif before is not None and time - reach >= source.audio.start:
        start, time, fade_in = start - half, time - reach, 2 * half
    elif before is not None or time > source.audio.start:
        fade_in = half
    if after is not None and after[0].overlap:
        fade_out, power_out = nearest(after[0].overlap * rate), True
    elif after is not None and segment.range.end + reach <= audio_end:
        end, fade_out = end + half, 2 * half
    elif after is not None or segment.range.end < source.duration:
        fade_out = half
    return Clip(source, time, segment.speed, start, end, fade_in, fade_out, (power_in, power_out))


def track_clips(cut: Cut, track: Track, total: int, rate: int, crossfade: Fraction) -> list[Clip]:
    """A sound track's clips; music starts again when it ends, until the programme does."""
    fade = nearest(crossfade * rate)
    clips: list[Clip] = []
    at = 0
    while at < total:
        for segment in track.segments:
            source = cut.source(segment.source) if segment.source else None
            length = nearest(segment.duration * rate)
            if source is not None and source.audio is not None and at < total:
                overlap = min(fade, length // 4) if at else 0
                start, end = at - overlap, at - overlap + length
                clips.append(
                    Clip(source, segment.range.start, segment.speed, start, end, overlap, fade)
                )
                at = end
            else:
                at += length
        if track.kind != "music" or at == 0:
            break
    return clips


# --------------------------------------------------------------------------------------- mixing


def mix(
    cut: Cut,
    read: Read,
    *,
    duration: Fraction,
    rate: int = 48_000,
    channels: int = 2,
    speech: Sequence[Range] = (),
) -> Iterator[np.ndarray]:
    """float32 blocks (channels, n) of the whole mix, before loudness is touched.

    ``speech`` holds the timeline ranges under which tracks with ducking are lowered.
    """
    total = nearest(duration * rate)
    layers: list[Iterator[np.ndarray]] = []
    if cut.mix.programme_gain is not None:
        clips = programme_clips(cut, rate)
        layers.append(_layer(clips, read, total, channels, rate, _level(cut.mix.programme_gain)))
    for track in cut.tracks[1:]:
        clips = track_clips(cut, track, total, rate, Fraction(1, 50))
        gain = _track_gain(track, total, rate, speech)
        layers.append(_layer(clips, read, total, channels, rate, gain))
    for start in range(0, total, _BLOCK):
        size = min(_BLOCK, total - start)
        block = np.zeros((channels, size), dtype=np.float32)
        for layer in layers:
            block += next(layer)
        yield block


Gain = Callable[[int, int], np.ndarray | np.float32]


def _level(decibels: float) -> Gain:
    factor = np.float32(10 ** (decibels / 20))
    return lambda start, size: factor


def _track_gain(track: Track, total: int, rate: int, speech: Sequence[Range]) -> Gain:
    fade_in, fade_out = nearest(track.fade_in * rate), nearest(track.fade_out * rate)
    ducked = ducking_curve(track.ducking, speech) if track.ducking and speech else None

    def gain(start: int, size: int) -> np.ndarray:
        at = np.arange(start, start + size)
        decibels = np.full(size, track.gain)
        if ducked is not None:
            decibels += np.interp(at / rate, *ducked)
        level = 10 ** (decibels / 20)
        if fade_in:
            level *= np.clip(at / fade_in, 0, 1)
        if fade_out:
            level *= np.clip((total - at) / fade_out, 0, 1)
        return level.astype(np.float32)

    return gain


def ducking_curve(ducking: Ducking, speech: Sequence[Range]) -> tuple[list[float], list[float]]:
    """(seconds, dB) of a broken line that is down by the depth whenever somebody speaks.

    The way down ends when speech begins, so the music has made room already.
    """
    times: list[float] = []
    levels: list[float] = []
    for spoken in merged(list(speech), ducking.attack + ducking.release):
        start, end = spoken.start, spoken.end
        ends = (start - ducking.attack, start, end, end + ducking.release)
        times += [float(t) for t in ends]
        levels += [0.0, -ducking.depth, -ducking.depth, 0.0]
    return times, levels


def _layer(
    clips: Sequence[Clip], read: Read, total: int, channels: int, rate: int, gain: Gain
) -> Iterator[np.ndarray]:
    """The clips of one track summed, block by block."""
    waiting = sorted(clips, key=lambda c: c.start)
    playing: list[tuple[Clip, _Tape]] = []
    for start in range(0, total, _BLOCK):
        size = min(_BLOCK, total - start)
        while waiting and waiting[0].start < start + size:
            clip = waiting.pop(0)
            end = clip.time + (clip.end - clip.start) * clip.speed / rate
            playing.append((clip, _Tape(read(clip.source, clip.time, end, clip.speed), channels)))
        block = np.zeros((channels, size), dtype=np.float32)
        for clip, tape in playing:
            first, last = max(clip.start, start), min(clip.end, start + size)
            if clip.start < 0 and start == 0:
                tape.take(-clip.start)
                first = 0
            if last > first:
                heard = tape.take(last - first)
                heard = heard * _fades(clip, first, last)
                block[:, first - start : last - start] += heard
        playing = [(c, t) for c, t in playing if c.end > start + size]
        yield block * gain(start, size)


def _fades(clip: Clip, first: int, last: int) -> np.ndarray:
    """The clip's level at timeline samples ``first`` to ``last``."""
    at = np.arange(first, last, dtype=np.float64) + 0.5
    level = np.ones(last - first)
    if clip.fade_in:
        rising = np.clip((at - clip.start) / clip.fade_in, 0, 1)
        rising = np.sin(rising * np.pi / 2)
        level *= rising if clip.equal_power[0] else rising**2
    if clip.fade_out:
        falling = np.clip((clip.end - at) / clip.fade_out, 0, 1)
        falling = np.sin(falling * np.pi / 2)
        level *= falling if clip.equal_power[1] else falling**2
    return level.astype(np.float32)


class _Tape:
    """Blocks of any length as a tape from which any number of samples can be taken."""

    def __init__(self, blocks: Iterator[np.ndarray], channels: int) -> None:
        self._blocks = blocks
        self._rest = np.zeros((channels, 0), dtype=np.float32)

    def take(self, count: int) -> np.ndarray:
        parts, have = [self._rest], self._rest.shape[1]
        while have < count:
            block = next(self._blocks, None)
            if block is None:
                short = self._rest.shape[0], count - have
                block = np.zeros(short, dtype=np.float32)
            parts.append(block)
            have += block.shape[1]
        joined = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
        self._rest = joined[:, count:]
        return joined[:, :count]
