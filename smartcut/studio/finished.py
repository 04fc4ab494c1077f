"""Operations on finished films: their cut is found, their style is learned, and both are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import PipelineError
from smartcut.studio.answers import BytesAnswer
from smartcut.studio.asked import OfFilmFrame, ToConform, ToKeep, ToLearn, ToOpen
from smartcut.studio.film_files import media, readable
from smartcut.studio.writing import allowed

if TYPE_CHECKING:
    from smartcut.studio.desk import Desk

_YAML = (".yaml", ".yml")


def conform(desk: Desk, asked: ToConform) -> dict[str, Any]:
    """Begin to look for the cut of a finished film."""
    film, sources = readable(desk, asked.film), media(desk, asked.sources)
    table = _beside(desk, film).with_suffix(".cube")
    desk.conforming.begin(film, sources, asked.unknown, table, desk.session.options)
    return desk.conforming.plain()


def film_frame(desk: Desk, asked: OfFilmFrame) -> BytesAnswer:
    """A frame of the film that was recognised, or of the original that it shows there."""
    options = desk.session.options
    data = desk.conforming.jpeg(asked.of, asked.frame, asked.height, options)
    return BytesAnswer(data, "image/jpeg")


def keep_cut(desk: Desk, asked: ToKeep) -> dict[str, Any]:
    """Write the cut that was found: as .yaml a pipeline, with the cut beside it."""
    from smartcut.api.conform_writing import write_conformed

    found = desk.conforming.found
    usual = _beside(desk, found.film.path).with_suffix(".yaml")
    output = allowed(desk, asked.path or str(usual))
    written = write_conformed(found.cut, output)
    paths = [str(path) for path in written.files]
    return {"path": str(output), "paths": paths, "notes": list(written.notes)}


def learn(desk: Desk, asked: ToLearn) -> dict[str, Any]:
    """Begin to learn the style of films."""
    films = [readable(desk, one) for one in asked.films]
    sources = media(desk, asked.sources)
    desk.learning.begin(films, sources, desk.session.options)
    return desk.learning.plain()


def keep_style(desk: Desk, asked: ToKeep) -> dict[str, Any]:
    """Write the pipeline that was learned."""
    output = allowed(desk, asked.path or "style.yaml")
    if output.suffix.lower() not in _YAML:
        raise PipelineError(f"{output}: a style is written as a pipeline: .yaml or .yml")
    written = desk.learning.found.write(output)
    return {"path": str(output), "paths": [str(path) for path in written], "notes": []}


def open_other(desk: Desk, asked: ToOpen) -> dict[str, Any]:
    """Work on another film."""
    return desk.open_other(readable(desk, asked.path), leaves=asked.leave)


def _beside(desk: Desk, film: Path) -> Path:
    """Where what is found of a film is kept, without a suffix."""
    return desk.session.film.output.parent / f"{film.stem}-conformed"
