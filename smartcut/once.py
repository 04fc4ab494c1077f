"""Work that is done once in a process, however many threads ask for it at the same time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import update_wrapper
from threading import Lock, RLock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Answer(Generic[T]):
    """The answer to one set of arguments, or the place for it while it is worked out."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.is_known = False
        self.value: T


class once(Generic[P, T]):
    """A function that is called once for each set of arguments, and whose answer is kept.

    ``functools.cache`` calls the function again in every thread that asks before the first answer
    is there, which is wrong for whatever registers, imports, loads or opens something. Here those
    threads wait for that answer. An error is raised in the thread that met it and is not kept:
    the next one to ask tries again. Arguments are hashable.
    """

    def __init__(self, function: Callable[P, T]) -> None:
        self._function = function
        self._lock = Lock()
        self._answers: dict[Hashable, _Answer[T]] = {}
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        asked = (args, tuple(sorted(kwargs.items())))
        with self._lock:
            answer = self._answers.setdefault(asked, _Answer())
        with answer.lock:
            if not answer.is_known:
                answer.value = self._function(*args, **kwargs)
                answer.is_known = True
            return answer.value

    def cache_clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._answers.clear()
