"""Work done ahead of its use, in a thread of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

# How often a thread that waits for room looks whether it is still wanted, in seconds.
_LOOK = 0.2


class _End:
    """Closes the queue; carries what the thread raised."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterator[T], room: int) -> Generator[T, None, None]:
    """The same items in the same order, made by a thread that is at most ``room`` items ahead.

    What making them raises is raised here, in its place. When this iterator is closed, or its
    user fails, the thread stops at the next item and ``items`` is closed.
    """
    waiting: Queue[T | _End] = Queue(room)
    stopped = Event()
    thread = Thread(target=_make, args=(items, waiting, stopped), name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        _drain(waiting)
        thread.join()


def _make(items: Iterator[T], waiting: Queue[T | _End], stopped: Event) -> None:
    error: BaseException | None = None
    try:
        for item in items:
            if not _put(waiting, item, stopped):
                break
    except BaseException as raised:  # it is raised again where the items are used
        error = raised
    finally:
        if close := getattr(items, "close", None):
            close()
        _put(waiting, _End(error), stopped)


def _put(waiting: Queue[T | _End], item: T | _End, stopped: Event) -> bool:
    """Whether the item found its place before somebody stopped us."""
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=_LOOK)
            return True
        except Full:
            continue
    return False


def _drain(waiting: Queue[T | _End]) -> None:
    """Room for the thread that waits for it."""
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        pass
