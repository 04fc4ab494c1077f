"""Edits laid over a cut, one after the other; those that no longer apply are conflicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from smartcut.algebra import identified
from smartcut.cut import Cut
from smartcut.editing import programme
from smartcut.editing.adding import add
from smartcut.editing.finding import Finder
from smartcut.editing.model import Edits, HandEdit
from smartcut.editing.refusing import EditConflict, Refused
from smartcut.editing.setting import set_values
from smartcut.errors import PipelineError
from smartcut.stage import Context

#: What edits did to a segment.
Mark = Literal["trimmed", "moved", "added", "replaced", "set"]
_MARKS: dict[str, Mark] = {
    "drop": "trimmed", "keep": "trimmed", "trim": "trimmed", "move": "moved",
    "replace": "replaced", "set": "set", "add": "added",
}  # fmt: skip
# Of what was done to one, what is told.
_FIRST: tuple[Mark, ...] = ("added", "replaced", "moved", "trimmed", "set")


@dataclass(frozen=True, slots=True)
class Edited:
    """A cut with edits laid over it."""

    cut: Cut
    applied: tuple[int, ...]
    """The numbers of the edits that hold; also those that there was nothing left to do for, and
    those of which a conflict says that they hold in part."""
    conflicts: tuple[EditConflict, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()
    """(segment's id, what was done to it) of those that are edited."""


def apply_edits(
    cut: Cut,
    edits: Edits | Iterable[HandEdit],
    context: Context | None = None,
    folder: Path | None = None,
) -> Edited:
    """The cut with the edits laid over it, in order; it always comes to an end.

    What no longer applies is a conflict, and the cut is as if that edit were not there; or, where
    the conflict says so, as far as it could be made.
    ``context`` is for stages that are added and have to look something up; the files that they name
    are looked for in ``folder`` too.
    """
    given = edits if isinstance(edits, Edits) else Edits(edits=tuple(edits))
    cut = identified(cut)
    done, conflicts, marks = list[int](), list[EditConflict](), dict[str, Mark]()
    for number, edit in enumerate(given.edits):
        before = _ids(cut)
        try:
            cut, touched = applied(cut, Finder(cut, given.sources), edit, context, folder)
            cut = identified(cut)
            new = _ids(cut) - before if edit.kind in ("keep", "add", "replace") else set()
            _mark(marks, edit.kind, touched, new)
            done.append(number)
        except Refused as refused:
            if refused.cut is not None:
                cut = identified(refused.cut)
                _mark(marks, edit.kind, set(), _ids(cut) - before)
                done.append(number)
            conflicts.append(EditConflict(number, refused.kind, refused.why, edit))
        except PipelineError as error:
            conflicts.append(EditConflict(number, "unfit", error.message, edit))
    there = _ids(cut)
    found = tuple((id, mark) for id, mark in marks.items() if id in there)
    return Edited(cut, tuple(done), tuple(conflicts), found)


def _ids(cut: Cut) -> set[str]:
    return {segment.id for track in cut.tracks for segment in track.segments}


def _mark(marks: dict[str, Mark], kind: str, touched: set[str], new: set[str]) -> None:
    for id in touched - {""}:
        if (mark := _MARKS.get(kind)) is not None:
            marks[id] = min(marks.get(id, mark), mark, key=_FIRST.index)
    for id in new:
        marks[id] = "replaced" if kind == "replace" else "added"


def applied(
    cut: Cut,
    finder: Finder,
    edit: HandEdit,
    context: Context | None = None,
    folder: Path | None = None,
) -> tuple[Cut, set[str]]:
    """The cut after an edit, and the ids of the segments that it changed; raises Refused."""
    match edit.kind:
        case "drop":
            return programme.drop(cut, finder, edit.what)
        case "keep":
            return programme.keep(cut, finder, edit.what)
        case "trim":
            return programme.trim(cut, finder, edit.what)
        case "split":
            return programme.split(cut, finder, edit.what)
        case "move":
            return programme.move(cut, finder, edit.what)
        case "replace":
            return programme.replace_with(cut, finder, edit.what)
        case "set":
            return set_values(cut, finder, edit.what)
        case _:
            return add(cut, finder, edit.what, context, folder), set()
