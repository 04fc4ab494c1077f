"""`python -m benchmarks.library`: a library's search on synthetic embeddings, against brute force.

Two kinds of vectors of CLIP's 512 dimensions, all of length 1: `uniform` over the sphere, which is
the hardest case (nothing to go by but the vectors themselves), and `clustered` around centres, as
pictures are. Queries are new draws of the same kind; `far` ones lie off the clusters, as words do
from pictures in CLIP's space. The truth is the inner product in float32 over all rows.

`--peers` measures each store of vectors that is installed (see vector_stores.py) on the same rows:
its size, what building, opening, searching, adding and deleting cost, its recall, its memory, and
how many searches two processes make while a third one adds. A store that takes longer than
`--limit`, or more memory than `--most-mb`, is stopped, which is said. Figures are printed as they
come. With `--folder`, what is nearest to each query is kept there for the next run.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bounded import Stopped, bounded
from benchmarks.store_readers import searches_beside
from benchmarks.vector_stores import STORES, Block, VectorStore, installed

DIMENSIONS = 512
CENTRES, WIDTH = 2000, 0.7
_BLOCK = 50_000
_BEST = 100
_WARM_UP = 5
# At least so many blocks of rows are stored one after the other, and at most so many rows in each.
_SEGMENTS, _MOST = 4, 500_000
# Rows that are added to a store at the end; so many of them, and of deleted ones, are looked for.
_ADDED, _LOOKED = 10_000, 20


def unit(rows: np.ndarray) -> np.ndarray:
    """The rows scaled to length 1, in place."""
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows


@dataclass(frozen=True, slots=True)
class Job:
    """A store to measure on so many rows of a kind, in a folder of its own."""

    store: str
    kind: str
    count: int
    folder: Path
    asked: Path
    """The queries, and the rows nearest to them."""
    kinds: tuple[str, ...]
    """Those of the queries."""


class Draws:
    """Vectors of one kind, the same for the same seed, around the same centres for all."""

    def __init__(self, kind: str, seed: int = 1) -> None:
        self.kind = kind
        self._random = np.random.default_rng(0)
        self._centres = unit(self._normal(CENTRES))
        self._random = np.random.default_rng(seed)

    def _normal(self, count: int) -> np.ndarray:
        return self._random.standard_normal((count, DIMENSIONS), np.float32)

    def rows(self, count: int) -> np.ndarray:
        """float32 (count, 512): the next ones."""
        rows = self._normal(count)
        if self.kind == "clustered":
            rows *= np.float32(WIDTH / np.sqrt(DIMENSIONS))
            rows += self._centres[self._random.integers(0, CENTRES, count)]
        return unit(rows)

    def queries(self, count: int) -> dict[str, np.ndarray]:
        found = {"same kind": self.rows(count)}
        if self.kind == "clustered":
            towards = self._centres[self._random.integers(0, CENTRES, count)]
            found["far"] = unit(0.3 * towards + unit(self._normal(count)))
        return found


class Rows:
    """Rows of one kind, drawn whenever they are read: ten million would take 20 GB of the disk."""

    def __init__(self, kind: str, count: int) -> None:
        self.kind, self._count = kind, count
        self.wall_s = self.cpu_s = 0.0
        """What drawing has taken."""

    def __len__(self) -> int:
        return self._count

    def blocks(self, step: int) -> Iterator[Block]:
        """All rows, ``step`` at a time: a multiple of _BLOCK."""
        for first in range(0, self._count, step):
            wall, work = time.perf_counter(), time.thread_time()
            rows = np.empty((min(step, self._count - first), DIMENSIONS), np.float32)
            for at in range(0, len(rows), _BLOCK):
                rows[at : at + _BLOCK] = self.block(first + at)
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.thread_time() - work
            yield first, rows

    def block(self, first: int) -> np.ndarray:
        """float32 (N, 512): rows from ``first``, a multiple of _BLOCK, to the next one."""
        return Draws(self.kind, 10 + first // _BLOCK).rows(min(_BLOCK, self._count - first))


def truth(rows: Rows, queries: np.ndarray) -> np.ndarray:
    """int64 (Q, 100): the places of each query's nearest rows, the nearest first."""
    scores = np.full((len(queries), 0), 0.0, np.float32)
    places = np.zeros((len(queries), 0), np.int64)
    for first, drawn in rows.blocks(_BLOCK):
        block = queries @ drawn.T
        best = np.argpartition(-block, min(_BEST, block.shape[1] - 1), axis=1)[:, :_BEST]
        scores = np.hstack((scores, np.take_along_axis(block, best, 1)))
        places = np.hstack((places, best + first))
        kept = np.argsort(-scores, axis=1)[:, :_BEST]
        scores, places = np.take_along_axis(scores, kept, 1), np.take_along_axis(places, kept, 1)
    return places


def questions(path: Path, rows: Rows, count: int) -> tuple[str, ...]:
    """The kinds of queries, which lie with their nearest rows at ``path``: made where they do not.

    All kinds are compared with the rows in one pass.
    """
    queries = Draws(rows.kind).queries(count)
    if not path.exists():
        nearest = np.split(truth(rows, np.concatenate([*queries.values()])), len(queries))
        named = {f"{n}, nearest": found for n, found in zip(queries, nearest, strict=True)}
        np.savez(path, **dict[str, Any]({**queries, **named}))
    return tuple(queries)


