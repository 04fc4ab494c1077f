"""What can be asked of a session: its newest version, and what it was chosen from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from smartcut.cut import Cut
from smartcut.editing.model import Edits
from smartcut.editing.refusing import EditConflict
from smartcut.eliding.finding import elisions
from smartcut.render.job import Rendering
from smartcut.runners.local import Options
from smartcut.spec_schema import json_schema
from smartcut.studio.comparing import KnownCuts
from smartcut.studio.expected import foreseen
from smartcut.studio.film import StudioFilm
from smartcut.studio.known import KnownForCuts
from smartcut.studio.passages import plain_passages
from smartcut.studio.pipeline_text import checked_text, read_text
from smartcut.studio.reasons import Choosing
from smartcut.studio.state import plain_transcript
from smartcut.studio.versions import Draft, Version
from smartcut.studio.working import StudioWork

if TYPE_CHECKING:
    from smartcut.stages._take_passages import TakePassage


class SessionViews:
    """The part of a session that changes nothing."""

    _now: Version
    _work: StudioWork

    def __init__(self, options: Options) -> None:
        self._options = options
        self._cuts = KnownCuts()
        self._choices = KnownForCuts[Choosing]()
        self._passages: KnownForCuts[tuple[TakePassage, ...]] = KnownForCuts()

    @property
    def options(self) -> Options:
        """How stages run: on which device, with which cache."""
        return self._options

    @property
    def cut(self) -> Cut:
        """The cut as it is now, edits and all."""
        return self._now.laid.cut

    @property
    def version(self) -> int:
        """Counts every change, also those of undo and redo."""
        return self._now.number

    @property
    def edits(self) -> Edits:
        """The corrections by hand, in order."""
        return self._now.draft.edits

    @property
    def conflicts(self) -> tuple[EditConflict, ...]:
        """The corrections that no longer apply; they are kept."""
        return self._now.laid.conflicts

    @property
    def rendering(self) -> Rendering:
        """How the cut would be rendered: its spans, copied and encoded."""
        return self._now.rendering

    @property
    def film(self) -> StudioFilm:
        """The pipeline, its inputs and its output."""
        return self._now.draft.film

    @property
    def pipeline_text(self) -> str:
        """The YAML of the pipeline; empty for one that was made in Python."""
        return self.film.text

    def transcript(self) -> list[dict[str, Any]]:
        """The words of every source, each with whether the cut keeps it."""
        now = self._now
        return plain_transcript(now.draft.automatic, now.rendering.heard)

    def compare(self, a: int, b: int) -> dict[str, Any]:
        """What differs between two versions: in words, and both of them to be laid side by side.

        Raises NoSuchThing for a version that is no longer known.
        """
        return self._cuts.compared(a, b)

    def plan(self) -> dict[str, Any]:
        """What a run would do, what is cached, how much is copied, and how long it may take."""
        now = self._now
        film = now.draft.film
        found: dict[str, Any] = self._work.plan(
            film, film.steps_with(now.draft.edits), now.rendering
        )
        return found

    def expected(self) -> list[dict[str, Any]]:
        """What is expected of the film (`expect:`), and whether the cut will be so: verdicts, as
        of ``smartcut verify``, with the times of what is missed. What only the finished film tells
        is unchecked."""
        now = self._now
        return foreseen(now.draft.film, now.laid.cut)

    def candidates(self) -> list[dict[str, Any]]:
        """The moments that the stages chose from, best first, and which of them are shown.

        Where no stage chooses, they are the shots, or the parts, that are not shown.
        """
        now = self._now
        return self._choosing(now.draft).candidates(now.laid.cut)

    def elisions(self) -> list[dict[str, Any]]:
        """What the cut takes away of what was said, in the order of the film: words left out of
        sentences, sentences joined, moved or covered, each with signs of another sense."""
        return [one.to_plain() for one in elisions(self._now.rendering.heard)]

    def takes(self) -> list[dict[str, Any]]:
        """The passages of the stage `takes`: which take is heard, what speaks against each, and the
        edits that play another one. Nothing where no such stage is."""
        now = self._now
        draft = now.draft
        made = partial(self._work.passages, draft.film, draft.automatic)
        return plain_passages(self._passages.of(draft.base, made), now.laid.cut)

    def why(self, segment: str) -> dict[str, Any]:
        """Why a segment (its id) is in the film: what its score is made of, what it beat, what
        would take its place. Raises NoSuchThing."""
        now = self._now
        return self._choosing(now.draft).why(segment, now.laid.cut, dict(now.laid.marks))

    def pipeline(self) -> dict[str, Any]:
        """``{text, data, stages: [{name, params, line}]}`` of the pipeline."""
        return read_text(self.pipeline_text)

    def check(self, text: str) -> dict[str, Any]:
        """The mistakes in a pipeline's text: ``errors: [{line, message}]``; nothing is run."""
        return checked_text(text, self.film, self._options)

    @staticmethod
    def schema() -> dict[str, Any]:
        """The JSON Schema of a pipeline, with every stage that can be loaded."""
        return json_schema()

    def _choosing(self, draft: Draft) -> Choosing:
        def choosing() -> Choosing:
            return Choosing(draft.automatic, self._work.offers(draft.film, draft.automatic))

        return self._choices.of(draft.base, choosing)
