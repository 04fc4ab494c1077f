"""For stages of which one parameter names a kind from a registry; the kinds bring the others."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, Union

from pydantic import Field, ValidationError

from smartcut.errors import PipelineError
from smartcut.params import RegisteredKind, reason
from smartcut.registry import NOUNS, close_to, find_class, loadable, modules

K = TypeVar("K", bound=RegisteredKind)


@dataclass(frozen=True, slots=True)
class Kinds(Generic[K]):
    """All kinds of a group, and the parameter that names one of them."""

    group: str
    base: type[K]
    parameter: str
    also: tuple[str, ...] = ()
    """What else may stand there."""

    @property
    def names(self) -> list[str]:
        return [*modules(self.group), *self.also]

    def made(self, name: str, given: Mapping[str, Any]) -> K:
        """The kind with what was given; raises ValueError that says what is accepted."""
        if name not in modules(self.group):
            raise ValueError(f"unknown {NOUNS[self.group]} {close_to(name, self.names)}")
        try:
            kind = find_class(self.group, name, self.base)
        except PipelineError as error:
            raise ValueError(str(error)) from error
        for parameter in given:
            if parameter not in kind.given_by_user():
                raise ValueError(self._not_of(kind, parameter))
        try:
            return kind.model_validate(dict(given))
        except ValidationError as error:
            raise ValueError(reason(error, kind, kind.decided)) from error

    def _not_of(self, kind: type[K], parameter: str) -> str:
        those = self._loadable().items()
        others = [name for name, other in those if parameter in other.given_by_user()]
        own = kind.given_by_user()
        takes = f"{kind.name} takes {', '.join(own)}" if own else f"{kind.name} takes none"
        return f"`{parameter}` goes with `{self.parameter}: {' | '.join(others)}`; {takes}"

    def fields(self) -> dict[str, Any]:
        """A field for each parameter that any kind takes; left out where none is given."""
        return dict(self._fields())

    def _fields(self) -> Iterator[tuple[str, Any]]:
        taken: dict[str, list[type[K]]] = {}
        for kind in self._loadable().values():
            for parameter in kind.given_by_user():
                taken.setdefault(parameter, []).append(kind)
        for parameter, kinds in taken.items():
            types = [kind.model_fields[parameter].rebuild_annotation() for kind in kinds]
            yield (
                parameter,
                (Union[(*types, None)], Field(None, description=self._said(parameter, kinds))),
            )

    def _said(self, parameter: str, kinds: list[type[K]]) -> str:
        """What a parameter means: for all of these kinds, or for each that differs."""
        meanings: dict[str, list[str]] = {}
        for kind in kinds:
            meanings.setdefault(_meaning(kind.model_fields[parameter]), []).append(kind.name)
        return " ".join(
            f"With `{self.parameter}: {' | '.join(names)}`: {meaning}"
            for meaning, names in meanings.items()
        )

    def described(self) -> list[str]:
        """A line of Markdown for each kind."""
        return [
            f"- `{name}`: {' '.join((inspect.getdoc(kind) or '').split())}"
            for name, kind in self._loadable().items()
        ]

    def _loadable(self) -> dict[str, type[K]]:
        return loadable(self.group, self.base)[0]


def _meaning(field: Any) -> str:
    description = (field.description or "").rstrip(".")
    return f"{description} (default: {field.get_default()})."
