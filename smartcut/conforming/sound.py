"""What a film's sound is: that of its pictures, earlier or later, of another part, or unknown.

The sound of every part is laid under the film's as its pictures lie, to the sample by generalised
cross-correlation with phase transform (Knapp and Carter 1976), and tried some seconds beyond it;
the cheapest way through the film says what is heard when, as for pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from smartcut.conforming.hearing import RATE
from smartcut.conforming.lines import Line
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.path import Run, cheapest
from smartcut.conforming.scoring import Scored
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.windows import WHOLE
from smartcut.timebase import Range

#: Samples from one comparison to the next, and of each.
HOP, _WINDOW = 640, 1280
# Windows that are compared at once.
_TOGETHER = 1500
# Seconds that the sound of a part may be heard before or after it, and by which sound and picture
# of a film may be apart; seconds in which that is looked for.
_BEYOND, _APART, _LOOKED = 8.0, 0.15, 4.0
# Below this, sound is silence (full scale is 1).
_SILENT = 7e-4
# More windows of silence than this are none of a sound.
_PAUSE = 20
# Seconds by which sound has to change before or after the picture to count.
_LEAD = 0.07
# The share of what is heard in a part that its own sound has to explain, and seconds of sound
# without which it is silent.
_ENOUGH, _HEARD = 0.6, Fraction(1, 10)

Heard = Callable[[str | None, float, float], np.ndarray]
"""float32 mono at :data:`RATE` of a source (None: the film) from one second to another."""


@dataclass(frozen=True, slots=True)
class SoundPart:
    """A stretch of the film's sound, and where it comes from."""

    place: Range
    """In seconds of the film."""
    source: str | None
    """The id of the source; None where no source explains the sound."""
    start: Fraction = Fraction(0)
    """Source time at its beginning."""
    gain: float = 0.0
    """dB."""

    def to_plain(self) -> dict[str, Any]:
        """Numbers and text, as in JSON."""
        plain: dict[str, Any] = {
            "from": float(self.place.start),
            "to": float(self.place.end),
            "source": self.source,
        }
        return (
            plain
            if self.source is None
            else {**plain, "source_from": float(self.start), "gain": self.gain}
        )


