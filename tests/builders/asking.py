"""Requests to a studio's server, over plain sockets."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from smartcut.studio.server import StudioServer


class Answered:
    """An answer, read to its end."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def data(self) -> Any:
        return json.loads(self.body)


def ask(
    server: StudioServer,
    method: str,
    path: str,
    body: Any = None,
    token: bool = True,
    **headers: str,
) -> Answered:
    """What is answered; with the token, unless told otherwise."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given = {"Authorization": f"Bearer {server.guard.token}", **given}
    if body is not None:
        given = {"Content-Type": "application/json", **given}
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    try:
        connection.putrequest(method, path, skip_host="Host" in given)
        for name, value in given.items():
            connection.putheader(name, value)
        if body is not None and "Content-Length" not in given:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Answered(connection.getresponse())
    finally:
        connection.close()


def raw(server: StudioServer, text: bytes, seconds: float = 20) -> bytes:
    """All that comes back for these bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=seconds) as client:
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


class Heard:
    """The events of a server, one after the other."""

    def __init__(self, server: StudioServer) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        headers = {"Authorization": f"Bearer {server.guard.token}"}
        self._connection.request("GET", "/api/events", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200

    def until(self, *kinds: str) -> list[dict[str, Any]]:
        """All events up to one of these kinds."""
        found: list[dict[str, Any]] = []
        for line in self._answer:
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
                if found[-1]["kind"] in kinds:
                    return found
        raise AssertionError(f"no {kinds} came, but {found}")

    def close(self) -> None:
        self._answer.close()
        self._connection.close()
