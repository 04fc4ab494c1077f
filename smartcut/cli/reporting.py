"""The command that writes a page on a film or a cut: report."""

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
    Roots,
    SetOption,
    allow_roots,
    expanded_inputs,
    settings_of,
)
from smartcut.verbs import LOOK

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def report(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="FILM|MANIFEST|CUT|PIPELINE.yaml",
            help="A film that smartcut wrote, its manifest, a cut, or a pipeline to run.",
        ),
    ],
    inputs: Inputs = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="FILE.html; without it, reel.report.html beside."),
    ] = None,
    previews: Annotated[
        bool, typer.Option("--previews", help="A small film of each segment, 10 s at most.")
    ] = False,
    settings: SetOption = None,
    device: Device = "auto",
    jobs: Jobs = 2,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Roots = None,
) -> None:
    """Write a page on a film or a cut: what it shows and why, and how it was made.

    One file of HTML, which needs no network. Of a pipeline the stages are run but no film is
    written.
    """
    from smartcut.api.reporting import default_output, write_report
    from smartcut.report.html.markup import size
    from smartcut.report.html.page import summary_line
    from smartcut.report.progress import shown_progress

    allow_roots(root)
    target = output or default_output(what)
    with shown_progress(as_json=False) as progress:
        facts = write_report(
            what,
            target,
            expanded_inputs(inputs),
            previews=previews,
            device=device,
            jobs=jobs,
            cache=not no_cache,
            allow_net=allow_net,
            progress=progress,
            **(settings_of(settings, what) if settings else {}),
        )
    print(summary_line(facts))
    print(f"wrote {target}, {size(target.stat().st_size)}")
