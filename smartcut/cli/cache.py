"""Commands on the cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from smartcut.cli.options import PrintsJson
from smartcut.errors import CacheError

if TYPE_CHECKING:
    from smartcut.cache import Pruned

app = typer.Typer(help="The cache of results: show, verify, prune, clear.", no_args_is_help=True)


@app.command()
def info() -> None:
    """Say where the cache is, what it holds and what it may hold."""
    from smartcut.cache import Cache

    cache = Cache()
    usage = cache.usage()
    print(f"{cache.root}: {usage.entries} entries, {usage.size / 1e6:.1f} MB")
    for kind, count, size in usage.by_kind:
        print(f"  {kind:6} {count:6}  {size / 1e6:9.1f} MB")
    if cache.limit is None:
        print("no limit")
    else:
        print(f"limit: {cache.limit / 1e6:.1f} MB (SMARTCUT_CACHE_LIMIT sets another)")


@app.command()
def verify(
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove what is damaged or left over.")
    ] = False,
    as_json: PrintsJson = False,
) -> None:
    """Read every entry against its sum; exit code 1 where one is damaged."""
    from smartcut.cache import Cache
    from smartcut.report.progress import shown_progress

    cache = Cache()
    with shown_progress(as_json=False) as progress:
        found = cache.verify(delete, progress.start("verify", cache.usage().size))
        progress.done("verify")
    print(json.dumps(found.to_plain(), indent=2) if as_json else found.text())
    if found.damaged:
        raise typer.Exit(1)


@app.command()
def clear() -> None:
    """Delete every cached result that no run uses; weights stay."""
    from smartcut.cache import Cache

    _tell(Cache().clear())


@app.command()
def prune(
    max_size: Annotated[
        str | None,
        typer.Option(
            "--max-size", help="What to keep: gigabytes, or as 500M, 10G; else the limit."
        ),
    ] = None,
) -> None:
    """Delete what was not used for longest, until the cache fits."""
    from smartcut.cache import Cache, parse_size

    cache = Cache()
    limit = cache.limit if max_size is None else parse_size(max_size)
    if limit is None:
        raise CacheError("this cache has no limit to prune it to; say how much to keep: --max-size")
    _tell(cache.prune(limit))


def _tell(pruned: Pruned) -> None:
    print(f"freed {pruned.freed / 1e6:.1f} MB, {pruned.left / 1e6:.1f} MB are left")
    if pruned.in_use:
        print(f"{pruned.in_use / 1e6:.1f} MB more stay for as long as runs use them")
