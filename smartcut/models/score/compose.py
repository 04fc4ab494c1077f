"""A piece as notes: a progression by mood, voice-led chords, bass, a figure, a melody and drums.

It is in four-four time, begins with few instruments and gathers the others, comes to the dominant
in the last bar but one, and ends on the tonic. Pure; the same seed gives the same piece.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from smartcut.models.score.harmony import MusicalKey, led, near

#: Beats of a bar.
METRE = 4
_DOMINANT, _TONIC = 4, 0

Mood = Literal["calm", "bright", "tense", "epic"]
ScorePart = Literal["pad", "bass", "figure", "melody", "kick", "hat", "tom"]


@dataclass(frozen=True, slots=True)
class Note:
    """Times are in beats; ``pitch`` is a MIDI number (drums have 0), ``level`` is in 0..1."""

    start: Fraction
    length: Fraction
    pitch: int
    level: float
    part: ScorePart


Hits = tuple[tuple[int, float], ...]
"""(sixteenth of the bar, level)."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a mood is written; progressions are degrees, 0 the tonic, one for each bar."""

    key: str
    tempo: int
    major: tuple[tuple[int, ...], ...]
    minor: tuple[tuple[int, ...], ...]
    figure: tuple[tuple[int, int], ...]
    """(sixteenth of the bar, note of the chord counted upwards)."""
    bass: tuple[tuple[int, int, int], ...]
    """(sixteenth of the bar, how many of them, semitones over the root)."""
    rhythms: tuple[tuple[int, ...], ...]
    """Of the melody: on which sixteenths of a bar a note begins."""
    kick: Hits = ()
    hat: Hits = ()
    tom: Hits = ()
    pad: tuple[int, int] = (55, 74)
    tune: tuple[int, int] = (67, 84)


_EIGHTHS = tuple((i, 0.5 if i % 4 else 0.8) for i in range(0, 16, 2))

MANNERS: dict[Mood, Manner] = {
    "calm": Manner(
        "C major", 72, ((0, 5, 3, 4), (0, 3, 5, 3)), ((0, 5, 2, 6), (0, 3, 5, 6)),
        figure=((0, 0), (4, 1), (8, 2), (12, 1)),
        bass=((0, 16, 0),),
        rhythms=((0, 8), (0, 12), (4,)),
        hat=((4, 0.25), (12, 0.25)),
    ),
    "bright": Manner(
        "G major", 112, ((0, 4, 5, 3), (0, 3, 4, 3)), ((0, 6, 5, 6), (0, 5, 2, 6)),
        figure=((0, 0), (2, 2), (4, 1), (6, 2), (8, 3), (10, 2), (12, 1), (14, 2)),
        bass=((0, 6, 0), (6, 2, 0), (8, 4, 7), (12, 4, 0)),
        rhythms=((0, 4, 6, 8), (0, 6, 8, 12), (0, 2, 4, 8, 12)),
        kick=((0, 0.9), (8, 0.8)), hat=_EIGHTHS,
    ),
    "tense": Manner(
        "D minor", 96, ((0, 0, 3, 4), (0, 5, 0, 4)), ((0, 0, 5, 4), (0, 5, 0, 4)),
        figure=((0, 0), (2, 0), (4, 1), (6, 0), (8, 0), (10, 0), (12, 2), (14, 0)),
        bass=tuple((i, 2, 0) for i in range(0, 16, 2)),
        rhythms=((8,), (0, 14), (4, 6)),
        kick=((0, 0.7),), tom=((10, 0.35), (12, 0.5)), pad=(50, 69), tune=(62, 79),
    ),
    "epic": Manner(
        "A minor", 84, ((0, 4, 5, 3), (0, 5, 3, 4)), ((0, 5, 2, 6), (0, 2, 6, 5)),
        figure=((0, 0), (2, 1), (4, 2), (6, 3), (8, 2), (10, 1), (12, 2), (14, 1)),
        bass=((0, 8, 0), (8, 6, 0), (14, 2, 7)),
        rhythms=((0, 6, 8), (0, 8, 12), (0, 12)),
        kick=((0, 1.0), (8, 0.9)), tom=((6, 0.5), (12, 0.7), (14, 0.6)), pad=(52, 76),
    ),
}  # fmt: skip


def compose(mood: Mood, key: MusicalKey, beats: Fraction, seed: int) -> list[Note]:
    """The notes of a piece that lasts so many beats, in order of time."""
    manner = MANNERS[mood]
    chance = random.Random(f"{mood} {seed}")
    bars = max(1, int(beats / METRE))
    degrees = _degrees(manner, key, bars, chance)
    chords = [key.chord(d) for d in degrees]
    pads = led(chords, *manner.pad)
    notes = [*_pads(pads, beats), *_basses(manner, chords, beats)]
    notes += _figures(manner, pads, chance)
    notes += _melody(manner, key, degrees, beats, chance)
    notes += _drums(manner, bars)
    kept = (n for n in notes if n.start < beats)
    return sorted(kept, key=lambda n: (n.start, n.part, n.pitch))


