"""What lies above the programme, on the beat: overlays, titles and whatever else is there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from smartcut.algebra import resolved
from smartcut.curve import Curve
from smartcut.cut import Anchor, At, Cut, Segment, Track
from smartcut.stages._beats import Pulse, lasting

_WHOLE = (True, False)


def above_on_the_beat(cut: Cut, grid: Pulse) -> tuple[Cut, int]:
    """The cut with overlays and titles that come and go on the nearest beats, and how many times.

    What is connected to a source stays so, at the time that the beat shows. It ends on a beat where
    there is enough of it and nothing in it is made for its length; else it lasts as long as it did.
    """
    moved = 0
    tracks = [cut.programme]
    for track in cut.tracks[1:]:
        if track.kind == "picture":
            segments = []
            for segment in track.segments:
                segment, times = _on_the_beat(segment, cut, grid)
                segments.append(segment)
                moved += times
            track = replace(track, segments=tuple(segments))
        tracks.append(track)
    return replace(cut, tracks=tuple(tracks)), moved


def _on_the_beat(segment: Segment, cut: Cut, grid: Pulse) -> tuple[Segment, int]:
    begins = _begins(segment, cut)
    if begins is None:
        return segment, 0
    start, end = grid.nearest(begins), grid.nearest(begins + segment.duration)
    at = None if start is None else _at(segment.at, start, cut)
    if at is None or start is None:
        at, start, times = segment.at, begins, 0
    else:
        times = 1
    if end is not None and end > start and _may_last_otherwise(segment, cut):
        ended = lasting(cut, segment, end - start, Fraction(0), _WHOLE)
        if ended is not None:
            return replace(ended, at=at), times + 1
    return replace(segment, at=at), times


def _may_last_otherwise(segment: Segment, cut: Cut) -> bool:
    """Whether nothing in it is made for its length: a fade at its end, a text that is drawn."""
    keyed = (isinstance(value, Curve) for effect in segment.effects for _, value in effect.params)
    return not cut.source(segment.source or "").is_drawn and not any(keyed)


def _begins(segment: Segment, cut: Cut) -> Fraction | None:
    """When it is first seen, in timeline time; None where that is no one time."""
    if segment.source is None or segment.at in (None, "throughout") or not segment.duration:
        return None
    alone = Track("overlay", (segment,))
    placed = resolved(replace(cut, tracks=(cut.programme, alone))).tracks[1].segments
    if len(placed) != 1 or placed[0].duration != segment.duration:
        return None
    return placed[0].at if isinstance(placed[0].at, Fraction) else None


def _at(was: At, beat: Fraction, cut: Cut) -> At:
    """Where to connect it to be seen from the beat on; None where that cannot be said."""
    if not isinstance(was, Anchor):
        return beat
    for shown, place in cut.programme.placed():
        if shown.source == was.source and place.contains(beat) and shown.warp is None:
            return Anchor(was.source, shown.source_at(beat - place.start))
    return None
