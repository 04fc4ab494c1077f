"""The stages, listed and explained from their own declarations."""

from __future__ import annotations

import inspect
import re
from typing import Any

from smartcut.report.tables import as_text
from smartcut.stage import Stage, find_stage, loadable_stages


def first_line(kind: type[Stage]) -> str:
    """The stage's one-line description."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def list_stages() -> str:
    """A line for each stage: what it does, needs and gives; then what cannot be loaded, and why."""
    kinds, problems = loadable_stages()
    rows = [
        {"stage": name, "needs": needs(kind), "does": first_line(kind)}
        for name, kind in kinds.items()
    ]
    return "\n".join([as_text(rows), *(f"\nerror: {problem}" for problem in problems)])


def needs(kind: type[Stage]) -> str:
    return "; ".join(" or ".join(group) for group in kind.needs) or "-"


def parameters(kind: type[Stage]) -> list[dict[str, str]]:
    """A row for each parameter: name, type, default, description."""
    rows = []
    for name, field in kind.model_fields.items():
        default = "required" if field.is_required() else _plain(field.default)
        rows.append(
            {
                "name": field.alias or name,
                "type": _type(field.annotation),
                "default": default,
                "meaning": field.description or "",
            }
        )
    return rows


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _type(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = re.sub(r"typing\.|fractions\.|pathlib\.|smartcut\.[\w.]*\.", "", text)
    text = re.sub(r"Annotated\[(\w+), .*?\](?= \||$)", r"\1", text)
    return text.replace("Fraction", "number").replace("NoneType", "none").replace("None", "none")


def explain_stage(name: str) -> str:
    """Everything about one stage: what it does, needs, gives, and its parameters."""
    kind = find_stage(name)
    lines = [inspect.getdoc(kind) or "", "", f"needs: {needs(kind)}"]
    lines.append(f"gives: {', '.join(kind.gives) or '-'}")
    rows = parameters(kind)
    lines += ["", as_text(rows) if rows else "no parameters"]
    return f"{name}\n\n" + "\n".join(lines)
