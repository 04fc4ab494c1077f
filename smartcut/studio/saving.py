"""What a session keeps on the disk: edits beside the pipeline, its text, or the cut itself."""

from __future__ import annotations

from pathlib import Path

from smartcut.cut import Cut
from smartcut.editing import Edits, HandEdit, read_edits, write_edits
from smartcut.editing.reading import INFIX, companion
from smartcut.errors import PipelineError, RenderError
from smartcut.files import reason, write_text
from smartcut.interchange.files import write_cut
from smartcut.interchange.formats import is_cut_file
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
        self._text, self._edits = film.text, self.edits.edits
        self._on_disk = () if is_inline else there.edits

    def has(self, film: StudioFilm, edits: Edits) -> bool:
        """Whether this is what lies on the disk."""
        return (film.text, edits.edits) == (self._text, self._edits)

    def save(self, film: StudioFilm, edits: Edits) -> tuple[Path, ...]:
        """Write the edits, and the pipeline's text where it has changed; the files written.

        Raises PipelineError where another program has changed one of them, and then writes none.
        """
        check_unchanged(self.place, self._on_disk)
        written = [self.place]
        if film.text != self._text and film.path is not None and film.is_file:
            save_text(film, self._text)
            written.append(film.path)
        save_edits(edits, self.place)
        self._text, self._edits, self._on_disk = film.text, edits.edits, edits.edits
        return tuple(written)


def save_edits(edits: Edits, path: Path) -> None:
    """Write the edits; where there are none any more, their file is removed."""
    if not edits.edits and path.is_file():
        path.unlink()
    elif edits.edits:
        write_edits(edits, path)


def check_unchanged(path: Path, before: tuple[HandEdit, ...]) -> None:
    """Raise PipelineError where a file of edits is not as it was left: by another tab or program.

    One that cannot be read is another one too.
    """
    try:
        is_so = (read_edits(path).edits if path.is_file() else ()) == before
    except PipelineError:
        is_so = False
    if not is_so:
        raise PipelineError(
            f"{path} was changed by another program: save under another name (NAME.edits.yaml), "
            "or open the studio again"
        )


def save_text(film: StudioFilm, before: str) -> None:
    """Write the pipeline's text into its file, unless someone else changed that.

    ``before`` is what the file held when it was read last.
    """
    assert film.path is not None
    try:
        there = film.path.read_text(encoding="utf-8")
        if there not in (before, film.text):
            raise PipelineError(
                f"{film.path} was changed by another program: open it again, or save elsewhere"
            )
        write_text(film.path, film.text)
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error, film.path.parent) if isinstance(error, OSError) else str(error)
        raise RenderError(f"{film.path} cannot be written: {why}") from error


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
