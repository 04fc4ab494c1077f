"""Corrections by hand among the stages of a pipeline: where they go, and out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from smartcut.editing.reading import read_edits
from smartcut.stage import Stage, find_stage
from smartcut.stage_line import StageLine


def is_edits(stage: Stage) -> bool:
    """Whether a stage lays corrections by hand over the cut, and does not only say where."""
    return stage.name == "edits" and not _is_place(stage)


def _is_place(stage: Stage) -> bool:
    return stage.name == "edits" and bool(stage.is_place)  # type: ignore[attr-defined]


def edits_in(file: Path) -> tuple[Stage, int]:
    """The stage that lays the edits of a file over a cut, and how many they are.

    Raises PipelineError.
    """
    found = read_edits(file)
    made: Stage = find_stage("edits").model_validate(
        {"edits": found}, context={"folder": file.resolve().parent}
    )
    return made, len(found)


def with_edits(steps: Sequence[StageLine], edits: Stage | None) -> tuple[StageLine, ...]:
    """The stages with corrections by hand among them.

    They go where `edits` stands without a value, or else before the first stage that works on the
    film as it will be (`score`, `render`, `export`).
    """
    if edits is None:
        return tuple(steps)
    for number, step in enumerate(steps):
        if _is_place(step.stage):
            return (*steps[:number], replace(step, stage=edits), *steps[number + 1 :])
    place = place_of_edits(steps)
    return (*steps[:place], StageLine(edits), *steps[place:])


def place_of_edits(steps: Sequence[StageLine]) -> int:
    """The number of the stage before which corrections by hand are made."""
    found = (
        n for n, step in enumerate(steps) if step.stage.name == "edits" or step.stage.after_edits
    )
    return next(found, len(steps))


def without_edits(steps: Sequence[StageLine]) -> tuple[StageLine, ...]:
    """The stages with a mark, which is `edits` without a value, where there were corrections."""
    place = find_stage("edits")
    return tuple(replace(step, stage=place()) if is_edits(step.stage) else step for step in steps)
