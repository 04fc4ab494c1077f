"""The runners by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from smartcut.errors import PipelineError
from smartcut.runners import local
from smartcut.runners.local import Options, Result
from smartcut.spec import Begin, StageLine

NAMES = ("local", "ray")


class Runner(Protocol):
    """A module that runs pipelines; whichever does, the cut, the files and the errors are equal."""

    def run(
        self,
        steps: Sequence[StageLine],
        inputs: Sequence[Begin],
        output: Path | None = None,
        options: Options | None = None,
    ) -> Result: ...


def chosen(options: Options) -> Runner:
    """The runner that the options name; raises PipelineError where there is none, or a mistake."""
    if options.runner not in NAMES:
        raise PipelineError(f"unknown runner {options.runner!r}; accepted: {', '.join(NAMES)}")
    if options.runner == "ray":
        from smartcut.runners import ray

        return ray
    if options.address is not None:
        raise PipelineError("an address is that of a Ray cluster: add --runner ray")
    return local
