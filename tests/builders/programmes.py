"""Cuts of two talks, without media: for what is done to cuts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.algebra import identified
from smartcut.cut import Cut, Segment, Track
from smartcut.editing.finding import match_of
from smartcut.editing.model import HandEdit
from smartcut.source import Source
from smartcut.timebase import Range


def footage(id: str, lasts: int = 100, path: str | None = None) -> Source:
    """A talk of so many seconds, whose digest follows from its name."""
    digest = (id.encode().hex() * 64)[:64]
    return Source(id, Path(path or f"/media/{id}.mp4"), digest, "mp4", Fraction(0), Fraction(lasts))


TALK, ROOM = footage("talk"), footage("room")


def shown(*segments: tuple[str, float, float] | Segment, **more: Any) -> Cut:
    """A cut that shows (source, start, end) one after the other."""
    made = (
        one
        if isinstance(one, Segment)
        else Segment(one[0], Range(Fraction(str(one[1])), Fraction(str(one[2]))), label=one[0])
        for one in segments
    )
    return identified(Cut((TALK, ROOM), (Track("programme", tuple(made)),), **more))


def order(cut: Cut) -> list[tuple[str | None, float, float]]:
    """What the programme shows, in order."""
    return [(s.source, float(s.range.start), float(s.range.end)) for s in cut.segments]


def edit(**what: Any) -> HandEdit:
    """One edit, such as ``edit(drop={...})``."""
    return HandEdit.model_validate(what)


def seen(cut: Cut, number: int, track: int = 0) -> dict[str, Any]:
    """How an edit speaks of a segment."""
    return match_of(cut, track, number).model_dump(exclude_unset=True)
