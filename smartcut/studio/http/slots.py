"""How many connections are open: those that showed no token yet make room for new ones."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Lock


class Slots:
    """The open connections of a server.

    Strangers, who have shown no token, cannot keep others out: of too many the oldest is closed.
    """

    def __init__(self, strangers: int = 32, known: int = 64) -> None:
        self._most_strangers, self._most_known = strangers, known
        self._lock = Lock()
        self._strangers: dict[socket, None] = {}  # in the order of coming
        self._known: set[socket] = set()

    def enter(self, connection: socket) -> None:
        """A connection has come."""
        with self._lock:
            self._strangers[connection] = None
            oldest = next(iter(self._strangers))
            is_full = len(self._strangers) > self._most_strangers
            if is_full:
                del self._strangers[oldest]
        if is_full:
            with suppress(OSError):
                oldest.shutdown(SHUT_RDWR)

    def trust(self, connection: socket) -> bool:
        """A connection has shown the token; False where there are too many of those."""
        with self._lock:
            if connection in self._known:
                return True
            if len(self._known) >= self._most_known:
                return False
            self._strangers.pop(connection, None)
            self._known.add(connection)
            return True

    def leave(self, connection: socket) -> None:
        """A connection has ended."""
        with self._lock:
            self._strangers.pop(connection, None)
            self._known.discard(connection)

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            open_now = [*self._strangers, *self._known]
        for connection in open_now:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

    def __len__(self) -> int:
        with self._lock:
            return len(self._strangers) + len(self._known)
