"""APNG: pieces joined to one animation; and what any PNG says in its comment.

The specification: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO
from zlib import crc32

from smartcut.media.animated.shown import Animation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 0xFFFF
_LONGEST_TEXT = 1 << 20

Chunks = Iterator[tuple[bytes, bytes]]
"""(kind, data) of each chunk."""


def write(file: IO[bytes], animation: Animation) -> None:
    """Write the animation; raises ValueError for pieces that do not go together."""
    head = list(_before_pictures(animation.pieces[0]))
    count = sum(len(lasts) for lasts in animation.durations)
    file.write(SIGNATURE + _chunk(*head[0]))
    file.write(_chunk(b"acTL", _number(count) + _number(animation.loop)))
    if animation.comment:
        file.write(comment_chunk(animation.comment))
    for kind, data in head[1:]:
        file.write(_chunk(kind, data))
    sequence = 0
    for number, (path, lasts) in enumerate(zip(animation.pieces, animation.durations, strict=True)):
        if list(_before_pictures(path)) != head:
            raise ValueError("pieces of other sizes or kinds of pixels cannot be joined")
        for kind, data in _pictures(path, lasts):
            is_first = number == 0 and kind == b"IDAT"
            if is_first:
                file.write(_chunk(kind, data))
                continue
            body = data if kind == b"IDAT" else data[4:]
            name = b"fcTL" if kind == b"fcTL" else b"fdAT"
            file.write(_chunk(name, _number(sequence) + body))
            sequence += 1
    file.write(_chunk(b"IEND", b""))


def _before_pictures(path: Path) -> Chunks:
    """What stands before the pictures and is the same in all pieces."""
    for kind, data in chunks(path.read_bytes()):
        if kind == b"fcTL":
            return
        if kind != b"acTL":
            yield kind, data


def _pictures(path: Path, lasts: Sequence[Fraction]) -> Chunks:
    """The pictures' chunks, each shown for as long as it is to be."""
    due = iter(lasts)
    for kind, data in chunks(path.read_bytes()):
        if kind == b"fcTL":
            lasting = next(due).limit_denominator(_MOST)
            above, below = min(lasting.numerator, _MOST), lasting.denominator
            times = above.to_bytes(2, "big") + below.to_bytes(2, "big")
            yield kind, data[:20] + times + data[24:]
        elif kind in (b"IDAT", b"fdAT"):
            yield kind, data


def chunks(data: bytes) -> Chunks:
    """The chunks of a PNG; raises ValueError where it is none."""
    if data[:8] != SIGNATURE:
        raise ValueError("a piece is no PNG")
    at = 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return _number(len(data)) + kind + data + _number(crc32(kind + data))


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def comment_chunk(comment: str) -> bytes:
    """The chunk that says something of a picture."""
    return _chunk(b"iTXt", b"Comment\x00\x00\x00\x00\x00" + comment.encode())


def with_comment(data: bytes, comment: str) -> bytes:
    """The PNG with a comment."""
    after_head = 8 + 12 + 13
    return data[:after_head] + comment_chunk(comment) + data[after_head:]


def comment_in(file: IO[bytes]) -> str:
    """The comment of a PNG; empty where it has none. Other chunks are passed over unread."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"iTXt" and size < _LONGEST_TEXT:
            name, _, rest = file.read(size).partition(b"\x00")
            if name == b"Comment" and rest[:2] == b"\x00\x00":
                return rest[2:].split(b"\x00", 2)[2].decode(errors="replace")
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)
    return ""
