"""Reads requests within a time and a size, whatever the client does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.message import Message
from io import BufferedIOBase, BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import Any

from smartcut.studio.http.guard import Refusal

#: Bytes of a body.
LARGEST = 2 * 1024 * 1024


class RefusedRequest(Exception):
    """A request that is not answered as asked."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.refusal = Refusal(status, text)
        self.headers = dict(headers or {})


class Deadline:
    """Until when what is read from a connection must have come."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._until = float("inf")
        self._normal = connection.gettimeout()

    def set(self, seconds: float) -> None:
        """Everything that is read has to come within so many seconds from now."""
        self._until = monotonic() + seconds

    def file(self) -> BufferedReader:
        """What the connection sends; raises TimeoutError when it is too late."""
        return BufferedReader(_Timed(self))

    def receive(self, buffer: Any) -> int:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("the request did not come in time")
        self._connection.settimeout(min(left, self._normal or left))
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self._normal)


class _Timed(RawIOBase):
    """A connection as a file."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._deadline.receive(buffer)


def body_of(headers: Message, file: BufferedIOBase) -> dict[str, Any]:
    """The JSON object in a request's body; raises RefusedRequest."""
    kind, _, charset = (headers.get("Content-Type") or "").partition(";")
    if kind.strip().lower() != "application/json" or charset.strip().lower() not in (
        "",
        "charset=utf-8",
    ):
        raise RefusedRequest(415, "send application/json")
    if "Transfer-Encoding" in headers:
        raise RefusedRequest(411, "say how long the body is, by Content-Length")
    lengths = headers.get_all("Content-Length", [])
    if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
        raise RefusedRequest(411, "say how long the body is, by Content-Length")
    length = int(lengths[0][:20])
    if length > LARGEST:
        raise RefusedRequest(413, f"a body has at most {LARGEST} bytes")
    try:
        data = file.read(length)
    except TimeoutError as error:
        raise RefusedRequest(408, "the body did not come in time") from error
    if len(data) < length:
        raise ConnectionAbortedError
    return _object(data)


_PART = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def part_of(asked: str | None, size: int) -> tuple[int, int]:
    """(first, one past the last) byte of a file that a `Range` header asks for; else all of it.

    Raises RefusedRequest for a part that lies outside.
    """
    match = _PART.fullmatch(asked or "")
    if match is None or not (match[1] or match[2]):
        return 0, size
    if match[1]:
        first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
    else:
        first, last = max(0, size - int(match[2])), size - 1
    if not 0 <= first <= last:
        raise RefusedRequest(416, "the file has no such part", {"Content-Range": f"bytes */{size}"})
    return first, last + 1


def _object(data: bytes) -> dict[str, Any]:
    try:
        given = json.loads(data or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusedRequest(400, "the body is no JSON") from error
    if not isinstance(given, dict):
        raise RefusedRequest(400, "the body is no JSON object")
    return given


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")
