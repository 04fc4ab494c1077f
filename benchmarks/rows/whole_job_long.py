"""The whole job on ten minutes of each kind; about an hour with three turns."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Result
from benchmarks.rows.whole_job import TITLE, of_kind

__all__ = ["TITLE", "run"]


def run(bench: Bench) -> Iterator[Result]:
    """Talk and action."""
    for kind in ("talk", "action"):
        yield from of_kind(bench, kind, 60 if bench.quick else 600)
