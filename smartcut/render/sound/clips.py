"""The sound of a cut: clips placed to the sample, cross-faded, ducked and summed.

A clip occupies timeline samples nearest(start * rate) to nearest(end * rate), from exact cumulative
time, so nothing drifts. Everything streams: a block at a time, whatever the length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

import numpy as np

from smartcut.algebra import merged, voiced_in_timeline
from smartcut.cut import Cut, Ducking, Segment, Track
from smartcut.render.sound.changing import applied_sounds
from smartcut.render.sound.effects import SegmentTimes
from smartcut.render.sound.joins import leads
from smartcut.sound_effect import AppliedSound
from smartcut.source import Source
from smartcut.timebase import Range, nearest
from smartcut.warp import Piece

Paces = tuple[tuple[Fraction, Fraction], ...]
"""(seconds of the source, speed), one after the other; the last goes on."""

#: Samples that are mixed at a time; mixing can begin at every whole number of them.
BLOCK = 48_000


@dataclass(frozen=True, slots=True)
class SoundClip:
    """Sound of one source on the timeline, in samples; the fades lie inside ``start``..``end``."""

    source: Source
    time: Fraction
    """Source time heard at ``start``."""
    paces: Paces
    start: int
    end: int
    fade_in: int = 0
    fade_out: int = 0
    equal_power: tuple[bool, bool] = (False, False)
    """Shape of the two fades: equal power across transitions, equal gain at joins."""
    is_reversed: bool = False
    """It is heard backwards from ``time``."""
    effects: tuple[AppliedSound, ...] = ()
    times: SegmentTimes = SegmentTimes()
    """When in its segment what is heard, for effects that follow it."""

    def source_end(self, rate: int) -> Fraction:
        """Source time at ``end``."""
        seconds = sum((s for s, _ in self.paces[:-1]), Fraction(0))
        heard = sum((s / speed for s, speed in self.paces[:-1]), Fraction(0))
        rest = Fraction(self.end - self.start, rate) - heard
        passed = seconds + rest * self.paces[-1][1]
        return self.time - passed if self.is_reversed else self.time + passed

    def heard(self, rate: int) -> Range:
        """What of the source is heard, whichever way."""
        return Range(*sorted((self.time, self.source_end(rate))))


Read = Callable[[SoundClip, int], Iterator[np.ndarray]]
"""float32 blocks (channels, n) of what a clip plays, at the mix's rate, before its fades.

They begin with that sample of the clip, 0 or above.
"""


# ----------------------------------------------------------------------------------- placement


def programme_clips(cut: Cut, rate: int) -> list[SoundClip]:
    """The programme's own sound; each hard join is a short cross-fade centred on it.

    Equal-gain fades leave a join inside continuous material exactly as it was. Where
    a source has no more material to overlap with, it fades inside its own range.
    """
    placed = list(cut.programme.placed())
    ahead = (*leads(cut), Fraction(0))
    half = nearest(cut.mix.crossfade * rate / 2)
    clips: list[SoundClip] = []
    for first, last in _runs(placed):
        source = cut.source(placed[first][0].source or "") if placed[first][0].source else None
        if source is None or source.audio is None or placed[first][0].sound == "muted":
            continue
        before = placed[first - 1] if first else None
        after = placed[last] if last < len(placed) else None
        if not _goes_forward(placed[first][0]):
            clips.extend(_warped(placed[first], source, after, rate, half))
            continue
        moved = ahead[first], ahead[last]
        clips.append(_clip(placed[first:last], source, before, after, moved, rate, half))
    return clips


Placed = tuple[Segment, Range]


def _runs(placed: Sequence[Placed]) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of segments heard in one go: one source, at changing speeds."""
    first = 0
    for i, (segment, _) in enumerate(placed, 1):
        following = placed[i][0] if i < len(placed) else None
        if following is None or not _goes_on(segment, following):
            yield first, i
            first = i


