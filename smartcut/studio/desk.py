"""A session with what goes on around it: opened in a thread, its work told by events, and stopped.

The server and the tools of agents both sit at one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.studio.answers import NoSuchThing, NotOpenYet
from smartcut.studio.conformed import FilmConforming
from smartcut.studio.http.events import Bus
from smartcut.studio.learned import StyleLearning

if TYPE_CHECKING:
    from smartcut.api.running import Running
    from smartcut.studio.confined import Confined
    from smartcut.studio.following_work import ShareOfWork
    from smartcut.studio.schema_ahead import SchemaAhead
    from smartcut.studio.session import Session

#: Seconds that a state is waited for while the session is opened.
_PATIENCE = 2.0
#: Seconds after which a page that went and did not come back counts as closed.
_GRACE = 3.0

#: What a page draws before there is a film.
_NO_FILM: dict[str, Any] = {
    "version": 0, "base": 0, "duration": 0, "rate": "25", "size": [1280, 720], "mime": "",
    "can_undo": False, "can_redo": False, "is_saved": True, "sound": None, "markers": {},
    **{name: [] for name in (
        "sources", "tracks", "spans", "chunks", "words", "captions", "chapters", "notes",
        "conflicts", "edits", "versions", "stages",
    )},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeskRender:
    """A render that is under way, or was the last one."""

    running: Running
    share: ShareOfWork
    path: Path
    version: int


class Desk:
    """Where one session is worked on by a page, programs and agents at the same time."""

    def __init__(
        self,
        opening: Callable[[Desk], Session],
        name: str = "",
        confined: Confined | None = None,
        schema: SchemaAhead | None = None,
    ) -> None:
        """``opening`` is called in a thread; without ``schema`` one is made when asked for."""
        self.name = name
        self._schema = schema
        self.confined = confined
        """Where files may be written that a page names; None anywhere."""
        self.bus = Bus(self._silent)
        self._lock = Lock()
        self._ready = Event()
        self._session: Session | None = None
        self._error: SmartcutError | None = None
        self._leaving: Timer | None = None
        self._render: DeskRender | None = None
        self._result: DeskRender | None = None
        self.conforming = FilmConforming(self.bus.tell)
        self.learning = StyleLearning(self.bus.tell)
        self._thread = Thread(target=self._open, args=(opening,), name="studio-open", daemon=True)
        self._thread.start()

    def _open(self, opening: Callable[[Desk], Session]) -> None:
        try:
            self._take(opening(self))
        except SmartcutError as error:
            self._error = error
        except BaseException as error:
            self._error = SmartcutError(f"unexpected {type(error).__name__}: {error}")
            raise
        finally:
            self._ready.set()
            self._tell_opened()

    def _tell_opened(self) -> None:
        if self._session is not None:
            self.bus.tell("state", version=self._session.version)
        else:
            self.bus.tell("error", work="open", text=str(self._error))

    def wait(self, seconds: float | None = None) -> Session:
        """The session, once it is open; raises what opening it raised, or NotOpenYet."""
        self._ready.wait(seconds)
        return self.session

    @property
    def session(self) -> Session:
        """The open session; raises what opening it raised, or NotOpenYet."""
        if self._error is not None:
            raise self._error
        if self._session is None:
            raise NotOpenYet("the session is still being opened: its stages run")
        return self._session

    def state(self, codecs: str | None = None) -> dict[str, Any]:
        """The newest version; while there is none, that it is being opened, or why there is none.

        A session that is opened soon is waited for. ``codecs`` are the kinds of pictures that a
        browser plays; see Session.play_as.
        """
        self._ready.wait(_PATIENCE)
        if self._session is not None:
            if codecs is not None:
                self._session.play_as(codecs.split(","))
            return {**self._session.state(), "render": self._rendering()}
        told = {**_NO_FILM, "name": self.name, "opening": self._error is None}
        return told if self._error is None else {**told, "error": str(self._error)}

    # ----------------------------------------------------------------------------------- rendering

    def render(self, output: Path | None = None) -> dict[str, Any]:
        """Begin to write the film; events tell how far it is. Raises SmartcutError where one is
        being written already."""
        from smartcut.studio.following_work import ShareOfWork

        session = self.session
        with self._lock:
            if self._render is not None and not self._render.running.is_done:
                raise SmartcutError(f"{self._render.path} is being written: stop that first")
            share = ShareOfWork(self.bus.tell, "render")
            path = output or session.film.output
            running = session.render(path, share)
            render = self._render = DeskRender(running, share, path, session.version)
        Thread(target=self._followed, args=(render,), name="studio-render", daemon=True).start()
        return {"path": str(path), "version": render.version}

    def _followed(self, render: DeskRender) -> None:
        """Tell how a render ends."""
        from smartcut.api.events import RunCancelled
        from smartcut.stage import Stopped

        begun = monotonic()
        try:
            result = render.running.result()
        except (RunCancelled, Stopped):
            told = "What was encoded is kept: another render goes on from there."
            self.bus.tell("error", work="render", text=told, is_stopped=True)
            return
        except Exception as error:
            self.bus.tell("error", work="render", text=str(error), is_stopped=False)
            return
        self._result = render
        self.bus.tell(
            "done",
            work="render",
            path=str(render.path),
            version=render.version,
            seconds=monotonic() - begun,
            outputs=[str(path) for path in result.outputs],
            notes=list(result.notes),
        )

    def _rendering(self) -> dict[str, Any] | None:
        render = self._render
        if render is None or render.running.is_done:
            return None
        share = render.share
        return {"path": str(render.path), "done": share.share, "text": share.label}

    def result(self) -> Path:
        """The file of the last render; raises NoSuchThing."""
        if self._result is None or not self._result.path.is_file():
            raise NoSuchThing("nothing has been rendered yet")
        return self._result.path

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a pipeline."""
        return self._schema() if self._schema is not None else self.session.schema()

    def expected(self) -> dict[str, Any]:
        """Whether the plan is as expected, and the film that was written last."""
        from smartcut.studio.expected import kept_verdicts

        done = self._result
        film = None
        if done is not None and (verdicts := kept_verdicts(done.path)):
            film = {"path": str(done.path), "version": done.version, "verdicts": verdicts}
        return {"plan": self.session.expected(), "film": film}

    def stop(self, work: str | None = None) -> dict[str, Any]:
        """End what is being worked at, or one kind of it; the session stays."""
        render = self._render
        if render is not None and work in (None, "render"):
            render.running.cancel()
        for name, study in (("conform", self.conforming.study), ("learn", self.learning.study)):
            if work in (None, name):
                study.stop()
        if self._session is not None and work is None:
            self._session.stop()
        return {}

    # ------------------------------------------------------------------------------ another film

    def open_other(self, path: Path, leaves: bool = False) -> dict[str, Any]:
        """Work on another film from now on; pages that look on load again.

        Corrections that are not saved have to be left (``leaves``). Raises SmartcutError where
        they are there, where a film is being written, and for what cannot be opened: then all
        stays as it is.
        """
        from smartcut.studio.session import Session

        old = self.session
        if not (leaves or old.is_saved):
            raise SmartcutError(
                f"{self.name}: there are corrections that are not saved; save them, or leave them"
            )
        if self._render is not None and not self._render.running.is_done:
            raise SmartcutError(f"{self._render.path} is being written: stop that first")
        new = Session.beside(path, old.options)
        self._take(new)
        self.name = new.film.name
        self._result = self._render = None
        self.bus.tell("opened", name=self.name)
        old.close()
        return self.state()

    def _take(self, session: Session) -> None:
        session.listen(lambda version: self.bus.tell("state", version=version))
        self._session = session

    # ------------------------------------------------------------------------ when the page goes

    def page_closed(self) -> dict[str, Any]:
        """A page says that it goes; unless one is there soon, work stops."""
        self._silent()
        return {}

    def _silent(self) -> None:
        with self._lock:
            if self._leaving is not None:
                self._leaving.cancel()
            self._leaving = Timer(_GRACE, self._left)
            self._leaving.daemon = True
            self._leaving.start()

    def _left(self) -> None:
        if not self.bus.is_heard:
            self.stop()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            if self._leaving is not None:
                self._leaving.cancel()
        self.stop()
        self.bus.close()
        if self._schema is not None:
            self._schema.close()
        if self._session is not None:
            self._session.close()
