"""The command line: it parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

# The shell's exit code for SIGINT, to which Typer turns Ctrl-C.
_INTERRUPTED = 130
#: Objects that are made before garbage is looked for: about as many as a command imports.
_AT_START = 100_000


def run(arguments: Sequence[str]) -> Any:
    """Run a command line, and give its exit code; raises what goes wrong."""
    from smartcut.cli.commands import application

    app = application(arguments)
    return app(args=list(arguments), prog_name="smartcut", standalone_mode=False)


def __getattr__(name: str) -> typer.Typer:
    """``app``: all commands, built when they are asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from smartcut.cli.commands import application

    return globals().setdefault(name, application())


def main() -> None:
    """Run the command line; every failure is one message and an exit code."""
    _start_light()
    import typer

    debug = "--debug" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        code = run(arguments)
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


def _start_light() -> None:
    """Spare a command what takes long at its start: a tenth of a second in all.

    What is imported stays, so garbage is looked for when that is done, and from then on as usual.
    Plug-ins of pydantic, which watch programs, would be looked for in every installed package.
    Of what the command starts, too, threads for matrices do not wait long for work.
    """
    from smartcut.openblas import NAME, SHORT

    usual = gc.get_threshold()

    def looked(phase: str, about: object) -> None:
        if phase == "stop":
            gc.callbacks.remove(looked)
            gc.freeze()
            gc.set_threshold(*usual)

    if usual[0] < _AT_START:
        gc.callbacks.append(looked)
        gc.set_threshold(_AT_START, *usual[1:])
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault(NAME, SHORT)


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
