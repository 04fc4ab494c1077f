"""The text of a pipeline for a page that shows it as forms: its data, its stages, their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smartcut.errors import PipelineError
from smartcut.runners.local import Options
from smartcut.spec_text import Places, YamlPath, read_yaml
from smartcut.studio.answers import mistakes_of
from smartcut.studio.film import StudioFilm


def read_text(text: str) -> dict[str, Any]:
    """``{text, data, stages, parts}`` of a YAML; raises PipelineError.

    Each stage is ``{name, params, line}``; each part, those within parts too, ``{name, line,
    stages}``. The data is as it was written, with ``${name}`` in it.
    """
    if not text:
        return {"text": "", "data": {}, "stages": [], "parts": []}
    data, places = read_yaml(text)
    parts = list(_parts(data, (), "", places))
    return {"text": text, "data": data, "stages": _stages(data, (), places), "parts": parts}


def _parts(data: Any, place: YamlPath, name: str, places: Places) -> Iterator[dict[str, Any]]:
    """The parts below a mapping, by numbers: "2", and "2.1" for the first one in that."""
    listed = data.get("parts") if isinstance(data, dict) else None
    for number, part in enumerate(listed if isinstance(listed, list) else ()):
        at, own = (*place, "parts", number), f"{name}{number + 1}"
        stages = _stages(part, at, places)
        yield {"name": own, "line": places.line(at), "stages": stages}
        yield from _parts(part, at, f"{own}.", places)


def _stages(data: Any, place: YamlPath, places: Places) -> list[dict[str, Any]]:
    listed = data.get("stages") if isinstance(data, dict) else None
    found = (
        _stage(item, places.line((*place, "stages", number)))
        for number, item in enumerate(listed if isinstance(listed, list) else ())
    )
    return [one for one in found if one]


def _stage(item: Any, line: int | None) -> dict[str, Any] | None:
    if isinstance(item, str):
        return {"name": item, "params": None, "line": line}
    if isinstance(item, dict) and len(item) == 1:
        ((name, params),) = item.items()
        return {"name": name, "params": params, "line": line}
    return None


def checked_text(text: str, film: StudioFilm, options: Options) -> dict[str, Any]:
    """As of :func:`read_text`, as far as it can be read, with ``errors: [{line, message}]``."""
    errors: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    try:
        found = read_text(text)
        film.with_text(text, options)
    except PipelineError as error:
        errors = mistakes_of(error)
    return {**found, "errors": errors}
