"""Cuts above each other: what each shows, in one cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from smartcut.algebra import connected, resolved
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.errors import PipelineError
from smartcut.excerpts import excerpt
from smartcut.joining import concatenated, with_own_sources
from smartcut.timebase import Range


class Laying(NamedTuple):
    """How a cut lies above others."""

    at: Fraction = Fraction(0)
    """When it begins, in timeline time of what is below."""
    effects: tuple[Effect, ...] = ()
    """What puts each of its pictures into the frame; none: as large as fits."""
    gain: float | None = 0.0
    """dB of its own sound; None leaves it out."""


def assembled(cuts: Sequence[Cut], layings: Sequence[Laying | None]) -> Cut:
    """The cuts one after the other, and those that have a laying above them.

    The film lasts as long as what is below. Raises PipelineError for what cannot lie above.
    """
    pairs = list(zip(cuts, layings, strict=True))
    whole = concatenated([cut for cut, laying in pairs if laying is None])
    for number, (cut, laying) in enumerate(pairs, 1):
        if laying is not None:
            whole = _laid_over(whole, cut, laying, number)
    return whole


def _laid_over(below: Cut, cut: Cut, laying: Laying, number: int) -> Cut:
    left = below.duration - laying.at
    if left <= 0:
        raise PipelineError(
            f"layer {number} begins at {float(laying.at):g} s, but what is below lasts "
            f"{float(below.duration):.3f} s"
        )
    _check_plain(cut, number)
    cut = resolved(with_own_sources(cut, below))
    if cut.duration > left:
        cut = excerpt(cut, Range(Fraction(0), left))
    known = {source.id for source in below.sources}
    told = {(a.name, a.source) for a in below.annotations}
    sources = tuple(s for s in cut.sources if s.id not in known)
    annotations = tuple(a for a in cut.annotations if (a.name, a.source) not in told)
    placed = list(cut.programme.placed())
    shown = tuple(
        _above(below, segment, place, laying, laying.effects)
        for segment, place in placed
        if segment.source is not None
    )
    heard = tuple(
        _above(below, replace(segment, effects=()), place, laying, ())
        for segment, place in placed
        if segment.source is not None and cut.source(segment.source).audio is not None
    )
    tracks = [*below.tracks, Track("overlay", shown)]
    tracks += [_later(below, track, laying) for track in cut.tracks[1:]]
    if heard and laying.gain is not None:
        tracks.append(Track("overlay", heard, gain=laying.gain, kind="sound"))
    return replace(
        below,
        sources=(*below.sources, *sources),
        annotations=(*below.annotations, *annotations),
        tracks=tuple(tracks),
        notes=(*below.notes, *(note for note in cut.notes if note not in below.notes)),
    )


def _above(
    below: Cut, segment: Segment, place: Range, laying: Laying, effects: tuple[Effect, ...]
) -> Segment:
    at = connected(below, laying.at + place.start)
    return replace(segment, effects=(*segment.effects, *effects), at=at, id="")


def _later(below: Cut, track: Track, laying: Laying) -> Track:
    """A track above a layer's programme, with it."""
    moved = (_above(below, s, place, laying, ()) for s, place in track.placed())
    return replace(track, segments=tuple(moved))


def _check_plain(cut: Cut, number: int) -> None:
    """Raise PipelineError for what cannot lie above other pictures."""
    if any(segment.transition for segment in cut.segments):
        raise PipelineError(
            f"layer {number} has transitions, which join pictures below everything else: leave "
            "them out, or render it first and lay the file"
        )
    if any(track.role == "music" for track in cut.tracks):
        raise PipelineError(
            f"layer {number} has music, which plays as long as a film does: put it among the "
            "stages of the whole"
        )
