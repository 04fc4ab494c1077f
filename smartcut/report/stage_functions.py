"""Stages as functions: what ``sc.shots`` is, with a signature and help that a reader can use."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from smartcut.accepted import accepted, type_of
from smartcut.errors import PipelineError
from smartcut.once import once
from smartcut.report.parameters import parameters
from smartcut.report.python_examples import in_python
from smartcut.report.steps import made
from smartcut.stage import Stage, find_stage

_WIDTH = 92


class _Words:
    """Stands for a type in a signature, in words."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@once
def stage_function(name: str) -> Callable[..., Stage]:
    """The function that makes the stage of that name from keyword arguments.

    Its mistakes are one PipelineError without a chain. It is the same function each time.
    """
    return function_of(find_stage(name), name)


def function_of(kind: type[Stage], name: str) -> Callable[..., Stage]:
    """The function that makes a stage of that class, under a name."""

    def make(*given: Any, **values: Any) -> Stage:
        return made(kind, {**_alone(kind, name, given), **values})

    make.__name__ = make.__qualname__ = name
    make.__module__ = "smartcut"
    make.__doc__ = _help(kind)
    make.__signature__ = _signature(kind)  # type: ignore[attr-defined]
    return make


def _alone(kind: type[Stage], name: str, given: tuple[Any, ...]) -> dict[str, Any]:
    """A value without a name, for stages that take one; raises PipelineError elsewhere."""
    if not given:
        return {}
    if len(given) == 1 and kind.short:
        return {kind.short: given[0]}
    names = list(kind.model_fields)
    shown = f"sc.{name}({names[0]}={given[0]!r})" if names else f"sc.{name}()"
    raise PipelineError(
        f"sc.{name}() takes its parameters by name, such as {shown}; accepted: {', '.join(names)}"
    )


def _signature(kind: type[BaseModel]) -> inspect.Signature:
    shown = []
    for name, field in kind.model_fields.items():
        default = inspect.Parameter.empty if field.is_required() else _shown(field.get_default())
        words = _Words(accepted(type_of(field)).replace(" or none", " | None"))
        shown.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=words
            )
        )
    return inspect.Signature(shown, return_annotation=_Words("Stage"))


def _shown(default: Any) -> Any:
    """A default as a user would write it."""
    if isinstance(default, Fraction):
        return _Words(f"{float(default):g}")
    if isinstance(default, tuple) and any(isinstance(item, Fraction) for item in default):
        return tuple(map(_shown, default))
    if isinstance(default, BaseModel):
        given = {name: getattr(default, name) for name in default.model_fields_set}
        return _Words(repr(given))
    return default


def _help(kind: type[Stage]) -> str:
    lines = [in_python(inspect.getdoc(kind) or "", kind)]
    aliases = {f.alias: name for name, f in kind.model_fields.items() if f.alias}
    for i, one in enumerate(parameters(kind)):
        lines += ["", "Parameters:"] if not i else []
        name = aliases.get(one.name, one.name)
        yaml = f" In YAML: `{one.name}`." if name != one.name else ""
        default = "required" if one.default == "required" else f"default {one.default}"
        lines.append(f"    {name}: {one.accepted}; {default}")
        text = f"{one.meaning}{yaml}"
        lines.append(textwrap.fill(text, _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8))
    return "\n".join(lines)
