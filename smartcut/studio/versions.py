"""Versions of a cut: what each is made of, and the edits that are laid over the automatic cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from smartcut.cut import Cut
from smartcut.editing.applying import Mark
from smartcut.editing.model import BaseSegment, Edits, HandEdit
from smartcut.editing.refusing import EditConflict
from smartcut.errors import PipelineError
from smartcut.mistakes import mistakes
from smartcut.render.chunks import Chunk
from smartcut.render.job import Rendering
from smartcut.studio.film import StudioFilm


@dataclass(frozen=True, slots=True)
class Draft:
    """What a version is made of; undo goes from one to the one before."""

    film: StudioFilm
    automatic: Cut
    """What the stages make, without edits."""
    base: int
    """The number of the version that shows just that."""
    edits: Edits = Edits()
    name: str = ""
    """What was done to come here, in a few words."""


@dataclass(frozen=True, slots=True)
class LaidEdits:
    """The cut of a draft: its edits over the automatic cut, and the stages after them."""

    cut: Cut
    conflicts: tuple[EditConflict, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()

    @property
    def noted_cut(self) -> Cut:
        """The cut with a note for each conflict, as a run of the pipeline has it."""
        cut = self.cut
        for conflict in self.conflicts:
            cut = cut.with_note(f"edits: conflict in {conflict.text}")
        return cut


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A draft with the cut and the render that it stands for."""

    number: int
    draft: Draft
    laid: LaidEdits
    rendering: Rendering
    chunks: tuple[Chunk, ...]
    sound: str | None
    plain: Mapping[str, Any] = field(repr=False)
    """What depends on the cut alone."""


def hand_edits(ops: Iterable[Any]) -> tuple[HandEdit, ...]:
    """Edits as JSON has them, checked; raises PipelineError that says what is accepted."""
    given = list(ops)
    if not given:
        raise PipelineError("there is no edit; an edit is an object with one key, such as drop")
    found = []
    for number, op in enumerate(given, 1):
        if isinstance(op, HandEdit):
            found.append(op)
            continue
        try:
            found.append(HandEdit.model_validate(op))
        except ValidationError as error:
            told = "; ".join(one.text for one in mistakes(error.errors(), HandEdit))
            raise PipelineError(f"edit {number}: {told}") from error
    return tuple(found)


def stamped(edits: Iterable[HandEdit], automatic: Cut) -> Edits:
    """A list of edits that says what it was made on: the programme, and its sources' digests."""
    listed = tuple(edits)
    if not listed:
        return Edits()
    base = tuple(map(BaseSegment.of, automatic.segments))
    sources = {s.id: s.digest for s in automatic.sources if not s.is_drawn and s.digest}
    return Edits(sources=sources, base=base, edits=listed)


def told(edits: Iterable[HandEdit]) -> str:
    """What some edits do, in a few words, for a list of versions."""
    kinds = [edit.kind for edit in edits]
    names = list(dict.fromkeys(kinds))
    return names[0] if len(kinds) == 1 else f"{', '.join(names)} ({len(kinds)} edits)"
