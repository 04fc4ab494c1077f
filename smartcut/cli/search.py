"""`search`: find shots in a folder that was indexed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.library import Folder, StorePlace
from smartcut.cli.options import AllowNet, Device, PrintsJson, print_json
from smartcut.verbs import MANY

app = typer.Typer()


@app.command(rich_help_panel=MANY)
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
