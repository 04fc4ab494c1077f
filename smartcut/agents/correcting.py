"""Tools that correct a cut by hand, in edits that outlive the next run of its pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from smartcut.agents.films import AskedFilm, FilmParams, film_of
from smartcut.agents.tool import MOST_SAID, Tool, ToolAnswer, ToolCall
from smartcut.agents.working import told_cut
from smartcut.api import Pipeline
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.editing.applying import Edited
from smartcut.editing.finding import match_of
from smartcut.editing.model import BaseSegment, Edits
from smartcut.editing.reading import companion, edits_of, read_edits, write_edits
from smartcut.errors import PipelineError
from smartcut.registry import close_to
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.spec_edits import place_of_edits
from smartcut.spec_text import Places
from smartcut.stages.edits import EditsStage

#: Edits of one call.
_MOST = 100


class EditAsked(FilmParams):
    ops: tuple[dict[str, Any], ...] = Field(
        (),
        max_length=_MOST,
        description="Each with one key: {drop: {source, start, end}} or {drop: {segment}}, "
        "{keep: {source, start, end, after}}, {trim: {segment, start, end}}, {split: {segment, "
        "at}}, {move: {segment, after}}, {replace: {segment, source, start, end}}, {set: {segment, "
        "label | speed | gain | text | x | y ...}}, {add: {STAGE: {...}}}. A segment is its id, as "
        "`explain` says; times are source time; `after` is an id, start or end.",
    )
    undo: int = Field(0, ge=0, le=10_000, description="Take back so many of the last ones first.")
    dry: bool = Field(False, description="Say what would come of it; write nothing.")


def edit_film(call: ToolCall, asked: EditAsked) -> ToolAnswer:
    film = film_of(call, asked)
    if film.path is None or film.path.suffix.lower() not in (".yaml", ".yml"):
        raise PipelineError(
            "edit: edits stand beside a pipeline in a file: write it with `save`, and name it in "
            "`path`"
        )
    place = companion(film.path)
    kept = _without_last(_kept(call, place), asked.undo)
    with local.opened_context(call.options) as context:

        def laid(cut: Cut, edits: Edits) -> Edited:
            stage = EditsStage.model_validate({"edits": edits}, context={"folder": place.parent})
            done = stage.edited(cut, context)
            assert done is not None
            return done

        automatic = _automatic(context, film, asked)
        before = laid(automatic, kept)
        added, after = _added(before.cut, asked.ops, laid)
    whole = replace_edits(kept, automatic, (*kept.edits, *added))
    changed = bool(added) or asked.undo > 0
    if changed and not asked.dry:
        write_edits(whole, call.folder.place(place.as_posix()))
    return _answered(after, before, whole, "" if asked.dry or not changed else place.as_posix())


def _kept(call: ToolCall, place: Path) -> Edits:
    """The edits that there are; none where there is no file."""
    path = call.folder.place(place.as_posix())
    return read_edits(path) if path.is_file() else Edits()


def _without_last(edits: Edits, count: int) -> Edits:
    if count > len(edits):
        raise PipelineError(f"edit: undo={count}, but there are {len(edits)} edits")
    return edits.model_copy(update={"edits": edits.edits[: len(edits) - count]})


def _automatic(context: LocalContext, film: AskedFilm, asked: EditAsked) -> Cut:
    """What the stages make up to where edits are laid over it."""
    assert film.path is not None
    bare = Pipeline.from_yaml(film.path, edits=False, **asked.params)
    steps = bare.steps[: place_of_edits(bare.steps)]
    begin = bare.begin(film.inputs, Options(context.device, allow_net=context.allow_net))
    return local.run_in(context, replace(bare, steps=steps).unwritten().steps, begin).cut


def replace_edits(edits: Edits, automatic: Cut, whole: Sequence[Any]) -> Edits:
    """The list with these edits, and with what it was made on where it does not say so yet."""
    base = edits.base or tuple(map(BaseSegment.of, automatic.segments))
    sources = {**{s.id: s.digest for s in automatic.footage if s.digest}, **edits.sources}
    given = {"sources": sources, "base": base, "edits": tuple(whole)}
    return Edits.model_validate(given)


def _added(
    cut: Cut, given: Sequence[Mapping[str, Any]], laid: Callable[[Cut, Edits], Edited]
) -> tuple[list[Any], Edited]:
    """The edits in full, and the cut after them; raises PipelineError where one does not apply."""
    found: list[Any] = []
    after = Edited(cut, ())
    for number, one in enumerate(given, 1):
        full = _in_full(one, after.cut)
        edits = _checked(full, f"edit {number}")
        after = laid(after.cut, edits)
        if after.conflicts:
            why = "; ".join(conflict.why for conflict in after.conflicts)
            raise PipelineError(f"edit {number} cannot be made, and nothing was written: {why}")
        found += edits.edits
    return found, after


def _checked(edit: Mapping[str, Any], name: str) -> Edits:
    """One edit as a list of its own; raises PipelineError that lists its mistakes."""
    try:
        return edits_of([edit], (), Places({}), name)
    except ExceptionGroup as group:
        raise PipelineError("; ".join(str(error) for error in group.exceptions)) from None


def _in_full(edit: Mapping[str, Any], cut: Cut) -> dict[str, Any]:
    """An edit whose segments are named by what they show, as its file keeps them."""
    full: dict[str, Any] = {}
    for kind, what in edit.items():
        full[kind] = dict(what) if isinstance(what, Mapping) else what
        for key in ("segment", "after") if isinstance(what, Mapping) else ():
            name = what.get(key)
            if isinstance(name, str) and (key, name) not in (("after", "start"), ("after", "end")):
                full[kind][key] = _match(name, cut)
    return full


def _match(id: str, cut: Cut) -> dict[str, Any]:
    for track, one in enumerate(cut.tracks):
        for number, segment in enumerate(one.segments):
            if segment.id == id:
                return match_of(cut, track, number).model_dump(mode="json", exclude_unset=True)
    known = [segment.id for one in cut.tracks for segment in one.segments][:60]
    raise PipelineError(f"unknown segment {close_to(id[:100], known)}")


def _answered(after: Edited, before: Edited, whole: Edits, written: str) -> ToolAnswer:
    data, text = told_cut(after.cut)
    conflicts = [one.to_plain() for one in before.conflicts]
    lines = [text, f"{len(whole)} edits in all"]
    lines += [f"conflict in {one.text[:300]}" for one in before.conflicts[:20]]
    if written:
        lines.append(f"wrote {written}; `run` the pipeline again, and `look`")
    data = {"edits": len(whole), "written": written or None, "conflicts": conflicts[:20], **data}
    return ToolAnswer(data, "\n".join(lines)[: MOST_SAID - 1])


CORRECTING = (
    Tool(
        "edit",
        "Correct a cut",
        "Correct what a pipeline chose by hand: drop, keep, trim, split, move, replace, set, add. "
        "The edits are kept beside the pipeline, and every later run applies them, also where the "
        "pipeline then chooses otherwise; what no longer fits is named as a conflict.",
        EditAsked,
        edit_film,
        reads_only=False,
        replaces=True,
    ),
)
