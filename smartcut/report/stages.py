"""The stages, listed and explained from their own declarations."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

from smartcut.report.parameters import parameters
from smartcut.report.tables import as_text
from smartcut.stage import Stage, find_stage, loadable_stages

_WIDTH = 96


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


def explain_stage(name: str) -> str:
    """Everything about one stage: what it does, needs, gives, and its parameters."""
    kind = find_stage(name)
    lines = [inspect.getdoc(kind) or "", "", f"needs: {needs(kind)}"]
    lines.append(f"gives: {', '.join(kind.gives) or '-'}")
    lines += list(_explained(kind)) or ["", "no parameters"]
    return f"{name}\n\n" + "\n".join(lines)


def _explained(kind: type[Stage]) -> Iterator[str]:
    """Lines about each parameter: what it takes, and what it means."""
    for one in parameters(kind):
        default = "required" if one.default == "required" else f"default {one.default}"
        yield ""
        yield f"  {one.name}: {one.accepted}; {default}"
        if one.meaning:
            yield textwrap.fill(
                one.meaning, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
            )
