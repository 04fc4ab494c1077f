"""Work outside that may never end, and is waited for only so long."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Event, Thread
from time import monotonic
from typing import TypeVar

from smartcut.errors import ModelError
from smartcut.stage import Stopped

T = TypeVar("T")
_LOOK = 0.1


def within(
    seconds: float, work: Callable[[], T], end: Callable[[], None], stopping: Event, what: str
) -> T:
    """What ``work`` returns or raises; it runs in a thread of its own.

    Where it takes longer than so many seconds, ``end`` is called, which makes it give up, and
    ModelError says that ``what`` did not answer. Raises Stopped where ``stopping`` is set.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    until = monotonic() + seconds
    try:
        while True:
            try:
                return answer.result(min(_LOOK, max(until - monotonic(), 0.001)))
            except NotYet as error:
                if answer.done():  # it is the work's own
                    raise
                if stopping.is_set():
                    raise Stopped from None
                if monotonic() >= until:
                    raise ModelError(
                        f"{what} did not answer within {seconds:g} s; a larger `timeout` waits "
                        "longer"
                    ) from error
    finally:
        if not answer.done():
            end()
