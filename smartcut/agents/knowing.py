"""Tools that say what smartcut can do, and whether a pipeline is right; nothing is decoded."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from smartcut.agents.films import FilmParams, film_of
from smartcut.agents.tool import (
    MOST_SAID,
    After,
    FileName,
    Tool,
    ToolAnswer,
    ToolCall,
    ToolParams,
    fitting,
    more,
    paged,
    without_titles,
)
from smartcut.errors import PipelineError
from smartcut.report.stages import first_line
from smartcut.stage import GROUPS, Stage
from smartcut.synonyms import meant

StageName = Annotated[str, Field(min_length=1, max_length=100)]


class StagesAsked(ToolParams):
    name: StageName | None = Field(None, description="Explain this stage, with its parameters.")
    find: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="Only stages whose line has this, or that are also called so."
    )
    after: After = 0
    limit: int = Field(120, ge=1, le=400, description="Lines.")


def tell_stages(call: ToolCall, asked: StagesAsked) -> ToolAnswer:
    from smartcut.report.stages import explain_stage

    if asked.name is not None:
        if asked.find is not None:
            raise PipelineError("stages: give one of `name` and `find`")
        lines = explain_stage(asked.name).splitlines()
    else:
        lines = _listed(asked.find)
    page, following = paged(lines, asked.after, asked.limit)
    kept = fitting(page, asked.limit)
    if kept < len(page):
        page, following = page[:kept], asked.after + kept
    data = {"lines": list(page), "total": len(lines), "next": following}
    return ToolAnswer(data, "\n".join(page) + more(following, len(lines)))


def _listed(find: str | None) -> list[str]:
    """`name: what it does`, a line for each stage, by group."""
    from smartcut.report.stages import by_group
    from smartcut.stage import loadable_stages

    kinds, _ = loadable_stages()
    if find is not None:
        kinds = _fitting(kinds, find.lower().removesuffix("s"))
    lines = []
    for group, those in by_group(kinds).items():
        lines += [GROUPS[group], *(f"  {name}: {first_line(k)}" for name, k in those.items())]
    return lines or [f"no stage goes with {find!r}; `stages` without `find` lists all"]


def _fitting(kinds: Mapping[str, type[Stage]], wanted: str) -> dict[str, type[Stage]]:
    """The stages that say so, or that are also called so; their whole text where no line does."""
    also = {*meant(wanted, kinds), *meant(f"{wanted}s", kinds)}
    found = {
        name: kind
        for name, kind in kinds.items()
        if wanted in f"{name} {first_line(kind)}".lower() or name in also
    }
    return found or {n: k for n, k in kinds.items() if wanted in (inspect.getdoc(k) or "").lower()}


class SchemaAsked(ToolParams):
    stage: StageName | None = Field(
        None, description="The JSON Schema of this stage's parameters; without it, of a pipeline."
    )


def tell_schema(call: ToolCall, asked: SchemaAsked) -> ToolAnswer:

    from smartcut.spec_schema import json_schema
    from smartcut.stage import find_stage

    if asked.stage is not None:
        schema = without_titles(find_stage(asked.stage).model_json_schema())
    else:
        schema = json_schema()
        defined = schema.pop("$defs")
        kept = {name: defined[name] for name in ("input", "search", "parts")}
        names = [name.removeprefix("stage-") for name in defined if name.startswith("stage-")]
        one = {"enum": names, "description": "or {NAME: {parameters}}: ask schema with `stage`"}
        kept["stages"] = {"type": "array", "minItems": 1, "items": one}
        schema["$defs"] = without_titles(kept)
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MOST_SAID:
        text = (
            f"the schema of {asked.stage} has {len(text):,} characters: it is in the structured "
            f"answer; `stages` with name={asked.stage} says the same in words, by pages"
        )
    return ToolAnswer({"schema": schema}, text)


class PipelineAsked(ToolParams):
    path: FileName | None = Field(None, description="A pipeline (.yaml).")
    pipeline: Annotated[str, Field(max_length=100_000)] | dict[str, Any] | list[Any] | None = Field(
        None, description="The pipeline itself, in place of its file."
    )
    params: dict[str, Any] = Field({}, description="Values of the pipeline's own `params:`.")


def check_pipeline(call: ToolCall, asked: PipelineAsked) -> ToolAnswer:
    film = film_of(call, FilmParams(**{n: getattr(asked, n) for n in asked.model_fields_set}))
    ready = film.pipeline.checked()
    names = [step.stage.name for step in ready.steps]
    text = f"no mistakes found; {len(names)} stages: {', '.join(names)}"
    notes = list(ready.notes)
    told = "".join(f"\nnote: {note[:300]}" for note in notes)
    return ToolAnswer({"stages": names, "notes": notes}, (text + told)[:8000])


KNOWING = (
    Tool(
        "stages",
        "What smartcut can do",
        "List the stages (all that a pipeline can do), or explain one with its parameters and an "
        "example. Look a stage up before you use it.",
        StagesAsked,
        tell_stages,
    ),
    Tool(
        "schema",
        "JSON Schema",
        "The JSON Schema of a pipeline, or of one stage's parameters.",
        SchemaAsked,
        tell_schema,
    ),
    Tool(
        "check",
        "Check a pipeline",
        "Find all mistakes in a pipeline at once, each with its line and what is accepted. "
        "Nothing runs.",
        PipelineAsked,
        check_pipeline,
    ),
)
