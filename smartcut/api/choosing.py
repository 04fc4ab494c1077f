"""Stages for some segments alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from smartcut.api.pipeline import Pipeline
from smartcut.errors import PipelineError
from smartcut.report.steps import made
from smartcut.stage import Stage
from smartcut.stages._only import Only


def on(
    film: Pipeline, source: Any, stages: Sequence[Any], segments: Any, where: str | None
) -> Pipeline:
    """See :meth:`smartcut.playable.Playable.on`."""
    if isinstance(source, Stage):
        source, stages = None, (source, *stages)
    wrong = next((one for one in stages if not isinstance(one, Stage)), None)
    if wrong is not None or not stages:
        seen = "nothing" if wrong is None else repr(wrong)
        raise PipelineError(
            f"on() needs stages, such as film.on('b.mp4', sc.speed(factor=2)); given: {seen}"
        )
    if source is None and segments is None and where is None:
        raise PipelineError("on() needs a source, `segments` or `where`; for all: film | stage")
    name = os.fspath(source) if source is not None else None
    for stage in stages:
        given = {"source": name, "segments": segments, "where": where, "stage": stage}
        film |= made(Only, {key: value for key, value in given.items() if value is not None})
    return film


def edits_stage(edits: Any, strict: bool) -> Stage:
    """See :meth:`smartcut.playable.Playable.edited`."""
    from smartcut.stages.edits import EditsStage

    return made(EditsStage, {"edits": edits, "strict": strict})
