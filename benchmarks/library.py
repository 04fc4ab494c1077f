"""`python -m benchmarks.library`: a library's search on synthetic embeddings, against brute force.

Two kinds of vectors of CLIP's 512 dimensions, all of length 1: `uniform` over the sphere, which is
the hardest case (nothing to go by but the vectors themselves), and `clustered` around centres, as
pictures are. Queries are new draws of the same kind; `far` ones lie off the clusters, as words do
from pictures in CLIP's space. The truth is the inner product in float32 over all rows.

`--peers` also measures approximate indexes that are installed (usearch, faiss) on the same rows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.library.segments import VectorSegment, write_segment
from smartcut.library.vectors import Vectors

DIMENSIONS = 512
CENTRES, WIDTH = 2000, 0.7
_BLOCK = 50_000
_BEST = 100
_WARM_UP = 5
_SEGMENTS = 4


def unit(rows: np.ndarray) -> np.ndarray:
    """The rows scaled to length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


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


def resident() -> dict[str, int]:
    """Megabytes of this process: its own, and of mapped files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("RssAnon", "RssFile"):
            found[name] = int(rest.split()[0]) // 1024
    return found


def built(folder: Path, rows: np.ndarray) -> tuple[list[VectorSegment], dict[str, Any]]:
    """The segments, and what making them cost."""
    wall, work = time.perf_counter(), time.process_time()
    step = -(-len(rows) // _SEGMENTS)
    segments = [
        write_segment(folder, str(i), [rows[first : first + step]])
        for i, first in enumerate(range(0, len(rows), step))
    ]
    size = sum(f.stat().st_size for s in segments for f in s.folder.iterdir())
    return segments, {
        "build s": time.perf_counter() - wall,
        "build CPU s": time.process_time() - work,
        "disk MB": size / 1e6,
    }


def places_of(vectors: Vectors, starts: np.ndarray) -> Callable[[np.ndarray, int], np.ndarray]:
    def search(query: np.ndarray, k: int) -> np.ndarray:
        return np.array([starts[n.segment] + n.row for n in vectors.search(query, k)])

    return search


def peers(rows: np.ndarray) -> Iterator[tuple[str, float, Any]]:
    """(name, seconds to build, search) of the indexes that are installed."""
    try:
        import usearch.index as usearch

        start = time.perf_counter()
        index = usearch.Index(ndim=DIMENSIONS, metric="ip", dtype="f16")
        index.add(np.arange(len(rows)), rows)
        index.expansion_search = 256
        yield (
            "usearch HNSW f16, expansion 256",
            time.perf_counter() - start,
            lambda query, k: np.asarray(index.search(query, k).keys),
        )
    except ImportError:
        print("usearch is not installed", file=sys.stderr)
    try:
        import faiss
    except ImportError:
        print("faiss is not installed", file=sys.stderr)
        return
    for name, probes in (("IVF1024,SQ8", 64), ("HNSW32,SQ8", 256)):
        start = time.perf_counter()
        made = faiss.index_factory(DIMENSIONS, name, faiss.METRIC_INNER_PRODUCT)
        made.train(rows[:: max(1, len(rows) // 60_000)])
        made.add(rows)
        if name.startswith("IVF"):
            made.nprobe = probes
        else:
            faiss.downcast_index(made).hnsw.efSearch = probes
        yield (
            f"faiss {name}, {probes} probed",
            time.perf_counter() - start,
            lambda query, k, made=made: made.search(query[None], k)[1][0],
        )


def run(
    kind: str, count: int, queries: int, with_peers: bool, folder: Path
) -> Iterator[dict[str, Any]]:
    draws = Draws(kind)
    rows = np.lib.format.open_memmap(folder / "rows.npy", "w+", np.float32, (count, DIMENSIONS))
    for first in range(0, count, _BLOCK):
        rows[first : first + _BLOCK] = draws.rows(min(_BLOCK, count - first))
    asked = draws.queries(queries)
    nearest = {name: truth(rows, q) for name, q in asked.items()}
    segments, cost = built(folder, rows)
    vectors = Vectors(segments)
    starts = np.cumsum([0, *(s.size for s in segments)])
    for name, of_it in asked.items():
        for k in (10, 100):
            figures = measured(places_of(vectors, starts), of_it, nearest[name], k)
            yield {
                "kind": kind,
                "asked": name,
                "index": "smartcut",
                **cost,
                **figures,
                **resident(),
            }
    brute = np.asarray(rows)

    def all_of_it(query: np.ndarray, k: int) -> np.ndarray:
        scores = brute @ query
        best = np.argpartition(-scores, k)[:k]
        return np.asarray(best)

    few = asked["same kind"][:10]
    figures = measured(all_of_it, few, nearest["same kind"][:10], 10)
    yield {"kind": kind, "asked": "same kind", "index": "brute force, float32", **figures}
    for name, seconds, search in peers(brute) if with_peers else ():
        for asking, of_it in asked.items():
            for k in (10, 100):
                figures = measured(search, of_it, nearest[asking], k)
                yield {"kind": kind, "asked": asking, "index": name, "build s": seconds, **figures}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--queries", type=int, default=200, metavar="N")
    parser.add_argument("--kinds", nargs="*", default=["clustered", "uniform"])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", type=Path, metavar="PATH")
    asked = parser.parse_args()
    results = []
    for kind in asked.kinds:
        with tempfile.TemporaryDirectory() as folder:
            for row in run(kind, asked.count, asked.queries, asked.peers, Path(folder)):
                row = {"count": asked.count, "load": os.getloadavg()[0], **row}
                results.append(row)
                plain = {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
                print(json.dumps(plain), flush=True)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
