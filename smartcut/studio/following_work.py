"""How far work is, as events: few enough to be sent, with a share of the whole."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from smartcut.api.events import Noted, RunEvent, WorkAdvanced, WorkFinished, WorkStarted

#: Seconds between two events of progress.
_PACE = 0.2

Tell = Callable[..., object]
"""Called with the kind of an event, and what is in it."""


class ShareOfWork:
    """Tells how far a run is: ``done`` is a share of what has begun, and never goes back."""

    def __init__(self, tell: Tell, work: str) -> None:
        self._tell, self._work = tell, work
        self._lock = Lock()
        self._totals: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._last = 0.0
        self.share: float | None = None
        """0..1; None before anything is known."""
        self.label = ""

    def __call__(self, event: RunEvent) -> None:
        with self._lock:
            told = self._took(event)
        if told is not None:
            self._tell("note" if isinstance(event, Noted) else "progress", **told)

    def _took(self, event: RunEvent) -> dict[str, Any] | None:
        if isinstance(event, Noted):
            return {"text": event.text, "work": self._work}
        self.label = event.label
        if isinstance(event, WorkStarted):
            self._totals[event.label] = event.total or 0.0
            self._done[event.label] = 0.0
        elif isinstance(event, WorkAdvanced):
            self._done[event.label] = event.done
        elif isinstance(event, WorkFinished):
            self._done[event.label] = self._totals.get(event.label, 0.0)
        whole = sum(self._totals.values())
        done = sum(min(self._done[label], total) for label, total in self._totals.items())
        if whole:
            self.share = max(self.share or 0.0, min(done / whole, 1.0))
        if isinstance(event, WorkAdvanced) and monotonic() - self._last < _PACE:
            return None
        self._last = monotonic()
        return {"done": self.share, "text": event.label, "work": self._work}


class OpeningProgress:
    """A progress that tells of stages which run, as notes: a film is not there yet, or the old one.

    It is what :class:`smartcut.stage.Progress` asks for.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._last = 0.0

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        self._tell("note", text=label, work="stages")

        def advance(done: float) -> None:
            if monotonic() - self._last >= 1:
                self._last = monotonic()
                share = f", {round(100 * min(done / total, 1))} %" if total else ""
                self._tell("note", text=f"{label}{share}", work="stages")

        return advance

    def done(self, label: str) -> None:
        self._tell("note", text=f"{label}, done", work="stages")

    def note(self, message: str) -> None:
        self._tell("note", text=message, work="stages")
