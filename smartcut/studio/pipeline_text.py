"""The text of a pipeline for a page that shows it as forms: its data, its stages, their lines."""

from __future__ import annotations

from typing import Any

from smartcut.errors import PipelineError
from smartcut.runners.local import Options
from smartcut.spec_text import Places, read_yaml
from smartcut.studio.answers import mistakes_of
from smartcut.studio.film import StudioFilm


def read_text(text: str) -> dict[str, Any]:
    """``{text, data, stages: [{name, params, line}]}`` of a YAML; raises PipelineError.

    The data is as it was written, with ``${name}`` in it.
    """
    if not text:
        return {"text": "", "data": {}, "stages": []}
    data, places = read_yaml(text)
    stages = data.get("stages") if isinstance(data, dict) else None
    found = [_stage(item, number, places) for number, item in enumerate(stages or [])]
    return {"text": text, "data": data, "stages": [one for one in found if one]}


def _stage(item: Any, number: int, places: Places) -> dict[str, Any] | None:
    line = places.line(("stages", number))
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
