"""The tool that says what differs between two cuts."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from smartcut.agents.films import AskedFilm, FilmParams, film_of
from smartcut.agents.tool import (
    After,
    FileName,
    LongToolParams,
    Tool,
    ToolAnswer,
    ToolCall,
    fitting,
    more,
    paged,
)
from smartcut.api import Pipeline
from smartcut.editing.differences import differences
from smartcut.errors import PipelineError


class DiffAsked(LongToolParams):
    a: FileName = Field(description="A pipeline (.yaml), a cut (.json, .otio ...) or media.")
    b: FileName | None = Field(
        None, description="Another; without it, what the edits beside the pipeline `a` change."
    )
    inputs: tuple[FileName, ...] = Field(
        (), max_length=1000, description="Media files of both pipelines; patterns too."
    )
    after: After = 0
    limit: int = Field(60, ge=1, le=400)


def tell_differences(call: ToolCall, asked: DiffAsked) -> ToolAnswer:
    names = (asked.a, asked.b or asked.a)
    if asked.inputs and not any(map(_is_pipeline, names)):
        raise PipelineError(f"diff: `inputs` are those of pipelines, and {asked.a} is none")
    films = (
        _film(call, asked, asked.a, with_edits=asked.b is not None),
        _film(call, asked, asked.b or asked.a, with_edits=True),
    )
    before, after = (
        film.pipeline.unwritten().run_with(call.options, film.inputs).cut for film in films
    )
    found = differences(before, after)
    lines = [str(one) for one in found]
    page, following = paged(lines, asked.after, asked.limit)
    kept = fitting(page, asked.limit)
    if kept < len(page):
        page, following = page[:kept], asked.after + kept
    rows = [one.to_plain() for one in found[asked.after : asked.after + len(page)]]
    data = {
        "durations": [round(float(cut.duration), 3) for cut in (before, after)],
        "differences": rows,
        "total": len(found),
        "next": following,
    }
    head = f"{float(before.duration):g} s, then {float(after.duration):g} s"
    text = "\n".join([head, *(page or ["both show the same"])])
    return ToolAnswer(data, text + more(following, len(found)))


def _is_pipeline(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def _film(call: ToolCall, asked: DiffAsked, name: str, *, with_edits: bool) -> AskedFilm:
    """The film of a file; pipelines work on the inputs, cuts and media stand alone."""
    is_pipeline = _is_pipeline(name)
    film = film_of(call, FilmParams(path=name, inputs=asked.inputs if is_pipeline else ()))
    if with_edits:
        return film
    if not is_pipeline or film.path is None:
        raise PipelineError("diff: give `b` too: only a pipeline has edits beside it")
    return replace(film, pipeline=Pipeline.from_yaml(film.path, edits=False))


COMPARING = (
    Tool(
        "diff",
        "Compare two cuts",
        "What differs between two pipelines, cuts or films, in words: segments dropped, added, "
        "moved, trimmed, changed. With one pipeline alone, what its edits change. Renders nothing.",
        DiffAsked,
        tell_differences,
    ),
)
