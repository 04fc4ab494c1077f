"""Arguments and options that commands of several modules share."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from smartcut.cli import completing
from smartcut.errors import PipelineError

PipelineFile = Annotated[
    Path,
    typer.Argument(metavar="PIPELINE.yaml", help="The pipeline; - reads it from standard input."),
]
Inputs = Annotated[list[Path] | None, typer.Argument(metavar="[INPUT]...", help="Media files.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="The file to write.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the pipeline."),
]
RUN_PANEL = "How it is run"
Device = Annotated[
    str,
    typer.Option(
        help="auto, cpu, cuda or cuda:N.",
        rich_help_panel=RUN_PANEL,
        autocompletion=completing.choices_of(("auto", "cpu", "cuda")),
    ),
]
Jobs = Annotated[
    int,
    typer.Option(min=1, help="How many sources to look at at once.", rich_help_panel=RUN_PANEL),
]
NoCache = Annotated[
    bool,
    typer.Option("--no-cache", help="Neither use nor fill the cache.", rich_help_panel=RUN_PANEL),
]
AllowNet = Annotated[
    bool,
    typer.Option(
        "--allow-net",
        help="Let models be fetched, and `select` send what is said to its endpoint.",
        rich_help_panel=RUN_PANEL,
    ),
]
Show = Annotated[
    bool,
    typer.Option("--show", help="Print the pipeline, to start from.", rich_help_panel=RUN_PANEL),
]
Dry = Annotated[
    bool,
    typer.Option("--dry", help="Say what would be done, and why.", rich_help_panel=RUN_PANEL),
]
EditsOption = Annotated[
    Path | None,
    typer.Option(
        "--edits",
        metavar="FILE",
        help="Corrections by hand, in place of NAME.edits.yaml beside NAME.yaml.",
        rich_help_panel=RUN_PANEL,
    ),
]
NoEdits = Annotated[
    bool,
    typer.Option(
        "--no-edits",
        help="Leave out the corrections beside the pipeline.",
        rich_help_panel=RUN_PANEL,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON events, one a line.")]
PrintsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Roots = Annotated[
    list[Path] | None,
    typer.Option("--root", metavar="FOLDER", help="Accept files only below it; repeatable."),
]


def print_json(value: Any) -> None:
    """Print a value as JSON for people and programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def settings_of(items: list[str] | None, pipeline: Path) -> dict[str, Any]:
    """The parameters of a pipeline that were set by NAME=VALUE."""
    from smartcut.spec_files import STANDARD_INPUT, read_settings

    if pipeline == STANDARD_INPUT and sys.stdin.isatty():
        told = "the pipeline is read from the terminal; Ctrl-D on a line alone ends it"
        print(told, file=sys.stderr)
    return read_settings(pipeline, items or ())


def which_edits(file: Path | None, none: bool) -> Path | bool:
    """The corrections by hand that two options ask for: a file, those beside it, or none."""
    if file is not None and none:
        raise typer.BadParameter("give one of --edits and --no-edits", param_hint="--edits")
    return file or not none


def allow_roots(folders: list[Path] | None) -> None:
    """Accept files only below these folders, where any are given."""
    if folders:
        from smartcut.roots import allow_only

        allow_only(folders)


def expanded_inputs(inputs: list[Path] | None) -> list[Path] | None:
    """The files that the inputs and their patterns name; None where none were given."""
    from smartcut.runners.jobs import expanded

    return expanded(inputs) if inputs else None


def named_files(given: list[str]) -> dict[str, str] | str | None:
    """The files of ``[SOURCE=]FILE``, by their sources; one alone is for all.

    Raises PipelineError for several without their sources.
    """
    pairs = [item.partition("=") for item in given]
    if len(pairs) == 1 and not pairs[0][1]:
        return pairs[0][0]
    if bare := [item for item, sign, _ in pairs if not sign]:
        raise PipelineError(
            f"{bare[0]}: of several files each needs its source: --from SOURCE=FILE, such as "
            f"--from {Path(bare[0]).stem}={bare[0]}"
        )
    return {name: path for name, _, path in pairs} or None
