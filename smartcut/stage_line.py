"""A stage as a pipeline has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from smartcut.stage import Stage, Target


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with the line that it was written on."""

    stage: Stage
    line: int | None = None
    target: Target | None = field(default=None, compare=False)
    """What the film is rendered to, of stages whose pipeline's `render` was left out."""
