"""The commands that compare cuts, and bring an editor's work to a new one: diff and rebase."""

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
    print_json,
)
from smartcut.verbs import PIPELINES

app = typer.Typer()

_CUT = "A cut (.json, .otio, .fcpxml, .edl ...), or a pipeline."


@app.command(rich_help_panel=PIPELINES)
def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help=_CUT)],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help=_CUT)],
    as_json: PrintsJson = False,
) -> None:
    """Say what is different between two cuts: dropped, added, moved, trimmed, retimed, changed.

    Exit codes, as of diff: 0 they show the same, 1 they do not, 2 one cannot be read.
    """
    from smartcut.api.comparing import diff as compared

    found = compared(before, after)
    if as_json:
        print_json([one.to_plain() for one in found])
    else:
        print("\n".join(map(str, found)) or "both show the same")
    raise typer.Exit(1 if found else 0)


@app.command(rich_help_panel=PIPELINES)
def rebase(
    edited: Annotated[
        Path, typer.Argument(metavar="EDITED", help="The cut as an editor gave it back.")
    ],
    inputs: Inputs = None,
    base: Annotated[
        Path, typer.Option("--base", metavar="EXPORTED", help="The cut as it was exported.")
    ] = ...,  # type: ignore[assignment]
    onto: Annotated[
        Path, typer.Option("--onto", metavar="PIPELINE.yaml", help="What says now what is shown.")
    ] = ...,  # type: ignore[assignment]
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="A cut (.json, .otio ...); or .yaml for the edits alone."
        ),
    ] = ...,  # type: ignore[assignment]
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where an edit no longer applies.")
    ] = False,
    as_json: PrintsJson = False,
    device: Device = "auto",
    no_cache: NoCache = False,
    allow_net: AllowNet = False,
    root: Roots = None,
) -> None:
    """Bring what an editor made of an exported cut to what the pipeline says now.

    What no longer applies is told as a conflict, and is as the pipeline has it.
    """
    from smartcut.api.comparing import rebase as rebased
    from smartcut.editing.reading import write_edits
    from smartcut.interchange.files import write_cut

    allow_roots(root)
    how = {"device": device, "cache": not no_cache, "allow_net": allow_net}
    found = rebased(edited, base, onto, expanded_inputs(inputs), **how)
    if output.suffix.lower() in (".yaml", ".yml"):
        write_edits(found.edits, output)
        notes: tuple[str, ...] = ()
    else:
        notes = write_cut(found.cut, output)
    lost = [one.to_plain() for one in found.conflicts]
    if as_json:
        edits = [edit.to_plain() for edit in found.edits.edits]
        print_json({"output": str(output), "edits": edits, "conflicts": lost})
    else:
        count = len(found.edits)
        print(f"{count} edits, {count - len(lost)} of which apply")
        lines = [f"conflict: {one.text}" for one in found.conflicts]
        lines += [f"note: {note}" for note in notes]
        print("\n".join([*lines, f"wrote {output}"]))
    raise typer.Exit(1 if strict and lost else 0)
