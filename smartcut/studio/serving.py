"""What `smartcut studio` does before and while it serves: which files, which port, how it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.roots import allow_only, is_confined, write_only
from smartcut.studio.confined import Confined
from smartcut.studio.desk import Desk
from smartcut.studio.server import PORT, StudioServer

if TYPE_CHECKING:
    from smartcut.spec import Begin, Search
    from smartcut.studio.film import StudioFilm
    from smartcut.studio.session import Session


def desk_for(
    what: Path,
    inputs: Sequence[Path] = (),
    output: Path | None = None,
    *,
    edits: Path | None = None,
    roots: Sequence[Path] = (),
    params: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Desk:
    """A desk that opens a session, from which a page reads and writes only what it may.

    That are the files that were named, the folder of the output, and what lies below ``roots``: for
    this whole process, and those that it starts. Raises SmartcutError at once for mistakes that
    are found without running a stage.
    """
    from smartcut.api.options import as_options
    from smartcut.studio.film import film_of
    from smartcut.studio.saving import place_of
    from smartcut.studio.schema_ahead import SchemaAhead

    told = as_options(dict(options or {}))
    film = film_of(what, inputs, output, params, told)
    folders = [film.output.parent, *roots]
    if not is_confined():
        kept = (place.parent for place in (edits or place_of(film), film.path) if place)
        allow_only([*folders, *_named(film, edits)])
        write_only([*folders, *kept])

    def opened(desk: Desk) -> Session:
        from smartcut.studio.following_work import OpeningProgress
        from smartcut.studio.session import Session

        progress = OpeningProgress(desk.bus.tell)
        return Session(film, replace(told, progress=progress), edits)

    return Desk(opened, film.name, Confined.to(folders), SchemaAhead())


def _named(film: StudioFilm, edits: Path | None) -> Iterator[Path]:
    """The files that the user, or the pipeline as it is, has named."""
    from smartcut.spec import all_steps, files_of
    from smartcut.studio.saving import place_of

    yield edits or place_of(film)
    if film.path is not None:
        yield film.path
    yield from (item.path for item in files_of(film.begin))
    for search in _searches(film.pipeline.search, film.pipeline.inputs):
        yield from (folder for folder in (search.library, search.store) if folder)
    for step in all_steps(film.pipeline.steps, film.begin):
        yield from _paths(step.stage.model_dump())


def _searches(own: Search | None, inputs: Sequence[Begin]) -> Iterator[Search]:
    """What libraries are asked for, by the pipeline and its parts."""
    from smartcut.spec import Part

    if own is not None:
        yield own
    for item in inputs:
        if isinstance(item, Part):
            yield from _searches(item.search, item.inputs)


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _paths(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _paths(item)


def server_at(desk: Desk, port: int | None) -> StudioServer:
    """A server for a desk; without a port at the usual one, or where that is taken at any."""
    try:
        return StudioServer(desk, PORT if port is None else port)
    except SmartcutError:
        if port is not None:
            desk.close()
            raise
        return StudioServer(desk, 0)
