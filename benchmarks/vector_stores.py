"""Stores of vectors that can be measured on the same rows: smartcut's own, and peers.

All are asked for inner products of unit vectors; identities are whole numbers. Peers are measured
where they are installed: `pip install lancedb sqlite-vec
pysqlite3-binary usearch faiss-cpu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from smartcut.library.segments import VectorSegment, write_segment
from smartcut.library.vectors import Vectors

Block = tuple[int, np.ndarray]
"""The first row's identity, and float32 rows."""


class VectorStore(Protocol):
    """Vectors on the disk, in a folder of their own."""

    def build(self, blocks: Iterator[Block]) -> None:
        """Put them there, and make them quick to search."""

    def open(self) -> None:
        """Make ready what is on the disk, to search it."""

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        """Identities of about the k nearest, the nearest first."""
        ...

    def add(self, block: Block) -> None:
        """Put more there, which the next search finds."""

    def delete(self, ids: np.ndarray) -> None:
        """Take some away, which no later search finds."""


class Smartcut:
    """What smartcut's libraries have: segments that are scanned (see docs/decisions/0006)."""

    needs = "numpy"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, blocks: Iterator[Block]) -> None:
        for first, rows in blocks:
            write_segment(self._folder, f"{first:012d}", [rows])

    def open(self) -> None:
        names = sorted(p for p in self._folder.iterdir() if p.is_dir())
        segments = [VectorSegment(p) for p in names]
        gone = self._folder / "gone.npy"
        self._firsts = [int(p.name) for p in names]
        taken = np.load(gone) if gone.exists() else np.zeros(0, np.int64)
        alive = [
            np.isin(np.arange(first, first + s.size), taken, invert=True) if len(taken) else None
            for first, s in zip(self._firsts, segments, strict=True)
        ]
        self._vectors = Vectors(segments, alive)

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        found = self._vectors.search(query, k)
        return np.array([self._firsts[n.segment] + n.row for n in found])

    def add(self, block: Block) -> None:
        self.build(iter([block]))
        self.open()

    def delete(self, ids: np.ndarray) -> None:
        np.save(self._folder / "gone.npy", ids)
        self.open()


class Lance:
    """LanceDB; ``kind`` is that of its index.

    It has as many parts as the root of the rows' number, but at most 1,024: the time that training
    takes grows with the square of that. Half floats would halve the rows, and are trained seven
    times as slowly. ``probes`` of them are searched.
    """

    needs = "lancedb"

    def __init__(self, folder: Path, kind: str, probes: int, refine: int) -> None:
        self._folder, self._kind = folder, kind
        self._probes, self._refine = probes, refine

    def build(self, blocks: Iterator[Block]) -> None:
        import lancedb

        table = lancedb.connect(self._folder).create_table("v", (_arrow(b) for b in blocks))
        parts = min(1024, max(16, int(np.sqrt(table.count_rows()))))
        table.create_index(
            metric="dot", num_partitions=parts, vector_column_name="v", index_type=self._kind
        )

    def open(self) -> None:
        import lancedb

        self._table: Any = lancedb.connect(self._folder).open_table("v")

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        asked = self._table.search(query, vector_column_name="v").distance_type("dot")
        asked = asked.nprobes(self._probes).refine_factor(self._refine).limit(k)
        found: np.ndarray = asked.select(["id"]).to_arrow()["id"].to_numpy()
        return found

    def add(self, block: Block) -> None:
        self._table.add(_arrow(block))

    def delete(self, ids: np.ndarray) -> None:
        self._table.delete(f"id IN ({','.join(map(str, ids.tolist()))})")


def _arrow(block: Block) -> Any:
    import pyarrow as pa

    first, rows = block
    values = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    return pa.record_batch([pa.array(np.arange(first, first + len(rows))), values], ["id", "v"])


