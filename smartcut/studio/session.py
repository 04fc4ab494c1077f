"""A cut that is looked at and corrected: everything that the studio's page can do, in Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any

from smartcut.api.events import RunEvent
from smartcut.api.inputs import PathLike
from smartcut.api.running import Running
from smartcut.editing.model import Edits, HandEdit
from smartcut.render.job import plan_render
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.studio.answers import NoSuchThing, StaleEdit
from smartcut.studio.film import StudioFilm, film_of
from smartcut.studio.laying import laid_edits
from smartcut.studio.playback import Playback
from smartcut.studio.saving import KeptFiles, save_as
from smartcut.studio.state import plain_state, version_state
from smartcut.studio.versions import Draft, Version, hand_edits, stamped, told
from smartcut.studio.views import SessionViews
from smartcut.studio.working import StudioWork


class Session(SessionViews):
    """A cut that is looked at and corrected, without a browser.

    with sc.studio.Session.open("reel.yaml", ["talk.mp4"], "reel.mp4") as session:
        session.edit({"drop": {"source": "talk", "start": 12.4, "end": 15.2}})
        session.save()
        session.render().result()

    It may be used from several threads. Changes take the version that they are meant for as
    ``base``, and raise :class:`StaleEdit` where that is no longer the newest.
    """

    def __init__(
        self, film: StudioFilm, options: Options | None = None, edits: PathLike | None = None
    ) -> None:
        super().__init__(options or Options(jobs=2))
        self._changing = RLock()
        self._past: list[Draft] = []
        self._future: list[Draft] = []
        self._listeners: list[Callable[[int], object]] = []
        self._number = 0
        self._kept = KeptFiles(film, None if edits is None else Path(edits))
        with ExitStack() as stack:
            self._context = stack.enter_context(local.opened_context(self._options, film.output))
            self._work = StudioWork(self._context, self._options)
            stack.callback(self._work.close)
            self.playback = Playback(self._context, on_sound=self._tell)
            stack.callback(self.playback.close)
            film = film.without_own_edits(self._options)
            cut = self._work.worked(film, film.before_edits)
            self._show(Draft(film, cut, 1, name="opened"), self._kept.edits)
            self._open = stack.pop_all()

    @classmethod
    def open(
        cls,
        what: Any,
        inputs: Sequence[PathLike] | PathLike = (),
        output: PathLike | None = None,
        *,
        edits: PathLike | None = None,
        params: Mapping[str, Any] | None = None,
        options: Options | None = None,
    ) -> Session:
        """A session on a pipeline's YAML, a cut or its file, media, or a pipeline of Python.

        The stages run, but nothing is rendered. ``edits`` is a file of corrections; without it,
        those in ``NAME.edits.yaml`` beside what is opened are taken where there are any. ``params``
        set the parameters of a YAML file. Raises SmartcutError where that cannot be done.
        """
        return cls(film_of(what, inputs, output, params, options), options, edits)

    @classmethod
    def beside(cls, path: Path, options: Options | None = None) -> Session:
        """A session on a file whose output lies in its folder, unless it says where."""
        film = film_of(path, options=options)
        return cls(replace(film, output=path.parent / film.output), options)

    # ------------------------------------------------------------------------- what there is

    @property
    def is_saved(self) -> bool:
        """Whether the edits and the pipeline's text are as they are on the disk."""
        now = self._now.draft
        return self._kept.has(now.film, now.edits)

    def state(self) -> dict[str, Any]:
        """All that the page draws, as plain data; docs/studio.md says what is in it."""
        now, note = self._now, self.playback.sound_note
        return {
            **version_state(now, self.playback.is_ready),
            "sound": self.playback.sound_key,
            "notes": [*now.plain["notes"], *([note] if note else [])],
            "edits_file": str(self._kept.place),
            "changed_files": self.changed_files(),
            "can_undo": bool(self._past),
            "can_redo": bool(self._future),
            "is_saved": self.is_saved,
            "opening": False,
            "versions": self._cuts.named((now.draft.base, now.number)),
        }

    def play_as(self, kinds: Collection[str]) -> None:
        """Have what a browser does not play shown as H.264; see codec_strings.MIMES for the kinds.

        Where several browsers look on, what is shown is what all of them play.
        """
        if self.playback.narrow(kinds):
            with self._changing:
                chunks = self.playback.show(self._now.rendering)
                self._now = replace(self._now, chunks=chunks)
            self._tell()

    # --------------------------------------------------------------------------- what changes

    def edit(self, *ops: Any, base: int | None = None) -> dict[str, Any]:
        """Correct the cut; the answer is its state. All of the edits are made, or none.

        Each is an object with one key, as docs/corrections.md says: ``{"drop": {...}}``. Raises
        PipelineError for what is no edit, and StageError for one that does not apply.
        """
        new = hand_edits(ops)
        with self._changing:
            self._check_newest(base)
            now = self._now.draft
            return self._change_edits((*now.edits.edits, *new), told(new), refuses=len(new))

    def amend(
        self, number: int, edit: Any | None = None, base: int | None = None
    ) -> dict[str, Any]:
        """Put another edit in the place of one that was made, or take it out (None)."""
        with self._changing:
            self._check_newest(base)
            edits = [*self._now.draft.edits.edits]
            if not 0 <= number < len(edits):
                raise NoSuchThing(f"there is no edit {number}; there are {len(edits)}, from 0")
            new = () if edit is None else hand_edits([edit])
            edits[number : number + 1] = new
            name = f"edit {number + 1} {'taken out' if edit is None else 'changed'}"
            return self._change_edits(tuple(edits), name)

    def revert(self, base: int | None = None) -> dict[str, Any]:
        """Take all edits out: the cut is as the stages make it. Undo brings them back."""
        with self._changing:
            self._check_newest(base)
            return self._change_edits((), "all edits taken out")

    def set_pipeline(self, text: str, base: int | None = None) -> dict[str, Any]:
        """Give the pipeline another text: its stages run, and the edits are laid over what they
        make; those that no longer apply are conflicts.

        Raises PipelineError with every mistake and its line, StaleEdit, and what the stages raise.
        """
        return self._remake(text, None, base, "pipeline")

    def changed_files(self) -> list[str]:
        """The files of this film that another program has changed since they were read or written:
        the pipeline, the corrections, the cut or the media that it begins with."""
        return [str(path) for path in self._kept.changed(self.film)]

    def reload(self, base: int | None = None) -> dict[str, Any]:
        """Take what other programs have written: the stages run again, under the corrections that
        are in the file where it was changed, else under yours. Undo brings back what was before.

        Raises PipelineError for a file that cannot be read, and as :meth:`set_pipeline`.
        """
        text, edits = self._kept.read(self.film, self.edits)
        return self._remake(text, edits, base, "reloaded")

    def keep_mine(self) -> dict[str, Any]:
        """Leave what other programs have written: the next :meth:`save` writes over it."""
        self._kept.accept(self.film)
        self._tell()
        return self.state()

    def undo(self, base: int | None = None) -> dict[str, Any]:
        """Go back to before the last change; nothing happens where there is none."""
        return self._step(self._past, self._future, base)

    def redo(self, base: int | None = None) -> dict[str, Any]:
        """Do again what was undone last; nothing happens where there is nothing."""
        return self._step(self._future, self._past, base)

    def save(self, path: PathLike | None = None) -> tuple[Path, ...]:
        """Keep the edits in their file, and the pipeline's text in its own where it was changed.

        With a ``path`` the edits, or the cut, are written there instead: NAME.edits.yaml, or a
        cut's suffix such as .otio. The answer is the files that were written.
        """
        with self._changing:
            now = self._now
            if path is None:
                return self._kept.save(now.draft.film, now.draft.edits)
            save_as(Path(path), now.draft.edits, now.laid.cut)
            return (Path(path),)

    # ------------------------------------------------------------------------------- the result

    def render(
        self,
        output: PathLike | None = None,
        on_event: Callable[[RunEvent], object] | None = None,
    ) -> Running:
        """Write the cut to ``output``, or to where the pipeline says, beside other work.

        What was watched needs not be encoded again. The answer is waited for, or cancelled.
        """
        now = self._now
        film = now.draft.film
        target = Path(output) if output is not None else film.output
        tell = on_event or (lambda event: None)
        return self._work.rendered(film, now.draft.edits, now.laid.noted_cut, target, tell)

    def stop(self) -> None:
        """End what is being worked at: stages that run, renders."""
        self._work.stop()

    def close(self) -> None:
        """End all work, and give back what the session holds."""
        self._open.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def listen(self, heard: Callable[[int], object]) -> None:
        """Have a function called with the number of each new version.

        It is called again, from another thread, where the same version is then heard otherwise:
        once its loudness is measured.
        """
        self._listeners.append(heard)

    # ---------------------------------------------------------------------------- how it is made

    def _change_edits(
        self, edits: tuple[HandEdit, ...], name: str, refuses: int = 0
    ) -> dict[str, Any]:
        """Show the draft with other edits; of the last ``refuses`` none may be a conflict."""
        now = self._now.draft
        draft = replace(now, name=name)
        self._remember(now, lambda: self._show(draft, stamped(edits, now.automatic), refuses))
        return self.state()

    def _remake(
        self, text: str, edits: Edits | None, base: int | None, name: str
    ) -> dict[str, Any]:
        """Run the stages of a text; other ``edits`` come from the disk, and so does the text."""
        self._check_newest(base)
        film = self.film.with_text(text, self._options)
        cut = self._work.worked(film, film.before_edits)
        with self._changing:
            self._check_newest(base)
            now = self._now.draft
            draft = Draft(film, cut, self._number + 1, name=name)

            def change() -> None:
                self._show(draft, now.edits if edits is None else edits)
                if edits is not None:
                    self._kept.accept(film)

            self._remember(now, change)
            return self.state()

    def _remember(self, before: Draft, change: Callable[[], None]) -> None:
        """Make a change, and keep what was before for undo."""
        change()
        self._past.append(before)
        self._future.clear()
        self._tell()

    def _step(self, source: list[Draft], target: list[Draft], base: int | None) -> dict[str, Any]:
        with self._changing:
            self._check_newest(base)
            if source:
                before, draft = self._now.draft, source[-1]
                self._show(draft, draft.edits)
                source.pop()
                target.append(before)
                self._tell()
            return self.state()

    def _check_newest(self, base: int | None) -> None:
        if base is not None and base != self.version:
            raise StaleEdit(
                f"this was meant for version {base}, but the cut is at version {self.version}: "
                "look at it again"
            )

    def _show(self, draft: Draft, edits: Edits, refuses: int = 0) -> None:
        """Plan the render of a draft with these edits, and make it the newest version.

        Whatever it raises, the version before stays as it was.
        """
        draft = replace(draft, edits=edits)
        with self._work.context() as context:
            laid = laid_edits(draft, context, refuses)
        rendering = plan_render(laid.cut, draft.film.job(self._context), self._context)
        plain = plain_state(rendering, dict(laid.marks))
        chunks = self.playback.show(rendering)  # from here on nothing is refused
        number = max(self._number + 1, draft.base) + (1 if self._is_new_base(draft) else 0)
        sound = self.playback.sound_key
        self._now = Version(number, draft, laid, rendering, chunks, sound, plain)
        self._number = number
        self._cuts.put_automatic(draft.base, draft.automatic)
        self._cuts.put(number, draft.name, laid.cut)

    def _tell(self) -> None:
        for heard in self._listeners:
            heard(self._number)

    def _is_new_base(self, draft: Draft) -> bool:
        """Whether the automatic cut has no number of its own yet, and edits are laid over it."""
        return draft.base > self._number and bool(draft.edits.edits)
