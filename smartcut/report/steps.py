"""The stages of a pipeline, made from names and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from smartcut.errors import PipelineError
from smartcut.mistakes import explained
from smartcut.stage import Stage, find_stage
from smartcut.stage_line import StageLine

Asked = list[tuple[str, dict[str, Any]]]
"""Stages and the parameters that a pipeline's YAML gives them."""


def made(kind: type[Stage], values: dict[str, Any], also: Sequence[str] = ()) -> Stage:
    """The stage with these parameters; raises one PipelineError for all mistakes in them.

    ``also`` are keywords that could have been meant besides the parameters.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        problems = explained(error, f"`{kind.name}`", kind, also)
    raise PipelineError("\n".join(problems))


def steps_of(asked: Asked) -> tuple[StageLine, ...]:
    """The checked stages; raises one PipelineError for all mistakes in them."""
    steps, problems = [], []
    for name, params in asked:
        try:
            steps.append(StageLine(made(find_stage(name), named(find_stage(name), params))))
        except PipelineError as error:
            problems.append(str(error))
    if problems:
        raise PipelineError("\n".join(problems))
    return tuple(steps)


def named(kind: type[Stage], params: dict[str, Any]) -> dict[str, Any]:
    """Parameters by the names that Python takes where the key is none: ``from`` is ``start``."""
    names = {f.alias: n for n, f in kind.model_fields.items() if f.alias}
    return {names.get(key, key): value for key, value in params.items()}
