"""Work in a process of its own that is stopped where it takes too long or too much memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")
_EVERY_S = 0.5


class Stopped(Exception):
    """The work was stopped, or ended by itself before its end; the text says why."""


def bounded(
    work: Callable[[A], Iterable[B]], argument: A, minutes: float, most_mb: float
) -> Iterator[B]:
    """What ``work(argument)`` yields in a fresh process, as it comes.

    Raises Stopped where all of it takes more than ``minutes``, or where the memory of its own
    (what is not mapped from files) passes ``most_mb`` megabytes.
    """
    spawn = get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_answer, args=(work, argument, there))
    process.start()
    there.close()
    end = time.monotonic() + 60 * minutes
    try:
        while True:
            while not here.poll(_EVERY_S):
                own = own_mb(process.pid)
                if own > most_mb:
                    raise Stopped(f"stopped: {own:,.0f} MB of its own")
                if time.monotonic() > end:
                    raise Stopped(f"stopped after {minutes:g} minutes")
            kind, told = here.recv()
            if kind == "failed":
                raise Stopped(told)
            if kind == "ended":
                return
            yield told
    except EOFError:
        process.join()
        raise Stopped(f"ended with exit status {process.exitcode}") from None
    finally:
        process.kill()
        process.join()


def own_mb(process: int | str | None = "self") -> float:
    """Megabytes of a process's own memory now; 0 of one that has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    lines = (line.split() for line in status.splitlines() if line.startswith("RssAnon"))
    return sum(int(words[1]) for words in lines) / 1024


def _answer(work: Callable[[Any], Iterable[Any]], argument: Any, to: Connection) -> None:
    try:
        for told in work(argument):
            to.send(("told", told))
        to.send(("ended", None))
    except Exception as error:  # told to whoever asked
        to.send(("failed", f"failed: {type(error).__name__}: {error}"))
