"""Work that goes on while an agent does something else: followed, waited for, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import BoundedSemaphore, Event, Lock
from time import monotonic
from typing import Any

from smartcut.agents.tool import ToolAnswer, ToolCall
from smartcut.api.events import (
    EventProgress,
    Noted,
    RunCancelled,
    RunEvent,
    WorkAdvanced,
    WorkFinished,
    WorkStarted,
)
from smartcut.api.running import Running
from smartcut.errors import PipelineError
from smartcut.registry import close_to

#: Jobs that have ended and can still be asked for.
_KEPT = 40
#: Jobs that have not ended, whether they work or wait for their turn.
_WAITING = 20
_NOTES = 20


class ToolJob:
    """One piece of work, in a thread of its own."""

    def __init__(
        self, id: str, work: Callable[[EventProgress, Event], ToolAnswer], turn: BoundedSemaphore
    ) -> None:
        self.id = id
        self.is_cancelled = False
        self.notes: list[str] = []
        self._lock, self._begun = Lock(), monotonic()
        self._done: dict[str, float] = {}
        self._totals: dict[str, float] = {}
        self._label, self._most = "waiting for its turn", 0.0

        def in_turn(progress: EventProgress, stopping: Event) -> Any:
            while not turn.acquire(timeout=0.1):
                if stopping.is_set():
                    raise RunCancelled("the job was cancelled")
            try:
                self._label = "working"
                return work(progress, stopping)
            finally:
                turn.release()

        self.running = Running(in_turn, self._told)

    def _told(self, event: RunEvent) -> None:
        with self._lock:
            match event:
                case WorkStarted(label, total):
                    self._label = label
                    self._done[label], self._totals[label] = 0.0, total or 0.0
                case WorkAdvanced(label, done, _):
                    self._label, self._done[label] = label, done
                case WorkFinished(label, _):
                    self._done[label] = max(self._done.get(label, 0.0), self._totals.get(label, 0))
                case Noted(text):
                    self.notes = [*self.notes, text][-_NOTES:]

    @property
    def state(self) -> str:
        if not self.running.is_done:
            return "cancelling" if self.is_cancelled else "running"
        try:
            self.running.result()
        except RunCancelled:
            return "cancelled"
        except BaseException:
            return "failed"
        return "done"

    def progress(self) -> tuple[float, float | None, str]:
        """(done, total, what is worked on), in seconds of media; done never falls."""
        with self._lock:
            self._most = max(self._most, sum(self._done.values()))
            total = sum(self._totals.values())
            return self._most, max(total, self._most) or None, self._label

    def answer(self) -> ToolAnswer:
        """What it made, once it has ended; raises its error."""
        found: Any = self.running.result()
        return found

    def cancel(self) -> None:
        if not self.running.is_done:
            self.is_cancelled = True
            self.running.cancel()

    def plain(self) -> dict[str, Any]:
        """What there is to say of it."""
        done, total, label = self.progress()
        known: dict[str, Any] = {"job": self.id, "state": self.state}
        known["seconds"] = round(monotonic() - self._begun, 1)
        if not self.running.is_done:
            known["doing"] = label
            if total:
                known["share"] = round(min(1.0, done / total), 3)
        return known


class Jobs:
    """The jobs of a server; so many work at once, the others wait for their turn."""

    def __init__(self, at_once: int = 2) -> None:
        self._turn = BoundedSemaphore(at_once)
        self._jobs: dict[str, ToolJob] = {}
        self._count, self._lock = 0, Lock()

    def start(self, call: ToolCall, name: str, does: Callable[[ToolCall], ToolAnswer]) -> ToolJob:
        """Begin some work; raises PipelineError where too much waits already."""
        with self._lock:
            open_ones = [job for job in self._jobs.values() if not job.running.is_done]
            if len(open_ones) >= _WAITING:
                raise PipelineError(
                    f"{len(open_ones)} jobs have not ended, which is as many as there may be: wait "
                    "for one with `job`, or end one with `cancel`"
                )
            self._count += 1
            id = f"{name}-{self._count}"

            def work(progress: EventProgress, stopping: Event) -> ToolAnswer:
                return does(replace(call, progress=progress, stopping=stopping))

            job = self._jobs[id] = ToolJob(id, work, self._turn)
            self._forget()
            return job

    def _forget(self) -> None:
        ended = [id for id, job in self._jobs.items() if job.running.is_done]
        for id in ended[: max(0, len(ended) - _KEPT)]:
            del self._jobs[id]

    def get(self, id: str) -> ToolJob:
        """Raises PipelineError for a job that there is not, with those that there are."""
        with self._lock:
            if id not in self._jobs:
                known = list(self._jobs)[-_KEPT:]
                named = close_to(id, known) if known else f"{id!r}; there are no jobs yet"
                raise PipelineError(f"unknown job {named}")
            return self._jobs[id]

    def all(self) -> list[ToolJob]:
        with self._lock:
            return list(self._jobs.values())

    def close(self, wait: float = 1.0) -> None:
        """Cancel what still works, and give it a moment to end."""
        for job in self.all():
            job.cancel()
        end = monotonic() + wait
        for job in self.all():
            while not job.running.is_done and monotonic() < end:
                Event().wait(0.02)
