"""What is drawn above the picture, in the words of edits: texts, and what draws them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from smartcut.cut import Cut, Segment
from smartcut.drawer import drawer_of, find_drawer, source_of_drawing
from smartcut.editing.model import Look
from smartcut.editing.refusing import Refused
from smartcut.errors import PipelineError
from smartcut.params import Pairs, reason, to_pairs
from smartcut.source import Recipe, Source


def is_drawn(cut: Cut, segment: Segment) -> bool:
    """Whether a drawer draws what a segment shows."""
    return segment.source is not None and cut.source(segment.source).is_drawn


def text_of(cut: Cut, segment: Segment) -> str | None:
    """What a segment says, where it is a text."""
    return None if segment.source is None else said_by(cut.source(segment.source))


def said_by(source: Source) -> str | None:
    """What a drawing says, where it is a text."""
    text = dict(source.made.params).get("text") if source.is_drawn and source.made else None
    return text if isinstance(text, str) else None


def drawing_with(cut: Cut, track: int, number: int, look: Look) -> Cut:
    """The cut with a segment drawn otherwise, where that is asked for.

    Where others show the same drawing, this one gets its own.
    """
    given = dict(look.drawing or {}) if "drawing" in look.model_fields_set else {}
    if "text" in look.model_fields_set:
        given["text"] = look.text
    segment = cut.tracks[track].segments[number]
    is_moved = bool({"x", "y"} & look.model_fields_set) and is_drawn(cut, segment)
    if is_moved and "position" in _fields(cut, segment):
        given.setdefault("position", "middle")
    if not given:
        return cut
    if not is_drawn(cut, segment):
        raise Refused("unfit", f"{segment.label or segment.source!r} is not drawn: it has no text")
    old = cut.source(segment.source or "")
    assert old.made is not None
    new = _redrawn(old, given)
    if isinstance(look.text, str) and segment.label == _as_label(text_of(cut, segment)):
        segment = replace(segment, label=_as_label(look.text))
    shown = [s for t in cut.tracks for s in t.segments if s.source == old.id]
    cut = _with_segment(cut, track, number, segment)
    if len(shown) == 1:
        new = replace(new, id=old.id)
        return replace(cut, sources=tuple(new if s.id == old.id else s for s in cut.sources))
    used = {source.id for source in cut.sources}
    new = source_of_drawing(
        old.made.kind, old.made.engine, new.made.params if new.made else (), old.duration, used
    )
    cut = _with_segment(cut, track, number, replace(segment, source=new.id))
    return replace(cut, sources=(*cut.sources, new))


def _as_label(text: str | None) -> str:
    """What a title's segment is called."""
    return " ".join((text or "").split())


def _with_segment(cut: Cut, track: int, number: int, segment: Segment) -> Cut:
    segments = cut.tracks[track].segments
    own = replace(
        cut.tracks[track], segments=(*segments[:number], segment, *segments[number + 1 :])
    )
    return replace(cut, tracks=(*cut.tracks[:track], own, *cut.tracks[track + 1 :]))


def _fields(cut: Cut, segment: Segment) -> set[str]:
    """The parameters of what draws a segment."""
    made = cut.source(segment.source or "").made
    return set(find_drawer(made.engine).model_fields) if made else set()


def _redrawn(old: Source, given: dict[str, Any]) -> Source:
    """A drawing with other parameters; raises Refused for those that its drawer does not take."""
    made = old.made
    assert made is not None
    params = _merged(made, given)
    return source_of_drawing(made.kind, made.engine, params, old.duration, ())


def _merged(made: Recipe, given: dict[str, Any]) -> Pairs:
    kind = find_drawer(made.engine)
    before = drawer_of(made)
    kept = {n: getattr(before, n) for n in before.model_fields_set if n not in given}
    try:
        return to_pairs(kind.model_validate({**kept, **given}))
    except ValidationError as error:
        raise Refused("unfit", f"what draws {made.kind!r}: {reason(error, kind)}") from None
    except PipelineError as error:
        raise Refused("unfit", str(error)) from None
