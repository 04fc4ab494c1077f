"""Other processes that search a store of vectors, alone and while this one changes it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bounded import own_mb
from benchmarks.vector_stores import STORES

_READERS, _NEAREST = 2, 10
#: How long readers search before and after the change, at least.
_ALONE_S = 3.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is to do: the store's name, its folder, and queries (N, dimensions)."""

    store: str
    place: Path
    queries: np.ndarray


@contextmanager
def searches_beside(
    store: str, place: Path, queries: np.ndarray, into: dict[str, Any]
) -> Iterator[None]:
    """Two other processes search throughout the block, and some seconds more.

    Says how many searches a second both made together, what failed, and the largest memory of its
    own that one had.
    """
    spawn = get_context("spawn")
    readers = []
    for _ in range(_READERS):
        here, there = spawn.Pipe()
        process = spawn.Process(target=_read, args=(Reading(store, place, queries), there))
        process.start()
        there.close()
        readers.append((process, here))
    try:
        for _, pipe in readers:
            pipe.recv()
        time.sleep(_ALONE_S)
        yield
        time.sleep(_ALONE_S)
        for _, pipe in readers:
            pipe.send("enough")
        told = [pipe.recv() for _, pipe in readers]
    except EOFError:
        into["readers"] = "one ended without an answer"
        return
    finally:
        for process, _ in readers:
            process.kill()
            process.join()
    into["readers' searches/s"] = sum(t["searches"] / t["seconds"] for t in told)
    into["readers' errors"] = sum(t["errors"] for t in told)
    into["a reader's MB"] = max(t["own MB"] for t in told)


def _read(asked: Reading, pipe: Connection) -> None:
    store = STORES[asked.store][1](asked.place)
    store.open()
    store.search(asked.queries[0], _NEAREST)
    pipe.send("ready")
    began, searches, errors = time.perf_counter(), 0, 0
    while not pipe.poll():
        try:
            store.search(asked.queries[searches % len(asked.queries)], _NEAREST)
        except Exception:  # counted: it is what is measured
            errors += 1
        searches += 1
    seconds = time.perf_counter() - began
    pipe.send({"searches": searches, "seconds": seconds, "errors": errors, "own MB": own_mb()})
