"""A cut that is looked at and corrected: everything that the studio's page can do, in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.errors import SmartcutError
from smartcut.render.generation import realise
from smartcut.render.job import Rendering, plan_render
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.studio.film import StudioFilm, film_of
from smartcut.studio.state import plain_state, plain_transcript


class StaleEdit(SmartcutError):
    """An edit of a version that is no longer the newest: another tab or program was quicker."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a version is made of; undo goes from one to the one before."""

    film: StudioFilm
    automatic: Cut
    """What the stages make, without edits."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A draft with the cut and the render that it stands for."""

    number: int
    draft: Draft
    cut: Cut
    rendering: Rendering
    plain: Mapping[str, Any] = field(repr=False)


class Session:
    """A cut that is looked at and corrected, without a browser.

    with sc.studio.Session.open("reel.yaml", ["talk.mp4"], "reel.mp4") as session:
        first = session.state()["tracks"][0]["segments"][0]
        session.edit({"trim": {"segment": first, "end": "12.5"}})
        session.save()
        session.render().result()

    It may be used from several threads.
    """

    def __init__(self, film: StudioFilm, options: Options) -> None:
        self._lock = RLock()
        self._open = ExitStack()
        self._options = options
        self._context = self._open.enter_context(local.opened_context(options, film.output))
        self._past: list[Draft] = []
        self._future: list[Draft] = []
        self._versions: dict[int, Version] = {}
        self._number = 0
        try:
            self._show(self._made(film))
        except BaseException:
            self._open.close()
            raise

    @classmethod
    def open(
        cls,
        what: Any,
        inputs: Sequence[PathLike] | PathLike = (),
        output: PathLike | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        options: Options | None = None,
    ) -> Session:
        """A session on a pipeline's YAML, a cut or its file, media, or a pipeline of Python.

        The stages run, but nothing is rendered. ``params`` set the parameters of a YAML file.
        Raises SmartcutError where that cannot be done.
        """
        options = options or Options(jobs=2)
        return cls(film_of(what, inputs, output, params, options), options)

    # ------------------------------------------------------------------------- what there is

    @property
    def cut(self) -> Cut:
        """The cut as it is now, edits and all."""
        return self._now.cut

    @property
    def version(self) -> int:
        """Counts every change, also those of undo and redo."""
        return self._now.number

    @property
    def rendering(self) -> Rendering:
        """How the cut would be rendered: its spans, copied and encoded."""
        return self._now.rendering

    @property
    def pipeline_text(self) -> str:
        """The YAML of the pipeline; empty for one that was made in Python."""
        return self._now.draft.film.text

    def state(self) -> dict[str, Any]:
        """All that the page draws, as plain data; docs/studio.md says what is in it."""
        with self._lock:
            now = self._now
            return {
                "version": now.number,
                "name": now.draft.film.name,
                "output": str(now.draft.film.output),
                "can_undo": bool(self._past),
                "can_redo": bool(self._future),
                **now.plain,
            }

    def transcript(self) -> list[dict[str, Any]]:
        """The words of every source, each with whether the cut keeps it."""
        now = self._now
        return plain_transcript(now.draft.automatic, now.rendering.heard)

    # --------------------------------------------------------------------------- what changes

    def undo(self, base: int | None = None) -> dict[str, Any]:
        """Go back to before the last change; nothing happens where there is none."""
        return self._step(self._past, self._future, base)

    def redo(self, base: int | None = None) -> dict[str, Any]:
        """Do again what was undone last; nothing happens where there is nothing."""
        return self._step(self._future, self._past, base)

    def _step(self, source: list[Draft], target: list[Draft], base: int | None) -> dict[str, Any]:
        with self._lock:
            self._check_newest(base)
            if source:
                draft = source.pop()
                target.append(self._now.draft)
                self._show(draft)
            return self.state()

    def _change(self, draft: Draft) -> dict[str, Any]:
        """Show another draft, and remember this one for undo."""
        with self._lock:
            before = self._now.draft
            self._show(draft)
            self._past.append(before)
            self._future.clear()
            return self.state()

    def _check_newest(self, base: int | None) -> None:
        if base is not None and base != self.version:
            raise StaleEdit(
                f"this was meant for version {base}, but the cut is at version {self.version}: "
                "look at it again"
            )

    # ---------------------------------------------------------------------------- how it is made

    @property
    def _now(self) -> Version:
        return self._versions[self._number]

    def _made(self, film: StudioFilm) -> Draft:
        """A draft of a film whose stages have run."""
        context = self._working(film.output)
        return Draft(film, local.run_in(context, film.steps, film.begin).cut)

    def _working(self, output: Path | None) -> LocalContext:
        """A context for work of its own, with the cache and the networks of the session."""
        own = self._context
        context = LocalContext(
            own.cache,
            device=self._options.device,
            allow_net=self._options.allow_net,
            jobs=self._options.jobs,
            progress=self._options.progress,
            networks=own.networks,
        )
        context.stopping = own.stopping
        return context

    def _show(self, draft: Draft) -> None:
        """Plan the render of a draft, and make it the newest version."""
        cut = draft.automatic
        job = draft.film.job(self._context)
        rendering = plan_render(cut, job, self._context)
        realise(cut, self._context)
        plain = plain_state(rendering, {})
        number = self._number + 1
        with self._lock:
            self._versions[number] = Version(number, draft, cut, rendering, plain)
            self._number = number

    def close(self) -> None:
        """Ends the work of the session, and gives back what it holds."""
        self._context.stopping.set()
        self._open.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
