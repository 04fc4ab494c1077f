"""Commands that take a pipeline: run, plan, check; and what one may hold."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from smartcut.cli import completing
from smartcut.cli.options import (
    AllowNet,
    AsJson,
    Device,
    Dry,
    EditsOption,
    Inputs,
    NoCache,
    NoEdits,
    OutputOption,
    PipelineFile,
    SetOption,
    Show,
    allow_roots,
    expanded_inputs,
    print_json,
    settings_of,
    which_edits,
)
from smartcut.verbs import HERE, PIPELINES

app = typer.Typer()


class RunnerName(StrEnum):
    local = "local"
    ray = "ray"


class PlanFormat(StrEnum):
    text = "text"
    json = "json"
    mermaid = "mermaid"


Workers = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="How many sources, or with --each or --table videos, at once."
    ),
]
Each = Annotated[bool, typer.Option("--each", help="A video of each input: -o 'out/{stem}.mp4'.")]
TableOption = Annotated[
    Path | None,
    typer.Option(help="CSV or JSON Lines: a video for each row, which sets parameters."),
]
WhichRunner = Annotated[RunnerName, typer.Option(help="Work here, or on a Ray cluster.")]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Of the Ray cluster, or auto; without it, one with --jobs workers starts here.",
    ),
]
CacheAt = Annotated[
    str | None,
    typer.Option(
        "--cache", metavar="URL", help="Another cache: a folder, or one such as s3://BUCKET/FOLDER."
    ),
]
Root = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FOLDER", help="Accept files that the pipeline names only below it; repeatable."
    ),
]
Isolate = Annotated[
    bool, typer.Option("--isolate", help="Run in a process of its own, with limits.")
]
MemoryLimit = Annotated[
    str, typer.Option(metavar="SIZE", help="With --isolate: memory of each process, as 4G.")
]
TimeLimit = Annotated[
    float | None, typer.Option(min=1, metavar="SECONDS", help="With --isolate: of the whole run.")
]


@app.command(rich_help_panel=PIPELINES)
def run(
    pipeline: PipelineFile,
    inputs: Inputs = None,
    output: OutputOption = None,
    settings: SetOption = None,
    each: Each = False,
    table: TableOption = None,
    results: Annotated[
        Path | None, typer.Option(help="Of many videos, add a line of JSON each to this file.")
    ] = None,
    retries: Annotated[
        int | None, typer.Option(min=0, help="Of many, try failed ones again: 1 unless given.")
    ] = None,
    device: Device = "auto",
    jobs: Workers = None,
    runner: WhichRunner = RunnerName.local,
    address: Address = None,
    cache: CacheAt = None,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Root = None,
    isolate: Isolate = False,
    memory_limit: MemoryLimit = "4G",
    time_limit: TimeLimit = None,
    edits: EditsOption = None,
    no_edits: NoEdits = False,
    show: Show = False,
    dry: Dry = False,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline: from media and a YAML file to a finished reel, or with --each to many.

    What is done already is skipped. Exit codes: 0 all done, 1 a film is not as expected, 2 a
    mistake found before the start, 3 some of many failed.
    """
    if show:
        from smartcut.report.shown_pipeline import filled_yaml

        files = expanded_inputs(inputs)
        print(filled_yaml(pipeline, settings_of(settings, pipeline), files, output), end="")
        return
    if dry:
        plan(pipeline, inputs, output, settings, each, table, device, cache, root, edits, no_edits)
        return
    _guarded(root, isolate, memory_limit, time_limit)
    if each or table:
        from smartcut.report.batch import run_many

        code = run_many(
            _many(pipeline, inputs, output, settings, each, table, edits),
            device=device,
            workers=jobs,
            retries=retries,
            results=results,
            cache=_cache(cache, no_cache),
            allow_net=allow_net,
            as_json=as_json,
            runner=runner.value,
            address=address,
        )
        raise typer.Exit(code)
    from smartcut.report.progress import Events, shown_progress
    from smartcut.report.summary import summary

    _require_one(output, results, retries)
    ready, files = _read(pipeline, inputs, settings, which_edits(edits, no_edits))
    with shown_progress(as_json) as progress:
        result = ready.run(
            files,
            output,
            device=device,
            jobs=jobs or 2,
            cache=_cache(cache, no_cache),
            allow_net=allow_net,
            progress=progress,
            runner=runner.value,
            address=address,
        )
        if isinstance(progress, Events):
            from smartcut.report.verdicts import plain_verification

            checked = [plain_verification(found) for found in result.verifications]
            told = {"verified": checked} if checked else {}
            progress.emit("result", outputs=[str(p) for p in result.outputs], **told)
    if not as_json:
        print(summary(result))
    _require_met(result)
    if not result.outputs:
        _tell(["nothing was written: give -o OUT.mp4, or end the pipeline in `- render`"])


def _require_one(output: Path | None, results: Path | None, retries: int | None) -> None:
    """Raise PipelineError where what makes sense for many videos was asked of one."""
    from smartcut.cli.verb_batch import MARKS
    from smartcut.errors import PipelineError

    for option, given in (("--results", results), ("--retries", retries)):
        if given is not None:
            raise PipelineError(f"{option} is for many videos: it goes with --each or --table")
    if mark := next((m for m in MARKS if output and m in str(output)), None):
        raise PipelineError(f"{mark} in the output's name goes with --each or --table")


