"""The server over HTTP: on this machine alone, and only for those who have the token."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from smartcut.agents.tool import ToolCall
from smartcut.errors import PipelineError, SmartcutError
from smartcut.studio.http.local import HOST, bearer_in, is_same, new_token, why_no_port

_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_App = Callable[[MutableMapping[str, Any], _Receive, _Send], Awaitable[None]]
#: Bytes of a request's body.
MOST_BODY = 1_000_000


def token_of(variable: str) -> str:
    """The token that this environment variable sets, or a new one of 256 bits.

    Raises PipelineError for one that could be guessed.
    """
    given = os.environ.get(variable)
    if given is None:
        return new_token()
    if not re.fullmatch(r"[\x21-\x7e]{16,512}", given):
        raise PipelineError(f"{variable}: accepted: 16 to 512 visible characters of ASCII")
    return given


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket at this machine's own address; raises SmartcutError where the port is in use."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise SmartcutError(why_no_port(port, error)) from error
        listener.listen(64)
        yield listener
    finally:
        listener.close()


def guarded(app: _App, token: str) -> _App:
    """The application for requests with ``Authorization: Bearer TOKEN`` alone."""

    async def checked(scope: MutableMapping[str, Any], receive: _Receive, send: _Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not is_same(bearer_in(given.decode("latin-1")), token):
                await _refused(send)
                return
        await app(scope, receive, send)

    return checked


async def _refused(send: _Send) -> None:
    text = b"this server wants the token that it printed: Authorization: Bearer TOKEN\n"
    headers = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def made_app(call: ToolCall, token: str) -> _App:
    """The application; what asks for another host or comes from another site is refused."""
    from smartcut.agents.server import made_server

    app = made_server(call).streamable_http_app(
        host=HOST, max_request_body_size=MOST_BODY, max_sessions=64
    )
    return guarded(app, token)


async def serve_http(call: ToolCall, listener: socket.socket, token: str) -> None:
    """Serve at a socket until the process is told to end."""
    import uvicorn

    app: Any = made_app(call, token)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        call.jobs.close()
