"""What of this machine the process may use, and what of that is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


def usable_cores() -> int:
    """How many cores this process may run on; schedulers may bind it to fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class TakenCores:
    """Cores that long computations of one thread each have; may be used by many threads.

    What can be divided among threads keeps out of their way, since it can make up for the time
    with all cores afterwards: the other way round, one core would be idle at the end.
    """

    def __init__(self) -> None:
        self._state = Condition()
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """The block computes on one thread, and has a core to itself where there is one."""
        with self._state:
            self._count += 1
        try:
            yield
        finally:
            with self._state:
                self._count -= 1
                self._state.notify_all()

    def leave_any(self, seconds: float) -> bool:
        """Whether a core is left to others now, or within so many seconds."""
        with self._state:
            return self._state.wait_for(lambda: self._count < usable_cores(), seconds)


#: Of this process.
taken_cores = TakenCores()
