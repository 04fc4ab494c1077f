"""A cut, and what it is made of, to and from JSON; fractions are exact (``"30000/1001"``)."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from smartcut.cut import Cut
from smartcut.errors import PipelineError

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_plain(value: Any, kind: Any = None) -> Any:
    """Lists, dicts, strings and numbers that :func:`from_plain` turns back into ``value``."""
    return _adapter(kind or type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of that kind; raises PipelineError where ``plain`` does not describe one."""
    try:
        value: T = _adapter(kind).validate_python(plain)
        return value
    except ValidationError as error:
        name = getattr(kind, "__name__", str(kind))
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PipelineError(
            f"not a valid {name}: {first['msg']} at {where or 'the top'}"
        ) from error


def cut_to_json(cut: Cut, indent: int | None = 2) -> str:
    return _adapter(Cut).dump_json(cut, indent=indent).decode()


def cut_from_json(text: str | bytes) -> Cut:
    try:
        cut: Cut = _adapter(Cut).validate_json(text)
        return cut
    except ValidationError as error:
        raise PipelineError(f"not a cut: {error.errors()[0]['msg']}") from error
