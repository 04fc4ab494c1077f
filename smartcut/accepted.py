"""What a parameter accepts, in words: its type, its choices and its limits."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as limits
from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class InWords:
    """Among the annotations of a type: how messages name it."""

    text: str


_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Fraction: "number",
    Path: "path",
    type(None): "none",
    Any: "anything",
}


def plain(value: Any) -> str:
    """A value as YAML writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in value.model_fields_set}
        return f"{{{', '.join(f'{name}: {plain(v)}' for name, v in given.items())}}}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(plain, value))}]"
    return str(value)


def type_of(field: FieldInfo) -> Any:
    """The type of a field with the limits and words that belong to it."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def accepted(kind: Any) -> str:
    """What a type takes: its name or choices, and its limits."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        base, *marks = args
        said = next((mark.text for mark in marks if isinstance(mark, InWords)), None)
        limited = "".join(_limits(marks))
        if said is None and limited and (inner := only(base)) is not base:
            return f"{accepted(inner)}{limited}, or none"
        return f"{said or accepted(base)}{limited}"
    if is_union(kind):
        parts = list(dict.fromkeys(accepted(arg) for arg in args))
        is_long = any(mark in part for part in parts for mark in (" | ", ", "))
        return (", or " if is_long else " or ").join(parts)
    if origin is Literal:
        return " | ".join(plain(arg) for arg in args)
    if origin in (tuple, list):
        if (len(args) == 2 and args[1] is Ellipsis) or len(args) == 1:
            return f"list of {accepted(args[0])}"
        return f"[{', '.join(map(accepted, args))}]"
    if origin in (dict, Mapping):
        return f"mapping of {accepted(args[0])} to {accepted(args[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "{" + ", ".join(f.alias or n for n, f in kind.model_fields.items()) + "}"
    return _NAMES.get(kind) or str(getattr(kind, "__name__", kind))


def is_union(kind: Any) -> bool:
    """Whether values of several types fit."""
    return get_origin(kind) in (Union, types.UnionType)


def members(kind: Any) -> list[Any]:
    """The types of which a value may be one, without their annotations."""
    base = bare(kind)
    return [bare(arg) for arg in get_args(base)] if is_union(base) else [base]


def is_number(kind: Any) -> bool:
    """Whether numbers fit, and truth values, which Python takes for numbers too, do not."""
    kinds = members(kind)
    literals = [arg for k in kinds if get_origin(k) is Literal for arg in get_args(k)]
    truths = bool in kinds or Any in kinds or any(isinstance(arg, bool) for arg in literals)
    return not truths and any(k in (int, float, Fraction) for k in kinds)


def bare(kind: Any) -> Any:
    """The type without its annotations."""
    return bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def only(kind: Any) -> Any:
    """The type that may also be none, where it is one; else the type itself."""
    others = [arg for arg in get_args(kind) if arg is not type(None)] if is_union(kind) else []
    return others[0] if len(others) == 1 else kind


def choices(kind: Any) -> list[str]:
    """The texts that a type names one by one."""
    if get_origin(kind) is Literal:
        return [arg for arg in get_args(kind) if isinstance(arg, str)]
    nested = get_args(bare(kind)) if is_union(bare(kind)) else ()
    return [text for arg in nested for text in choices(bare(arg))]


def _limits(marks: Sequence[Any]) -> Iterator[str]:
    """The limits, each once; a field's own may be annotations of its type as well."""
    inner = [
        m for mark in marks for m in (mark.metadata if isinstance(mark, FieldInfo) else [mark])
    ]
    for mark in dict.fromkeys(m for m in inner if isinstance(m, limits.BaseMetadata)):
        if isinstance(mark, limits.Ge):
            yield f", at least {_number(mark.ge)}"
        elif isinstance(mark, limits.Gt):
            yield f", above {_number(mark.gt)}"
        elif isinstance(mark, limits.Le):
            yield f", at most {_number(mark.le)}"
        elif isinstance(mark, limits.Lt):
            yield f", below {_number(mark.lt)}"
        elif isinstance(mark, limits.MinLen) and mark.min_length:
            yield f", {mark.min_length} or more of them"


def _number(limit: Any) -> str:
    return f"{float(limit):g}" if isinstance(limit, (int, float, Fraction)) else str(limit)
