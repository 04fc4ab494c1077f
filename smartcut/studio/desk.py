"""A session with what goes on around it: opened in a thread, its work told by events, and stopped.

The server and the tools of agents both sit at one.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread, Timer
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.studio.answers import NotOpenYet
from smartcut.studio.http.events import Bus

if TYPE_CHECKING:
    from smartcut.studio.session import Session

#: Seconds that a state is waited for while the session is opened.
_PATIENCE = 2.0
#: Seconds after which a page that went and did not come back counts as closed.
_GRACE = 3.0


class Desk:
    """Where one session is worked on by a page, programs and agents at the same time."""

    def __init__(self, opening: Callable[[Desk], Session], name: str = "") -> None:
        self.name = name
        self.bus = Bus(self._silent)
        self._lock = Lock()
        self._ready = Event()
        self._session: Session | None = None
        self._error: SmartcutError | None = None
        self._leaving: Timer | None = None
        self._thread = Thread(target=self._open, args=(opening,), name="studio-open", daemon=True)
        self._thread.start()

    def _open(self, opening: Callable[[Desk], Session]) -> None:
        try:
            self._session = opening(self)
        except SmartcutError as error:
            self._error = error
            self.bus.tell("error", work="open", error=str(error))
        except BaseException as error:
            self._error = SmartcutError(f"unexpected {type(error).__name__}: {error}")
            self.bus.tell("error", work="open", error=str(self._error))
            raise
        finally:
            self._ready.set()
        if self._session is not None:
            self.bus.tell("state", version=self._session.version)

    def wait(self, seconds: float | None = None) -> Session:
        """The session, once it is open; raises what opening it raised, or NotOpenYet."""
        if not self._ready.wait(seconds):
            raise NotOpenYet("the session is still being opened: its stages run")
        return self.session

    @property
    def session(self) -> Session:
        """The open session; raises what opening it raised, or NotOpenYet."""
        if self._error is not None:
            raise self._error
        if self._session is None:
            raise NotOpenYet("the session is still being opened: its stages run")
        return self._session

    def state(self) -> dict[str, Any]:
        """The newest version; while there is none, that it is being opened, or why there is none.

        A session that is opened soon is waited for.
        """
        self._ready.wait(_PATIENCE)
        if self._session is not None:
            return self._session.state()
        told = {"version": 0, "name": self.name, "opening": self._error is None}
        return told if self._error is None else {**told, "error": str(self._error)}

    # ------------------------------------------------------------------------ when the page goes

    def page_closed(self) -> dict[str, Any]:
        """A page says that it goes; unless one is there soon, work stops."""
        self._later()
        return {}

    def _silent(self) -> None:
        self._later()

    def _later(self) -> None:
        with self._lock:
            if self._leaving is not None:
                self._leaving.cancel()
            self._leaving = Timer(_GRACE, self._left)
            self._leaving.daemon = True
            self._leaving.start()

    def _left(self) -> None:
        if not self.bus.is_heard:
            self.stop()

    def stop(self) -> None:
        """End what is being worked at; the session stays."""

    def close(self) -> None:
        """End everything."""
        with self._lock:
            if self._leaving is not None:
                self._leaving.cancel()
        self.bus.close()
        if self._session is not None:
            self._session.close()
