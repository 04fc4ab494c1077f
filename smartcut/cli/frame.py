"""The command that shows one picture of a film: frame."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli import completing
from smartcut.cli.options import (
    AllowNet,
    Device,
    Dry,
    EditsOption,
    NoCache,
    NoEdits,
    SetOption,
    Show,
    expanded_inputs,
    settings_of,
    which_edits,
)
from smartcut.errors import PipelineError
from smartcut.verbs import FILES

app = typer.Typer()

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@app.command(rich_help_panel=FILES)
def frame(
    source: Annotated[
        Path,
        typer.Argument(metavar="PIPELINE.yaml|VIDEO", help="A pipeline, a cut or a media file."),
    ],
    rest: Annotated[
        list[str],
        typer.Argument(
            metavar="[INPUT]... TIME",
            help="Media files, then a time of the film: 12.5 or 1:02.",
            autocompletion=completing.times,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .png, .jpg or .webp.")
    ] = None,
    settings: SetOption = None,
    edits: EditsOption = None,
    no_edits: NoEdits = False,
    show: Show = False,
    dry: Dry = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Write the picture that the film will show at a time, without rendering the film."""
    from smartcut.api import Pipeline, as_inputs
    from smartcut.render.overviews import write_image
    from smartcut.report.progress import shown_progress

    if output is not None and output.suffix.lower() not in _SUFFIXES:
        raise typer.BadParameter(f"{output}: accepted: {', '.join(_SUFFIXES)}")
    *inputs, time = rest
    pipeline = (
        Pipeline.from_yaml(
            source, edits=which_edits(edits, no_edits), **settings_of(settings, source)
        )
        if source.suffix.lower() in (".yaml", ".yml")
        else Pipeline(inputs=as_inputs(source))
    )
    files = expanded_inputs([Path(name) for name in inputs])
    if show:
        from smartcut.report.shown_pipeline import filled_yaml

        print(filled_yaml(source, settings_of(settings, source), files), end="")
        return
    if dry:
        print(pipeline.unwritten().plan(files, device=device).text())
        return
    if output is None:
        raise PipelineError("say where the picture is to be written: -o FRAME.png")
    with shown_progress(as_json=False) as progress:
        picture = pipeline.frame(
            time,
            files,
            device=device,
            cache=not no_cache,
            allow_net=allow_net,
            progress=progress,
        )
    write_image(output, picture)
    print(f"wrote {output}")
