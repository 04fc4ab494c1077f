"""The command that writes a cut for editing systems: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import (
    AllowNet,
    Device,
    Inputs,
    Jobs,
    NoCache,
    Settings,
    allow_roots,
    expanded_inputs,
    settings_of,
)

app = typer.Typer()


@app.command()
def export(
    pipeline: Annotated[
        Path, typer.Argument(metavar="PIPELINE.yaml|CUT", help="A pipeline, or a cut to convert.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="OUT.otio, .fcpxml, .edl or .json.")
    ],
    inputs: Inputs = None,
    settings: Settings = None,
    device: Device = "auto",
    jobs: Jobs = 2,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Accept files only below it; repeatable."),
    ] = None,
) -> None:
    """Run a pipeline's stages but `render`, and write the cut for an editing system.

    In place of a pipeline a cut file (.otio, .fcpxml, .edl, .json) is converted.
    """
    from smartcut.api import exporting
    from smartcut.report.progress import shown_progress
    from smartcut.report.summary import summary

    allow_roots(root)
    ready = exporting(pipeline, output, settings_of(settings, pipeline))
    with shown_progress(as_json=False) as progress:
        result = ready.run(
            expanded_inputs(inputs),
            output,
            device=device,
            jobs=jobs,
            cache=not no_cache,
            allow_net=allow_net,
            progress=progress,
        )
    print(summary(result))
