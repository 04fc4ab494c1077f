"""Captions to burn in, as a layer of the cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from smartcut.cut import Cut, Segment, Track
from smartcut.drawer import source_of_drawing
from smartcut.params import Pairs, to_pairs
from smartcut.render.captions.cues import Cue
from smartcut.timebase import Range

#: Tracks of what lies above captions.
_ABOVE = "titles"


def with_captions(cut: Cut, cues: Sequence[Cue]) -> Cut:
    """The resolved cut with these captions drawn over its pictures, below its topmost titles."""
    assert cut.captions is not None
    look = (*to_pairs(cut.captions.style), ("language", cut.captions.language))
    params = (*look, ("texts", tuple(_text(cue) for cue in cues)))
    used = [source.id for source in cut.sources]
    source = source_of_drawing("captions", "captions", params, Fraction(0), used)
    whole = Range(Fraction(0), cut.duration)
    segment = Segment(source.id, whole, label=source.id, at=Fraction(0))
    track = Track("captions", (segment,), kind="picture")
    place = _below_titles(cut.tracks)
    tracks = (*cut.tracks[:place], track, *cut.tracks[place:])
    return replace(cut, sources=(*cut.sources, source), tracks=tracks)


def _below_titles(tracks: Sequence[Track]) -> int:
    """The place above all pictures but the titles that lie on top of them."""
    place = len(tracks)
    for number, track in reversed([*enumerate(tracks)][1:]):
        if track.kind == "picture":
            if track.role != _ABOVE:
                break
            place = number
    return place


def _text(cue: Cue) -> Pairs:
    words = tuple(
        (
            ("start", str(w.range.start)), ("end", str(w.range.end)), ("text", w.text),
            ("is_strong", w.is_strong), ("speaker", w.speaker),
        )
        for w in cue.words
    )  # fmt: skip
    shown = (("start", str(cue.range.start)), ("end", str(cue.range.end)))
    return (*shown, ("lines", cue.lines), ("words", words), ("band", cue.band))
