"""Rows of many askers, put into batches of one size, and computed by several threads.

The last bits of what torch computes depend on the size of the batch and on the number of threads
that share it. So a batch always has the same size, and is computed by one thread: what comes of a
row is then identical whatever else is in the batch, on any number of cores.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import Any

import numpy as np

from smartcut.errors import ModelError, SmartcutError
from smartcut.models.torch_threads import compute_with
from smartcut.stage import Answer, RowNetwork, Stopped
from smartcut.usable import usable_cores

#: How long rows wait for others to fill their batch, in seconds.
WAIT = 0.005
#: So many batches for each thread may wait; further callers block.
_WAITING = 4


@dataclass(frozen=True, slots=True)
class Counts:
    """What was computed: so many rows, and how many batches held rows of so many sources."""

    rows: int
    batches: dict[int, int]


@dataclass(slots=True, eq=False)
class _Request:
    """Rows of one asker, of which ``taken`` are in work or done."""

    source: str
    rows: np.ndarray
    future: Answer = field(default_factory=Answer)
    taken: int = 0
    done: int = 0
    answer: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class _RowPart:
    """Rows of a request that are in a batch, from ``first`` on."""

    request: _Request
    first: int
    count: int

    def rows(self) -> np.ndarray:
        return self.request.rows[self.first : self.first + self.count]


class Batches:
    """What a network is asked, be it still being loaded; ``threads`` compute side by side."""

    def __init__(
        self,
        asked: RowNetwork,
        network: Future[Callable[[np.ndarray], np.ndarray]],
        device: str,
        *,
        threads: int | None = None,
        wait: float = WAIT,
    ) -> None:
        self._asked, self._network, self._device = asked, network, device
        self._size, self._wait = asked.batch(device), wait
        threads = (threads or usable_cores()) if device == "cpu" else 1
        self._most = _WAITING * threads * self._size
        # Its threads end with this object, and are waited for when the process ends.
        self._threads = ThreadPoolExecutor(threads, asked.name, _compute_alone, (network,))
        self._state = Condition(Lock())
        self._requests: deque[_Request] = deque()
        self._waiting = self._rows = 0
        self._batches: Counter[int] = Counter()

    def ask(self, rows: np.ndarray, source: str) -> Answer:
        """The answer for all rows, in their order; waits while too many are waiting already."""
        if not len(rows):
            raise ValueError("no rows were asked about")
        request = _Request(source, rows)
        with self._state:
            self._state.wait_for(lambda: self._waiting < self._most)
            self._requests.append(request)
            self._waiting += len(rows)
            self._state.notify_all()
        for _ in range(0, len(rows), self._size):  # never fewer turns than batches
            self._threads.submit(self._turn)
        return request.future

    def close(self) -> None:
        """End; rows that wait are not computed, and raise Stopped where they are waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._state:
            left = list(self._requests)
            self._requests.clear()
            self._waiting = 0
            self._state.notify_all()
        for request in left:
            with suppress(InvalidStateError):
                request.future.set_exception(Stopped())

    def counts(self) -> Counts:
        with self._state:
            return Counts(self._rows, dict(self._batches))

    def _turn(self) -> None:
        """Compute a batch, where there are rows for one."""
        with self._state:
            until = time.monotonic() + self._wait
            while 0 < self._waiting < self._size and (left := until - time.monotonic()) > 0:
                self._state.wait(left)
            parts = list(self._parts())
            self._state.notify_all()
        if not parts:
            return
        try:
            answer = self._compute(parts)
        except Exception as error:
            self._fail(parts, failure(error, self._asked, self._device))
        else:
            self._give(parts, answer)

    def _parts(self) -> Iterator[_RowPart]:
        room = self._size
        while room and self._requests:
            request = self._requests[0]
            count = min(room, len(request.rows) - request.taken)
            yield _RowPart(request, request.taken, count)
            request.taken += count
            self._waiting -= count
            room -= count
            if request.taken == len(request.rows):
                self._requests.popleft()

    def _compute(self, parts: Sequence[_RowPart]) -> np.ndarray:
        rows = np.concatenate([part.rows() for part in parts])
        blank = np.zeros((self._size - len(rows), *rows.shape[1:]), rows.dtype)
        network = self._network.result()
        return network(np.concatenate([rows, blank]) if len(blank) else rows)

    def _give(self, parts: Sequence[_RowPart], answer: np.ndarray) -> None:
        at, whole = 0, []
        with self._state:
            for part in parts:
                request = part.request
                if request.answer is None:
                    shape = (len(request.rows), *answer.shape[1:])
                    request.answer = np.empty(shape, answer.dtype)
                request.answer[part.first : part.first + part.count] = answer[at : at + part.count]
                at += part.count
                request.done += part.count
                if request.done == len(request.rows):
                    whole.append(request)
            self._rows += at
            self._batches[len({part.request.source for part in parts})] += 1
        for request in whole:
            assert request.answer is not None
            request.future.engine = getattr(self._network.result(), "engine", "")
            request.future.set_result(request.answer)

    def _fail(self, parts: Sequence[_RowPart], error: Exception) -> None:
        """Tell the askers, and forget what else they asked in the same request."""
        failed = [part.request for part in parts]
        with self._state:
            for request in failed:
                if request in self._requests:
                    self._requests.remove(request)
                    self._waiting -= len(request.rows) - request.taken
            self._state.notify_all()
        for request in failed:
            with suppress(InvalidStateError):  # another of its batches failed before
                request.future.set_exception(error)


def _compute_alone(network: Future[Any]) -> None:
    """Have this thread compute without others, once the network has brought its library."""
    network.exception()
    compute_with(1)


def failure(error: Exception, asked: RowNetwork, device: str) -> Exception:
    """An error of a network in words for users; programming errors stay as they are."""
    if isinstance(error, SmartcutError) or not isinstance(error, (RuntimeError, MemoryError)):
        return error
    said = str(error).strip().split("\n", 1)[0]
    told = ModelError(
        f"{asked.name} failed on the device {device!r}: {said}; where memory ran out, end what "
        "else runs there, or compute with --device cpu"
    )
    told.__cause__ = error
    return told