def measured(
    search: Callable[[np.ndarray, int], np.ndarray],
    queries: np.ndarray,
    nearest: np.ndarray,
    k: int,
) -> dict[str, float]:
    """Recall at k, and milliseconds of wall and processor time a query."""
    for query in queries[:_WARM_UP]:
        search(query, k)
    walls, works, hits = [], [], 0
    for query, wanted in zip(queries, nearest, strict=True):
        work, wall = time.process_time(), time.perf_counter()
        found = search(query, k)
        walls.append(1000 * (time.perf_counter() - wall))
        works.append(1000 * (time.process_time() - work))
        hits += len(set(found.tolist()) & set(wanted[:k].tolist()))
    return {
        "k": k,
        "queries": len(queries),
        "recall": hits / (k * len(queries)),
        "median ms": float(np.median(walls)),
        "95th ms": float(np.percentile(walls, 95)),
        "fastest ms": min(walls),
        "CPU ms": float(np.median(works)),
    }


def memory() -> dict[str, int]:
    """Megabytes of this process: its own now, of mapped files, and the most it had."""
    found = {"peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("RssAnon", "RssFile"):
            found[f"{name} MB"] = int(rest.split()[0]) // 1024
    return found


@contextmanager
def costs(name: str, into: dict[str, Any]) -> Iterator[None]:
    """Seconds of the block, of wall and of processor time."""
    wall, work = time.perf_counter(), time.process_time()
    yield
    into[f"{name} s"] = time.perf_counter() - wall
    into[f"{name} CPU s"] = time.process_time() - work


def stored(rows: Rows) -> Iterator[Block]:
    """The rows in as large blocks as stores get them."""
    step = -(-len(rows) // max(_SEGMENTS, len(rows) // _MOST))
    yield from rows.blocks(-(-step // _BLOCK) * _BLOCK)


def run(job: Job) -> Iterator[dict[str, Any]]:
    """The figures of one store; in a process of its own, so that its memory is its own."""
    rows = Rows(job.kind, job.count)
    for figures in figures_of(job, rows, np.load(job.asked)):
        yield {"count": job.count, "kind": job.kind, "store": job.store, **figures}


def figures_of(job: Job, rows: Rows, asked: Any) -> Iterator[dict[str, Any]]:
    place = job.folder
    store = STORES[job.store][1](place)
    said: dict[str, Any] = {}
    with costs("build", said):
        store.build(stored(rows))
    said["build s"] -= rows.wall_s
    said["build CPU s"] -= rows.cpu_s
    said["disk MB"] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file()) / 1e6
    yield {**said, **memory()}
    said = {}
    with costs("open", said):
        store = STORES[job.store][1](place)
        store.open()
        store.search(asked["same kind"][0], 10)
    yield said
    for name in job.kinds:
        for k in (10, 100):
            figures = measured(store.search, asked[name], asked[f"{name}, nearest"], k)
            yield {"asked": name, **figures, **memory()}
    yield changed(job.store, place, store, rows)


def changed(name: str, place: Path, store: VectorStore, rows: Rows) -> dict[str, Any]:
    """What adding and deleting cost while others search, and whether they hold."""
    said: dict[str, Any] = {}
    more = Draws("clustered", seed=2).rows(_ADDED)
    queries = more[:_LOOKED]
    with searches_beside(name, place, queries, said), costs("add", said):
        store.add((len(rows), more))
    first = [store.search(row, 10)[:1].tolist() for row in more[:_LOOKED]]
    said["added found"] = float(np.mean([f == [len(rows) + i] for i, f in enumerate(first)]))
    gone = np.arange(0, len(rows), 100)
    with costs("delete", said):
        store.delete(gone)
    asked = rows.block(0)[gone[:_LOOKED]]
    said["deleted found"] = float(
        np.mean([i in store.search(q, 10) for i, q in zip(gone, asked, strict=False)])
    )
    return said


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--queries", type=int, default=200, metavar="N")
    parser.add_argument("--kinds", nargs="*", default=["clustered", "uniform"])
    parser.add_argument("--stores", nargs="*", default=["smartcut"], metavar="NAME")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="PATH",
        help="where stores lie while they are measured; the queries and their nearest rows stay",
    )
    parser.add_argument("--limit", type=float, default=40, metavar="MINUTES", help="of each store")
    parser.add_argument("--most-mb", type=float, default=6000, metavar="MB", help="of each store")
    asked = parser.parse_args()
    results = []
    for row in measurements(asked):
        results.append(row)
        plain = {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
        print(json.dumps(plain), flush=True)
        if asked.json:
            asked.json.write_text(json.dumps(results, indent=1))


def measurements(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The figures of all stores asked for, as they come."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for kind in asked.kinds:
            path = (asked.folder or Path(name)) / f"{kind}-{asked.count}-{asked.queries}.npz"
            queries = questions(path, Rows(kind, asked.count), asked.queries)
            for store in installed() if asked.peers else asked.stores:
                with tempfile.TemporaryDirectory(dir=name) as folder:
                    job = Job(store, kind, asked.count, Path(folder), path, queries)
                    try:
                        yield from bounded(run, job, asked.limit, asked.most_mb)
                    except Stopped as why:
                        said = {"count": job.count, "kind": kind, "store": store}
                        yield {**said, "stopped": str(why)}


if __name__ == "__main__":
    main()
