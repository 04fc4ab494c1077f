"""One connection: reads requests, has them judged, and writes what the operations answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from smartcut.studio.http.events import is_gone
from smartcut.studio.http.guard import HEADERS, Refusal
from smartcut.studio.http.reading import Deadline, RefusedRequest, body_of, part_of

if TYPE_CHECKING:
    from smartcut.studio.answers import Answer, BytesAnswer, FileAnswer, StreamAnswer
    from smartcut.studio.server import StudioServer

#: Seconds for a request to come in, for a connection to be idle, for a client to take an answer.
REQUEST, IDLE, ANSWER = 10.0, 60.0, 60.0
_BLOCK = 256 * 1024
_IMMUTABLE = "private, max-age=31536000, immutable"


class StudioHandler(BaseHTTPRequestHandler):
    """Answers one connection; see :mod:`smartcut.studio.http.guard` for who may ask."""

    protocol_version = "HTTP/1.1"
    server_version = "smartcut"
    sys_version = ""
    #: What is written goes out at once: a head is not held until the client has said that it came.
    disable_nagle_algorithm = True
    server: StudioServer
    connection: socket

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(ANSWER)
        self.rfile.close()
        self._deadline = Deadline(self.connection)
        self.rfile = self._deadline.file()

    def handle_one_request(self) -> None:
        """As of the base class, within its time; a new connection has less than a known one."""
        self._deadline.set(IDLE if self._is_known else REQUEST)
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    _is_known = False

    def parse_request(self) -> bool:
        self._deadline.set(REQUEST)
        return super().parse_request()

    # ------------------------------------------------------------------------------ every request

    def _answer(self) -> None:
        try:
            self._answered()
        except RefusedRequest as refused:
            self._refuse(refused.refusal, refused.headers)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _answer
    do_CONNECT = _answer

    def _answered(self) -> None:
        if not self.path.startswith("/"):
            raise RefusedRequest(400, "ask for a path")
        parts = urlsplit(self.path)
        path = _path(parts.path)
        guard = self.server.guard
        refusal = guard.refusal(self.headers, is_page=path == "/", query=parts.query)
        if refusal is not None:
            raise RefusedRequest(refusal.status, refusal.text)
        if not self.server.slots.trust(self.connection):
            raise RefusedRequest(503, "too many connections are open")
        self._is_known = True
        if path == "/" or path.startswith("/page/"):
            self._page(path, parts.query)
        elif path == "/api/events":
            self._events()
        else:
            self._operate(path, parts.query)

    def _require(self, *methods: str) -> None:
        if self.command not in methods:
            raise RefusedRequest(
                405, f"accepted: {', '.join(methods)}", {"Allow": ", ".join(methods)}
            )

    def _page(self, path: str, query: str) -> None:
        self._require("GET")
        files = self.server.files
        file = files.get("index.html" if path == "/" else path.removeprefix("/page/"))
        if file is None:
            raise RefusedRequest(404, "the page has no such file")
        headers = {"Cache-Control": "no-cache", "ETag": file.tag}
        if path == "/" and "token=" in query:  # or it would not have come so far
            headers["Set-Cookie"] = self.server.guard.cookie
        if self.headers.get("If-None-Match") == file.tag:
            self._send(304, None, b"", headers)
        else:
            self._send(200, file.mime, file.data, headers)

    def _operate(self, path: str, query: str) -> None:
        from smartcut.studio.http import routes

        route = routes.found(self.command, path)
        if route is None:
            methods = routes.methods_of(path)
            if methods:
                self._require(*methods)
            raise RefusedRequest(404, "there is no such operation")
        if self.command == "POST":
            self._deadline.set(REQUEST)
            given = body_of(self.headers, self.rfile)
        else:
            given = _query(query)
        self._deadline.set(ANSWER)
        self._give(routes.answered(self.server.desk, route, given))

    # ------------------------------------------------------------------------------------ answers

    def _give(self, answer: Answer) -> None:
        from smartcut.studio.answers import BytesAnswer, FileAnswer, PlainAnswer

        if isinstance(answer, PlainAnswer):
            self._json(answer.data, answer.status)
        elif isinstance(answer, BytesAnswer):
            self._bytes(answer)
        elif isinstance(answer, FileAnswer):
            self._file(answer)
        else:
            self._stream(answer)

    def _json(self, data: Any, status: int) -> None:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._send(status, "application/json", text.encode(), {"Cache-Control": "no-store"})

    def _bytes(self, answer: BytesAnswer) -> None:
        kept = _IMMUTABLE if answer.is_immutable else "no-store"
        self._send(200, answer.mime, answer.data, {"Cache-Control": kept, **answer.headers})

    def _file(self, answer: FileAnswer) -> None:
        """Send a file, or the part of it that is asked for."""
        with answer.path.open("rb") as file:
            size = file.seek(0, 2)
            first, last = part_of(self.headers.get("Range"), size)
            headers = {
                "Cache-Control": "no-store",
                "Accept-Ranges": "bytes",
                "Content-Length": str(last - first),
            }
            is_part = (first, last) != (0, size)
            if is_part:
                headers["Content-Range"] = f"bytes {first}-{last - 1}/{size}"
            self._head(206 if is_part else 200, answer.mime, headers)
            file.seek(first)
            while first < last and (part := file.read(min(_BLOCK, last - first))):
                self.wfile.write(part)
                first += len(part)

    def _stream(self, answer: StreamAnswer) -> None:
        """Send parts as they are made; the first one is there before the status is said."""
        parts = answer.parts
        try:
            first = next(parts, b"")
            kept = _IMMUTABLE if answer.is_immutable else "no-store"
            self._head(200, answer.mime, {"Cache-Control": kept, "Transfer-Encoding": "chunked"})
            for part in _with(first, parts):
                if is_gone(self.connection):
                    raise ConnectionAbortedError
                if part:
                    self._deadline.set(ANSWER)
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        except Exception:
            self.close_connection = True  # without a last chunk the client knows that it is broken
            raise
        finally:
            if hasattr(parts, "close"):
                parts.close()

    def _events(self) -> None:
        self._require("GET")
        bus = self.server.desk.bus
        listening = bus.listen()
        self.close_connection = True
        try:
            headers = {"Cache-Control": "no-store", "Connection": "close"}
            self._head(200, "text/event-stream", headers)
            for line in listening.lines(self.connection):
                self.wfile.write(line)
        finally:
            bus.leave(listening)

    def _refuse(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        self.close_connection = True
        data = json.dumps({"error": refusal.text}, ensure_ascii=False).encode()
        kept = {"Cache-Control": "no-store", "Connection": "close", **(headers or {})}
        self._send(refusal.status, "application/json", data, kept)

    def _send(self, status: int, mime: str | None, data: bytes, headers: Mapping[str, str]) -> None:
        length = {} if status == 304 else {"Content-Length": str(len(data))}
        self._head(status, mime, {**length, **headers})
        if self.command != "HEAD":
            self.wfile.write(data)

    def _head(self, status: int, mime: str | None, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **({"Content-Type": mime} if mime else {})}.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class says of a request that it cannot read."""
        if not hasattr(self, "command") or self.command is None:
            self.command = ""
        self.request_version = "HTTP/1.1"
        self._refuse(Refusal(int(code), message or "this is no request"))

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _with(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from parts


def _path(given: str) -> str:
    try:
        path = unquote(given, errors="strict") if given.isascii() else ""
    except UnicodeDecodeError:
        path = ""
    if not path or not path.isprintable() or "\\" in path:
        raise RefusedRequest(400, "there is no such path")
    return path


def _query(query: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=20
        )
    except ValueError as error:
        raise RefusedRequest(400, "the query cannot be read") from error
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RefusedRequest(400, "a parameter is given twice")
    return found
