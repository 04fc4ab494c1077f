"""The parameters of a stage in words: what is accepted, from where to where, and what it means."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as limits
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from smartcut.stage import PathParam
from smartcut.timebase import RatioParam, TimeParam

_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Fraction: "number",
    Path: "path",
    type(None): "none",
}


def _mark(kind: Any) -> Any:
    """What tells an annotated type apart from others of the same base: its first annotation."""
    return get_args(kind)[1]


_MARKED = [
    (_mark(TimeParam), "time (12.5, 30s, 00:01:02.5)"),
    (_mark(RatioParam), "number or ratio (25, 30000/1001)"),
    (_mark(PathParam), "file"),
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as users know it; of a model within another, the name has dots."""

    name: str
    accepted: str
    default: str
    meaning: str


def parameters(kind: type[BaseModel], prefix: str = "") -> Iterator[Parameter]:
    """Those of a stage, each followed by those of the models that it takes."""
    for name, field in kind.model_fields.items():
        shown = prefix + (field.alias or name)
        default = "required" if field.is_required() else plain(field.get_default())
        yield Parameter(shown, accepted(field), default, field.description or "")
        for inner in dict.fromkeys(_models(field.annotation)):
            yield from parameters(inner, f"{shown}.")


def plain(value: Any) -> str:
    """A default as YAML writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(plain, value))}]"
    return str(value)


def accepted(field: FieldInfo) -> str:
    """What a field takes: its type, its choices, and its limits."""
    whole = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return "".join((_words(whole), *_limits(field.metadata)))


def _words(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        base, *marks = args
        named = next((name for mark, name in _MARKED if mark in marks), None)
        return named or _words(base)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(arg) for arg in args))
    if origin is Literal:
        return " | ".join(plain(arg) for arg in args)
    if origin in (tuple, list):
        if (len(args) == 2 and args[1] is Ellipsis) or len(args) == 1:
            return f"list of {_words(args[0])}"
        return f"[{', '.join(map(_words, args))}]"
    if origin in (dict, Mapping):
        return f"mapping of {_words(args[0])} to {_words(args[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "{" + ", ".join(f.alias or n for n, f in kind.model_fields.items()) + "}"
    return _NAMES.get(kind) or str(getattr(kind, "__name__", kind))


def _limits(metadata: list[Any]) -> Iterator[str]:
    for mark in metadata:
        if isinstance(mark, limits.Ge):
            yield f", at least {mark.ge}"
        elif isinstance(mark, limits.Gt):
            yield f", above {mark.gt}"
        elif isinstance(mark, limits.Le):
            yield f", at most {mark.le}"
        elif isinstance(mark, limits.Lt):
            yield f", below {mark.lt}"
        elif isinstance(mark, limits.MinLen) and mark.min_length:
            yield f", {mark.min_length} or more of them"


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that are somewhere in a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for arg in get_args(kind):
        yield from _models(arg)
