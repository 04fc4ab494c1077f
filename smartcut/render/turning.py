"""Whole sources that are only turned or mirrored: players do that, and nothing is encoded. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from smartcut.cut import Cut, Segment
from smartcut.media.orientation import Orientation, combined
from smartcut.source import Source

_AS_IT_IS: Orientation = (0, False)


def with_turned_sources(cut: Cut) -> tuple[Cut, tuple[str, ...]]:
    """The cut with turns of whole sources as orientations of these, and a note for each.

    That is where every segment of a source has the same turn and no other effect. The picture is
    the same; copied, it is turned by the file's display matrix.
    """
    turns = {s.id: turn for s in cut.sources if (turn := _turn_of(s, cut)) is not None}
    if not turns:
        return cut, ()
    sources = tuple(_turned(s, turns[s.id]) if s.id in turns else s for s in cut.sources)
    segments = tuple(
        replace(s, effects=()) if s.source in turns else s for s in cut.programme.segments
    )
    return replace(cut, sources=sources).with_segments(segments), tuple(_notes(turns))


def _turn_of(source: Source, cut: Cut) -> Orientation | None:
    """The turn of a source, where it is one everywhere in the programme, and there alone."""
    above = any(s.source == source.id for track in cut.overlays for s in track.segments)
    shown = [s for s in cut.segments if s.source == source.id]
    if source.video is None or source.is_drawn or above or not shown:
        return None
    turns = {_turn(segment) for segment in shown}
    return turns.pop() if len(turns) == 1 else None


def _turn(segment: Segment) -> Orientation | None:
    """What a segment's effects do together, where that is a turn."""
    if not segment.effects:
        return None
    from smartcut.effect import checked
    from smartcut.render.route import is_plain

    turn = _AS_IT_IS
    for effect in segment.effects:
        made = checked(effect)
        if effect.during is not None or made.orientation is None or not is_plain(made):
            return None
        turn = combined(turn, made.orientation)
    return turn


def _turned(source: Source, turn: Orientation) -> Source:
    assert source.video is not None
    rotation, mirrored = combined(source.video.orientation, turn)
    return replace(source, video=replace(source.video, rotation=rotation, mirrored=mirrored))


def _notes(turns: dict[str, Orientation]) -> Iterator[str]:
    for id, (rotation, mirrored) in turns.items():
        done = (mirrored * "mirrored", bool(rotation) * f"turned by {rotation} degrees")
        if any(done):
            how = " and ".join(filter(None, done))
            yield f"all of {id} is {how}; players do that to what is copied"
