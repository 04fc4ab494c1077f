"""GIF89a: pieces joined to one animation, each with its own palette.

The specification: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO

from smartcut.media.animated.shown import Animation

_CENTISECOND = Fraction(1, 100)
_LONGEST = 0xFFFF
_HEAD = 13
_HAS_TABLE, _SIZE = 0x80, 0x07
_CONTROL, _COMMENT = b"\x21\xf9", b"\x21\xfe"
_END = b"\x3b"


def write(file: IO[bytes], animation: Animation) -> None:
    """Write the animation; raises ValueError for a piece that is no GIF."""
    opening = animation.pieces[0].read_bytes()
    head, table, _ = _head(opening)
    file.write(head + table + _repeated(animation.loop))
    if animation.comment:
        file.write(_COMMENT + _blocks(animation.comment.encode()))
    for path, lasts in zip(animation.pieces, animation.durations, strict=True):
        for picture in _pictures(path, table, lasts):
            file.write(picture)
    file.write(_END)


def _head(data: bytes) -> tuple[bytes, bytes, int]:
    """(header and screen, global table of colours, where blocks begin)."""
    if data[:6] != b"GIF89a":
        raise ValueError("a piece is no GIF")
    size = 3 << ((data[10] & _SIZE) + 1) if data[10] & _HAS_TABLE else 0
    return data[:_HEAD], data[_HEAD : _HEAD + size], _HEAD + size


def _repeated(loop: int) -> bytes:
    """How often it plays: Netscape's extension counts the times after the first."""
    if loop == 1:
        return b""
    again = max(loop - 1, 0)
    return b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + again.to_bytes(2, "little") + b"\x00"


def _blocks(data: bytes) -> bytes:
    """Bytes as a row of blocks of at most 255, each after its length."""
    rows = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(row)]) + row for row in rows) + b"\x00"


def _pictures(path: Path, table: bytes, lasts: Sequence[Fraction]) -> Iterator[bytes]:
    """The pictures of a piece, each for as long as it is shown."""
    data = path.read_bytes()
    _, own, at = _head(data)
    due, control = iter(lasts), bytearray(b"\x21\xf9\x04\x04\x00\x00\x00\x00")
    while data[at : at + 1] != _END:
        if data[at : at + 1] == b"\x21":
            end = _after_blocks(data, at + 2)
            if data[at : at + 2] == _CONTROL:
                control = bytearray(data[at:end])
            at = end
            continue
        end = _after_picture(data, at)
        delay = min(round(next(due) / _CENTISECOND), _LONGEST)
        control[4:6] = delay.to_bytes(2, "little")
        yield bytes(control) + _with_table(data[at:end], own if own != table else b"")
        at = end


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _after_picture(data: bytes, at: int) -> int:
    """Where a picture that begins at ``at`` ends: descriptor, table, code size, blocks."""
    if data[at : at + 1] != b"\x2c":
        raise ValueError("a piece is damaged")
    flags = data[at + 9]
    size = 3 << ((flags & _SIZE) + 1) if flags & _HAS_TABLE else 0
    return _after_blocks(data, at + 10 + size + 1)


def _with_table(picture: bytes, table: bytes) -> bytes:
    """The picture with a table of its own, where it has none and needs another than the file's."""
    flags = picture[9]
    if not table or flags & _HAS_TABLE:
        return picture
    size = (len(table) // 3).bit_length() - 2
    return picture[:9] + bytes([flags | _HAS_TABLE | size]) + table + picture[10:]
