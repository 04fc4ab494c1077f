"""Everything that can be done with a session from outside, declared once.

The HTTP routes, their OpenAPI description and the tools of `smartcut mcp` are made from this table:
a new row is a new route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from smartcut.params import Params
from smartcut.studio.answers import JSON, Answer, PlainAnswer
from smartcut.studio.desk import Desk


class NothingAsked(Params):
    """No parameters."""


class OfVersion(Params):
    """Which version is meant; without it, whatever is the newest."""

    base: int | None = Field(
        None, ge=0, description="The version that was seen; 409 where it is no longer the newest."
    )


@dataclass(frozen=True)
class Operation:
    """One thing that can be done."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    """Of the route; parts in braces are parameters."""
    does: str
    """In one line."""
    asks: type[Params]
    call: Callable[[Desk, Any], Answer]
    answers: str = JSON
    """The kind of what is answered."""
    result: str = ""
    """What is in it, for the description."""

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return self.method == "POST" and self.name != "check"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        texts = [re.escape(p) if i % 2 == 0 else f"(?P<{p}>[^/]+)" for i, p in enumerate(parts)]
        return re.compile("".join(texts))

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def _plain(call: Callable[[Desk, Any], Any]) -> Callable[[Desk, Any], Answer]:
    return lambda desk, asked: PlainAnswer(call(desk, asked))


#: In the order of their description.
TABLE: tuple[Operation, ...] = (
    Operation(
        "state", "GET", "/api/state", "The newest version: all that the page draws.",
        NothingAsked, _plain(lambda desk, _: desk.state()), result="a state",
    ),
    Operation(
        "transcript", "GET", "/api/transcript", "The words of every source, and which are kept.",
        NothingAsked, _plain(lambda desk, _: desk.session.transcript()),
        result="[{source, words: [{text, start, end, kept, speaker, probability}]}]",
    ),
    Operation(
        "undo", "POST", "/api/undo", "Go back to before the last change.",
        OfVersion, _plain(lambda desk, asked: desk.session.undo(asked.base)), result="a state",
    ),
    Operation(
        "redo", "POST", "/api/redo", "Do again what was undone last.",
        OfVersion, _plain(lambda desk, asked: desk.session.redo(asked.base)), result="a state",
    ),
    Operation(
        "closed", "POST", "/api/closed", "The page goes: its work stops, unless another is open.",
        NothingAsked, _plain(lambda desk, _: desk.page_closed()), result="{}",
    ),
)  # fmt: skip

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in TABLE}


def found(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
    """The operation of a route, and the parameters in its path; None where there is none."""
    for operation in TABLE:
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


def methods_of(path: str) -> tuple[str, ...]:
    """What can be done with a path."""
    return tuple(o.method for o in TABLE if o.pattern.fullmatch(path))
