"""How a pipeline runs: the options that run, render, plan, cut, frames and audio all take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict

from smartcut.errors import PipelineError
from smartcut.registry import close_to, closest
from smartcut.report.progress_calls import as_progress
from smartcut.runners.choice import NAMES
from smartcut.runners.local import Options
from smartcut.stage import Progress

#: What is told how far work is.
ProgressParam = Progress | Callable[..., Any] | None


class RunOptions(TypedDict, total=False):
    """See :meth:`smartcut.api.Pipeline.run`."""

    device: str
    jobs: int
    cache: bool | str
    allow_net: bool
    progress: ProgressParam
    runner: Literal["local", "ray"]
    address: str | None


RUN_OPTIONS = tuple(RunOptions.__annotations__)


def divided(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the options of a run, the rest), of keyword arguments."""
    options = {name: values[name] for name in RUN_OPTIONS if name in values}
    return options, {name: value for name, value in values.items() if name not in options}


def as_options(values: Mapping[str, Any]) -> Options:
    """The options of a run; raises PipelineError or SmartcutError that says what is accepted."""
    jobs, cache, runner = (values.get(name, default) for name, default in _CHECKED)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise PipelineError(f"jobs={jobs!r} is not accepted; accepted: a whole number from 1 on")
    if not isinstance(cache, (bool, str)):
        raise PipelineError(
            f"cache={cache!r} is not accepted; accepted: True, False, or the folder or URL of one "
            "as a text"
        )
    if runner not in NAMES:
        raise PipelineError(f"unknown runner {close_to(str(runner), NAMES)}")
    progress = as_progress(values.get("progress"))
    return Options(**{**values, "progress": progress})


_CHECKED = (("jobs", 1), ("cache", True), ("runner", "local"))


def unknown_option(name: str, known: Iterable[str]) -> PipelineError:
    """The error for a keyword argument that nothing takes."""
    names = [*RUN_OPTIONS, *known]
    close = closest(name, names)
    hint = f"did you mean {close!r}? " if close else ""
    return PipelineError(f"unknown option {name!r}; {hint}accepted: {', '.join(names)}")
