"""What a session keeps on the disk: edits beside the pipeline, its text, or the cut itself."""

from __future__ import annotations

from pathlib import Path

from smartcut.cut import Cut
from smartcut.editing.model import Edits, HandEdit
from smartcut.editing.reading import INFIX, companion, read_edits, write_edits
from smartcut.errors import PipelineError, RenderError
from smartcut.files import reason, write_text
from smartcut.interchange.files import write_cut
from smartcut.interchange.formats import is_cut_file
from smartcut.spec import files_of
from smartcut.studio.film import StudioFilm

_YAML = (".yaml", ".yml")


def place_of(film: StudioFilm) -> Path:
    """Where the edits of a film are kept: where its text says, or ``reel.edits.yaml`` beside it."""
    if film.edits_named is not None:
        return (film.folder or Path()) / film.edits_named
    return companion(film.path or film.output)


class KeptFiles:
    """The files that a session keeps: as they were read, and as they were written last.

    ``asked`` is a file of edits, in place of the film's own and of those beside it. Raises
    PipelineError for edits that cannot be read.
    """

    def __init__(self, film: StudioFilm, asked: Path | None = None) -> None:
        self.place = asked or place_of(film)
        if asked is not None and not asked.parent.is_dir():
            raise PipelineError(f"{asked}: there is no folder {asked.parent}")
        there = read_edits(self.place) if self.place.is_file() else Edits()
        is_inline = asked is None and film.has_inline_edits
        self.edits = film.own_edits if is_inline else there
        """Those that the session begins with."""
        self._text: str | None = film.text
        self._edits = self.edits.edits
        self._on_disk: EditsThere = () if is_inline else there.edits
        self._others = states_of(film)
        self._seen: tuple[FileState, EditsThere] = None, ()

    def has(self, film: StudioFilm, edits: Edits) -> bool:
        """Whether this is what lies on the disk, as far as is known."""
        return (film.text, edits.edits) == (self._text, self._edits)

    def changed(self, film: StudioFilm) -> tuple[Path, ...]:
        """The files that other programs have changed since they were read or written last.

        Those are the pipeline, the edits, and the cut or the media that the film begins with.
        """
        found = [path for path, was in self._others.items() if state_of(path) != was]
        if self._edits_there() != self._on_disk:
            found.insert(0, self.place)
        if self._is_other_text(film):
            assert film.path is not None
            found.insert(0, film.path)
        return tuple(found)

    def _edits_there(self) -> EditsThere:
        """What the file of edits holds, read again where the file is another one."""
        state = state_of(self.place)
        if state != self._seen[0]:
            self._seen = state, edits_there(self.place)
        return self._seen[1]

    def _is_other_text(self, film: StudioFilm) -> bool:
        return film.is_file and text_there(film) not in (self._text, film.text)

    def read(self, film: StudioFilm, edits: Edits) -> tuple[str, Edits]:
        """The pipeline's text and the edits, each as on the disk where it was changed there.

        Raises PipelineError for what cannot be read.
        """
        text = film.text
        if self._is_other_text(film):
            assert film.path is not None
            found = text_there(film)
            if found is None:
                raise PipelineError(f"{film.path} cannot be read: it is gone, or it is no text")
            text = found
        if edits_there(self.place) != self._on_disk:
            edits = read_edits(self.place) if self.place.is_file() else Edits()
        return text, edits

    def accept(self, film: StudioFilm) -> None:
        """Know the files as they are now: the next save may write over them."""
        there = edits_there(self.place)
        if there != self._on_disk:
            self._on_disk = there
            self._edits = there if isinstance(there, tuple) else ()
        if film.is_file:
            self._text = text_there(film)
        self._others = states_of(film)

    def save(self, film: StudioFilm, edits: Edits) -> tuple[Path, ...]:
        """Write the edits, and the pipeline's text where it has changed; the files written.

        Raises PipelineError where another program has changed one of them, and then writes none.
        """
        if edits_there(self.place) != self._on_disk:
            raise _changed_by_another(self.place)
        written = [self.place]
        if film.text != self._text and film.path is not None and film.is_file:
            if self._is_other_text(film):
                raise _changed_by_another(film.path)
            save_text(film.path, film.text)
            written.append(film.path)
        save_edits(edits, self.place)
        self._text, self._edits, self._on_disk = film.text, edits.edits, edits.edits
        return tuple(written)


EditsThere = tuple[HandEdit, ...] | str
"""The edits in a file; none without one; its whole text where it holds no edits."""


def edits_there(path: Path) -> EditsThere:
    """What a file of edits holds now."""
    try:
        return read_edits(path).edits if path.is_file() else ()
    except PipelineError:
        return path.read_bytes().decode(errors="replace") if path.is_file() else ()


def text_there(film: StudioFilm) -> str | None:
    """What the pipeline's file holds now; None where it cannot be read."""
    try:
        return film.path.read_text(encoding="utf-8") if film.path is not None else None
    except (OSError, UnicodeDecodeError):
        return None


FileState = tuple[int, int] | None
"""Its size and when it was changed; None where there is none."""


def state_of(path: Path) -> FileState:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def states_of(film: StudioFilm) -> dict[Path, FileState]:
    """What a film begins with, as it is now."""
    paths = [item.path for item in files_of(film.begin)]
    if film.path is not None and not film.is_file:
        paths.append(film.path)
    return {path: state_of(path) for path in {path.resolve(): path for path in paths}.values()}


def save_edits(edits: Edits, path: Path) -> None:
    """Write the edits; where there are none any more, their file is removed."""
    if not edits.edits and path.is_file():
        path.unlink()
    elif edits.edits:
        write_edits(edits, path)


def _changed_by_another(path: Path) -> PipelineError:
    return PipelineError(
        f"{path} was changed by another program: reload it, keep yours, or save under another name "
        "(NAME.edits.yaml)"
    )


def save_text(path: Path, text: str) -> None:
    """Write a pipeline's text into its file; raises RenderError where that cannot be."""
    try:
        write_text(path, text)
    except OSError as error:
        why = reason(error, path.parent)
        raise RenderError(f"{path} cannot be written: {why}") from error


def save_as(path: Path, edits: Edits, cut: Cut) -> tuple[str, ...]:
    """Write the edits (``.edits.yaml``, ``.edits.json``), or the cut in the format of the suffix.

    The answer is notes of what a format cannot hold.
    """
    if path.stem.endswith(INFIX) or path.suffix.lower() in _YAML:
        save_edits(edits, path)
        return ()
    if is_cut_file(path):
        return write_cut(cut, path)
    raise PipelineError(
        f"{path}: edits are saved as NAME.edits.yaml or NAME.edits.json, the cut as .json, .otio "
        "and the like"
    )
