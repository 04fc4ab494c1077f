"""Edits laid over the automatic cut of a draft, and the stages after them."""

from __future__ import annotations

from smartcut.algebra import identified
from smartcut.errors import StageError
from smartcut.stage import Context
from smartcut.studio.film import edits_stage
from smartcut.studio.versions import Draft, LaidEdits


def laid_edits(draft: Draft, context: Context, refuses: int = 0) -> LaidEdits:
    """The cut of a draft.

    Raises StageError where nothing would be left of it, and where one of its last ``refuses`` edits
    does not apply.
    """
    done = edits_stage(draft.edits, draft.film.folder).edited(draft.automatic, context)
    assert done is not None
    first_new = len(draft.edits.edits) - refuses
    for conflict in done.conflicts:
        if refuses and conflict.edit >= first_new:
            raise StageError(conflict.why)
    if draft.automatic.segments and not done.cut.segments:
        raise StageError("nothing would be left of the film")
    cut = done.cut
    for step in draft.film.after_edits:
        cut = identified(step.stage.apply(cut, context))
    return LaidEdits(cut, done.conflicts, done.marks)
