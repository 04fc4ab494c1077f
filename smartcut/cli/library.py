"""Commands on folders of media that can be searched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import AllowNet, AsJson, Device, Jobs, PrintsJson, print_json
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


def search(
    folder: Folder,
    words: Annotated[
        str | None, typer.Argument(metavar='["words"]', help="What is to be seen.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A picture of the like.")
    ] = None,
    speech: Annotated[str | None, typer.Option(help="What is to be heard.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many results.")] = 10,
    longest: Annotated[
        float, typer.Option(min=0.04, help="Seconds: of longer shots, so much around the moment.")
    ] = 10.0,
    cut: Annotated[
        Path | None,
        typer.Option(
            "--as",
            metavar="CUT.json",
            help="Write a cut: .json, .otio, .edl, .fcpxml.",
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="OUT.html", help="Write a page of results.")
    ] = None,
    thumbnails: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a JPEG of each result.")
    ] = None,
    store: StorePlace = None,
    device: Device = "auto",
    allow_net: AllowNet = False,
    as_json: PrintsJson = False,
) -> None:
    """Find shots in an indexed folder by words, by a picture, or by what is said."""
    from smartcut.library.results import as_rows
    from smartcut.library.searching import Question
    from smartcut.report.library import run_search, search_text
    from smartcut.runners.local import Options
    from smartcut.timebase import exact

    question = Question(words, image, speech, limit, exact(longest))
    options = Options(device, allow_net=allow_net)
    answer = run_search(folder, question, store, options, cut=cut, page=page, thumbnails=thumbnails)
    if as_json:
        print_json({"results": as_rows(answer.hits), "notes": list(answer.notes)})
    else:
        print(search_text(answer))
