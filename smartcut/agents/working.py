"""Tools that plan and run pipelines, follow what runs, and write texts."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from smartcut.agents.films import AskedFilm, FilmParams, film_of, segment_line, segment_rows
from smartcut.agents.tool import (
    MOST_SAID,
    After,
    FileName,
    LongToolParams,
    Tool,
    ToolAnswer,
    ToolCall,
    ToolParams,
    fitting,
    more,
    paged,
)
from smartcut.api import Pipeline
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.spec_reading import parse_spec

_SEGMENTS = 30
#: Kinds of text that `save` writes.
TEXTS = (".yaml", ".yml", ".json", ".md", ".txt", ".srt", ".vtt", ".csv", ".otio", ".edl")


class WriteParams(FilmParams):
    output: FileName | None = Field(
        None,
        description="The file to write: .mp4, .mkv, .gif, .mp3 ..., or a cut such as .otio; "
        "without it, the pipeline's own, or a name that is free.",
    )


class PlanAsked(WriteParams):
    after: After = 0
    limit: int = Field(60, ge=1, le=400, description="Lines.")


def plan_film(call: ToolCall, asked: PlanAsked) -> ToolAnswer:
    film = film_of(call, asked)
    output = _output(call, asked, film)
    options = {"device": call.device, "allow_net": call.allow_net, "jobs": 2}
    made = film.pipeline.plan(film.inputs, output, **options)
    lines = made.text().splitlines()
    page, following = paged(lines, asked.after, asked.limit)
    kept = fitting(page, asked.limit)
    if kept < len(page):
        page, following = page[:kept], asked.after + kept
    plain = made.to_plain()
    steps = [*plain.pop("steps"), *plain.pop("decodes")]
    data = {**plain, "steps": steps[asked.after : asked.after + len(page)], "next": following}
    return ToolAnswer(data, "\n".join(page) + more(following, len(lines)))


def _output(call: ToolCall, asked: WriteParams, film: AskedFilm) -> Path | None:
    """The file to write: as asked, the pipeline's own, or one whose name is free.

    None where the pipeline writes nothing. Raises PipelineError for what is no file's name.
    """
    if asked.output is None:
        return None if _has_own(film.pipeline) else _free(call, film)
    place = call.folder.place(asked.output)
    if (call.folder.root / place).is_dir() or not place.suffix:
        raise PipelineError(f"output: {asked.output} is not a file's name, such as reel.mp4")
    return place


def _has_own(pipeline: Pipeline) -> bool:
    """Whether it needs no name for what it writes."""
    from smartcut.stages.render import Render

    renders = [step.stage for step in pipeline.steps if isinstance(step.stage, Render)]
    return pipeline.output is not None or all(one.output or one.outputs for one in renders)


def _free(call: ToolCall, film: AskedFilm) -> Path:
    """A name that no file has, after the pipeline or the first of its files."""
    stem = (film.path or next(iter(film.inputs or ()), None) or Path("film")).stem
    for number in count(1):
        name = Path(f"{stem}.cut.mp4" if number == 1 else f"{stem}.cut-{number}.mp4")
        if not (call.folder.root / name).exists():
            return name
    raise AssertionError


def run_film(call: ToolCall, asked: WriteParams) -> ToolAnswer:
    film = film_of(call, asked)
    output = _output(call, asked, film)
    result = film.pipeline.run_with(call.options, film.inputs, output)
    notes = list(result.notes)
    if not result.outputs:
        notes.append("nothing was written: give `output`, or end the pipeline in `- render`")
    data, text = told_cut(result.cut)
    outputs = [Path(path).as_posix() for path in result.outputs]
    data = {"outputs": outputs, **data, "notes": notes[:_SEGMENTS]}
    lines = [text, *(f"note: {note[:300]}" for note in notes[:_SEGMENTS])]
    lines += [f"wrote {path}" for path in outputs[:_SEGMENTS]]
    return ToolAnswer(data, "\n".join(lines)[: MOST_SAID - 1])


def told_cut(cut: Cut) -> tuple[dict[str, Any], str]:
    """The first segments of a cut, and how many there are."""
    rows = segment_rows(cut)
    duration = round(float(cut.duration), 3)
    data = {"duration": duration, "segments": rows[:_SEGMENTS], "segments_in_all": len(rows)}
    lines = [f"{len(rows)} segments, {duration:g} s", *map(segment_line, rows[:_SEGMENTS])]
    if len(rows) > _SEGMENTS:
        lines.append(f"... {len(rows) - _SEGMENTS} more; `explain` pages through them")
    return data, "\n".join(lines)


# ------------------------------------------------------------------------------------------- jobs


class JobAsked(LongToolParams):
    id: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="As a tool said; without it, all jobs are listed."
    )


def ask_job(call: ToolCall, asked: JobAsked) -> ToolAnswer:
    jobs = [job.plain() for job in call.jobs.all()]
    lines = [f"{job['job']}: {job['state']}, {job['seconds']} s" for job in jobs]
    return ToolAnswer({"jobs": jobs}, "\n".join(lines) or "there are no jobs yet")


class CancelAsked(ToolParams):
    id: Annotated[str, Field(min_length=1, max_length=100)] = Field(description="Of a job.")


def cancel_job(call: ToolCall, asked: CancelAsked) -> ToolAnswer:
    job = call.jobs.get(asked.id)
    was = job.state
    job.cancel()
    said = {"running": "it ends soon", "cancelling": "it ends soon"}.get(was, f"it was {was}")
    text = f"{job.id}: {said}; what was finished is kept, and nothing is half-written"
    return ToolAnswer(job.plain(), text)


# ------------------------------------------------------------------------------------------- save


class SaveAsked(ToolParams):
    path: FileName = Field(description="A text file: .yaml, .json, .md, .srt ...")
    text: Annotated[str, Field(max_length=150_000)] = Field(description="All of it.")


def save_text(call: ToolCall, asked: SaveAsked) -> ToolAnswer:
    from smartcut.files import write_text

    place = call.folder.place(asked.path)
    if place.suffix.lower() not in TEXTS:
        raise PipelineError(f"save: {asked.path}: accepted: names that end in {', '.join(TEXTS)}")
    if (call.folder.root / place).is_dir():
        raise PipelineError(f"save: {asked.path} is a folder; name a file in it")
    steps = None
    if place.suffix.lower() in (".yaml", ".yml") and _is_pipeline(asked.text):
        steps = len(parse_spec(asked.text, path=place).steps)
    write_text(place, asked.text)
    checked = "" if steps is None else f"; a pipeline of {steps} stages, no mistakes found"
    data = {"path": place.as_posix(), "bytes": len(asked.text.encode()), "stages": steps}
    return ToolAnswer(data, f"wrote {place.as_posix()}{checked}")


def _is_pipeline(text: str) -> bool:
    return any(line.startswith(("stages:", "parts:")) for line in text.splitlines())


WORKING = (
    Tool(
        "plan",
        "Plan a run",
        "Say what a run would decode, encode and copy, what is known already, how long it takes, "
        "and why. Decodes nothing and writes nothing: plan before you run.",
        PlanAsked,
        plan_film,
    ),
    Tool(
        "run",
        "Run a pipeline",
        "Run a pipeline over media and write the film (`output`). A pipeline of `title`, "
        "`generate` or `slides` needs no media. Answers when it is done, or after `wait` seconds "
        "with a job.",
        WriteParams,
        run_film,
        reads_only=False,
        replaces=True,
    ),
    Tool(
        "job",
        "Follow a job",
        "How far a job is; waits up to `wait` seconds for its result, and gives it. Without `id`, "
        "all jobs.",
        JobAsked,
        ask_job,
    ),
    Tool(
        "cancel",
        "Cancel a job",
        "End a job. What it had finished is kept for the next run; nothing is half-written.",
        CancelAsked,
        cancel_job,
        reads_only=False,
    ),
    Tool(
        "save",
        "Write a text",
        "Write a text file below the root: a pipeline (checked first), expectations, edits, "
        "captions. What was there is replaced.",
        SaveAsked,
        save_text,
        reads_only=False,
        replaces=True,
    ),
)
