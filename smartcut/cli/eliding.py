"""The command that says what editing took away: elisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartcut.cli.options import (
    AllowNet,
    Device,
    Inputs,
    NoCache,
    PrintsJson,
    Roots,
    allow_roots,
    expanded_inputs,
    named_files,
    print_json,
)
from smartcut.errors import PipelineError
from smartcut.verbs import LOOK

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
def elisions(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="FILM|MANIFEST|CUT|PIPELINE.yaml",
            help="A film, its manifest, a cut, or a pipeline to run.",
        ),
    ],
    inputs: Inputs = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option("--sources", metavar="FOLDER|FILE", help="Originals of a film; repeatable."),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="[SOURCE=]FILE", help="What is said; repeatable."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="FILE.html, .json, .txt; .mp4, .mov with --sign."),
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option("--marks", metavar="VIDEO", help="Render the film with the words left out."),
    ] = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="CHAIN.pem", help="Sign a copy of the film.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="KEY.pem", help="Its key.")] = None,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", metavar="ORIGINAL", help="Check a signed film; repeatable."),
    ] = None,
    hints: Annotated[
        bool, typer.Option("--hints", help="Also compare vectors of sentences.")
    ] = False,
    as_json: PrintsJson = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Roots = None,
) -> None:
    """Say what editing took away: words left out, sentences joined, moved, covered or voiced.

    Each place is told with the words left out in brackets; those that may change the sense are
    marked. With --check, a signed film is compared with its originals; the exit code is 1 where
    they differ.
    """
    from smartcut.api.eliding import find_elisions
    from smartcut.report.progress import shown_progress

    allow_roots(root)
    if check:
        _check(what, check, as_json)
        return
    _agree(output, sign, key)
    with shown_progress(as_json=False) as progress:
        found = find_elisions(
            what,
            expanded_inputs(inputs),
            sources=sources,
            words=named_files(words or []),
            hints=hints,
            device=device,
            cache=not no_cache,
            allow_net=allow_net,
            progress=progress,
        )
    if as_json:
        print_json(found.to_plain())
    else:
        print(found.text())
    if output is not None:
        _write(found, output, sign, key)
        if not as_json:
            print(f"wrote {output}")
    if marks is not None:
        found.marked().render(marks)
        if not as_json:
            print(f"wrote {marks}")


def _agree(output: Path | None, sign: Path | None, key: Path | None) -> None:
    """Raise PipelineError for options that do not go together."""
    is_video = output is not None and output.suffix.lower() in (".mp4", ".m4v", ".mov")
    if (sign is None) != (key is None):
        raise PipelineError("a signature needs both: --sign CHAIN.pem --key KEY.pem")
    if sign is not None and not is_video:
        raise PipelineError("say where the signed copy goes: -o FILE.mp4, or .mov")
    if sign is None and output is not None and output.suffix.lower() not in _TEXTS:
        raise PipelineError(
            f"{output}: accepted: {', '.join(_TEXTS)}; .mp4 and .mov with --sign; --marks renders"
        )


_TEXTS = (".html", ".htm", ".json", ".txt")


def _write(found, output: Path, sign: Path | None, key: Path | None) -> None:  # type: ignore[no-untyped-def]
    import json

    from smartcut.files import write_text

    suffix = output.suffix.lower()
    if sign is not None and key is not None:
        found.sign(output, sign, key)
    elif suffix in (".html", ".htm"):
        found.page(output)
    elif suffix == ".json":
        write_text(output, json.dumps(found.to_plain(), indent=2, ensure_ascii=False) + "\n")
    else:
        write_text(output, found.text() + "\n")


def _check(film: Path, originals: list[Path], as_json: bool) -> None:
    """Compare a signed film with originals, and end with 1 where something is wrong."""
    from smartcut.api.eliding import check_elisions

    found = check_elisions(film, originals)
    said, problems = found.said, found.problems
    if as_json:
        print_json({**said, "problems": list(problems)})
    else:
        rows = said.get("elisions", [])
        print(f"{film}: {len(rows)} elisions, signed; {len(said.get('originals', []))} originals")
        print("\n".join(problems or ("the signature holds, and the originals are these",)))
    if problems:
        raise typer.Exit(1)
