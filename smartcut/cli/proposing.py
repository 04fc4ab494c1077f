"""Files without a command: what can be done with them is proposed, and in a terminal chosen."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from smartcut.report.proposals import GivenFiles, Proposal


def is_file_like(text: str) -> bool:
    """Whether that is a file or folder, or at least spelled as one."""
    return Path(text).exists() or "/" in text or bool(re.search(r"\w\.[a-zA-Z]\w{1,4}$", text))


def command_for_files(first: str) -> Any:
    """The command that files without one stand for."""
    app = typer.Typer(
        add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    app.command(first)(_propose)
    return typer.main.get_command(app)


def _propose(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Any files.")
    ] = None,
) -> None:
    """Say what can be done with files, and do what is chosen."""
    from smartcut.cli.options import expanded_inputs
    from smartcut.errors import PipelineError
    from smartcut.report.proposals import given, proposals

    found = [given(path) for path in expanded_inputs(files) or ()]
    wishes = proposals(found)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise PipelineError(_refusal(found, wishes))
    for one in found:
        print(one.text)
    print("\n".join(["", *_numbered(wishes), ""]))
    print("Each takes --help; those that write a film take --dry and --show.")
    chosen = _asked(len(wishes))
    if chosen is not None:
        print(wishes[chosen].command)
        _run(wishes[chosen])


def _numbered(wishes: Sequence[Proposal]) -> list[str]:
    wide = max((len(one.wish) for one in wishes), default=0)
    return [f"{i:3}  {one.wish.ljust(wide)}  {one.command}" for i, one in enumerate(wishes, 1)]


def _refusal(found: Sequence[GivenFiles], wishes: Sequence[Proposal]) -> str:
    wide = max((len(one.command) for one in wishes), default=0)
    told = "; ".join(one.text for one in found)
    lines = [f"no command was given; {told}; such as", ""]
    lines += [f"    {one.command.ljust(wide)}  # {one.wish}" for one in wishes]
    return "\n".join([*lines, "", "`smartcut --help` lists all commands"])


def _asked(count: int) -> int | None:
    """The place of the wish that the user chooses; None for none."""
    while count:
        answer = input(f"Which, 1 to {count}? Enter for none: ").strip()
        if not answer:
            return None
        if answer.isdecimal() and 1 <= int(answer) <= count:
            return int(answer) - 1
    return None


def _run(chosen: Proposal) -> None:
    from smartcut.cli import run

    run(chosen.arguments)
