"""Corrections by hand that stand in the text of a pipeline: found, and taken out of it.

A studio keeps corrections in a file, so that it never has to write a list of them into a text that
people edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from smartcut.errors import PipelineError
from smartcut.spec_text import Places, YamlPath, read_yaml

#: A list of edits, in place of the name of a file.
INLINE = True


def named_edits(text: str) -> str | Literal[True] | None:
    """The file of edits that a pipeline names; True for a list in it; None where it has none."""
    found = next(_found(text), None) if text else None
    return found[1] if found else None


def check_no_edits(text: str, file: str | None) -> None:
    """Raise PipelineError for edits in a text other than those in ``file``."""
    for place, value, places in _found(text):
        if value != file:
            raise PipelineError(
                "the studio keeps corrections in a file of its own: leave `edits` out of the text, "
                "or write `- edits` without a value where they are to be made",
                line=places.line(place),
            )


def without_inline_edits(text: str) -> str:
    """The text without lists of edits; a stage ``- edits: [...]`` stays as ``- edits``."""
    found = next(_found(text), None)
    if found is None or found[1] is not INLINE:
        return text
    place, _, places = found
    lines = text.splitlines(keepends=True)
    first = (places.line(place) or 1) - 1
    last = _end(lines, first)
    kept = []
    if place[0] == "stages":
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        kept = [f"{indent}- edits\n"]
    return without_inline_edits("".join([*lines[:first], *kept, *lines[last:]]))


def _end(lines: list[str], first: int) -> int:
    """The line after a block that begins with a line: the next one that is indented no more."""
    depth = len(lines[first]) - len(lines[first].lstrip())
    for number in range(first + 1, len(lines)):
        line = lines[number]
        is_own = not line.strip() or line.lstrip().startswith("#")
        is_item = depth == 0 and line.startswith("- ") and not lines[first].startswith("- ")
        if not is_own and not is_item and len(line) - len(line.lstrip()) <= depth:
            return number
    return len(lines)


def _found(text: str) -> Iterator[tuple[YamlPath, str | Literal[True], Places]]:
    """Where edits stand in a text, and the file that is named there, or that they are a list."""
    try:
        data, places = read_yaml(text)
    except PipelineError:
        return  # whoever reads it next tells what is wrong
    if not isinstance(data, dict):
        return
    if data.get("edits") is not None:
        yield ("edits",), _value(data["edits"]), places
    stages = data.get("stages")
    for number, item in enumerate(stages if isinstance(stages, list) else ()):
        value = item.get("edits") if isinstance(item, dict) else None
        if isinstance(value, dict) and "edits" in value and not isinstance(value["edits"], list):
            value = value["edits"]
        if value is not None:
            yield ("stages", number), _value(value), places


def _value(given: Any) -> str | Literal[True]:
    return given if isinstance(given, str) else True
