"""A part of a cut: what is seen and heard from one time of the film to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from smartcut.algebra import heard_in, resolved, shown_in
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.timebase import Range, format_time


def excerpt(cut: Cut, kept: Range) -> Cut:
    """The cut from one timeline time to another, with all that lies above it and plays under it.

    ``kept`` lies within the cut. What is connected to a source stays so. An end that lies within a
    transition leaves the transition out, which a note says: the segment that comes in is shown from
    a beginning on, the one that goes to an end.
    """
    notes: list[str] = []
    shown = cut.with_segments(tuple(_programme(cut, kept, notes)))
    pairs = zip(cut.tracks[1:], resolved(cut).tracks[1:], strict=True)
    others = (_beside(track, now, kept, cut.duration) for track, now in pairs)
    tracks = (shown.programme, *(track for track in others if track.segments))
    shown = replace(shown, tracks=tracks)
    for note in notes:
        shown = shown.with_note(note)
    return shown


def _programme(cut: Cut, kept: Range, notes: list[str]) -> Iterator[Segment]:
    placed = list(cut.programme.placed())
    is_first = True
    for number, (segment, place) in enumerate(placed):
        within = place.intersect(kept)
        goes = number + 1 < len(placed) and placed[number + 1][1].start < kept.start
        if within is None or goes:
            continue
        joined = place.start + segment.overlap
        if place.start < kept.end < joined:
            notes.append(_divided(kept.end, segment))
            return
        if place.start < kept.start < joined:
            notes.append(_divided(kept.start, segment))
        part = segment.part(within.start - place.start, within.end - place.start)
        yield replace(part, transition=None if is_first else segment.transition)
        is_first = False


def _divided(time: Fraction, segment: Segment) -> str:
    assert segment.transition is not None
    return (
        f"the {segment.transition.kind} that {format_time(time)} of the film divides is left out; "
        "choose a time before or after it to keep it whole"
    )


def _beside(track: Track, now: Track, kept: Range, total: Fraction) -> Track:
    """What a track beside the programme has in the excerpt; ``now`` is it resolved."""
    if track.role == "music":
        whole = replace(track, segments=tuple(_repeated(track, kept.end)))
        return _faded(heard_in(whole, kept), kept, total)
    if all(isinstance(s.at, Anchor) or s.at == "throughout" for s in track.segments):
        return track
    return shown_in(now, kept)


def _repeated(track: Track, until: Fraction) -> Iterator[Segment]:
    """The music again and again until a time, as it is heard."""
    at = Fraction(0)
    while at < until and track.duration:
        yield from track.segments
        at += track.duration


def _faded(track: Track, kept: Range, total: Fraction) -> Track:
    """The music's fades, where the excerpt has the beginning or the end of the whole."""
    return replace(
        track,
        fade_in=max(track.fade_in - kept.start, Fraction(0)),
        fade_out=max(track.fade_out - (total - kept.end), Fraction(0)),
    )
