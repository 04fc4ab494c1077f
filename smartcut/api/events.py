"""What a run tells while it works, as typed objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from time import monotonic

from smartcut.errors import SmartcutError


class RunCancelled(SmartcutError):
    """A run was cancelled; what it had not finished is not there, and nothing is half written."""


@dataclass(frozen=True, slots=True)
class WorkStarted:
    """A piece of work began: an analysis, an encode, a mix."""

    label: str
    total: float | None
    """In the units of the work, seconds for media; None where it is not known."""


@dataclass(frozen=True, slots=True)
class WorkAdvanced:
    """A piece of work has come so far."""

    label: str
    done: float
    total: float | None

    @property
    def share(self) -> float | None:
        """0..1; None where the total is not known."""
        return None if not self.total else min(self.done / self.total, 1.0)


@dataclass(frozen=True, slots=True)
class WorkFinished:
    """A piece of work ended."""

    label: str
    seconds: float
    """That it took."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that the user should know."""

    text: str


RunEvent = WorkStarted | WorkAdvanced | WorkFinished | Noted


class EventProgress:
    """Tells a function of all that a run reports, one event after the other.

    It is called in the threads that work, never by two at the same time. Where the run is to stop,
    work ends at its next report by :class:`RunCancelled`.
    """

    def __init__(self, tell: Callable[[RunEvent], object], stopping: Event) -> None:
        self._tell, self._stopping = tell, stopping
        self._lock, self._begun = Lock(), dict[str, float]()

    def _told(self, event: RunEvent) -> None:
        with self._lock:
            self._tell(event)

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        self._begun[label] = monotonic()
        self._told(WorkStarted(label, total))

        def advance(done: float) -> None:
            if self._stopping.is_set():
                raise RunCancelled("the run was cancelled")
            self._told(WorkAdvanced(label, done, total))

        return advance

    def done(self, label: str) -> None:
        begun = self._begun.pop(label, monotonic())
        self._told(WorkFinished(label, monotonic() - begun))

    def note(self, message: str) -> None:
        self._told(Noted(message))
