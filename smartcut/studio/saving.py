"""What a session keeps on the disk: edits beside the pipeline, its text, or the cut itself."""

from __future__ import annotations

from pathlib import Path

from smartcut.cut import Cut
from smartcut.editing import Edits, read_edits, write_edits
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


def kept_edits(film: StudioFilm, asked: Path | None) -> Edits:
    """The edits of a film: of the file asked for, its own, or those beside it, if there are any."""
    if asked is not None:
        if not asked.parent.is_dir():
            raise PipelineError(f"{asked}: there is no folder {asked.parent}")
        return read_edits(asked) if asked.is_file() else Edits()
    own, place = film.own_edits, place_of(film)
    if own.edits:
        return own
    return read_edits(place) if place.is_file() else Edits()


def save_edits(edits: Edits, path: Path) -> None:
    """Write the edits; where there are none any more, their file is removed."""
    if not edits.edits and path.is_file():
        path.unlink()
    elif edits.edits:
        write_edits(edits, path)


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
