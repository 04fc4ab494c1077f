"""Commands for agents: a server of tools, and the skill."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from smartcut.cli.options import AllowNet, Device
from smartcut.verbs import HERE

app = typer.Typer()

_TOKEN = "SMARTCUT_MCP_TOKEN"


@app.command(rich_help_panel=HERE)
def mcp(
    root: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="The folder that agents work in; nothing outside is used."
        ),
    ] = Path(),
    http: Annotated[
        bool, typer.Option("--http", help="Over HTTP on this machine, not on standard input.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --http; 0 takes one that is free.")
    ] = 8765,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="How many jobs work at once.")] = 2,
    device: Device = "auto",
    allow_net: AllowNet = False,
) -> None:
    """Serve tools to agents by the Model Context Protocol (MCP), below one folder.

    On standard input and output, or with --http at 127.0.0.1, for those who have the token that
    is printed; SMARTCUT_MCP_TOKEN sets it.
    """
    if find_spec("mcp") is None:
        from smartcut.errors import MissingExtra

        raise MissingExtra("mcp", "mcp", "serving tools to agents")
    import anyio

    from smartcut.agents import http as over_http
    from smartcut.agents.server import begun, serve_stdio

    call = begun(root, allow_net=allow_net, device=device, jobs=jobs)
    if http:
        token = over_http.token_of(_TOKEN)
        with over_http.listening(port) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
            print(f"{address}\nAuthorization: Bearer {token}", file=sys.stderr, flush=True)
            anyio.run(over_http.serve_http, call, listener, token)
    else:
        anyio.run(serve_stdio, call)
    _end(call)


def _end(call: Any) -> None:
    """End the process, also where native code of a cancelled job has not come back yet."""
    if any(not job.running.is_done for job in call.jobs.all()):
        sys.stderr.flush()
        os._exit(0)


@app.command(rich_help_panel=HERE)
def skill(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", help="Where skills are, such as .claude/skills; made if need be."
        ),
    ] = None,
) -> None:
    """Install the skill for agents that read skills; without FOLDER, say where it is."""
    from smartcut.agents.skill import installed, skill_folder

    if folder is None:
        print(skill_folder())
        return
    for path in installed(folder):
        print(f"wrote {path}")
