"""Examples of stages, which their docstrings have in YAML, as they are written in Python."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from smartcut.errors import PipelineError
from smartcut.spec_text import read_yaml
from smartcut.stage import Stage

_INDENTED = re.compile(r"(?:^ {4}- .*\n?(?:^ {5,}.*\n?)*)+", re.MULTILINE)
_FENCED = re.compile(r"^```yaml\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def in_python(doc: str, kind: type[Stage]) -> str:
    """A docstring with its YAML examples of the stage in Python; others stay as they are."""

    def replaced(match: re.Match[str]) -> str:
        text = match.group(1) if match.re is _FENCED else match.group(0)
        calls = list(_calls(textwrap.dedent(text), kind))
        if not calls:
            return match.group(0)
        return "\n".join(f"    film | {call}" for call in calls) + "\n"

    return _INDENTED.sub(replaced, _FENCED.sub(replaced, doc)).rstrip()


def _calls(text: str, kind: type[Stage]) -> Iterator[str]:
    """The calls that the items of a list of stages are; nothing where it is no such list."""
    try:
        items = read_yaml(text)[0]
    except PipelineError:
        return
    for item in items if isinstance(items, list) else ():
        name, values = (item, {}) if isinstance(item, str) else next(iter(item.items()), ("", {}))
        if name == kind.name:
            yield _call(kind, values)


def _call(kind: type[Stage], values: Any) -> str:
    if not isinstance(values, dict):
        values = {kind.short: values} if values is not None and kind.short else {}
    names = {field.alias or name: name for name, field in kind.model_fields.items()}
    given = (f"{names.get(key, key)}={_literal(value)}" for key, value in values.items())
    return f"sc.{kind.name}({', '.join(given)})"


def _literal(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)
