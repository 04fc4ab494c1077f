"""`select`: which program, or which language model, chooses among the sentences."""

from __future__ import annotations

import re
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from smartcut.accepted import InWords
from smartcut.models.selectors.chat import is_here, problem_of
from smartcut.params import Params
from smartcut.roots import commands_allowed
from smartcut.timebase import TimeParam

_KEY = re.compile(r"[A-Z][A-Z0-9_]*_API_KEY")
_LONGEST = 80
_EITHER = "{command: [python3, pick.py]} or {endpoint: http://127.0.0.1:8080/v1, model: NAME}"


def _parted(given: Any) -> Any:
    """The program and its arguments; text is divided as a shell would, but none is run."""
    return shlex.split(given) if isinstance(given, str) else given


def _allowed(command: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
    """The command with its program found; a pipeline's file needs leave to name one."""
    if command is None:
        return None
    if not command or not command[0] or any("\0" in part for part in command):
        raise ValueError("a command is a program and its arguments, such as [python3, pick.py]")
    if info.context is None:
        return command
    if not commands_allowed():
        raise ValueError(
            f"the pipeline wants to run the program {command[0]!r}; if you trust it, set "
            "SMARTCUT_COMMANDS=1 in the environment"
        )
    folder = info.context.get("folder")
    beside = Path(command[0]) if folder is None else folder / command[0]
    return (str(beside), *command[1:]) if beside.is_file() else command


def _address(endpoint: str | None) -> str | None:
    if endpoint is not None and (problem := problem_of(endpoint)):
        raise ValueError(problem)
    return endpoint


class Selector(Params):
    """Who chooses: a program or a language model, and what for."""

    command: Annotated[
        tuple[str, ...] | None,
        BeforeValidator(_parted),
        AfterValidator(_allowed),
        InWords("program with its arguments, or none"),
    ] = Field(None, description="A program: it reads the question, and writes the answer.")
    endpoint: Annotated[str | None, AfterValidator(_address)] = Field(
        None, description="The address of a server that speaks OpenAI's chat completions."
    )
    model: str = Field("", description="The model's name there.")
    prompt: str = Field("", max_length=20_000, description="What is looked for, in words.")
    key: str | None = Field(
        None, description="The environment variable that holds the server's key."
    )
    timeout: TimeParam = Field(
        Fraction(120), gt=0, le=3600, description="Seconds to wait for an answer."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Selector:
        if (self.command is None) == (self.endpoint is None):
            raise ValueError(f"`select` takes either a command or an endpoint: {_EITHER}")
        if self.command is not None and (self.model or self.key):
            raise ValueError("`model` and `key` go with `endpoint`, not with `command`")
        if self.endpoint is not None and not self.model:
            raise ValueError("`endpoint` goes with `model`, the model's name there")
        if self.key is not None and not _KEY.fullmatch(self.key):
            raise ValueError(
                "`key` is the name of an environment variable that ends in _API_KEY, such as "
                "OPENAI_API_KEY; the key itself stands in no pipeline"
            )
        if self.key is not None and not self.is_here and not self.endpoint_is_encrypted:
            raise ValueError("a key is only sent to addresses that begin with https://")
        return self

    @property
    def is_here(self) -> bool:
        """Whether nothing leaves this machine: a program's own doings aside."""
        return self.endpoint is None or is_here(self.endpoint)

    @property
    def endpoint_is_encrypted(self) -> bool:
        return self.endpoint is not None and self.endpoint.lower().startswith("https:")

    @property
    def called(self) -> str:
        """As notes and errors name it."""
        if self.command is None:
            return f"{self.model} at {self.endpoint}"
        line = shlex.join(self.command)
        return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
