"""The parameters of a stage in words: what is accepted, from where to where, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from smartcut.accepted import accepted, plain, type_of


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
        yield Parameter(shown, accepted(type_of(field)), default, field.description or "")
        for inner in dict.fromkeys(_models(field.annotation)):
            yield from parameters(inner, f"{shown}.")


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that are somewhere in a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for arg in get_args(kind):
        yield from _models(arg)
