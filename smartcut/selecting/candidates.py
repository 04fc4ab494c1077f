"""Where a highlight may begin and end, and what lies between two such places.

Boundaries are fixed before anything is scored, so that durations are true: at shot cuts, around
sentences (never inside a word), and every quarter of a second of silence; all on frame
times where the frame rate is constant. A moment in which something is said begins with it, and
none begins or ends in what is empty.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from smartcut.annotation import Shots, Transcript, Word
from smartcut.cut import Cut
from smartcut.selecting.said import spoken_sentences
from smartcut.source import Source
from smartcut.timebase import Range, nearest

Slide = Callable[[Literal["start", "end", "division"], Fraction, Range], Fraction]
"""Where a boundary goes that is free to move: what it is, where it is, and what it stays within."""

#: Spacing of the boundaries in silence, in seconds.
STEP = Fraction(1, 4)
# How much of a pause goes with the speech on each side of it.
_PAD = Fraction(3, 20)
# Where silence makes all moments too short, none shorter than this is taken.
_SHORTEST = Fraction(3, 2)
# A longer stretch without anything is no pause within a moment.
_LONGEST_PAUSE = Fraction(2)
# Boundaries that are moved stay so far apart.
_APART = Fraction(1, 1000)
# What is left out on each side of a fade through black.
_DARK = Fraction(2, 5)


@dataclass(frozen=True, slots=True)
class Atom:
    """What lies between two neighbouring boundaries of a source."""

    source: str
    range: Range
    opens_shot: bool
    """A shot begins with it: nothing may run across its start."""
    is_spoken: bool = False
    """Something is said in it."""
    is_empty: bool = False
    """There is nothing in it: no signal says anything, or a source that speaks is silent."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of neighbouring atoms, ``first`` to ``last`` - 1 of its source."""

    source: str
    first: int
    last: int
    range: Range


def spoken(cut: Cut, source: Source, keep_sentences: bool) -> list[Range]:
    """Stretches that may not be divided: sentences, or else single words, in order."""
    transcript = cut.data(Transcript, "transcript", source.id)
    if transcript is None:
        return []
    if keep_sentences:
        return sorted(s.range for s in spoken_sentences(transcript))
    return sorted(w.range for s in transcript.sentences for w in s.words)


def words_of(cut: Cut, source: Source) -> tuple[Word, ...]:
    transcript = cut.data(Transcript, "transcript", source.id)
    return tuple(w for s in transcript.sentences for w in s.words) if transcript else ()


def atoms_of(
    cut: Cut, source: Source, keep_sentences: bool = True, slide: Slide | None = None
) -> list[Atom]:
    """The source's atoms, in order; dark parts around fades are left out.

    ``slide`` moves boundaries. At a shot's start what ends there and what begins there are moved
    apart from each other; elsewhere they stay one.
    """
    said = spoken(cut, source, keep_sentences)
    shots = cut.data(Shots, "shots", source.id)
    edges = {Fraction(0)} | {s.range.start for s in (shots.shots if shots else ())}
    edges = {_on_frame(source, t) for t in edges if _is_free(_on_frame(source, t), said)}
    end = _last_boundary(source)
    places = edges | {end} | set(_around_speech(said, source)) | set(_in_silence(said, source))
    places = {p for p in places if 0 <= p <= end and _is_free(p, said)}
    dark = _dark_parts(shots)
    ordered = sorted(places)
    begins = ends = dict(zip(ordered, ordered, strict=True))
    if slide is not None:
        begins, ends = _slid(ordered, edges | {end}, slide)
    return [
        Atom(source.id, part, a in edges, is_spoken=_is_within(part, said))
        for a, b in pairwise(ordered)
        for part in (Range(begins[a], ends[b]),)
        if not any(one.overlaps(part) for one in dark)
    ]


def _slid(
    ordered: Sequence[Fraction], edges: set[Fraction], slide: Slide
) -> tuple[dict[Fraction, Fraction], dict[Fraction, Fraction]]:
    """Of each boundary where what follows it begins, and where what comes before it ends."""
    begins, ends = {}, {}
    for place, (before, at, after) in enumerate(
        zip([ordered[0], *ordered], ordered, [*ordered[1:], ordered[-1]], strict=False)
    ):
        low = (before + at + _APART) / 2 if place else at
        room = Range(min(low, at), max((at + after - _APART) / 2, at))
        if at in edges:
            begins[at] = slide("start", at, Range(at, room.end))
            ends[at] = slide("end", at, Range(room.start, at))
        else:
            begins[at] = ends[at] = slide("division", at, room)
    return begins, ends


