"""WebP: pieces joined to one animation, single pictures, and what either says in its comment.

The specification: https://developers.google.com/speed/webp/docs/riff_container
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from html import escape, unescape
from pathlib import Path
from typing import IO

from smartcut.media.animated.shown import Animation

_MILLISECOND = Fraction(1, 1000)
_LONGEST = 0xFFFFFF
_ANIMATED, _XMP, _ALPHA = 0x02, 0x04, 0x10
_NOT_BLENDED = 0x02
_PICTURE = (b"ALPH", b"VP8 ", b"VP8L")
_LONGEST_TEXT = 1 << 20
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    'syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_SAID = re.compile(rb'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">(.*?)</rdf:li>', re.S)

Chunks = Iterator[tuple[bytes, bytes]]
"""(kind, data) of each chunk."""


def write(file: IO[bytes], animation: Animation) -> None:
    """Write the animation; raises ValueError for a piece that is no WebP."""
    size = size_of(next(pictures(animation.pieces[0]), b""))
    flags = _ANIMATED | (_XMP if animation.comment else 0)
    file.write(b"RIFF\x00\x00\x00\x00WEBP" + _extended(flags | _ALPHA, size))
    file.write(_chunk(b"ANIM", bytes(4) + min(animation.loop, 0xFFFF).to_bytes(2, "little")))
    has_alpha = False
    for path, lasts in zip(animation.pieces, animation.durations, strict=True):
        for picture, shown in zip(pictures(path), lasts, strict=True):
            has_alpha = has_alpha or _has_alpha(picture)
            lasting = min(round(shown / _MILLISECOND), _LONGEST).to_bytes(3, "little")
            head = bytes(6) + _sides(size) + lasting + bytes([_NOT_BLENDED])
            file.write(_chunk(b"ANMF", head + picture))
    if animation.comment:
        file.write(_chunk(b"XMP ", _PACKET.format(escape(animation.comment)).encode()))
    total = file.tell()
    file.seek(4)
    file.write((total - 8).to_bytes(4, "little"))
    if not has_alpha:
        file.seek(20)
        file.write(bytes([flags]))


def still(picture: bytes, size: tuple[int, int], comment: str = "") -> bytes:
    """A file of one picture, with a comment."""
    body = picture
    if comment:
        said = _chunk(b"XMP ", _PACKET.format(escape(comment)).encode())
        flags = _XMP | (_ALPHA if _has_alpha(picture) else 0)
        body = _extended(flags, size) + picture + said
    elif picture[:4] == b"ALPH":
        body = _extended(_ALPHA, size) + picture
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


def pictures(path: Path) -> Iterator[bytes]:
    """The chunks of each picture of a piece."""
    alone = b""
    for kind, data in _chunks(path.read_bytes(), 12):
        if kind == b"ANMF":
            yield b"".join(_chunk(k, d) for k, d in _chunks(data, 16) if k in _PICTURE)
        elif kind in _PICTURE:
            alone += _chunk(kind, data)
    if alone:
        yield alone


def _chunks(data: bytes, at: int) -> Chunks:
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)


def _extended(flags: int, size: tuple[int, int]) -> bytes:
    return _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _sides(size))


def _sides(size: tuple[int, int]) -> bytes:
    return b"".join((side - 1).to_bytes(3, "little") for side in size)


def _has_alpha(picture: bytes) -> bool:
    """Whether a picture has an alpha channel: lossless ones say so in a bit of their header."""
    return picture[:4] == b"ALPH" or (picture[:4] == b"VP8L" and bool(picture[12] & 0x10))


def size_of(picture: bytes) -> tuple[int, int]:
    """(width, height) of a picture, given by its chunks; raises ValueError for others."""
    for kind, data in _chunks(picture, 0):
        if kind == b"VP8 ":
            numbers = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
            return next(numbers), next(numbers)
        if kind == b"VP8L":
            packed = int.from_bytes(data[1:5], "little")
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    raise ValueError("a piece is no WebP")


def comment_in(file: IO[bytes]) -> str:
    """The comment of a WebP; empty where it has none. Other chunks are passed over unread."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"XMP " and size < _LONGEST_TEXT:
            found = _SAID.search(file.read(size))
            return unescape(found[1].decode(errors="replace")) if found else ""
        file.seek(size + size % 2, 1)
    return ""
