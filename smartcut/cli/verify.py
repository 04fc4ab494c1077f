"""The command that checks finished films: verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import AllowNet, Device, NoCache, PrintsJson, expanded_inputs, print_json
from smartcut.verbs import LOOK

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def verify(
    films: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Finished films.")],
    expect: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml",
            help="What is expected: a mapping, or a pipeline with the key `expect`. Without it, "
            "what the film's manifest says, or else what is usual.",
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="OUT.xml", help="Write JUnit's XML too.")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where pictures of what is missed go; else beside the film, in STEM.misses.",
        ),
    ] = None,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Write no pictures of what is missed.")
    ] = False,
    as_json: PrintsJson = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
) -> None:
    """Check that films are as expected: each miss with its time, its reason and a picture.

    Exit codes: 0 all is as expected, 1 something is not, 2 for input that cannot be read.
    """
    from smartcut.report.junit import write_junit
    from smartcut.report.verdicts import plain_verification, verdicts_text
    from smartcut.report.verify import verified
    from smartcut.runners.local import Options

    options = Options(device=device, cache=not no_cache, allow_net=allow_net)
    files = expanded_inputs(films) or []
    found = verified(files, expect, options, None if no_pictures else pictures or "")
    if junit is not None:
        write_junit(junit, found)
    if as_json:
        plain = [plain_verification(one) for one in found]
        print_json(plain[0] if len(plain) == 1 else plain)
    else:
        print("\n".join(verdicts_text(one) for one in found))
    if not all(one.is_met for one in found):
        raise typer.Exit(1)
