"""A language model behind an address that speaks OpenAI's chat completions.

llama.cpp, Ollama, vLLM, LM Studio and most services do. Redirects are not followed: they could
take the talk and the key elsewhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit

from smartcut.errors import ModelError
from smartcut.models.selectors.waiting import within

_PATH = "/chat/completions"
_TOLD = 300
# What JSON adds to an answer, and what a server says besides it.
_WRAPPING = 4


@dataclass(frozen=True, slots=True, repr=False)
class ChatModel:
    """Where to ask, and for which model; ``key`` goes into the request alone."""

    endpoint: str
    model: str
    key: str | None = None


def problem_of(endpoint: str) -> str | None:
    """What is wrong with an address, or None."""
    try:
        parts = urlsplit(endpoint)
        _ = parts.port
    except ValueError as error:
        return f"{endpoint!r} is no address: {error}"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{endpoint!r} is no address; expected such as http://127.0.0.1:8080/v1"
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return "an address holds no password, query or key; name the key's variable as `key`"
    if any(not c.isprintable() or c.isspace() for c in endpoint):
        return f"{endpoint!r} holds characters that no address has"
    return None


def is_here(endpoint: str) -> bool:
    """Whether the address is on this machine (a loopback address, or localhost)."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ask_chat(
    chat: ChatModel,
    messages: Sequence[Mapping[str, str]],
    seconds: float,
    most: int,
    stopping: Event,
) -> str:
    """The text of the model's answer; raises ModelError where there is none.

    No proxy is used. At most ``most`` bytes of it are read, for at most ``seconds``.
    """
    body = {"model": chat.model, "messages": list(messages), "stream": False}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if chat.key:
        headers["Authorization"] = f"Bearer {chat.key}"
    try:
        data = _post(chat, json.dumps(body).encode(), headers, seconds, _WRAPPING * most, stopping)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ModelError(f"{chat.endpoint} cannot be asked: {_hidden(str(error), chat)}") from None
    try:
        content = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        content = None
    if not isinstance(content, str):
        raise ModelError(
            f"{chat.endpoint} did not answer as chat completions do: {_told(data, chat)}"
        )
    if len(content.encode("utf-8", "replace")) > most:
        raise ModelError(f"{chat.endpoint} answered with more than {most:,} bytes")
    return content


def _post(
    chat: ChatModel,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    most: int,
    stopping: Event,
) -> bytes:
    parts = urlsplit(chat.endpoint)
    assert parts.hostname is not None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    path = parts.path.rstrip("/")
    path = path if path.endswith(_PATH) else path + _PATH

    def work() -> bytes:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        if 300 <= response.status < 400:
            to = (response.getheader("Location") or "nowhere")[:_TOLD]
            raise ModelError(
                f"{chat.endpoint} redirects to {_hidden(to, chat)!r}, which is not followed; "
                "give that address as `endpoint` if you trust it"
            )
        data = response.read(most + 1)
        if response.status != 200:
            raise ModelError(
                f"{chat.endpoint} answered {response.status} {response.reason[:80]}: "
                f"{_told(data, chat)}"
            )
        if len(data) > most:
            raise ModelError(f"{chat.endpoint} answered with more than {most:,} bytes")
        return data

    def end() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    try:
        return within(seconds, work, end, stopping, chat.endpoint)
    finally:
        connection.close()


def _told(data: bytes, chat: ChatModel) -> str:
    """The beginning of what a server said."""
    text = data[: 4 * _TOLD].decode("utf-8", "replace")
    plain = "".join(c if c.isprintable() else " " for c in _hidden(text, chat))
    return " ".join(plain.split())[:_TOLD] or "nothing"


def _hidden(text: str, chat: ChatModel) -> str:
    """A text without the key."""
    return text.replace(chat.key, "***") if chat.key else text
