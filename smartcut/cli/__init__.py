"""The command line: it parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from smartcut.cli import (
    agents,
    cache,
    comparing,
    conforming,
    dataset,
    eliding,
    exporting,
    frame,
    generate,
    learning,
    library,
    models,
    one_file,
    pipelines,
    reporting,
    studio,
    verbs,
    verify,
)
from smartcut.verbs import HERE, MANY

app = typer.Typer(
    name="smartcut",
    cls=verbs.Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(pipelines.app)
app.add_typer(exporting.app)
app.add_typer(comparing.app)
app.add_typer(conforming.app)
app.add_typer(eliding.app)
app.add_typer(learning.app)
app.add_typer(studio.app)
app.add_typer(frame.app)
app.add_typer(one_file.app)
app.add_typer(reporting.app)
app.add_typer(verify.app)
verbs.add_placeholders(app)
app.command(rich_help_panel=MANY)(library.search)
app.add_typer(library.app, name="library", rich_help_panel=MANY)
app.add_typer(dataset.app, name="dataset", rich_help_panel=MANY)
app.add_typer(generate.app, name="generate", rich_help_panel=MANY)
app.add_typer(models.app, name="models", rich_help_panel=HERE)
app.add_typer(agents.app)
app.add_typer(cache.app, name="cache", rich_help_panel=HERE)


def _version(value: bool) -> None:
    if value:
        from smartcut import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
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


# ------------------------------------------------------------------------------------- errors


# The shell's exit code for SIGINT, to which Typer turns Ctrl-C.
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; every failure is one message and an exit code."""
    debug = "--debug" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        code = app(args=arguments, prog_name="smartcut", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # wrong usage
            from smartcut.cli.usage import usage_text

            _fail(usage_text(error), int(error.exit_code), debug)
        _fail(*_explained(error), debug)
    if code == _INTERRUPTED:
        _fail("interrupted; nothing was left half-written", _INTERRUPTED, debug)
    gc.freeze()  # the interpreter ends without a last look at every object: 0.1 s
    raise SystemExit(code or 0)


def _explained(error: Exception) -> tuple[str, int]:
    from smartcut.errors import SmartcutError

    if isinstance(error, SmartcutError):
        return str(error), error.exit_code
    if type(error).__module__.startswith("pydantic"):
        first = error.errors()[0]  # type: ignore[attr-defined]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        return f"{key}: {message}" if key else message, 2
    from smartcut.runners.failures import explained

    if told := explained(error):
        return str(told), told.exit_code
    return f"unexpected {type(error).__name__}: {error} (--debug shows where)", 1


def _fail(message: str, code: int, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(code)
