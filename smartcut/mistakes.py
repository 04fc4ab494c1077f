"""Mistakes in parameters, each in one sentence that says what is accepted.

Pydantic reports a value that fits none of several types once for each of them, in terms of
Python; here it is one mistake of the parameter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError

from smartcut.accepted import accepted, bare, choices, is_union, only, type_of
from smartcut.registry import close_to, closest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

# What smartcut's own checks raise: they say what is accepted themselves.
_OWN = ("value_error", "assertion_error")
# A list has one of another length: it is the list that is named.
_OF_LENGTH = ("missing", "too_long", "too_short")


class Mistake(NamedTuple):
    """What is wrong in a sentence, and at which key of the parameters."""

    place: Place
    text: str


def mistakes(
    items: Iterable[ErrorDetails],
    kind: type[BaseModel],
    known: Iterable[str] | None = None,
    noun: str = "key",
) -> list[Mistake]:
    """The mistakes that pydantic found in parameters; ``known`` are the names of those to tell of.

    Of a value that fits none of several types, the mistake deepest within it is named.
    """
    found: dict[Place, list[tuple[ErrorDetails, Any]]] = {}
    for item in items:
        place, at = _place(item, kind)
        found.setdefault(place, []).append((item, at))
    within = {place[:length] for place in found for length in range(1, len(place))}
    names = None if known is None else list(known)
    meant = _meant(found, names)
    return [
        Mistake(place, _sentence(place, those, names if len(place) == 1 else None, noun))
        for place, those in found.items()
        if place not in within and not (place in meant and those[0][0]["type"] == "missing")
    ]


def _meant(
    found: Mapping[Place, list[tuple[ErrorDetails, Any]]], known: list[str] | None
) -> set[Place]:
    """The keys that unknown ones were most likely meant to be: they are not said to be missing."""
    result = set()
    for place, ((item, at), *_) in found.items():
        if item["type"] == "extra_forbidden":
            names = known if known is not None and len(place) == 1 else fields_of(_single(at))
            result.add((*place[:-1], closest(str(place[-1]), names)))
    return result  # type: ignore[return-value]


def fields_of(kind: type[BaseModel]) -> list[str]:
    """The keys that a user may write for these parameters."""
    return [f.alias or name for name, f in kind.model_fields.items()]


def _sentence(
    place: Place, items: list[tuple[ErrorDetails, Any]], known: list[str] | None, noun: str
) -> str:
    (item, at), value = items[0], items[0][0]["input"]
    if item["type"] == "extra_forbidden":
        return _unknown(place, fields_of(_single(at)) if known is None else known, noun)
    if item["type"] == "missing" and isinstance(place[-1], str):
        return f"the {noun} {_key(place)!r} is required"
    if all(one["type"] in _OWN for one, _ in items):
        text = ", and ".join(
            one["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
            for one, _ in items
        )
        text += "" if repr(value) in text else f"; given: {value!r}"
    else:
        close = closest(value, choices(at)) if isinstance(value, str) else None
        hint = f"did you mean {close!r}? " if close else ""
        text = f"{value!r} is not accepted; {hint}accepted: {accepted(at)}{_as_quoted(item)}"
    return f"{_key(place)}: {text}" if place else text


def _unknown(place: Place, known: list[str], noun: str) -> str:
    around = f"{_key(place[:-1])}: " if len(place) > 1 else ""
    if not known:
        return f"{around}it takes no {noun}s; given: {place[-1]!r}"
    return f"{around}unknown {noun} {close_to(str(place[-1]), known)}"


def _key(place: Place) -> str:
    return ".".join(map(str, place))


def _as_quoted(item: ErrorDetails) -> str:
    """How to write what YAML does not take for a text, such as ``null``, where one is wanted."""
    value = item["input"]
    if item["type"] != "string_type" or not isinstance(value, (bool, int, float, type(None))):
        return ""
    return f"; for a text write it in quotes: {json.dumps(json.dumps(value))}"


# ------------------------------------------------------------------------ where a mistake lies


def _place(item: ErrorDetails, kind: type[BaseModel]) -> tuple[Place, Any]:
    """Where it is in what the user wrote, and the type there; names of types are left out.

    Of an unknown key it is the type that does not have it.
    """
    place: list[str | int] = []
    at: Any = kind
    for part in item["loc"]:
        inner = _within(at, part)
        if inner is not None:
            place.append(part)
            at = inner
            continue
        member = _member(at, part)
        if member is not None:
            at = member
            continue
        if item["type"] == "extra_forbidden":
            place.append(part)
        break
    if item["type"] in _OF_LENGTH and place and isinstance(place[-1], int):
        return _place({**item, "loc": item["loc"][:-1], "type": "list"}, kind)
    return tuple(place), at


def _within(at: Any, part: str | int) -> Any | None:
    """The type of what a key or a number leads to within a type; None where it leads nowhere."""
    base = _single(at)
    origin, args = get_origin(base), get_args(base)
    if _is_model(base):
        fields = base.model_fields.items()
        return next((type_of(f) for name, f in fields if part in (name, f.alias)), None)
    if origin in (tuple, list) and isinstance(part, int):
        is_even = len(args) == 1 or args[-1] is Ellipsis
        return args[0] if is_even else args[min(part, len(args) - 1)]
    if origin is dict:
        return args[1]
    return None


def _single(at: Any) -> Any:
    """The type without annotations, and without none beside it."""
    base = bare(at)
    inner = only(base)
    return base if inner is base else _single(inner)


def _member(at: Any, part: str | int) -> Any | None:
    """The type among several that pydantic's name for it means, where it has parts itself."""
    base = bare(at)
    if not is_union(base):
        return None
    return next((m for m in _structured(base) if _is_called(m, str(part))), None)


def _structured(union: Any) -> Iterator[Any]:
    for arg in get_args(union):
        if _is_model(base := bare(arg)) or get_origin(base) in (tuple, list, dict):
            yield arg


def _is_called(kind: Any, name: str) -> bool:
    """Whether this is pydantic's name for a type that has parts."""
    base = bare(kind)
    if _is_model(base):
        return "[" not in name.removeprefix("function-") and base.__name__ in name
    return name.startswith(f"{get_origin(base).__name__}[")


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def explained(
    error: ValidationError, what: str, kind: type[BaseModel], also: Sequence[str] = ()
) -> list[str]:
    """The mistakes in parameters that were given in Python, in words.

    ``also`` are keywords that could have been meant besides the parameters.
    """
    names = [*kind.model_fields, *also]
    return [f"{what}: {one.text}" for one in mistakes(error.errors(), kind, names)]
