"""The stages, listed and explained from their own declarations."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping

from smartcut.report.parameters import parameters
from smartcut.report.tables import as_text
from smartcut.stage import GROUPS, Group, Stage, find_stage, loadable_stages

_WIDTH = 96


def first_line(kind: type[Stage]) -> str:
    """The stage's one-line description."""
    return (inspect.getdoc(kind) or "").split("\n", 1)[0]


def list_stages() -> str:
    """A line for each stage, by group: what it needs and does; then what cannot be loaded."""
    kinds, problems = loadable_stages()
    parts = [f"{GROUPS[group]}\n\n{_lines(those)}" for group, those in by_group(kinds).items()]
    told = "`smartcut stages NAME` explains one, with an example."
    return "\n\n".join([*parts, told, *(f"error: {problem}" for problem in problems)])


def by_group(kinds: Mapping[str, type[Stage]]) -> dict[Group, dict[str, type[Stage]]]:
    """The stages of each group that has any, in the order of the groups."""
    found = {g: {n: k for n, k in kinds.items() if k.group == g} for g in GROUPS}
    return {group: those for group, those in found.items() if those}


def _lines(kinds: Mapping[str, type[Stage]]) -> str:
    rows = [
        {"stage": name, "needs": needs(kind), "does": first_line(kind)}
        for name, kind in kinds.items()
    ]
    return as_text(rows)


def needs(kind: type[Stage]) -> str:
    return "; ".join(" or ".join(group) for group in kind.needs) or "-"


def explain_stage(name: str) -> str:
    """Everything about one stage: what it does, needs, gives, and its parameters."""
    kind = find_stage(name)
    lines = [_unfenced(inspect.getdoc(kind) or ""), "", f"needs: {needs(kind)}"]
    lines.append(f"gives: {', '.join(kind.gives) or '-'}")
    lines += list(_explained(kind)) or ["", "no parameters"]
    return f"{name}\n\n" + "\n".join(lines)


def _unfenced(text: str) -> str:
    """Markdown for a terminal: its examples are set in."""
    parts = re.split(r"```\w*\n(.*?)```", text, flags=re.S)
    odd = [textwrap.indent(part.rstrip(), "    ") for part in parts[1::2]]
    whole = [part for pair in zip(parts[::2], [*odd, ""], strict=True) for part in pair]
    return "".join(whole).rstrip()


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