def _last_boundary(source: Source) -> Fraction:
    return source.video.start + source.video.duration if source.video else source.duration


def _on_frame(source: Source, time: Fraction) -> Fraction:
    """The frame time nearest to ``time``, where frames come at a constant rate."""
    video = source.video
    if video is None or video.is_vfr:
        return time
    return video.start + nearest((time - video.start) * video.rate) / video.rate


def _is_free(time: Fraction, said: Sequence[Range]) -> bool:
    """Whether nothing that must stay whole is going on at ``time``."""
    i = bisect_right(said, time, key=lambda r: r.start) - 1
    return not any(r.start < time < r.end for r in said[max(0, i - 1) : i + 1])


def _is_within(place: Range, said: Sequence[Range]) -> bool:
    """Whether something is said in a place whose edges are free."""
    i = bisect_right(said, place.start, key=lambda r: r.start)
    return any(place.overlaps(r) for r in said[max(0, i - 1) : i + 1])


def _around_speech(said: Sequence[Range], source: Source) -> Iterable[Fraction]:
    for i, stretch in enumerate(said):
        before = said[i - 1].end if i else Fraction(0)
        after = said[i + 1].start if i + 1 < len(said) else source.duration
        yield _on_frame(source, stretch.start - min(_PAD, (stretch.start - before) / 2))
        yield _on_frame(source, stretch.end + min(_PAD, (after - stretch.end) / 2))


def _in_silence(said: Sequence[Range], source: Source) -> Iterable[Fraction]:
    """Boundaries on a grid in silence, well clear of the speech."""
    count = int(source.duration / STEP)
    clear = [Range(max(r.start - _PAD, Fraction(0)), r.end + _PAD) for r in said]
    for k in range(1, count):
        time = _on_frame(source, k * STEP)
        if not any(r.contains(time) for r in _near(clear, time)):
            yield time


def _near(ranges: Sequence[Range], time: Fraction) -> Sequence[Range]:
    i = bisect_right(ranges, time, key=lambda r: r.start)
    return ranges[max(0, i - 2) : i]


def _dark_parts(shots: Shots | None) -> list[Range]:
    return [
        Range(max(Fraction(0), s.range.start - _DARK), s.range.start + _DARK)
        for s in (shots.shots if shots else ())
        if s.entry == "fade"
    ]


def candidates_of(atoms: Sequence[Atom], shortest: Fraction, longest: Fraction) -> list[Candidate]:
    """Every run of neighbouring atoms of a source that is long enough and not too long.

    None runs across the start of a shot or a long silence. A single atom (a sentence) may be
    longer than ``longest``.
    """
    return [run for run in _runs(atoms, longest) if run.range.duration >= shortest]


def whole_moments(atoms: Sequence[Atom], longest: Fraction) -> list[Candidate]:
    """The runs that silence keeps from being longer, for where none is long enough."""
    longest_of: dict[int, Candidate] = {}
    for run in _runs(atoms, longest):
        longest_of[run.first] = run
    return [
        run
        for run in longest_of.values()
        if run.range.duration >= _SHORTEST
        and not any(o.first < run.first and run.last <= o.last for o in longest_of.values())
    ]


def without_emptiness(atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms as they would be if none were empty, and speech could begin anywhere."""
    return [replace(atom, is_spoken=False, is_empty=False) for atom in atoms]


def _runs(atoms: Sequence[Atom], longest: Fraction) -> Iterator[Candidate]:
    for first, atom in enumerate(atoms):
        if atom.is_empty:
            continue
        end, silent = atom.range.start, Fraction(0)
        for last in range(first, len(atoms)):
            part = atoms[last]
            apart = part.range.start != end
            if last > first and (part.opens_shot or apart or part.source != atom.source):
                break
            end = part.range.end
            silent = silent + part.range.duration if part.is_empty else Fraction(0)
            is_late = part.is_spoken and not atom.is_spoken
            too_long = end - atom.range.start > longest and last > first
            if too_long or is_late or silent > _LONGEST_PAUSE:
                break
            if not part.is_empty:
                yield Candidate(atom.source, first, last + 1, Range(atom.range.start, end))
