"""Events for all who listen: each has a queue of its own, which drops progress when it is full."""

from __future__ import annotations

import json
import select
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from socket import MSG_PEEK, socket, socketpair
from threading import Lock
from typing import Any

#: Seconds without an event after which a line is sent, for whatever lies between.
_KEPT_ALIVE = 20.0
_MOST_WAITING = 500


class Listening:
    """One who listens: what was told since it last looked, and a way to wake it."""

    def __init__(self) -> None:
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._lock = Lock()
        self._read, self._write = socketpair()
        self._is_closed = False

    def tell(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            if self._is_closed:
                return
            if len(self._waiting) >= _MOST_WAITING:
                kept = [e for e in self._waiting if e["kind"] != "progress"]
                self._waiting = deque(kept[-_MOST_WAITING + 1 :])
            if not self._waiting:
                self._write.send(b".")
            self._waiting.append(event)

    def close(self) -> None:
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._write.send(b".")

    def drained(self) -> list[Mapping[str, Any]]:
        """All that is waiting, which is then no longer waiting."""
        with self._lock:
            if self._waiting:
                self._read.recv(1)
            found, self._waiting = [*self._waiting], deque()
            return found

    def lines(self, connection: socket) -> Iterator[bytes]:
        """Server-sent events, until the client has gone or this is closed; sleeps in between."""
        yield b"retry: 1000\n\n"
        try:
            while True:
                ready, _, _ = select.select([connection, self._read], [], [], _KEPT_ALIVE)
                if self._is_closed or (connection in ready and is_gone(connection)):
                    return
                for event in self.drained():
                    yield f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
                if not ready:
                    yield b": \n\n"
        finally:
            self.close()
            self._read.close()
            self._write.close()


def is_gone(connection: socket) -> bool:
    """Whether the client has closed a connection; what it sent is left to be read."""
    try:
        ready, _, _ = select.select([connection], [], [], 0)
        return bool(ready) and connection.recv(1, MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


class Bus:
    """Tells events to all who listen, and whoever wants to know when the last one has gone."""

    def __init__(self, on_silence: Callable[[], object] = lambda: None) -> None:
        self._lock = Lock()
        self._listeners: list[Listening] = []
        self._on_silence = on_silence

    def tell(self, kind: str, **what: Any) -> None:
        event = {"kind": kind, **what}
        with self._lock:
            listeners = [*self._listeners]
        for one in listeners:
            one.tell(event)

    def listen(self) -> Listening:
        one = Listening()
        with self._lock:
            self._listeners.append(one)
        return one

    def leave(self, one: Listening) -> None:
        with self._lock:
            self._listeners.remove(one)
            is_silent = not self._listeners
        if is_silent:
            self._on_silence()

    @property
    def is_heard(self) -> bool:
        with self._lock:
            return bool(self._listeners)

    def close(self) -> None:
        with self._lock:
            listeners = [*self._listeners]
        for one in listeners:
            one.close()
