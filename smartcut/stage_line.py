"""A stage as a pipeline has it."""

from __future__ import annotations

from dataclasses import dataclass

from smartcut.stage import Stage


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with the line that it was written on."""

    stage: Stage
    line: int | None = None
