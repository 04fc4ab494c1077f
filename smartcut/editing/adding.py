"""`add`: something that a stage places, or a segment with all that can be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.drawer import source_of_drawing
from smartcut.editing.finding import Finder, track_names
from smartcut.editing.items import items_of, with_items
from smartcut.editing.model import Look, PlacedSegment
from smartcut.editing.programme import insert, within
from smartcut.editing.refusing import Refused
from smartcut.editing.setting import check_programme, with_look
from smartcut.editing.times import clock
from smartcut.errors import PipelineError, SmartcutError
from smartcut.interchange.json import from_plain
from smartcut.mistakes import mistakes
from smartcut.source import Recipe
from smartcut.stage import Context, find_stage
from smartcut.timebase import Range, parse_time

_BESIDE = ("at", "of", "why")
SEGMENT = "segment"


def add(
    cut: Cut, finder: Finder, edit: Mapping[str, Any], context: Context | None, folder: Path | None
) -> Cut:
    """The cut with what an edit adds; raises Refused."""
    name, given = stage_in(edit)
    if name == SEGMENT:
        return _segment(cut, finder, given)
    kind = find_stage(name)
    values = {kind.short: given} if kind.short and not isinstance(given, Mapping) else given
    try:
        stage = kind.model_validate(dict(values or {}), context={"folder": folder})
    except ValidationError as error:
        said = "; ".join(one.text for one in mistakes(error.errors(), kind))
        raise Refused("unfit", f"`{name}`: {said}") from None
    try:
        added = stage.apply(cut, context or _Nowhere())
    except SmartcutError as error:
        raise Refused("unfit", str(error)) from None
    if added.segments != cut.segments:
        raise Refused("unfit", f"`{name}` changes the programme: write it among the stages")
    return _connected(cut, added, finder, edit)


def stage_in(edit: Mapping[str, Any]) -> tuple[str, Any]:
    """The stage that an edit adds, and its parameters; raises Refused for none or several."""
    names = [name for name in edit if name not in _BESIDE]
    if len(names) != 1:
        raise Refused("unfit", "`add` takes one stage, such as `title: {text: ...}`")
    return names[0], edit[names[0]]


class _Nowhere(Context):
    """What stages may use where nothing is at hand: they may place, and look nothing up."""

    def __getattr__(self, name: str) -> Any:
        raise PipelineError(f"it has to look something up ({name}), which is not possible here")

    def result(self, analysis: Any, source: Any) -> Any:
        return self.__getattr__(analysis.name)

    def memo(self, kind: str, *rest: Any, **more: Any) -> Any:
        return self.__getattr__(kind)

    def network(self, asked: Any) -> Any:
        return self.__getattr__("a network")

    def prepare(self, asked: Any) -> None:
        self.__getattr__("a network")

    def ask(self, asked: Any, rows: Any, source: Any) -> Any:
        return self.__getattr__("a network")


def _connected(before: Cut, added: Cut, finder: Finder, edit: Mapping[str, Any]) -> Cut:
    """What was added, connected to the time of a source that the edit names, if it names one."""
    if "of" not in edit:
        return added
    source = finder.source(str(edit["of"])).id
    try:
        time = parse_time(edit.get("at", 0))
    except ValueError as error:
        raise Refused("unfit", f"`at`: {error}") from None
    if not any(s.source == source and shows(s, time) for s in before.segments):
        raise Refused("gone", f"{clock(time)} of {source} is no longer shown")
    old = {s.id for track in before.tracks for s in track.segments}
    tracks = tuple(
        replace(t, segments=tuple(
            replace(s, at=Anchor(source, time)) if not s.id or s.id not in old else s
            for s in t.segments
        ))
        for t in added.tracks[1:]
    )  # fmt: skip
    return replace(added, tracks=(added.programme, *tracks))


def shows(segment: Segment, time: Fraction) -> bool:
    """Whether a segment shows a time of its source."""
    return segment.range.contains(time) or segment.range == Range(time, time)


# --------------------------------------------------------------------------- a segment by itself


def _segment(cut: Cut, finder: Finder, given: Any) -> Cut:
    try:
        said = PlacedSegment.model_validate(given)
    except ValidationError as error:
        text = "; ".join(one.text for one in mistakes(error.errors(), PlacedSegment))
        raise Refused("unfit", f"`segment`: {text}") from None
    cut, source = _source(cut, finder, said)
    segment = Segment(source, Range(said.start, said.end), label=said.label or "", id=said.id or "")
    if source is not None and not cut.source(source).is_drawn:
        within(cut.source(source), said.start, said.end)
    segment = with_look(cut, finder, segment, _before_effects(said), "it")
    segment = replace(segment, scores=tuple((said.scores or {}).items()))
    if said.track in (None, "programme"):
        check_programme(said)
        items = items_of(cut)
        misplaced = insert(items, cut, finder, segment, said.after)
        done = with_items(cut, items)
        if misplaced is not None:
            raise Refused(misplaced.kind, misplaced.why, done)
        return done
    return _on_track(cut, said, segment)


def _before_effects(said: PlacedSegment) -> Look:
    names = set(Look.model_fields) & said.model_fields_set - {"text", "drawing"}
    return Look.model_construct(_fields_set=names, **{n: getattr(said, n) for n in names})


def _source(cut: Cut, finder: Finder, said: PlacedSegment) -> tuple[Cut, str | None]:
    """The source that a segment shows: one of the cut's, a drawing that is said, or none."""
    if said.recipe is None:
        return cut, None if said.source == "gap" else finder.source(said.source).id
    recipe = from_plain(Recipe, dict(said.recipe))
    lasts = Fraction(0) if said.at == "throughout" else said.end - said.start
    source = source_of_drawing(
        recipe.kind, recipe.engine, recipe.params, lasts, {s.id for s in cut.sources}
    )
    return replace(cut, sources=(*cut.sources, source)), source.id


def _on_track(cut: Cut, said: PlacedSegment, segment: Segment) -> Cut:
    """The cut with a segment on a track beside the programme: one that is there, or a new one."""
    assert said.track is not None
    names = track_names(cut)
    if said.track in names:
        number = names.index(said.track)
        track = cut.tracks[number]
        filled = replace(track, segments=(*track.segments, segment))
        return replace(cut, tracks=(*cut.tracks[:number], filled, *cut.tracks[number + 1 :]))
    role, mark, digits = said.track.rpartition("-")
    role = role if mark and digits.isdigit() else said.track
    track = Track(role, (segment,), kind=said.kind or "")  # type: ignore[arg-type]
    return replace(cut, tracks=(*cut.tracks, track))