class SqliteVec:
    """sqlite-vec: all rows of one table are compared; with ``bits`` their signs first.

    Not every Python's own sqlite3 loads extensions; pysqlite3 does.
    """

    needs = "sqlite_vec"

    def __init__(self, folder: Path, bits: bool) -> None:
        self._path, self._bits = folder / "v.db", bits

    def build(self, blocks: Iterator[Block]) -> None:
        first = next(blocks)
        self.open()
        width = first[1].shape[1]
        columns = f"v float[{width}] distance_metric=cosine"
        if self._bits:
            columns = f"signs bit[{width}], +v blob"
        self._db.execute(f"CREATE VIRTUAL TABLE v USING vec0(id INTEGER PRIMARY KEY, {columns})")
        self.add(first)
        for block in blocks:
            self.add(block)

    def open(self) -> None:
        import pysqlite3
        import sqlite_vec

        self._db = pysqlite3.connect(self._path)
        self._db.enable_load_extension(True)
        sqlite_vec.load(self._db)

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        plain = query.astype(np.float32).tobytes()
        if not self._bits:
            rows = self._db.execute(
                "SELECT id FROM v WHERE v MATCH ? AND k = ? ORDER BY distance", (plain, k)
            )
            return np.array([id for (id,) in rows])
        found = self._db.execute(
            "SELECT id, v FROM v WHERE signs MATCH vec_quantize_binary(?) AND k = ?",
            (plain, min(4096, 40 * k)),
        ).fetchall()
        vectors = np.frombuffer(b"".join(v for _, v in found), np.float32).reshape(len(found), -1)
        best = np.argsort(-(vectors @ query))[:k]
        return np.array([found[i][0] for i in best])

    def add(self, block: Block) -> None:
        first, rows = block
        values = [(first + i, row.tobytes()) for i, row in enumerate(rows)]
        with self._db:
            if self._bits:
                self._db.executemany(
                    "INSERT INTO v(id, signs, v) VALUES (?, vec_quantize_binary(?2), ?2)", values
                )
            else:
                self._db.executemany("INSERT INTO v(id, v) VALUES (?, ?)", values)

    def delete(self, ids: np.ndarray) -> None:
        with self._db:
            self._db.executemany("DELETE FROM v WHERE id = ?", [(i,) for i in ids.tolist()])


class Usearch:
    """usearch: a graph (HNSW) of half floats, all of it in memory."""

    needs = "usearch"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "v.usearch"

    def _new(self, width: int) -> Any:
        from usearch.index import Index

        index = Index(ndim=width, metric="ip", dtype="f16")
        index.expansion_search = 256
        return index

    def build(self, blocks: Iterator[Block]) -> None:
        index = None
        for first, rows in blocks:
            index = index or self._new(rows.shape[1])
            index.add(np.arange(first, first + len(rows)), rows)
        assert index is not None
        index.save(str(self._path))

    def open(self) -> None:
        from usearch.index import Index

        self._index: Any = Index.restore(str(self._path), view=False)
        self._index.expansion_search = 256

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        return np.asarray(self._index.search(query, k).keys).astype(np.int64)

    def add(self, block: Block) -> None:
        first, rows = block
        self._index.add(np.arange(first, first + len(rows)), rows)
        self._index.save(str(self._path))

    def delete(self, ids: np.ndarray) -> None:
        self._index.remove(ids)
        self._index.save(str(self._path))


class Faiss:
    """faiss, by the name of its index and how much of it is searched."""

    needs = "faiss"

    def __init__(self, folder: Path, name: str, probes: int) -> None:
        self._path, self._name, self._probes = folder / "v.faiss", name, probes

    def build(self, blocks: Iterator[Block]) -> None:
        import faiss

        index = None
        for _, rows in blocks:
            if index is None:
                index = faiss.index_factory(rows.shape[1], self._name, faiss.METRIC_INNER_PRODUCT)
                index.train(rows)
            index.add(rows)
        faiss.write_index(index, str(self._path))

    def open(self) -> None:
        import faiss

        self._index = faiss.read_index(str(self._path))
        faiss.extract_index_ivf(self._index).nprobe = self._probes

    def search(self, query: np.ndarray, k: int) -> np.ndarray:
        found: np.ndarray = self._index.search(query[None], k)[1][0]
        return found

    def add(self, block: Block) -> None:
        import faiss

        self._index.add(block[1])
        faiss.write_index(self._index, str(self._path))

    def delete(self, ids: np.ndarray) -> None:
        import faiss

        self._index.remove_ids(ids)
        faiss.write_index(self._index, str(self._path))


STORES: dict[str, tuple[str, Callable[[Path], VectorStore]]] = {
    "smartcut": (Smartcut.needs, Smartcut),
    "LanceDB IVF_RQ, 64 parts": (Lance.needs, lambda f: Lance(f, "IVF_RQ", 64, 10)),
    "LanceDB IVF_HNSW_SQ, 64 parts": (Lance.needs, lambda f: Lance(f, "IVF_HNSW_SQ", 64, 2)),
    "sqlite-vec float32": (SqliteVec.needs, lambda f: SqliteVec(f, False)),
    "sqlite-vec signs": (SqliteVec.needs, lambda f: SqliteVec(f, True)),
    "usearch HNSW f16": (Usearch.needs, Usearch),
    "faiss IVF1024,SQ8": (Faiss.needs, lambda f: Faiss(f, "IVF1024,SQ8", 64)),
}
"""Each store: the module that it needs, and how it is made for a folder."""


def installed() -> list[str]:
    """Names of the stores that can be measured here."""
    return [name for name, (needs, _) in STORES.items() if find_spec(needs)]
