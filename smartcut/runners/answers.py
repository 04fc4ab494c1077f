"""What a worker answers: small, and the same wherever it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smartcut.errors import SmartcutError


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that travels: rebuilt elsewhere, it has the same type and says the same."""

    kind: type[SmartcutError]
    said: tuple[Any, ...]
    state: Mapping[str, Any]

    @classmethod
    def of(cls, error: SmartcutError) -> Failure:
        return cls(type(error), error.args, dict(vars(error)))

    def error(self) -> SmartcutError:
        # Not every class of errors takes its own `args` when it is made.
        made = self.kind.__new__(self.kind)
        made.args = self.said
        vars(made).update(self.state)
        return made


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """How a piece of work ended; the result itself is in the cache."""

    failure: Failure | None = None
    notes: tuple[str, ...] = ()
