"""Edits as files: YAML or JSON, with mistakes told by their lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.errors import PipelineError, RenderError
from smartcut.files import reason, write_text
from smartcut.spec_text import Places, YamlPath, read_yaml
from smartcut.text_input import read_text_input
from smartcut.validated import validated

if TYPE_CHECKING:
    from smartcut.editing.model import Edits

#: What stands in a file's name before its suffix: ``reel.edits.yaml``.
INFIX = ".edits"


def read_edits(path: Path) -> Edits:
    """The edits in a file; raises PipelineError, with the line of each mistake."""
    try:
        given = read_text_input(path)
    except FileNotFoundError as error:
        raise PipelineError(f"there is no file {path}") from error
    except (OSError, ValueError) as error:
        raise PipelineError(f"the edits {path} cannot be read: {error}") from error
    return parse_edits(given.text, str(path))


def parse_edits(text: str, name: str | None = None) -> Edits:
    """The edits in a text of YAML or JSON; ``name`` is what messages call it."""
    try:
        data, places = read_yaml(text)
        return edits_of(data, (), places)
    except PipelineError as error:
        raise PipelineError(error.message, path=error.path or name, line=error.line) from None
    except ExceptionGroup as group:
        found = [e for e in group.exceptions if isinstance(e, PipelineError)]
        located = [PipelineError(e.message, path=name, line=e.line) for e in found]
        if len(located) == 1:
            raise located[0] from None
        raise PipelineError("\n".join(str(e) for e in located)) from None


def edits_of(data: Any, place: YamlPath, places: Places, what: str = "edits") -> Edits:
    """The edits in plain data: a list of them, or a mapping with the key ``edits``.

    Raises PipelineError, or a group of them, each with its line.
    """
    from smartcut.editing.model import Edits

    if isinstance(data, list) and place and place[-1] == "edits":
        data, place = {"edits": data}, place[:-1]
    elif isinstance(data, list) and not place:
        data, places = {"edits": data}, _behind_a_key(places)
    if not isinstance(data, dict):
        raise PipelineError(
            f"{what}: edits are a list, each such as `- drop: {{source: talk.mp4, start: 12.4, "
            f"end: 15.2}}`; given: {data!r}",
            line=places.line(place),
        )
    return validated(Edits, data, what, place, places)


def _behind_a_key(places: Places) -> Places:
    """What is known of the places of a list, for the same list behind the key ``edits``."""
    return Places(
        {("edits", *place): line for place, line in places.lines.items()} | {(): 1},
        {("edits", *place): value for place, value in places.readings.items()},
    )


def write_edits(edits: Edits, path: Path) -> None:
    """Write the edits, whole or not at all: as JSON where the name ends in ``.json``, else YAML.

    Raises RenderError where the file cannot be written.
    """
    is_json = path.suffix.lower() == ".json"
    try:
        write_text(path, to_json(edits) if is_json else to_yaml(edits))
    except OSError as error:
        raise RenderError(f"{path} cannot be written: {reason(error, path.parent)}") from error


def to_json(edits: Edits) -> str:
    """The edits as a text of JSON."""
    return json.dumps(edits.to_plain(), indent=2, ensure_ascii=False) + "\n"


def to_yaml(edits: Edits) -> str:
    """The edits as YAML, one a line."""
    plain = edits.to_plain()
    lines = [f"version: {plain['version']}"]
    if "sources" in plain:
        lines += ["sources:", *(f"  {_flow(k)}: {_flow(v)}" for k, v in plain["sources"].items())]
    for key in ("base", "edits"):
        rows = plain.get(key)
        if rows is not None:
            lines += [f"{key}:", *(f"  - {_row(row)}" for row in rows)] if rows else [f"{key}: []"]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, Any]) -> str:
    if len(row) == 1:
        ((key, value),) = row.items()
        return f"{key}: {_flow(value)}"
    return _flow(row)


def _flow(value: Any) -> str:
    """A value on one line."""
    import yaml

    text = yaml.safe_dump(
        value, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False
    )
    return text.strip().removesuffix("...").strip()


def companion(pipeline: Path) -> Path:
    """Where the edits of a pipeline lie that are found by themselves: ``reel.edits.yaml``."""
    return pipeline.with_name(f"{pipeline.stem}{INFIX}.yaml")
