"""The command that learns how films were cut: learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import (
    AllowNet,
    Device,
    NoCache,
    PrintsJson,
    Roots,
    allow_roots,
    named_files,
    print_json,
)
from smartcut.errors import PipelineError
from smartcut.verbs import PIPELINES

app = typer.Typer()


@app.command(rich_help_panel=PIPELINES)
def learn(
    films: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILM|MANIFEST|CUT|PIPELINE.yaml...", help="Films that were cut alike."
        ),
    ],
    sources: Annotated[
        list[Path] | None,
        typer.Option("--sources", metavar="FOLDER|FILE", help="Originals of films; repeatable."),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="[SOURCE=]FILE", help="What is said; repeatable."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The pipeline to write: FILE.yaml.")
    ] = None,
    as_json: PrintsJson = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Roots = None,
) -> None:
    """Learn how films were cut, as a pipeline: pauses, lengths, signals, colour and captions.

    Each setting comes with its interval, and with how well it explains films held back. What the
    films do not carry is left out; where they carry nothing, the exit code is 1.
    """
    from smartcut.api.learning import learn as learned
    from smartcut.report.progress import shown_progress

    allow_roots(root)
    if output is not None and output.suffix.lower() not in (".yaml", ".yml"):
        raise PipelineError(f"{output}: a style is written as a pipeline: .yaml or .yml")
    with shown_progress(as_json=False) as progress:
        found = learned(
            films,
            sources=sources,
            words=named_files(words or []),
            device=device,
            cache=not no_cache,
            allow_net=allow_net,
            progress=progress,
        )
    written = found.write(output) if output is not None else ()
    if as_json:
        print_json({**found.to_plain(), "output": str(output) if output else None})
        return
    print(found.text() if output is not None else found.yaml())
    for path in written:
        print(f"wrote {path}")
