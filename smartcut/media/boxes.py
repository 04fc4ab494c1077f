"""Boxes of MP4 files (ISO/IEC 14496-12, 4.2): made, and found in what others made."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_LARGE, _TO_THE_END = 1, 0


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies: its head, its content and its end, as offsets."""

    kind: bytes
    start: int
    content: int
    end: int


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with that content."""
    size = 8 + sum(map(len, parts))
    return b"".join([struct.pack(">I", size), kind, *parts])


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box whose content begins with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def boxes(data: bytes | bytearray, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie one after the other from ``start`` on; damage ends the list."""
    at, end = start, len(data) if end is None else end
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == _LARGE:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == _TO_THE_END:
            size = end - at
        if size < head:
            return
        yield Box(kind, at, at + head, at + size)
        at += size


def find(data: bytes | bytearray, *path: bytes) -> Box | None:
    """The first box with that path of kinds, from the outermost on; None where there is none."""
    start, end, found = 0, len(data), None
    for kind in path:
        found = next((one for one in boxes(data, start, end) if one.kind == kind), None)
        if found is None:
            return None
        start, end = found.content, found.end
    return found
