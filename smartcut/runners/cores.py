"""Cores of this machine, lent to one piece of work at a time.

FFmpeg, ncnn and smartcut itself start as many threads as there are cores that they may use. Where
a scheduler puts many pieces of work on one machine and tells none which cores are its own, each
takes free ones here, so that together they start no more threads than there are cores.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from smartcut.locks import lock_if_possible


@contextmanager
def lent_cores(count: int) -> Iterator[tuple[int, ...]]:
    """Run the block, and the threads it starts, on ``count`` cores that no other block has.

    A core is held by a lock on a file, which ends with the process however it ends. The answer
    is empty, and nothing is bound, where fewer cores are free or the system binds none.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield ()
        return
    before = os.sched_getaffinity(0)
    with ExitStack() as held:
        cores = tuple(_free(sorted(before), count, held))
        if len(cores) < count:
            held.close()
            yield ()
            return
        os.sched_setaffinity(0, cores)
        try:
            yield cores
        finally:
            os.sched_setaffinity(0, before)


def _free(cores: list[int], count: int, held: ExitStack) -> Iterator[int]:
    """The first free cores; their locks go to ``held``."""
    folder = Path(tempfile.gettempdir()) / f"smartcut-cores-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = 0
    for core in cores:
        if found == count:
            return
        file = held.enter_context((folder / str(core)).open("w"))
        if lock_if_possible(file.fileno()):
            found += 1
            yield core
