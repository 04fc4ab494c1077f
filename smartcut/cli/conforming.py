"""The command that finds the cut of a finished film: conform."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import NoCache, PrintsJson, Roots, allow_roots, print_json
from smartcut.errors import PipelineError
from smartcut.verbs import PIPELINES

app = typer.Typer()


class Unknown(StrEnum):
    """What the cut has where no original shows."""

    film = "film"
    gap = "gap"


@app.command(rich_help_panel=PIPELINES)
def conform(
    film: Annotated[Path, typer.Argument(metavar="FILM", help="The finished film.")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[SOURCE]...", help="More of the originals.")
    ] = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option("--sources", metavar="FOLDER|FILE", help="The originals; repeatable."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The cut to write: .json, .otio, .fcpxml, .yaml ..."),
    ] = None,
    unknown: Annotated[
        Unknown,
        typer.Option(help="What the cut has where no original shows: the film itself, or a gap."),
    ] = Unknown.film,
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="OUT.html", help="Write film and originals side by side."),
    ] = None,
    as_json: PrintsJson = False,
    no_cache: NoCache = False,
    root: Roots = None,
) -> None:
    """Find the cut of a finished film again: which frame of which original shows when.

    The film may be encoded again, scaled, graded, mirrored or captioned.
    """
    from smartcut.api.conform_page import write_conform_page
    from smartcut.api.conform_writing import WrittenCut, write_conformed
    from smartcut.api.conforming import conform as conformed
    from smartcut.report.conforming import conform_text
    from smartcut.report.progress import shown_progress

    allow_roots(root)
    given = [*(sources or ()), *(more or ())]
    if not given:
        raise PipelineError("say what the film was cut from: --sources FOLDER, or files")
    with shown_progress(as_json=False) as progress:
        found = conformed(
            film,
            given,
            unknown=unknown.value,
            table=output.with_suffix(".cube") if output else None,
            cache=not no_cache,
            progress=progress,
        )
    written = write_conformed(found.cut, output) if output else WrittenCut()
    if page:
        write_conform_page(found, page, cache=not no_cache)
    if as_json:
        print_json({**found.to_plain(), "output": str(output) if output else None})
        return
    lines = [conform_text(found), *(f"note: {note}" for note in written.notes)]
    files = [*written.files, *((page,) if page else ())]
    print("\n".join([*lines, *(f"wrote {path}" for path in files)]))
