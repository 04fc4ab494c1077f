"""`python -m benchmarks.library`: a library's search on synthetic embeddings, against brute force.

Two kinds of vectors of CLIP's 512 dimensions, all of length 1: `uniform` over the sphere, which is
the hardest case (nothing to go by but the vectors themselves), and `clustered` around centres, as
pictures are. Queries are new draws of the same kind; `far` ones lie off the clusters, as words do
from pictures in CLIP's space. The truth is the inner product in float32 over all rows.

`--peers` measures each store of vectors that is installed (see vector_stores.py) on the same rows:
its size, what building, opening, searching, adding and deleting cost, its recall, its memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.vector_stores import STORES, Block, VectorStore, installed

DIMENSIONS = 512
CENTRES, WIDTH = 2000, 0.7
_BLOCK = 50_000
_BEST = 100
_WARM_UP = 5
# At least so many blocks of rows are stored one after the other, and at most so many rows in each.
_SEGMENTS, _MOST = 4, 500_000
# Rows that are added to a store at the end; so many of them, and of deleted ones, are looked for.
_ADDED, _LOOKED = 10_000, 50


def unit(rows: np.ndarray) -> np.ndarray:
    """The rows scaled to length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Job:
    """A store to measure on the rows and queries of a folder."""

    store: str
    kind: str
    folder: Path
    asked: tuple[str, ...]


class Draws:
    """Vectors of one kind, the same for the same seed."""

    def __init__(self, kind: str, seed: int = 1) -> None:
        self.kind = kind
        self._random = np.random.default_rng(seed)
        self._centres = unit(self._normal(CENTRES))

    def _normal(self, count: int) -> np.ndarray:
        return self._random.standard_normal((count, DIMENSIONS), np.float32)

    def rows(self, count: int) -> np.ndarray:
        """float32 (count, 512)."""
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


def truth(rows: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """int64 (Q, 100): the places of each query's nearest rows, the nearest first."""
    scores = np.full((len(queries), 0), 0.0, np.float32)
    places = np.zeros((len(queries), 0), np.int64)
    for first in range(0, len(rows), _BLOCK):
        block = queries @ np.asarray(rows[first : first + _BLOCK], np.float32).T
        best = np.argpartition(-block, min(_BEST, block.shape[1] - 1), axis=1)[:, :_BEST]
        scores = np.hstack((scores, np.take_along_axis(block, best, 1)))
        places = np.hstack((places, best + first))
        kept = np.argsort(-scores, axis=1)[:, :_BEST]
        scores, places = np.take_along_axis(scores, kept, 1), np.take_along_axis(places, kept, 1)
    return places


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


def blocks_of(rows: np.ndarray) -> Iterator[Block]:
    step = -(-len(rows) // max(_SEGMENTS, len(rows) // _MOST))
    for first in range(0, len(rows), step):
        yield first, np.asarray(rows[first : first + step], np.float32)


def made(draws: Draws, count: int, folder: Path) -> np.ndarray:
    """float16 (count, 512), on the disk."""
    rows = np.lib.format.open_memmap(folder / "rows.npy", "w+", np.float16, (count, DIMENSIONS))
    for first in range(0, count, _BLOCK):
        rows[first : first + _BLOCK] = draws.rows(min(_BLOCK, count - first))
    return rows


def run(job: Job) -> list[dict[str, Any]]:
    """The figures of one store; in a process of its own, so that its memory is its own."""
    rows = np.load(job.folder / "rows.npy", mmap_mode="r")
    asked = np.load(job.folder / "asked.npz")
    with tempfile.TemporaryDirectory(dir=job.folder) as name:
        return figures_of(job, Path(name), rows, asked)


def figures_of(job: Job, place: Path, rows: np.ndarray, asked: Any) -> list[dict[str, Any]]:
    store = STORES[job.store][1](place)
    said: dict[str, Any] = {"kind": job.kind, "store": job.store}
    with costs("build", said):
        store.build(blocks_of(rows))
    said["disk MB"] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file()) / 1e6
    with costs("open", said):
        store = STORES[job.store][1](place)
        store.open()
        store.search(asked["same kind"][0], 10)
    found = []
    for name in job.asked:
        for k in (10, 100):
            figures = measured(store.search, asked[name], asked[f"{name}, nearest"], k)
            found.append({**said, "asked": name, **figures, **memory()})
    return [*found, changed(store, rows, {"kind": job.kind, "store": job.store})]


def changed(store: VectorStore, rows: np.ndarray, said: dict[str, Any]) -> dict[str, Any]:
    """What adding and deleting cost, and whether they hold."""
    more = Draws("clustered", seed=2).rows(_ADDED)
    with costs("add", said):
        store.add((len(rows), more))
    first = [store.search(row, 10)[:1].tolist() for row in more[:_LOOKED]]
    said["added found"] = float(np.mean([f == [len(rows) + i] for i, f in enumerate(first)]))
    gone = np.arange(0, len(rows), 100)
    with costs("delete", said):
        store.delete(gone)
    asked = (np.asarray(rows[i], np.float32) for i in gone[:_LOOKED])
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
    asked = parser.parse_args()
    results = []
    for kind in asked.kinds:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            draws = Draws(kind)
            rows = made(draws, asked.count, folder)
            queries = draws.queries(asked.queries)
            nearest = {f"{name}, nearest": truth(rows, q) for name, q in queries.items()}
            np.savez(folder / "asked.npz", **queries, **nearest)
            for store in installed() if asked.peers else asked.stores:
                job = Job(store, kind, folder, tuple(queries))
                with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                    found = pool.submit(run, job).result()
                for row in found:
                    row = {"count": asked.count, "load": os.getloadavg()[0], **row}
                    results.append(row)
                    plain = {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
                    print(json.dumps(plain), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
