"""The command that writes a cut for editing systems: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import (
    AllowNet,
    Device,
    Dry,
    EditsOption,
    Inputs,
    Jobs,
    NoCache,
    NoEdits,
    Roots,
    SetOption,
    Show,
    allow_roots,
    expanded_inputs,
    settings_of,
    which_edits,
)
from smartcut.errors import PipelineError
from smartcut.verbs import PIPELINES

app = typer.Typer()


@app.command(rich_help_panel=PIPELINES)
def export(
    pipeline: Annotated[
        Path, typer.Argument(metavar="PIPELINE.yaml|CUT", help="A pipeline, or a cut to convert.")
    ],
    inputs: Inputs = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="OUT.otio, .fcpxml, .xml, ...; the suffix decides."),
    ] = None,
    editor: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="PROGRAM", help="What is to read it: premiere, resolve, finalcut ..."
        ),
    ] = None,
    settings: SetOption = None,
    edits: EditsOption = None,
    no_edits: NoEdits = False,
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    jobs: Jobs = 2,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Roots = None,
) -> None:
    """Run a pipeline's stages but `render`, and write the cut for an editing system.

    In place of a pipeline a cut file (.otio, .fcpxml, .edl ...) is converted.
    """
    from smartcut.api import exporting
    from smartcut.report.progress import shown_progress
    from smartcut.report.summary import summary

    allow_roots(root)
    if output is None and editor is None:
        raise PipelineError("say what to write: -o OUT.otio, or --for premiere, resolve ...")
    wanted = Path(pipeline.stem) if output is None else output
    ready, output = exporting(
        pipeline, wanted, settings_of(settings, pipeline), editor, which_edits(edits, no_edits)
    )
    if show:
        from smartcut.report.shown_pipeline import filled_yaml

        files, asked = expanded_inputs(inputs), settings_of(settings, pipeline)
        last = {"export": {"to": str(output)}}
        print(filled_yaml(pipeline, asked, files, also=last), end="")
        return
    if dry:
        print(ready.plan(expanded_inputs(inputs), output, device=device).text())
        return
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
