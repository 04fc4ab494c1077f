"""Pictures one by one: each packet of the pieces is a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.media.container import open_plain
from smartcut.media.numbered import numbered

if TYPE_CHECKING:
    from smartcut.media.mux import Parts


def write(pattern: Path, parts: Parts) -> None:
    """Write the pictures of all parts as files numbered from 1."""
    comment = parts.metadata.get("comment", "")
    number = 0
    for piece in parts.video:
        for data in _pictures(piece.path, comment):
            number += 1
            numbered(pattern, number).write_bytes(data)


def _pictures(path: Path, comment: str) -> Iterator[bytes]:
    """Each picture of a piece as a file."""
    if path.suffix == ".webp":
        from smartcut.media.animated import webp

        for picture in webp.pictures(path):
            yield webp.still(picture, webp.size_of(picture), comment)
        return
    with open_plain(path) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                yield with_comment(bytes(packet), comment)


def with_comment(data: bytes, comment: str) -> bytes:
    """A PNG or a JPEG with a comment."""
    if not comment:
        return data
    from smartcut.media.animated import png

    if data[:8] == png.SIGNATURE:
        return png.with_comment(data, comment)
    said = comment.encode()[: 0xFFFF - 2]
    return data[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said + data[2:]


def comment_of(path: Path) -> str:
    """What a picture or an animation says in its comment; empty for nothing, or another file."""
    with path.open("rb") as file:
        head = file.read(16)
        if head[:4] == b"\x89PNG":
            from smartcut.media.animated import png

            return png.comment_in(file)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            from smartcut.media.animated import webp

            return webp.comment_in(file)
        if head[:4] == b"\xff\xd8\xff\xfe":
            file.seek(6)
            return file.read(int.from_bytes(head[4:6], "big") - 2).decode(errors="replace")
    return ""
