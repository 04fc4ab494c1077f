"""Renders: make the spans and the sound that are missing, join them, and write what goes along."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from smartcut.cache import file_sha256, key_of
from smartcut.cut import Cut, Segment
from smartcut.errors import RenderError
from smartcut.render.job import Job, Rendering, plan_render
from smartcut.render.segments import Span
from smartcut.stage import Context, Step
from smartcut.timebase import format_time


def write_all(cut: Cut, job: Job, context: Context) -> Cut:
    """Write the files that the job asks for; the answer is the cut with notes added."""
    for one, part in _parts(cut, job):
        rendering = plan_render(one, part, context)
        notes = (*one.notes, *rendering.output.notes, *_write(rendering, context))
        for note in notes:
            cut = cut.with_note(note)
    return cut


def preview_all(cut: Cut, job: Job, context: Context) -> tuple[Step, ...]:
    """A line of the plan for each span to make; decodes nothing."""
    lines: list[Step] = []
    for one, part in _parts(cut, job):
        lines.extend(_preview(plan_render(one, part, context), context))
    return tuple(lines)


def _parts(cut: Cut, job: Job) -> Iterator[tuple[Cut, Job]]:
    """The cut as asked for: whole, or one for each of its segments."""
    if not job.each_segment:
        yield cut, job
        return
    digits = max(3, len(str(len(cut.segments))))
    for i, segment in enumerate(cut.segments, 1):
        path = job.path.with_name(f"{job.path.stem}-{i:0{digits}d}{job.path.suffix}")
        alone: Segment = replace(segment, transition=None)
        yield cut.with_segments((alone,)), replace(job, path=path)


# ------------------------------------------------------------------------------------ preview


def _preview(rendering: Rendering, context: Context) -> Iterator[Step]:
    name = rendering.output.path.name
    for span in rendering.spans:
        where = f"{name} {format_time(span.range.start)}-{format_time(span.range.end)}"
        seconds = float(span.range.duration)
        if span.kind == "copy":
            yield Step("render", where, "copy", span.reason, seconds)
        elif context.cache.find(span.key, ".nut"):
            yield Step("render", where, "cached", "encoded before", seconds)
        else:
            yield Step("render", where, "encode", span.reason, seconds)
    if rendering.sound_key:
        if context.cache.find(rendering.sound_key, ".nut"):
            yield Step("render", f"{name} sound", "cached", "mixed before")
        else:
            seconds = float(rendering.duration)
            yield Step("render", f"{name} sound", "encode", "the mix is new or changed", seconds)


# --------------------------------------------------------------------------------- the writing


def _write(rendering: Rendering, context: Context) -> tuple[str, ...]:
    """Write one file and its companions; the answer is what the user should know."""
    output = rendering.output
    _refuse_overwriting_sources(rendering)
    output.path.parent.mkdir(parents=True, exist_ok=True)
    pieces = _make_spans(rendering, context)
    sound, notes = _make_sound(rendering, context)
    _join(rendering, pieces, sound, context)
    context.outputs.append(output.path)
    _companions(rendering, notes, context)
    return notes


def _refuse_overwriting_sources(rendering: Rendering) -> None:
    target = rendering.output.path.resolve()
    for source in rendering.cut.sources:
        if source.path.resolve() == target:
            raise RenderError(f"{target} is a source of this cut; choose another output name")