def _goes_forward(segment: Segment) -> bool:
    """Whether it plays on and on, at whatever speeds: never backwards, nor held."""
    return all(piece.slope > 0 for piece in segment.pieces)


def _goes_on(one: Segment, other: Segment) -> bool:
    same = one.source == other.source and one.range.end == other.range.start
    stretched = one.sound == other.sound == "stretched"
    if not all(s.source and not s.is_plain and _goes_forward(s) for s in (one, other)):
        return False
    alike = same and stretched and not other.transition and not other.lead
    return alike and _is_changed_alike(one, other)


def _is_changed_alike(one: Segment, other: Segment) -> bool:
    effects = applied_sounds(one)
    return effects == applied_sounds(other) and not any(e.follows_segment for e in effects)


def _paces(segment: Segment) -> Paces:
    return tuple((piece.seen.duration, piece.slope) for piece in segment.pieces)


def _clip(
    run: Sequence[Placed],
    source: Source,
    before: Placed | None,
    after: Placed | None,
    moved: tuple[Fraction, Fraction],
    rate: int,
    half: int,
) -> SoundClip:
    """The sound of a segment, or of several that go on at other speeds.

    It begins and ends earlier than the picture by what is ``moved``.
    """
    assert source.audio is not None
    (opening, place), (closing, last_place) = run[0], run[-1]
    paces: Paces = tuple(pace for s, _ in run for pace in _paces(s))
    timeline_end = last_place.end
    if opening.sound == "kept":
        paces = ((opening.range.duration, Fraction(1)),)
        timeline_end = min(timeline_end, place.start + opening.range.duration)
        if timeline_end < last_place.end:
            after = None
    audio_end = source.audio.start + source.audio.duration
    ahead, behind = moved[0], moved[1] if after is not None else Fraction(0)
    start, end = (nearest(t * rate) for t in (place.start - ahead, timeline_end - behind))
    half = min(half, (end - start) // 4)
    reach, reach_out = (half * speed / rate for speed in (paces[0][1], paces[-1][1]))
    time, fade_in, fade_out = opening.range.start - ahead * paces[0][1], 0, 0
    paces = ((paces[0][0] + ahead * paces[0][1], paces[0][1]), *paces[1:])
    ends = closing.range.end - behind * paces[-1][1]
    power_in = power_out = False
    if opening.overlap:
        fade_in, power_in = nearest(opening.overlap * rate), True
    elif before is not None and time - reach >= source.audio.start:
        start, time, fade_in = start - half, time - reach, 2 * half
        paces = ((paces[0][0] + reach, paces[0][1]), *paces[1:])
    elif before is not None or time > source.audio.start:
        fade_in = half
    if after is not None and after[0].overlap:
        fade_out, power_out = nearest(after[0].overlap * rate), True
    elif after is not None and ends + reach_out <= audio_end:
        end, fade_out = end + half, 2 * half
    elif after is not None or closing.range.end < source.duration:
        fade_out = half
    effects, power = applied_sounds(opening), (power_in, power_out)
    times = SegmentTimes.of(opening.pieces)
    if opening.sound == "kept":
        piece = Piece(Fraction(0), opening.range.duration, opening.range.start, opening.range.end)
        times = SegmentTimes.of([piece])
    return SoundClip(
        source, time, paces, start, end, fade_in, fade_out, power, effects=effects, times=times
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """Sound that goes one way, between two times since a segment's beginning."""

    start: Fraction
    end: Fraction
    time: Fraction
    """Source time at ``start``."""
    pieces: tuple[Piece, ...]
    is_reversed: bool = False

    @property
    def paces(self) -> Paces:
        return tuple((piece.seen.duration, abs(piece.slope)) for piece in self.pieces)


def _heard(segment: Segment) -> Iterator[_Heard]:
    """What is heard of a segment; silence while a picture is held."""
    if segment.sound == "kept":
        lasts = min(segment.duration, segment.range.duration)
        if lasts:
            start = segment.range.start
            yield _Heard(
                Fraction(0), lasts, start, (Piece(Fraction(0), lasts, start, start + lasts),)
            )
        return
    for way, pieces in groupby(segment.pieces, key=lambda p: (p.slope > 0) - (p.slope < 0)):
        run = tuple(pieces)
        if way:
            yield _Heard(run[0].start, run[-1].end, run[0].first, run, way < 0)


def _warped(
    placed: Placed, source: Source, after: Placed | None, rate: int, half: int
) -> Iterator[SoundClip]:
    """The sound of a segment whose time passes otherwise; each part fades inside itself."""
    segment, place = placed
    comes, goes = segment.overlap, after[0].overlap if after else Fraction(0)
    for part in _heard(segment):
        start, end = (nearest((place.start + t) * rate) for t in (part.start, part.end))
        short = min(half, (end - start) // 4)
        fades, power = [short, short], [False, False]
        if comes and not part.start:
            fades[0], power[0] = nearest(comes * rate), True
        if goes and part.end == segment.duration:
            fades[1], power[1] = nearest(goes * rate), True
        yield SoundClip(
            source, part.time, part.paces, start, end, fades[0], fades[1],
            (power[0], power[1]), part.is_reversed,
            applied_sounds(segment), SegmentTimes.of(part.pieces),
        )  # fmt: skip


def track_clips(
    cut: Cut, track: Track, total: int, rate: int, crossfade: Fraction
) -> list[SoundClip]:
    """A sound track's clips; music starts again when it ends, until the programme does.

    A score does not: it was made with an ending of its own.
    What a track plays is heard at its time to the sample; only music that follows on other music
    comes in a cross-fade earlier.
    """
    fade = nearest(crossfade * rate)
    if track.role != "music":
        return list(_placed_clips(cut, track, rate, fade))
    clips: list[SoundClip] = []
    at = 0
    while at < total:
        for segment in track.segments:
            source = cut.source(segment.source) if segment.source else None
            length = nearest(segment.duration * rate)
            if segment.warp is not None and source is not None and source.audio is not None:
                placed = segment, Range(Fraction(at, rate), Fraction(at, rate) + segment.duration)
                clips.extend(_warped(placed, source, None, rate, fade))
                at += length
            elif source is not None and source.audio is not None and at < total:
                follows = bool(clips) and clips[-1].end == at
                overlap = min(fade, length // 4) if follows else 0
                start, end = at - overlap, at - overlap + length
                paces = ((segment.range.duration, segment.speed),)
                clip = SoundClip(source, segment.range.start, paces, start, end, overlap, fade)
                clips.append(_with_effects(clip, segment))
                at = end
            else:
                at += length
        if at == 0 or any(clip.source.made for clip in clips):
            break
    return clips


def _placed_clips(cut: Cut, track: Track, rate: int, fade: int) -> Iterator[SoundClip]:
    for segment, place in track.placed():
        source = cut.source(segment.source) if segment.source else None
        if segment.warp is not None and source is not None and source.audio is not None:
            yield from _warped((segment, place), source, None, rate, fade)
        elif source is not None and source.audio is not None:
            start, end = nearest(place.start * rate), nearest(place.end * rate)
            paces = ((segment.range.duration, segment.speed),)
            fade_out = min(fade, end - start)
            clip = SoundClip(source, segment.range.start, paces, start, end, 0, fade_out)
            yield _with_effects(clip, segment)


def _with_effects(clip: SoundClip, segment: Segment) -> SoundClip:
    times = SegmentTimes.of(segment.pieces)
    return replace(clip, effects=applied_sounds(segment), times=times)


# --------------------------------------------------------------------------------------- mixing


def mix(
    cut: Cut,
    read: Read,
    *,
    duration: Fraction,
    rate: int = 48_000,
    channels: int = 2,
    speech: Sequence[Range] = (),
    also: Sequence[Cut] = (),
    first: int = 0,
) -> Iterator[np.ndarray]:
    """float32 blocks (channels, n) of the whole mix, before loudness is touched.

    It begins with sample ``first``, a whole number of :data:`BLOCK`.

    The programmes of the cuts in ``also`` are added to that of the first, at its level.
    ``speech`` holds the timeline ranges under which tracks with ducking are lowered; a programme
    with ducking, which may speak itself, is lowered under what voice tracks say.
    """
    total = nearest(duration * rate)
    layers: list[Iterator[np.ndarray]] = []
    if cut.mix.programme_gain is not None:
        gain = _programme_gain(cut, rate)
        for heard in (cut, *also):
            clips = programme_clips(heard, rate)
            layers.append(_layer(clips, read, (first, total), channels, gain))
    for track in cut.sounds:
        clips = track_clips(cut, track, total, rate, Fraction(1, 50))
        gain = _track_gain(track, total, rate, speech)
        layers.append(_layer(clips, read, (first, total), channels, gain))
    for start in range(first, total, BLOCK):
        size = min(BLOCK, total - start)
        block = np.zeros((channels, size), dtype=np.float32)
        for layer in layers:
            block += next(layer)
        yield block


Gain = Callable[[int, int], np.ndarray | np.float32]


def _programme_gain(cut: Cut, rate: int) -> Gain:
    decibels, ducking = cut.mix.programme_gain or 0.0, cut.programme.ducking
    voiced = [word.range for word in voiced_in_timeline(cut)] if ducking else []
    if ducking is None or not voiced:
        factor = np.float32(10 ** (decibels / 20))
        return lambda start, size: factor
    ducked = ducking_curve(ducking, voiced)

    def gain(start: int, size: int) -> np.ndarray:
        lowered = np.interp(np.arange(start, start + size) / rate, *ducked)
        return (10 ** ((decibels + lowered) / 20)).astype(np.float32)

    return gain


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
    clips: Sequence[SoundClip], read: Read, part: tuple[int, int], channels: int, gain: Gain
) -> Iterator[np.ndarray]:
    """The clips of one track summed, block by block, from one sample of the mix to another."""
    begin, total = part
    waiting = sorted((c for c in clips if c.end > begin), key=lambda c: c.start)
    playing: list[tuple[SoundClip, _Tape]] = []
    for start in range(begin, total, BLOCK):
        size = min(BLOCK, total - start)
        while waiting and waiting[0].start < start + size:
            clip = waiting.pop(0)
            heard = read(clip, max(0, begin - clip.start))
            playing.append((clip, _Tape(heard, channels)))
        block = np.zeros((channels, size), dtype=np.float32)
        for clip, tape in playing:
            first, last = max(clip.start, start), min(clip.end, start + size)
            if last > first:
                values = tape.take(last - first) * _fades(clip, first, last)
                block[:, first - start : last - start] += values
        playing = [(c, t) for c, t in playing if c.end > start + size]
        yield block * gain(start, size)


def _fades(clip: SoundClip, first: int, last: int) -> np.ndarray:
    """The clip's level at timeline samples ``first`` to ``last``."""
    level = np.ones(last - first)
    rising = max(0, min(clip.start + clip.fade_in, last) - first)
    if rising:
        at = np.arange(first, first + rising) + 0.5
        level[:rising] *= _faded((at - clip.start) / clip.fade_in, clip.equal_power[0])
    begins = max(clip.end - clip.fade_out, first)
    if begins < last:
        at = np.arange(begins, last) + 0.5
        level[begins - first :] *= _faded((clip.end - at) / clip.fade_out, clip.equal_power[1])
    return level.astype(np.float32)


def _faded(share: np.ndarray, equal_power: bool) -> np.ndarray:
    """The level at these shares of a fade, from silence at 0 to all of the sound at 1."""
    level = np.sin(np.clip(share, 0, 1) * np.pi / 2)
    return level if equal_power else level**2


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
