"""The studio's server: HTTP at 127.0.0.1 alone, for the page and for programs with its token."""

from __future__ import annotations

import os
import socketserver
import sys
from collections.abc import Mapping
from contextlib import suppress
from http.server import ThreadingHTTPServer
from socket import create_connection
from threading import Thread
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.studio.http.guard import Guard
from smartcut.studio.http.handler import StudioHandler
from smartcut.studio.http.local import HOST, new_token, why_no_port
from smartcut.studio.http.page_files import PageFile, page_files
from smartcut.studio.http.slots import Slots

if TYPE_CHECKING:
    from socket import socket
    from types import TracebackType

    from smartcut.studio.desk import Desk

#: Where a studio is served unless another port is asked for, or this one is taken.
PORT = 8765


class StudioServer(ThreadingHTTPServer):
    """Serves a desk; a thread for each connection, of which there are only so many.

    with StudioServer(desk, port=0) as server:
        print(server.address)
        server.serve_forever()

    Raises SmartcutError where the port is taken. ``port`` 0 takes any that is free.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    # Elsewhere another program could take the port over.
    allow_reuse_address = os.name == "posix"

    def __init__(self, desk: Desk, port: int = PORT, token: str | None = None) -> None:
        self.desk = desk
        self.slots = Slots()
        self.files: Mapping[str, PageFile] = page_files()
        try:
            super().__init__((HOST, port), StudioHandler)
        except OSError as error:
            raise SmartcutError(why_no_port(port, error)) from error
        self.guard = Guard(self.server_address[1], token or new_token())

    def server_bind(self) -> None:
        """As of a TCP server: its name is known, and asked of no one."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    @property
    def address(self) -> str:
        """What to open in a browser; the token is in it."""
        return self.guard.address

    def process_request(self, request: Any, client_address: Any) -> None:
        self.slots.enter(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.slots.leave(request)
        super().shutdown_request(request)

    def handle_error(self, request: socket | Any, client_address: Any) -> None:
        """A client that goes is no error; what else happens in a thread is told in one line."""
        error = sys.exception()
        if not isinstance(error, (ConnectionError, TimeoutError)):
            told = f"unexpected {type(error).__name__}: {error}"
            print(f"error: {told}", file=sys.stderr)
            self.desk.bus.tell("error", work="server", error=told)

    def start(self) -> StudioServer:
        """Serve in a thread of its own; returns at once."""
        Thread(target=self.serve_forever, name="studio-server", daemon=True).start()
        return self

    def serve_forever(self, poll_interval: float = 60.0) -> None:
        """As of the base class; it sleeps until somebody comes."""
        super().serve_forever(poll_interval)

    def stop(self) -> None:
        """End serving, all connections, and the work of the desk."""
        ending = Thread(target=self.shutdown, name="studio-stop")
        ending.start()
        while ending.is_alive():
            with suppress(OSError):  # which wakes it
                create_connection((HOST, self.server_port), 1).close()
            ending.join(0.02)
        self.server_close()

    def server_close(self) -> None:
        super().server_close()
        self.desk.close()
        self.slots.close()

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.server_close()
