"""A font with one emoji in colour, as tables of OpenType have it: CBDT and CBLC."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np

SIDE = 109
"""Pixels of the picture, and an em."""


def write_emoji_font(path: Path, character: str, colour: tuple[int, int, int]) -> Path:
    """A font whose only glyph besides ``.notdef`` is a square of that colour."""
    picture = _png(colour)
    glyph = (
        struct.pack(">BBbbB", SIDE, SIDE, 0, 100, 120) + struct.pack(">I", len(picture)) + picture
    )
    line = struct.pack(">bbBbbbbbbbbb", 100, -9, SIDE, 0, 0, 0, 0, 0, 100, -9, 0, 0)
    subtable = struct.pack(">HHI", 1, 17, 4) + struct.pack(">II", 0, len(glyph))
    array = struct.pack(">HHI", 1, 1, 8)
    size = struct.pack(">IIII", 56, len(array) + len(subtable), 1, 0) + line + line
    size += struct.pack(">HHBBBb", 1, 1, SIDE, SIDE, 32, 1)
    version = struct.pack(">HH", 3, 0)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12)
    code = ord(character)
    cmap += struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, code, code, 1)
    head = struct.pack(">IIIIHH", 0x10000, 0, 0, 0x5F0F3CF5, 0, 1090) + bytes(16)
    head += struct.pack(">hhhhHHhhh", 0, 0, 1090, 1000, 0, 8, 2, 0, 0)
    hhea = struct.pack(">IhhhH", 0x10000, 1000, -90, 0, 1200) + bytes(22) + struct.pack(">H", 2)
    tables = {
        b"CBDT": version + glyph,
        b"CBLC": version + struct.pack(">I", 1) + size + array + subtable,
        b"cmap": cmap,
        b"head": head,
        b"hhea": hhea,
        b"hmtx": struct.pack(">HhHh", 1200, 0, 1200, 0),
        b"maxp": struct.pack(">IH", 0x5000, 2),
    }
    path.write_bytes(_font(tables))
    return path


def _png(colour: tuple[int, int, int]) -> bytes:
    from PIL import Image

    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[10:-10, 10:-10] = (*colour, 255)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _font(tables: dict[bytes, bytes]) -> bytes:
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0), b""
    for tag, data in tables.items():
        directory += struct.pack(">4sIII", tag, 0, offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return directory + body
