"""The files that a page may name: those below the folders of a desk, and those that it works on."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.editing.reading import INFIX
from smartcut.errors import PipelineError
from smartcut.interchange.formats import is_cut_file
from smartcut.roots import check_inside

if TYPE_CHECKING:
    from smartcut.studio.desk import Desk

#: So many are told of, of so many that are looked at, so deep below a folder.
_MOST, _LOOKED, _DEPTH = 2000, 50_000, 6
_PIPELINES = (".yaml", ".yml")
#: Bytes that are looked at of a JSON file.
_HEAD = 100


def listed(desk: Desk) -> dict[str, Any]:
    """``{folders, files: [{path, kind}], more}``: films, sound, cuts and pipelines."""
    folders = _folders(desk)
    found = dict.fromkeys(_own(desk))
    for folder in folders:
        found |= dict.fromkeys(islice(_below(folder, _DEPTH), _LOOKED))
    rows = ({"path": str(path), "kind": kind} for path in found if (kind := _kind(path)))
    told = [*islice(rows, _MOST + 1)]
    return {
        "folders": [str(folder) for folder in folders],
        "files": told[:_MOST],
        "more": len(told) > _MOST,
    }


def readable(desk: Desk, given: str) -> Path:
    """The file or folder that a page means; raises PipelineError for one outside, or none.

    Names are seen from the folder of the film's output; links are followed before a place is
    judged.
    """
    if not given.strip() or "\0" in given:
        raise PipelineError(f"{given!r} is no name of a file")
    path = desk.session.film.output.parent / Path(given).expanduser()
    real = path.resolve()
    folders = _folders(desk)
    is_inside = any(real.is_relative_to(folder) for folder in folders)
    if not is_inside and real not in {own.resolve() for own in _own(desk)}:
        raise PipelineError(
            f"{given} is outside of what this studio may read: {', '.join(map(str, folders))}; "
            "start it with --root FOLDER for others"
        )
    try:
        check_inside(path)
    except ValueError as error:
        raise PipelineError(str(error)) from error
    if not real.exists():
        raise PipelineError(f"there is no {given}")
    return path


def media(desk: Desk, given: Iterable[str]) -> list[Path]:
    """The media that a page means by files and folders; in these links are left out.

    Raises PipelineError as :func:`readable`, and for a folder without media.
    """
    found: list[Path] = []
    for name in given:
        path = readable(desk, name)
        if not path.is_dir():
            found.append(path)
            continue
        inside = [file for file in _below(path, _DEPTH) if _kind(file) in ("film", "sound")]
        if not inside:
            raise PipelineError(f"no media lie in {name}; name the folder of the originals")
        found += inside
    return list(dict.fromkeys(found))


def _folders(desk: Desk) -> tuple[Path, ...]:
    if desk.confined is not None:
        return desk.confined.folders
    return (desk.session.film.output.parent.resolve(),)


def _own(desk: Desk) -> Iterator[Path]:
    """The media of the film that is open."""
    return (source.path for source in desk.session.cut.footage if source.path.is_file())


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Files, none hidden, links not followed; in order."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
        elif depth and entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), depth - 1)


def _kind(path: Path) -> str | None:
    """What a file is by its name; None for what no panel asks for."""
    from smartcut.library.indexing import SUFFIXES

    suffix = path.suffix.lower()
    if suffix in _PIPELINES:
        return None if path.stem.endswith(INFIX) else "pipeline"
    if suffix in SUFFIXES:
        kind = mimetypes.guess_type(path.name)[0] or ""
        return "sound" if kind.startswith("audio/") else "film"
    return "cut" if is_cut_file(path) and (suffix != ".json" or _begins_a_cut(path)) else None


def _begins_a_cut(path: Path) -> bool:
    """Whether a JSON file is a cut, or the manifest of one, by how it begins: most are others."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return b'"sources"' in head or path.name.endswith(".manifest.json")
