"""Which parts of a recording are loud, or voiced: curves over time to ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil

from smartcut.annotation import Signal
from smartcut.tightening.ranges import Ranges, union
from smartcut.timebase import Range

#: Where the level of a recording is to be divided by itself, the threshold stays within these dB.
_LOWEST, _HIGHEST = -48.0, -20.0
_QUIET, _LOUD = 0.10, 0.98
#: A voice that has begun goes on down to so much less of a probability.
_HYSTERESIS = 0.15
#: dB: what is quieter is no room, but digital silence.
_DIGITAL_SILENCE = -90.0
#: dB above the quiet of a recording from which on there is sound; and how many there are between
#: its quiet and its loud parts where it has little noise.
_ABOVE_QUIET, _BELIEVED = 10.0, 40.0
#: Seconds by which a detector of voices may be late.
_REACH = Fraction(1, 4)
#: So many readings, at the most, are quiet within a sound.
_DIP = 4
#: How sure the detector of voices has to be.
VOICED = 0.5


def readings(signal: Signal, channel: str, duration: Fraction) -> Iterator[tuple[Range, float]]:
    """Each reading with the time until the next one; the first also covers what is before it."""
    times = signal.times()
    values = signal.channel(channel)
    for i, value in enumerate(values):
        start = times[i] if i else min(Fraction(0), times[i])
        end = times[i + 1] if i + 1 < len(times) else max(duration, start)
        if start < end:
            yield Range(start, end), value


def auto_threshold(levels: Sequence[float]) -> float:
    """Half-way in dB between the quiet and the loud parts of a recording, -48 to -20 dB."""
    if not levels:
        return _HIGHEST
    ordered = sorted(levels)
    quiet, loud = (ordered[int(share * (len(ordered) - 1))] for share in (_QUIET, _LOUD))
    return min(_HIGHEST, max(_LOWEST, (quiet + loud) / 2))


def loud(level: Signal, threshold: float, duration: Fraction) -> Ranges:
    """When the level, in dB, is at the threshold or above."""
    return union(r for r, value in readings(level, "level", duration) if value >= threshold)


def exact_edges(voices: Sequence[Range], level: Signal) -> Ranges:
    """The stretches of a voice, each from where its sound begins to where it ends.

    Detectors tell late of a voice that begins, and for a while of one that has ended. What is
    louder than the quiet beside it is joined to it, up to a quarter of a second; what is no louder
    is taken from it, where the recording has so little noise that levels can be believed.
    """
    sounds = _sounds_of(level)
    return union(sounds.around(voice) for voice in voices) if sounds else tuple(voices)


def heard_within(words: Sequence[Range], level: Signal) -> tuple[Range, ...]:
    """The words, each without the quiet at its ends: recognisers let words reach into pauses.

    Words in which nothing is louder than the quiet of the recording stay as they are, and so do
    all where it has so much noise that levels cannot be believed.
    """
    sounds = _sounds_of(level)
    if sounds is None or not sounds.is_believed:
        return tuple(words)
    return tuple(sounds.within(word) or word for word in words)


def less_quiet(parts: Sequence[Range], level: Signal) -> Ranges:
    """The parts of a voice, each without the quiet at its ends; what is nothing else goes.

    All stay as they are where levels cannot be believed.
    """
    sounds = _sounds_of(level)
    if sounds is None or not sounds.is_believed:
        return tuple(parts)
    return union(heard for part in parts if (heard := sounds.within(part)))


def _sounds_of(level: Signal) -> _Sounds | None:
    """Where a recording is louder than its quiet; None of digital silence."""
    levels = sorted(value for value in level.channel("level") if value > _DIGITAL_SILENCE)
    if not levels:
        return None
    quiet, loud = (levels[int(share * (len(levels) - 1))] for share in (_QUIET, _LOUD))
    return _Sounds(level, quiet + _ABOVE_QUIET, loud - quiet >= _BELIEVED)


class _Sounds:
    """Where sound begins and ends near a time; readings are evenly spaced from 0 on."""

    def __init__(self, level: Signal, threshold: float, is_believed: bool) -> None:
        self._step = level.timebase
        self._loud = [value >= threshold for value in level.channel("level")]
        self.is_believed = is_believed

    def around(self, voice: Range) -> Range:
        first, last = int(voice.start / self._step), int(voice.end / self._step)
        start, end = self._edge(first, -1, last), self._edge(last - 1, 1, first)
        if end < start:
            return voice
        return Range(
            voice.start if start == first else start * self._step,
            voice.end if end == last - 1 else (end + 1) * self._step,
        )

    def within(self, part: Range) -> Range | None:
        """From the first to the last sound of a part."""
        first, beyond = int(part.start / self._step), ceil(part.end / self._step)
        heard = [i for i in range(first, beyond) if self._is_loud(i)]
        if not heard:
            return None
        start = max(part.start, heard[0] * self._step)
        end = min(part.end, (heard[-1] + 1) * self._step)
        return Range(start, end) if start < end else None

    def _edge(self, at: int, outwards: int, other: int) -> int:
        """The last reading of the sound that a reading belongs to, or the first inside of it."""
        reach = int(_REACH / self._step)
        beyond = (at + i * outwards for i in range(_DIP + 1))
        at = next((i for i in beyond if self._is_loud(i)), at)
        if self._is_loud(at):
            furthest = 0
            for i in range(1, reach + 1):
                if self._is_loud(at + i * outwards):
                    furthest = i
                elif i - furthest > _DIP:
                    break
            return at + furthest * outwards
        if self.is_believed:
            while at != other and not self._is_loud(at):
                at -= outwards
        return at

    def _is_loud(self, number: int) -> bool:
        return 0 <= number < len(self._loud) and self._loud[number]


def voiced(voice: Signal, threshold: float, duration: Fraction) -> Ranges:
    """When somebody speaks: from where the probability reaches the threshold to where it falls."""
    found: list[Range] = []
    speaks = False
    for place, value in readings(voice, "voice", duration):
        speaks = value >= (threshold - _HYSTERESIS if speaks else threshold)
        if speaks:
            found.append(place)
    return union(found)
