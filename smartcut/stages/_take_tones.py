"""Room tone about joins: the sound of the louder room, under the take with the quieter one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from smartcut.best_takes.placing import PlacedPassage
from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.tones import LASTS, UNHEARD, RoomTone, ToneCurve, filling, room_tone
from smartcut.curve import Curve, Key
from smartcut.cut import Anchor, Effect, Segment
from smartcut.effects.gain import Gain
from smartcut.params import to_pairs
from smartcut.timebase import Range

#: Points of the curve of a piece; the least and the most gain in dB.
_POINTS, _LEAST, _MOST = 5, -119.0, 39.0
_NONE = Fraction(0)
#: Seconds in which a tone comes in at a join, where the sound that it stands for is going out.
_AT_ONCE = Fraction(1, 500)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A passage under which a tone is laid, and how: from its beginning on, or up to its end."""

    under: PlacedPassage
    source: str
    is_after: bool
    curve: ToneCurve


def tones(
    placed: Sequence[PlacedPassage],
    recordings: Sequence[TakeRecording],
    gains: Sequence[float],
    crossfade: Fraction,
) -> tuple[list[Segment], list[str]]:
    """Stretches of room tone about the joins, and notes on what could not be had.

    ``gains`` are what is done to the recordings, in dB.
    """
    known: dict[int, RoomTone | None] = {}
    found: list[Segment] = []
    lacking: dict[int, str] = {}
    for before, after in pairwise(placed):
        one, other = before.passage.recording, after.passage.recording
        first = recordings[one].room(float(before.end))[0] + gains[one]
        second = recordings[other].room(float(after.start))[0] + gains[other]
        if one == other or abs(first - second) < UNHEARD:
            continue
        is_after = first > second
        loud, under = (one, after) if is_after else (other, before)
        tone = known.setdefault(loud, room_tone(recordings[loud]))
        if tone is None:
            lacking[loud] = (
                f"takes: {recordings[loud].name} has no pause of a fifth of a second in which only "
                "its room is heard; joins with it have no room tone"
            )
            continue
        lasts = min(LASTS, float(under.end - under.start))
        curve = filling(max(first, second), min(first, second), lasts)
        name = recordings[under.passage.recording].name
        filled = _Filled(under, name, is_after, curve)
        found += _laid(filled, recordings[loud].name, tone, crossfade)
    return found, list(lacking.values())


def _laid(filled: _Filled, source: str, tone: RoomTone, crossfade: Fraction) -> Iterator[Segment]:
    """The pieces of the tone, each coming in while the one before it goes out."""
    start, longest = _exact(tone.start), _exact(tone.end) - _exact(tone.start)
    fade = min(crossfade, longest / 4)
    lasts = _exact(filled.curve.lasts)
    # A passage goes out for half a cross-fade longer than it is shown.
    begin, lasts = (
        (filled.under.start, lasts)
        if filled.is_after
        else (filled.under.end - lasts, lasts + crossfade / 2)
    )
    at = _NONE
    while at < lasts:
        length = min(longest, lasts - at)
        points = [length * k / (_POINTS - 1) for k in range(_POINTS)]
        levels = [
            filled.curve.at(float(at + p), turned=not filled.is_after) - tone.level for p in points
        ]
        keys = (Key(p, _bounded(level)) for p, level in zip(points, levels, strict=True))
        comes = fade if at else (_AT_ONCE if filled.is_after else _NONE)
        gain = Gain(db=Curve(tuple(keys), "segment"), fade_in=min(comes, length))
        yield Segment(
            source,
            Range(start, start + length),
            effects=(Effect("gain", to_pairs(gain)),),
            at=Anchor(filled.source, begin + at),
            label="room tone",
        )
        at += length if at + length >= lasts else length - fade


def _exact(time: float) -> Fraction:
    return Fraction(round(time * 1000), 1000)


def _bounded(db: float) -> float:
    return round(max(_LEAST, min(_MOST, db)), 2)
