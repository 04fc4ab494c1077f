"""Commands on folders of media that can be searched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import AllowNet, AsJson, Device, Jobs
from smartcut.models.near_repeats import Effort

app = typer.Typer(help="Folders of media that can be searched.", no_args_is_help=True)


Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of media.")]
StorePlace = Annotated[
    Path | None, typer.Option("--store", help="Where the index is kept, if not in the cache.")
]


@app.command()
def index(
    folder: Folder,
    store: StorePlace = None,
    model: Annotated[
        str | None, typer.Option(help="auto, embedded, or MODEL/PRETRAINED; for good.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, max=60, help="Pictures a second (1); for good.")
    ] = None,
    speech: Annotated[
        bool | None, typer.Option("--speech/--no-speech", help="Write down speech (yes); for good.")
    ] = None,
    effort: Annotated[
        Effort | None,
        typer.Option(help="How many pictures are looked at, as of `relevance` (auto); for good."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the index again; analyses stay in the cache.")
    ] = False,
    jobs: Jobs = 2,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: AsJson = False,
) -> None:
    """Look at what is new in a folder, so that it can be searched; exit code 3 if some failed."""
    from smartcut.report.library import index_plain, index_text, run_index
    from smartcut.report.progress import Events, shown_progress
    from smartcut.runners.local import Options

    with shown_progress(as_json) as progress:
        options = Options(device, jobs, True, allow_net, progress)
        outcome = run_index(
            folder,
            store,
            model=model,
            rate=rate,
            speech=speech,
            effort=effort,
            fresh=fresh,
            options=options,
        )
        if isinstance(progress, Events):
            progress.emit("result", **index_plain(outcome))
    if not as_json:
        print(index_text(folder, store, outcome))
    if outcome.failed:
        raise typer.Exit(3)