def _degrees(manner: Manner, key: MusicalKey, bars: int, chance: random.Random) -> list[int]:
    """The chord of each bar."""
    choices = manner.major if key.mode == "major" else manner.minor
    one, other = chance.sample(choices, 2)
    phrases = (one, one, other, one)
    degrees = [phrases[bar // 4 % 4][bar % 4] for bar in range(bars)]
    if bars >= 2:
        degrees[-2] = _DOMINANT
    degrees[-1] = _TONIC
    if bars >= 4:
        degrees[0] = _TONIC
    return degrees


def _enters(bars: int, share: Fraction) -> int:
    """The bar with which a part comes in: a share of the piece, in whole pairs of bars."""
    return int(bars * share / 2) * 2


def _length(start: Fraction, length: Fraction, last_bar: int, beats: Fraction) -> Fraction:
    """Of a note; one in the last bar lasts to the end."""
    return beats - start if start >= last_bar * METRE else length


def _pads(pads: list[tuple[int, ...]], beats: Fraction) -> Iterator[Note]:
    for bar, chord in enumerate(pads):
        start = Fraction(bar * METRE)
        for pitch in chord:
            length = _length(start, Fraction(METRE), len(pads) - 1, beats)
            yield Note(start, length, pitch, 0.7, "pad")


def _basses(manner: Manner, chords: list[tuple[int, int, int]], beats: Fraction) -> Iterator[Note]:
    last = len(chords) - 1
    for bar in range(_enters(len(chords), Fraction(1, 8)), len(chords)):
        root = near((chords[bar][0],), 38)
        for at, count, over in manner.bass if bar < last else ((0, 16, 0),):
            start = bar * METRE + Fraction(at, 4)
            length = _length(start, Fraction(count, 4), last, beats)
            yield Note(start, length, root + over, 0.9 if at == 0 else 0.7, "bass")


def _figures(manner: Manner, pads: list[tuple[int, ...]], chance: random.Random) -> Iterator[Note]:
    for bar, chord in enumerate(pads[:-1]):
        ladder = [*chord, *(p + 12 for p in chord)]
        for at, step in manner.figure:
            level = (0.75 if at % 4 == 0 else 0.55) + chance.uniform(-0.05, 0.05)
            start = bar * METRE + Fraction(at, 4)
            yield Note(start, Fraction(1, 2), ladder[step] + 12, level, "figure")
    for i, pitch in enumerate((*pads[-1], pads[-1][0] + 12)):
        start = (len(pads) - 1) * METRE + Fraction(i, 2)
        yield Note(start, Fraction(2), pitch + 12, 0.6, "figure")


def _melody(
    manner: Manner, key: MusicalKey, degrees: list[int], beats: Fraction, chance: random.Random
) -> Iterator[Note]:
    """A tune of chord notes on the beats and steps between them; every fourth bar rests."""
    low, high = manner.tune
    last = len(degrees) - 1
    middle = (low + high) / 2
    pitch = near(key.chord(_TONIC), middle)
    rhythms = [chance.choice(manner.rhythms) for _ in range(2)]
    for bar in range(_enters(len(degrees), Fraction(1, 4)), last):
        if bar % 4 == 3 and bar != last - 1:
            continue
        rhythm = rhythms[bar % 2]
        for at, following in zip(rhythm, (*rhythm[1:], 16), strict=True):
            # The farther from the middle, the more it is drawn back.
            aim = pitch + chance.choice((-4, -3, -2, -1, 1, 2, 3, 4)) - (pitch - middle) / 3
            classes = key.chord(degrees[bar]) if at % 4 == 0 else key.scale(degrees[bar])
            pitch = near(classes, aim)
            length = min(Fraction(following - at, 4), Fraction(3))
            yield Note(bar * METRE + Fraction(at, 4), length, pitch, 0.7, "melody")
    if last >= 2:
        start = Fraction(last * METRE)
        yield Note(start, beats - start, near((key.tonic,), pitch), 0.6, "melody")


def _drums(manner: Manner, bars: int) -> Iterator[Note]:
    parts: tuple[tuple[ScorePart, Hits], ...] = (
        ("kick", manner.kick),
        ("hat", manner.hat),
        ("tom", manner.tom),
    )
    for part, hits in parts:
        for bar in range(_enters(bars, Fraction(1, 4)), bars - 1):
            for at, level in hits:
                start = bar * METRE + Fraction(at, 4)
                yield Note(start, Fraction(1, 4), 0, level, part)
        if hits and part == "kick" and bars > 1:
            yield Note(Fraction((bars - 1) * METRE), Fraction(1), 0, 0.8, part)
