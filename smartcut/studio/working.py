"""The work of a session: running stages, planning, rendering; each with a way to stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from smartcut.api.events import EventProgress, RunEvent
from smartcut.api.running import Running
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.editing.model import Edits
from smartcut.errors import PipelineError
from smartcut.offers import Offers
from smartcut.plan import make_plan
from smartcut.render.job import Rendering
from smartcut.runners.local import Options, Result, run_in
from smartcut.runners.run_record import keep_record
from smartcut.spec import Begin, Part, StageLine
from smartcut.stage import Progress, Stage
from smartcut.studio.film import StudioFilm, given_cut
from smartcut.studio.passages import ids_in, passages_of

if TYPE_CHECKING:
    from smartcut.stages._take_passages import TakePassage


def offered(
    context: LocalContext, steps: Sequence[StageLine], begin: Sequence[Begin], whole: Cut
) -> tuple[Offers, ...]:
    """What the last stage that chooses had to choose from, for the cut that all stages make.

    Where none of the whole chooses, that of each of its parts; nothing where none does either.
    """
    for number in reversed(range(len(steps))):
        stage = steps[number].stage
        if type(stage).offers is not Stage.offers:
            cut = run_in(context, steps[:number], begin).cut
            found = stage.offers(cut, context)
            return (_called_as_in(whole, cut, found),) if found is not None else ()
    parts = (item for item in begin if isinstance(item, Part))
    return tuple(one for part in parts for one in offered(context, part.steps, part.inputs, whole))


def _called_as_in(whole: Cut, part: Cut, offers: Offers) -> Offers:
    """Offers of a part, with its sources by the names that they have in the whole."""
    names = ids_in(whole, part)
    moments = tuple(replace(one, source=names[one.source]) for one in offers.moments)
    return replace(offers, moments=moments)


class StudioWork:
    """Does work beside other work, with one cache and one set of networks."""

    def __init__(self, context: LocalContext, options: Options) -> None:
        self._own, self._options = context, options
        self._lock = Lock()
        self._events: set[Event] = set()
        self._is_closed = False

    @contextmanager
    def context(
        self,
        output: Path | None = None,
        progress: Progress | None = None,
        stopping: Event | None = None,
    ) -> Iterator[LocalContext]:
        """A context that ends with :meth:`stop`."""
        context = LocalContext(
            self._own.cache,
            device=self._options.device,
            allow_net=self._options.allow_net,
            jobs=self._options.jobs,
            progress=progress or self._options.progress,
            output=output,
            networks=self._own.networks,
        )
        context.stopping = stopping or context.stopping
        with self._lock:
            if self._is_closed:
                raise PipelineError("the session is closed")
            self._events.add(context.stopping)
        try:
            yield context
        finally:
            with self._lock:
                self._events.discard(context.stopping)

    def stop(self) -> None:
        """End all that is being worked at."""
        with self._lock:
            for event in self._events:
                event.set()

    def close(self) -> None:
        """End all work, for good."""
        with self._lock:
            self._is_closed = True
        self.stop()

    # ------------------------------------------------------------------------------------ the work

    def worked(self, film: StudioFilm, steps: tuple[StageLine, ...]) -> Cut:
        """The cut that these stages make of a film's inputs."""
        with self.context() as context:
            return run_in(context, steps, film.begin).cut

    def offers(self, film: StudioFilm, whole: Cut) -> tuple[Offers, ...]:
        """What the stages had to choose from that make this cut; see :func:`offered`."""
        with self.context() as context:
            return offered(context, film.before_edits, film.begin, whole)

    def passages(self, film: StudioFilm, whole: Cut) -> tuple[TakePassage, ...]:
        """The passages that `takes` put together; see :func:`passages_of`."""
        with self.context() as context:
            return passages_of(context, film.before_edits, film.begin, whole)

    def rendered(
        self,
        film: StudioFilm,
        edits: Edits,
        cut: Cut,
        output: Path,
        tell: Callable[[RunEvent], object],
    ) -> Running:
        """Renders the corrected cut of a film in a thread of its own, by the stages that write."""

        def work(progress: EventProgress, stopping: Event) -> Result:
            with self.context(output, progress, stopping) as context:
                result = run_in(context, (*film.writers, *film.expecting), given_cut(cut))
                # What led to it is the whole pipeline, for reports of the file.
                keep_record(context, film.steps_with(edits), film.begin, result.cut)
                return result

        return Running(work, tell)

    def plan(
        self, film: StudioFilm, steps: tuple[StageLine, ...], rendering: Rendering
    ) -> dict[str, Any]:
        """What a run of these stages would do, as plain data, and what of it is copied."""
        with self.context(film.output) as context:
            known = context.known()
            known.output = film.output
            plan = make_plan(steps, film.begin, known)
        pictures = [s for s in plan.steps if s.stage == "render" and " sound" not in s.subject]
        work = [s.expected for s in (*plan.decodes, *plan.steps) if s.expected is not None]
        spans = rendering.spans
        return {
            **plan.to_plain(),
            "copied_seconds": float(sum(s.range.duration for s in spans if s.kind == "copy")),
            "encoded_seconds": float(sum(s.range.duration for s in spans if s.kind == "encode")),
            "waiting_seconds": sum(s.seconds or 0.0 for s in pictures if s.state == "encode"),
            "estimate_seconds": sum(work) if work else (0.0 if plan.is_idle else None),
        }