def _require_met(result: Any) -> None:
    """Exit with 1 where a film that was written is not as the pipeline expects it."""
    from smartcut.expectation import failed_names

    if not result.is_met:
        _tell([f"not as expected: {told}" for told in failed_names(result.verifications)])
        raise typer.Exit(1)


def _read(
    pipeline: Path,
    inputs: list[Path] | None,
    settings: list[str] | None,
    edits: Path | bool,
) -> tuple[Any, list[Path] | None]:
    """The pipeline and its files; a cut or an edited transcript is the first of the files."""
    from smartcut.api import Pipeline
    from smartcut.interchange.formats import is_cut_file

    files = expanded_inputs(inputs)
    if is_cut_file(pipeline) and not settings:
        return Pipeline(), [pipeline, *(files or ())]
    return Pipeline.from_yaml(pipeline, edits=edits, **settings_of(settings, pipeline)), files


def _guarded(
    root: list[Path] | None, isolate: bool, memory_limit: str, time_limit: float | None
) -> None:
    """Allow these folders alone; where asked for, run all this again in a separate process."""
    allow_roots(root)
    if not isolate:
        return
    from smartcut.runners import isolated

    if not isolated.is_inside():
        memory = isolated.parse_memory(memory_limit)
        arguments = [a for a in sys.argv[1:] if a != "--debug"]
        raise typer.Exit(isolated.run_isolated(arguments, memory, time_limit))


def _cache(place: str | None, none: bool) -> bool | str:
    if place and none:
        raise typer.BadParameter("give one of --cache and --no-cache", param_hint="--cache")
    return place or not none


def _many(
    pipeline: Path,
    inputs: list[Path] | None,
    output: Path | None,
    settings: list[str] | None,
    each: bool,
    table: Path | None,
    edits: Path | None,
) -> Any:
    from smartcut.report.batch import BatchRequest

    if edits is not None:
        raise typer.BadParameter("edits are of one film, and here are many", param_hint="--edits")

    return BatchRequest(
        pipeline, inputs or (), output, each, table, settings_of(settings, pipeline)
    )


def _plan_many(request: Any, cache: bool | str, format: PlanFormat) -> None:
    from smartcut.report.batch import plan_text, planned

    if format is PlanFormat.mermaid:
        raise typer.BadParameter("of many videos: text or json", param_hint="--format")
    rows = list(planned(request, cache))
    if format is PlanFormat.json:
        print_json(rows)
    else:
        print(plan_text(rows))


@app.command(rich_help_panel=PIPELINES)
def plan(
    pipeline: PipelineFile,
    inputs: Inputs = None,
    output: OutputOption = None,
    settings: SetOption = None,
    each: Each = False,
    table: TableOption = None,
    device: Device = "auto",
    cache: CacheAt = None,
    root: Root = None,
    edits: EditsOption = None,
    no_edits: NoEdits = False,
    format: Annotated[PlanFormat, typer.Option(help="How to print it.")] = PlanFormat.text,
) -> None:
    """Say what a run would do, what is cached, and why; decodes nothing."""
    _guarded(root, False, "", None)
    if each or table:
        _plan_many(
            _many(pipeline, inputs, output, settings, each, table, edits), cache or True, format
        )
        return
    ready, files = _read(pipeline, inputs, settings, which_edits(edits, no_edits))
    _tell(ready.notes)
    made = ready.plan(files, output, device=device, cache=cache or True)
    if format is PlanFormat.json:
        print_json(made.to_plain())
    else:
        print(made.mermaid() if format is PlanFormat.mermaid else made.text())


@app.command(rich_help_panel=PIPELINES)
def check(
    pipeline: PipelineFile,
    settings: SetOption = None,
    edits: EditsOption = None,
    no_edits: NoEdits = False,
) -> None:
    """Check a pipeline without running it."""
    from smartcut.api import Pipeline
    from smartcut.spec_files import shown

    ready = Pipeline.from_yaml(
        pipeline, edits=which_edits(edits, no_edits), **settings_of(settings, pipeline)
    ).checked()
    _tell(ready.notes)
    print(f"{shown(pipeline)}: {len(ready.steps)} stages, no mistakes found")


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


@app.command(rich_help_panel=PIPELINES)
def stages(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", autocompletion=completing.stage_names)
    ] = None,
) -> None:
    """List the stages, or explain one."""
    from smartcut.report.stages import explain_stage, list_stages

    print(explain_stage(name) if name else list_stages())


@app.command(rich_help_panel=PIPELINES)
def schema(
    edits: Annotated[
        bool, typer.Option("--edits", help="Of a file of corrections by hand (reel.edits.yaml).")
    ] = False,
) -> None:
    """Print the JSON Schema of a pipeline file, for editors."""
    from smartcut.spec_schema import edits_schema, json_schema
    from smartcut.stage import loadable_stages

    if edits:
        print_json(edits_schema())
        return
    for problem in loadable_stages()[1]:
        print(f"left out: {problem}", file=sys.stderr)
    print_json(json_schema())


@app.command(rich_help_panel=HERE)
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is installed, which devices, codecs and weights there are, and what to do."""
    from smartcut.report.doctor import examine, report

    findings = examine()
    if as_json:
        print_json(findings)
    else:
        print(report(findings))
