"""The text of a pipeline as plain data: YAML with its lines, and parameters filled in.

A scalar that a user wrote without quotes can be read in two ways: ``2024`` is a number and a text,
``no`` a truth value and a text. Both readings are kept, and the field it ends in decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smartcut.errors import PipelineError
from smartcut.registry import close_to

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

MOST_CHARACTERS = 1_000_000
MOST_NODES = 100_000

_UNKNOWN = object()

YamlPath = tuple[str | int, ...]


@dataclass(slots=True)
class Places:
    """What is known of each place in a pipeline's data."""

    lines: dict[YamlPath, int] = field(default_factory=dict)
    """The line, from 1, of every key and item."""
    readings: dict[YamlPath, Any] = field(default_factory=dict)
    """The other reading of scalars without quotes: a text for a number, a number for a text."""
    origins: dict[YamlPath, YamlPath] = field(default_factory=dict)
    """Of what ``${name}`` filled in: the parameter's own place."""

    def line(self, place: YamlPath) -> int | None:
        """The line of a place, or of the innermost one around it that has a line."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def scalar(self, place: YamlPath) -> tuple[YamlPath, Any] | None:
        """The place, or the innermost one around it, that has another reading, and that reading."""
        for size in range(len(place), 0, -1):
            head, rest = place[:size], place[size:]
            if head in self.readings:
                return head, self.readings[head]
            if origin := self.origins.get(head):
                found = self.scalar((*origin, *rest))
                return found and ((*head, *found[0][len(origin) :]), found[1])
        return None


def read_yaml(text: str) -> tuple[Any, Places]:
    """Plain data, and what is known of each place in it; raises PipelineError."""
    from smartcut.yaml_nodes import data_of  # which imports a parser

    return data_of(text)


# ------------------------------------------------------------------------------------ settings


def known_params(text: str) -> Mapping[str, Any]:
    """The defaults of a pipeline's parameters; none where its text has mistakes."""
    try:
        data, places = read_yaml(text)
        return read_params(data.get("params") if isinstance(data, dict) else None, {}, places)
    except PipelineError:
        return {}


def read_params(declared: Any, settings: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The parameters with what the user sets in place of their defaults; raises PipelineError."""
    if declared is not None and not isinstance(declared, dict):
        line = places.line(("params",))
        raise PipelineError("params must be a mapping of names to values", line=line)
    params: dict[str, Any] = dict(declared or {})
    for name in settings:
        if name not in params:
            raise PipelineError(unknown(name, sorted(params), "parameter"))
    _set_readings(settings, places)
    # What a user sets is taken as it is; a default may name parameters above it, or set ones.
    known = dict(settings)
    for name, value in params.items():
        if name not in settings:
            known[name] = filled(value, known, ("params", name), places)
        check_weight(known[name], places.line(("params", name)))
    return {name: known[name] for name in params}


def _set_readings(settings: Mapping[str, Any], places: Places) -> None:
    """Replace the other readings of defaults by those of the settings."""
    for place in [p for p in places.readings if p[0] == "params" and p[1] in settings]:
        del places.readings[place]
    for name, value in settings.items():
        items = enumerate(value) if isinstance(value, list) else ()
        for place, item in (
            (("params", name), value),
            *((("params", name, i), v) for i, v in items),
        ):
            if (other := other_reading(item)) is not item:
                places.readings[place] = other


def unknown(given: str, known: tuple[str, ...] | list[str], what: str) -> str:
    """The message for a name that is not known, with the one that may have been meant."""
    return f"unknown {what} {close_to(given, known)}"


def parse_setting(text: str, defaults: Mapping[str, Any] | None = None) -> tuple[str, Any]:
    """``name=value`` from the command line, where ``defaults`` are the pipeline's parameters."""
    name, separator, value = text.partition("=")
    if not separator or not name.isidentifier():
        raise PipelineError(f"{text!r} is not of the form name=value")
    return name, setting(value, (defaults or {}).get(name, _UNKNOWN))


def setting(value: str, default: Any) -> Any:
    """What a user typed for a parameter, in a command or a table's cell.

    Where the parameter's default is a text or null, it stays as it was typed, but for lists
    (``[a, b]``); so does a number that is not written as usual (``007``), and a truth value where
    the default is none. Anything else is read as a YAML scalar or list. What it ends in takes
    either reading: see :func:`other_reading`.
    """
    data = _yaml_value(value)
    if isinstance(data, list) and value.lstrip().startswith("["):
        return data
    if isinstance(default, (str, type(None))):
        return value
    if default is _UNKNOWN or isinstance(default, bool) or not isinstance(data, (bool, int, float)):
        return data
    return data if str(data) == value else value


def _yaml_value(text: str) -> Any:
    """The YAML scalar or list, or the text itself where it is neither."""
    try:
        data, _ = read_yaml(text)
    except PipelineError:
        return text
    return text if isinstance(data, dict) else data


def other_reading(value: Any) -> Any:
    """How a setting reads as well: ``"2024"`` as 2024, 2024 as ``"2024"``; itself if in no way."""
    if isinstance(value, str):
        data = _yaml_value(value)
        return value if isinstance(data, list) else data
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value


# ---------------------------------------------------------------------------------- parameters


def filled(value: Any, params: Mapping[str, Any], place: YamlPath, places: Places) -> Any:
    """The value with each ``${name}`` in it replaced; raises PipelineError for unknown names."""
    if isinstance(value, dict):
        return {k: filled(v, params, (*place, k), places) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, params, (*place, i), places) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in _PLACEHOLDER.findall(value):
        if name not in params:
            known = ", ".join(sorted(params)) or "none"
            message = f"${{{name}}} is not a parameter of this pipeline; there are: {known}"
            raise PipelineError(message, line=places.lines.get(place))
    whole = _PLACEHOLDER.fullmatch(value)
    if whole:
        origin: YamlPath = ("params", whole[1])
        places.origins[place] = places.origins.get(origin, origin)
        return params[whole[1]]
    room = MOST_NODES

    def written(match: re.Match[str]) -> str:
        nonlocal room
        text = _as_written(params[match[1]], places.scalar(("params", match[1])))
        room -= len(text)
        if room < 0:
            line = places.lines.get(place)
            raise PipelineError(f"more than {MOST_NODES} characters", line=line)
        return text

    return _PLACEHOLDER.sub(written, value)


def _as_written(value: Any, other: tuple[YamlPath, Any] | None) -> str:
    """A parameter inside a text: as the user typed it, where that is known."""
    reading = other[1] if other else None
    return reading if isinstance(reading, str) and not isinstance(value, str) else str(value)


def check_weight(value: Any, line: int | None) -> None:
    """Raise PipelineError where parameters that name each other grow without bound."""
    room, pending = MOST_CHARACTERS, [value]
    while pending:
        item = pending.pop()
        room -= 1 + (len(item) if isinstance(item, str) else 0)
        if room < 0:
            raise PipelineError("with its parameters filled in it is too large", line=line)
        if isinstance(item, (dict, list)):
            pending.extend(item.values() if isinstance(item, dict) else item)
