"""What an operation answers: plain data, bytes, or bytes as they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smartcut.errors import PipelineError, SmartcutError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """Plain data, as JSON."""

    data: Any
    status: int = 200


@dataclass(frozen=True, slots=True)
class BytesAnswer:
    """Bytes of a kind. What is immutable stays in the browser's cache."""

    data: bytes
    mime: str
    is_immutable: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamAnswer:
    """Bytes that are sent as they are made; the iterator is closed when the client goes."""

    parts: Iterator[bytes]
    mime: str
    is_immutable: bool = False


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file, of which a part may be asked for."""

    path: Path
    mime: str


Answer = PlainAnswer | BytesAnswer | StreamAnswer | FileAnswer


class NoSuchThing(SmartcutError):
    """There is nothing of that name: it never was, or belongs to a version that is gone."""


class StaleEdit(SmartcutError):
    """An edit of a version that is no longer the newest: another tab or program was quicker."""


class NotOpenYet(SmartcutError):
    """The session is still being opened."""


def mistakes_of(error: SmartcutError) -> list[dict[str, Any]]:
    """The mistakes in a text, each with its line where it has one."""
    found = error.problems if isinstance(error, PipelineError) else ()
    each = found or (error,)
    return [
        {"line": getattr(one, "line", None), "message": getattr(one, "message", str(one))}
        for one in each
    ]
