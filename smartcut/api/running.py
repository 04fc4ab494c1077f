"""Runs beside other work: in a thread, or awaited; told of by events, and cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from smartcut.api.events import EventProgress, RunCancelled, RunEvent
from smartcut.api.options import as_options, divided
from smartcut.errors import PipelineError
from smartcut.runners.local import Result
from smartcut.stage import Stopped

if TYPE_CHECKING:
    from smartcut.api.pipeline import Pipeline


class Running:
    """A run in a thread of its own.

    running = film.start("film.mp4")
    for event in running.events():
        print(event)
    result = running.result()
    """

    def __init__(
        self,
        work: Callable[[EventProgress, Event], Result],
        on_event: Callable[[RunEvent], object] | None,
    ) -> None:
        self._stopping, self._future = Event(), Future[Result]()
        self._future.set_running_or_notify_cancel()  # what waits for it does not cancel it
        self._cancelled = False
        self._queue: SimpleQueue[RunEvent | None] = SimpleQueue()
        self._on_event = on_event
        self._thread = Thread(target=self._worked, args=(work,), name="smartcut-run", daemon=True)
        self._thread.start()

    def _worked(self, work: Callable[[EventProgress, Event], Result]) -> None:
        try:
            found = work(EventProgress(self._tell, self._stopping), self._stopping)
        except BaseException as error:
            if self._cancelled and isinstance(error, (Stopped, RunCancelled)):
                error = RunCancelled("the run was cancelled")
            self._future.set_exception(error)
        else:
            self._future.set_result(found)
        finally:
            self._queue.put(None)

    def _tell(self, event: RunEvent) -> None:
        self._queue.put(event)
        if self._on_event is not None:
            self._on_event(event)

    def events(self) -> Iterator[RunEvent]:
        """What the run tells, as it comes, until it ends; each event once."""
        while (event := self._queue.get()) is not None:
            yield event
        self._queue.put(None)  # for whoever asks again

    def cancel(self) -> None:
        """Have the run end soon; :meth:`result` then raises :class:`RunCancelled`.

        What was finished stays in the cache, so that another run goes on from there. A run that
        has ended is not changed.
        """
        self._cancelled = True
        self._stopping.set()

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._future.done()

    def result(self, timeout: float | None = None) -> Result:
        """What was made, once it has ended; raises its error, or TimeoutError after so many s."""
        return self._future.result(timeout)

    def __await__(self) -> Generator[Any, Any, Result]:
        return self._awaited().__await__()

    async def _awaited(self) -> Result:
        """The result; where the task that waits is cancelled, so is the run."""
        try:
            return await asyncio.wrap_future(self._future)
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.to_thread(self._thread.join)
            raise


def started(
    pipeline: Pipeline,
    output: Any,
    inputs: Any,
    on_event: Callable[[RunEvent], object] | None,
    settings: Mapping[str, Any],
) -> Running:
    """See :meth:`smartcut.api.Pipeline.start`."""
    if "progress" in settings:
        raise PipelineError("start() tells of progress by events: give `on_event`, not `progress`")
    if on_event is not None and not callable(on_event):
        raise PipelineError(
            f"on_event={on_event!r} is not accepted; accepted: a function that takes an event"
        )

    options, given = divided(settings)
    film = pipeline.with_params(given) if output is None else pipeline.rendering(given)
    general = as_options(options)

    def work(progress: EventProgress, stopping: Event) -> Result:
        told = replace(general, progress=progress, stopping=stopping)
        return film.run_with(told, inputs, output)

    return Running(work, on_event)
