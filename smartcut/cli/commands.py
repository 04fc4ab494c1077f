"""The command line: the command that it names is imported and built alone.

All commands are built for what needs all of them: `smartcut --help`, completion, the docs.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from copy import copy
from importlib import import_module
from typing import Annotated

import typer
from typer.models import CommandInfo

from smartcut.cli import verbs
from smartcut.cli.table import COMMANDS, GROUPS


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line, as far as the first of the arguments needs it; without any, all of it."""
    app = typer.Typer(
        name="smartcut",
        cls=verbs.Commands,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    first = arguments[0] if arguments else "-"
    if first.startswith("-"):
        verbs.add_placeholders(app)
        for module in COMMANDS:
            _add(app, module)
    if list(arguments) in (["-h"], ["--help"]):
        app.registered_commands = [_listed(one) for one in app.registered_commands]
    for module, named in COMMANDS.items():
        if first in named:
            _add(app, module, only=first)
    return app


def _add(app: typer.Typer, module: str, only: str | None = None) -> None:
    """Add a module's commands, or one of them."""
    part: typer.Typer = import_module(f"smartcut.cli.{module}").app
    if module in GROUPS:
        app.add_typer(part, name=module, rich_help_panel=GROUPS[module])
        return
    for one in part.registered_commands:
        if only is None or only == command_name(one):
            app.registered_commands.append(one)


def _listed(one: CommandInfo) -> CommandInfo:
    """The same command as `--help` lists it: what it takes is not looked at."""
    listed = copy(one)
    listed.name, listed.help = command_name(one), one.help or inspect.getdoc(one.callback)
    listed.callback = verbs.listed_only
    return listed


def command_name(one: CommandInfo) -> str:
    """What the user types for a command."""
    assert one.callback is not None
    return one.name or typer.main.get_command_name(one.callback.__name__)


def _version(value: bool) -> None:
    if value:
        from smartcut import __version__

        print(__version__)
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks of errors; may stand anywhere.")
    ] = False,
) -> None:
    """Edit video from the command line, from a YAML file, or in Python.

    `smartcut FILE...` proposes what can be done with files of your own.
    """
