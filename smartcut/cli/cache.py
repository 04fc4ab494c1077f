"""Commands on the cache."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="The cache of results: show, prune, clear.", no_args_is_help=True)


@app.command()
def info() -> None:
    """Say where the cache is and what it holds."""
    from smartcut.cache import Cache

    cache = Cache()
    usage = cache.usage()
    print(f"{cache.root}: {usage.entries} entries, {usage.size / 1e6:.1f} MB")
    for kind, count, size in usage.by_kind:
        print(f"  {kind:6} {count:6}  {size / 1e6:9.1f} MB")


@app.command()
def clear() -> None:
    """Delete every cached result; weights stay."""
    from smartcut.cache import Cache

    print(f"freed {Cache().clear() / 1e6:.1f} MB")


@app.command()
def prune(
    max_size: Annotated[float, typer.Option("--max-size", min=0, help="Gigabytes to keep.")] = 10.0,
) -> None:
    """Delete what was not used for longest, until the cache fits."""
    from smartcut.cache import Cache

    print(f"freed {Cache().prune(int(max_size * 1e9)) / 1e6:.1f} MB")
