"""What is worked out once for each automatic cut, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class KnownForCuts(Generic[T]):
    """One value for each automatic cut."""

    def __init__(self) -> None:
        self._known: dict[int, T] = {}
        self._lock = Lock()

    def of(self, base: int, make: Callable[[], T]) -> T:
        """That of the automatic cut of this version; others wait while it is worked out."""
        with self._lock:
            if base not in self._known:
                self._known[base] = make()
            return self._known[base]