def heard_parts(
    parts: Sequence[FilmPart],
    with_sound: frozenset[str],
    length: float,
    heard: Heard,
    tick: Tick = untold,
) -> list[SoundPart]:
    """The film's sound in order, ``length`` seconds; sources not ``with_sound`` are silent."""
    hops = int(length * RATE) // HOP
    if hops < 2:
        return []
    levels = _Levels(heard, hops)
    scores: list[Scored] = []
    offsets: list[tuple[str, float]] = []
    reached: list[tuple[int, int]] = []
    for source, offset, place in _lines(parts, with_sound):
        tick()
        exact = offset + _lag(heard, source, offset, place)
        first = max(0, int((float(place.start) - _BEYOND) * RATE) // HOP)
        last = min(hops, int((float(place.end) + _BEYOND) * RATE) // HOP)
        if any(
            source == s and abs(exact - o) < 0.002 and a <= first and last <= b
            for (s, o), (a, b) in zip(offsets, reached, strict=True)
        ):
            continue
        reached.append((first, last))
        line = Line(len(offsets), WHOLE, exact, 1.0)
        offsets.append((source, exact))
        scores.append(levels.scored(line, source, first, last))
    found = []
    for run in (one for way in cheapest(scores, hops, tick) for one in levels.audible(way)):
        tick()
        place = Range(Fraction(run.first * HOP, RATE), Fraction(run.last * HOP, RATE))
        if run.line is None:
            found.append(SoundPart(place, None))
            continue
        tick()
        source, offset = offsets[run.line.source]
        start = Fraction(round((offset + float(place.start)) * 1000), 1000)
        gain = levels.gain(source, offset, run.first, run.last)
        found.append(SoundPart(place, source, max(start, Fraction(0)), round(gain, 1)))
    return found


def _audible(run: Run, silent: np.ndarray) -> Iterator[Run]:
    """The run without long silence at its ends and in it."""
    heard = run.first + np.flatnonzero(~silent)
    if len(heard) == 0:
        return
    breaks = np.flatnonzero(np.diff(heard) > _PAUSE)
    firsts = [run.first, *heard[breaks + 1].tolist()]
    lasts = [*(heard[breaks] + 1).tolist(), run.last]
    if heard[0] - run.first > _PAUSE:
        firsts[0] = int(heard[0])
    if run.last - heard[-1] > _PAUSE:
        lasts[-1] = int(heard[-1]) + 1
    for first, last in zip(firsts, lasts, strict=True):
        yield replace(run, first=first, last=last)


def _lines(parts: Sequence[FilmPart], with_sound: frozenset[str]) -> list[tuple[str, float, Range]]:
    """(source, source time at film time 0, place) of the parts that play at their own speed."""
    return [
        (part.source, float(part.start - part.place.start), part.place)
        for part in parts
        if part.source in with_sound and part.source is not None and part.speed == 1
    ]


def _lag(heard: Heard, source: str, offset: float, place: Range) -> float:
    """Seconds by which the source's sound is to be taken later than its pictures say."""
    middle, half = float(place.middle), min(float(place.duration), _LOOKED) / 2
    film = heard(None, middle - half, middle + half)
    theirs = heard(source, middle - half + offset, middle + half + offset)
    if not film.any() or not theirs.any():
        return 0.0
    size = 1 << (2 * len(film)).bit_length()
    made = np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(film, size))
    made /= np.abs(made) + 1e-9
    found = np.fft.irfft(made, size)
    most = int(_APART * RATE)
    near = np.concatenate([found[-most:], found[: most + 1]])
    top = int(near.argmax())
    is_clear = near[top] > 6 * near.std()
    return (top - most) / RATE if is_clear else 0.0


class _Levels:
    """The film's sound beside that of sources, in windows."""

    def __init__(self, heard: Heard, hops: int) -> None:
        self._heard, self._hops = heard, hops

    def scored(self, line: Line, source: str, first: int, last: int) -> Scored:
        """How well the source explains windows ``first`` to ``last`` - 1 of the film."""
        edges = [*range(first, last, _TOGETHER), last]
        parts = [
            _likeness(*self._windows(source, line.start, one, other))
            for one, other in pairwise(edges)
        ]
        found = np.concatenate([np.zeros(0, np.float32), *parts])
        return Scored(line, first, found, 1 - np.clip(found, 0, 1) ** 2)

    def audible(self, run: Run) -> Iterator[Run]:
        """The run's stretches in which the film has sound."""
        return _audible(run, self._silent(run.first, run.last))

    def _silent(self, first: int, last: int) -> np.ndarray:
        """bool (n,): windows ``first`` to ``last`` - 1 of the film without sound."""
        edges = [*range(first, last, _TOGETHER), last]
        found = []
        for one, other in pairwise(edges):
            sound = self._heard(None, one * HOP / RATE, other * HOP / RATE)
            sound = np.pad(sound, (0, max(0, (other - one) * HOP - len(sound))))
            blocks = sound[: (other - one) * HOP].reshape(-1, HOP)
            found.append((blocks * blocks).mean(axis=1) < _SILENT**2)
        return np.concatenate(found)

    def gain(self, source: str, offset: float, first: int, last: int) -> float:
        """dB by which the source's sound was made louder; 0 where there is too little to say."""
        most = min(last, first + 750)
        film, theirs = self._windows(source, offset, first, most)
        power = (theirs * theirs).sum(axis=1)
        loud = power > max(_SILENT**2 * _WINDOW, 0.1 * float(power.mean()))
        loud &= (film * film).sum(axis=1) > _SILENT**2 * _WINDOW
        if not loud.any():
            return 0.0
        ratio = (film * theirs).sum(axis=1)[loud] / power[loud]
        return float(20 * np.log10(max(float(np.median(ratio)), 1e-4)))

    def _windows(
        self, source: str, offset: float, first: int, last: int
    ) -> tuple[np.ndarray, np.ndarray]:
        start, end = first * HOP / RATE, (last * HOP + _WINDOW - HOP) / RATE
        film = self._heard(None, start, end)
        theirs = self._heard(source, start + offset, end + offset)
        count = min(len(film), len(theirs))
        need = (last - first - 1) * HOP + _WINDOW
        cut = [np.pad(s[:count], (0, max(0, need - count))) for s in (film, theirs)]
        one, other = (np.lib.stride_tricks.sliding_window_view(s, _WINDOW)[::HOP] for s in cut)
        return one[: last - first], other[: last - first]


def _likeness(film: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """float32 (n,) in -1..1: how alike windows of sound are; silence of the film is like any."""
    own, other = (np.sqrt(np.einsum("ij,ij->i", w, w) / _WINDOW) for w in (film, theirs))
    likeness = np.einsum("ij,ij->i", film, theirs) / _WINDOW / np.maximum(own * other, 1e-12)
    likeness = np.where(own < _SILENT, 1.0, np.where(other < _SILENT, 0.0, likeness))
    return np.clip(likeness, -1, 1).astype(np.float32)


# --------------------------------------------------------------------- sound beside the pictures


def with_sounds(
    parts: Sequence[FilmPart], sounds: Sequence[SoundPart], with_sound: frozenset[str]
) -> list[FilmPart]:
    """The parts with what is heard during each, and how much earlier than seen.

    Sources not ``with_sound`` are silent.
    """
    found = [_with_own(part, sounds, part.source in with_sound) for part in parts]
    for k in range(1, len(found)):
        before, after = found[k - 1], found[k]
        if before.sound == after.sound == "own" and not after.blend:
            lead = _lead_of(before, after, sounds)
            if lead:
                found[k] = replace(after, lead=lead)
    return found


def _with_own(part: FilmPart, sounds: Sequence[SoundPart], could: bool) -> FilmPart:
    """The part with what is heard in it; ``could`` says whether its source has sound."""
    if part.source is None:
        return part
    there = _within(part, sounds)
    heard = sum((inside.duration for _, inside in there), Fraction(0))
    if heard < _HEARD:
        return replace(part, sound="silent" if could else "")
    if part.speed != 1 and could:
        return replace(part, sound="not compared")
    own = [(one, inside) for one, inside in there if _is_own(part, one)]
    lasts = sum((inside.duration for _, inside in own), Fraction(0))
    if own and lasts >= _ENOUGH * heard:
        longest = max(own, key=lambda pair: pair[1].duration)[0]
        return replace(part, sound="own", gain=longest.gain)
    strange = sum((inside.duration for one, inside in there if one.source is None), Fraction(0))
    known = sum((inside.duration for one, inside in there if one.source), Fraction(0))
    return replace(part, sound="other" if known > strange else "unknown")


def _within(part: FilmPart, sounds: Sequence[SoundPart]) -> list[tuple[SoundPart, Range]]:
    found = ((one, part.place.intersect(one.place)) for one in sounds)
    return [(one, inside) for one, inside in found if inside is not None]


def _is_own(part: FilmPart, sound: SoundPart) -> bool:
    apart = (sound.start - sound.place.start) - (part.start - part.place.start)
    return sound.source == part.source and abs(apart) <= _APART


def _lead_of(before: FilmPart, after: FilmPart, sounds: Sequence[SoundPart]) -> Fraction:
    """Seconds by which a part's sound begins before its pictures do."""
    for one, other in pairwise(sounds):
        joined = one.place.end == other.place.start
        if joined and _is_own(before, one) and _is_own(after, other):
            lead = after.place.start - other.place.start
            near = abs(lead) <= _BEYOND
            if near and abs(lead) > _LEAD:
                return lead
    return Fraction(0)
