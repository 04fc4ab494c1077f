"""Work that takes a while and changes no film: begun, followed, stopped; its answer is kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from smartcut.api.events import EventProgress, RunCancelled
from smartcut.errors import SmartcutError
from smartcut.stage import Stopped
from smartcut.studio.following_work import ShareOfWork, Tell

T = TypeVar("T")


class _Round:
    """One time that the work is done."""

    def __init__(self, share: ShareOfWork) -> None:
        self.share, self.stopping = share, Event()
        self.progress = EventProgress(share, self.stopping)


class Study(Generic[T]):
    """Work of one kind, done in a thread, once at a time; its last answer stays until the next."""

    def __init__(self, work: str, tell: Tell) -> None:
        """``work`` names it in events."""
        self._work, self._tell = work, tell
        self._lock = Lock()
        self._round: _Round | None = None
        self._error = ""
        self.found: T | None = None
        """What it ended with last."""

    def begin(self, do: Callable[[EventProgress], T]) -> None:
        """Have this done; raises SmartcutError where it is being done already."""
        with self._lock:
            if self._round is not None:
                raise SmartcutError(f"{self._work} is at work already: stop that first")
            self._error, self.found = "", None
            now = self._round = _Round(ShareOfWork(self._tell, self._work))
        self._tell("progress", work=self._work, done=None, text="starting")
        Thread(target=self._done, args=(now, do), name=f"studio-{self._work}", daemon=True).start()

    def _done(self, now: _Round, do: Callable[[EventProgress], T]) -> None:
        begun = monotonic()
        try:
            found = do(now.progress)
        except (RunCancelled, Stopped):
            self._end(now)
        except Exception as error:
            if self._end(now, error=str(error)):
                self._tell("error", work=self._work, text=str(error), is_stopped=False)
        else:
            if self._end(now, found):
                self._tell("done", work=self._work, seconds=monotonic() - begun)

    def _end(self, now: _Round | None, found: T | None = None, error: str = "") -> bool:
        """Take an answer; False where that round had ended already, as one that was stopped."""
        with self._lock:
            if now is None or self._round is not now:
                return False
            self._round, self.found, self._error = None, found, error
            return True

    def stop(self) -> None:
        """End it: at once for all who look on, its thread at its next step."""
        now = self._round
        if now is not None and self._end(now):
            now.stopping.set()
            text = "What was looked at is kept: the next time goes on from there."
            self._tell("error", work=self._work, text=text, is_stopped=True)

    @property
    def is_running(self) -> bool:
        return self._round is not None

    def plain(self) -> dict[str, Any]:
        """How far it is: ``{running, done, text, error}``."""
        now = self._round
        if now is None:
            return {"running": False, "done": None, "text": "", "error": self._error}
        share = now.share
        return {"running": True, "done": share.share, "text": share.label, "error": ""}
