"""How a tool for agents is declared, what it is given, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from smartcut.agents.folder import AgentFolder
from smartcut.errors import PipelineError
from smartcut.mistakes import mistakes
from smartcut.params import Params
from smartcut.runners.local import Options
from smartcut.stage import Progress

if TYPE_CHECKING:
    from smartcut.agents.jobs import Jobs

T = TypeVar("T")

#: Characters of all arguments of a call together, as JSON.
MOST_ASKED = 200_000
#: Characters of the text of an answer.
MOST_SAID = 16_000

FileName = Annotated[str, Field(min_length=1, max_length=1024)]
#: Where a listing goes on: the `next` of the answer before.
After = Annotated[int, Field(ge=0, le=1_000_000, description="Go on here: `next` of before.")]


class ToolParams(Params):
    """What a tool is asked; an argument that it does not know is refused, and so is infinity."""

    model_config = ConfigDict(allow_inf_nan=False)


class LongToolParams(ToolParams):
    """The same for work that may take its time."""

    wait: float = Field(
        30, ge=0, le=600, description="Seconds to wait; then it goes on as a job: ask `job`."
    )


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool answers: values for programs, the same in a few words, and pictures."""

    data: Mapping[str, Any]
    """JSON."""
    text: str
    pictures: tuple[bytes, ...] = ()
    """Each a JPEG."""

    def __post_init__(self) -> None:
        if len(self.text) > MOST_SAID:
            raise ValueError(f"an answer of {len(self.text)} characters: page it")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a tool works with."""

    folder: AgentFolder
    jobs: Jobs
    device: str = "auto"
    allow_net: bool = False
    progress: Progress | None = None
    stopping: Event = field(default_factory=Event)

    @property
    def options(self) -> Options:
        return Options(
            device=self.device,
            jobs=2,
            allow_net=self.allow_net,
            progress=self.progress,
            stopping=self.stopping,
        )


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that an agent can have done."""

    name: str
    title: str
    about: str
    """What it does and when to use it, in a few sentences: an agent chooses by it."""
    asks: type[ToolParams]
    does: Callable[[ToolCall, Any], ToolAnswer]
    reads_only: bool = True
    replaces: bool = False
    """Whether files that were there may be replaced."""

    @property
    def is_long(self) -> bool:
        """Whether it may take more than a moment, and then goes on as a job."""
        return issubclass(self.asks, LongToolParams)

    def asked(self, arguments: Mapping[str, Any]) -> ToolParams:
        """The arguments, checked; raises PipelineError that lists all mistakes."""
        size = sum(_size(value) for value in arguments.values())
        if size > MOST_ASKED:
            raise PipelineError(
                f"{self.name}: {size:,} characters of arguments; accepted: {MOST_ASKED:,}; write "
                "long texts to files with `save`, and name them"
            )
        try:
            return self.asks.model_validate(dict(arguments))
        except ValidationError as error:
            found = mistakes(error.errors(), self.asks, list(self.asks.model_fields), "argument")
            told = (f"{self.name}: {_short(one.text)}" for one in found)
            raise PipelineError("\n".join(told)) from None

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return without_titles(self.asks.model_json_schema())


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value, default=str))


def _short(text: str, most: int = 600) -> str:
    return text if len(text) <= most else f"{text[: most - 150]} ... {text[-140:]}"


def without_titles(schema: Any) -> Any:
    """A JSON Schema without the titles that only repeat names: they cost tokens."""
    if isinstance(schema, list):
        return [without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if not (k == "title" and isinstance(v, str))}
    return {
        key: {name: without_titles(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else without_titles(value)
        for key, value in kept.items()
    }


def paged(items: Sequence[T], after: int, limit: int) -> tuple[Sequence[T], int | None]:
    """The items from one on, and where the next page begins; None where it is the last."""
    end = after + limit
    return items[after:end], end if end < len(items) else None


def more(following: int | None, total: int) -> str:
    """The line that says how to read on; empty on the last page."""
    return "" if following is None else f"\n... {total} in all; go on with after={following}"


def fitting(lines: Sequence[str], limit: int, room: int = MOST_SAID - 2_000) -> int:
    """How many of these lines make a page: at most ``limit``, and no more than there is room."""
    used = 0
    for number, line in enumerate(lines[:limit]):
        used += len(line) + 1
        if used > room and number:
            return number
    return min(limit, len(lines))
