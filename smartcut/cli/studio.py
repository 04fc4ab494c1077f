"""The command that shows a cut in the browser before it is rendered: studio."""

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
    OutputOption,
    SetOption,
    expanded_inputs,
    settings_of,
)
from smartcut.verbs import PIPELINES

app = typer.Typer()


@app.command(rich_help_panel=PIPELINES)
def studio(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="PIPELINE.yaml|CUT|VIDEO", help="A pipeline, a cut, or media to begin with."
        ),
    ],
    inputs: Inputs = None,
    output: OutputOption = None,
    settings: SetOption = None,
    edits: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where corrections are kept; without it, NAME.edits.yaml beside what is opened.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Of 127.0.0.1; 0 takes any. Without it, 8765 or any free one."
        ),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Print the address, and open no browser.")
    ] = False,
    root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="Let the page use files below it too, besides the inputs and the output's folder; "
            "repeatable.",
        ),
    ] = None,
    device: Device = "auto",
    jobs: Jobs = 2,
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """See a cut before it is rendered, and correct it by hand, in the browser.

    Serves on this machine alone, to whoever has the address that is printed. Ctrl-C ends it.
    """
    import signal
    import webbrowser
    from contextlib import suppress
    from threading import Thread

    from smartcut.studio.serving import desk_for, server_at

    desk = desk_for(
        what,
        expanded_inputs(inputs) or (),
        output,
        edits=edits,
        roots=root or (),
        params=settings_of(settings, what) if settings else {},
        options={"device": device, "jobs": jobs, "cache": not no_cache, "allow_net": allow_net},
    )
    with server_at(desk, port) as server:
        print(server.address, flush=True)
        if not no_open:
            Thread(
                target=webbrowser.open, args=(server.guard.ticket_address(),), daemon=True
            ).start()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Also where a shell has it ignored, as of what it starts in the background.
            signal.signal(number, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
