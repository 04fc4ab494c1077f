"""Commands on the weights of networks."""

from __future__ import annotations

from typing import Annotated

import typer

from smartcut.cli import completing

app = typer.Typer(help="The networks' weights: list, fetch, locate.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the models with their licence and whether they are on this machine."""
    from smartcut.models.weights import status
    from smartcut.report.tables import print_table

    print_table(status(), "text")


@app.command()
def pull(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", autocompletion=completing.model_names)
    ],
) -> None:
    """Fetch weights ahead of a run, and verify them."""
    from smartcut.models.weights import pull
    from smartcut.report.progress import shown_progress

    with shown_progress(as_json=False) as progress:
        for name in names:
            print(pull(name, progress))


@app.command()
def path(name: str) -> None:
    """Print where a model's weights are."""
    from smartcut.models.weights import path

    print(path(name))
