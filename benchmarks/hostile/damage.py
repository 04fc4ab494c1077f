"""Damage: bytes in, worse bytes out. Everything depends on the seed alone."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

_VALUES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# (box, bytes after its name, bytes to write): sizes, rates, times and counts of MP4.
_FIELDS = (
    ("mvhd", 12, 4), ("mvhd", 16, 4), ("mdhd", 12, 4), ("mdhd", 16, 4), ("tkhd", 76, 4),
    ("tkhd", 80, 4), ("tkhd", 36, 4), ("avc1", 24, 4), ("stts", 4, 4), ("stts", 8, 4),
    ("stts", 12, 4), ("ctts", 4, 4), ("ctts", 12, 4), ("stsz", 4, 4), ("stsz", 8, 4),
    ("stsz", 12, 4), ("stsc", 4, 4), ("stsc", 8, 4), ("stsc", 12, 4), ("stco", 4, 4),
    ("stco", 8, 4), ("stss", 4, 4), ("elst", 4, 4), ("elst", 8, 4), ("elst", 12, 4),
    ("stsd", 4, 4), ("avcC", 0, 4), ("avcC", 8, 4), ("mp4a", 16, 4), ("mp4a", 22, 4),
    ("esds", 8, 4), ("moov", -8, 4), ("trak", -8, 4), ("mdat", -8, 4), ("hdlr", 8, 4),
)  # fmt: skip


def truncated(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut off at many places."""
    for share in (2, 10, 30, 50, 70, 90, 98):
        yield f"cut{share:02}", data[: max(1, len(data) * share // 100)]
    yield "cut16bytes", data[:16]
    yield "cut_last", data[:-1]


def flipped(data: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Bits turned: few or many, in the head, in the body, everywhere."""
    plans = (("head", 4, 0, 600), ("head", 20, 0, 600), ("one", 1, 0, None), ("body", 3, 600, None),
             ("all", 30, 0, None), ("all", 300, 0, None), ("tail", 8, -600, None))  # fmt: skip
    for number, (where, count, first, last) in enumerate(plans):
        rng = random.Random(f"{seed}-{number}")
        made = bytearray(data)
        places = range(len(made))[first:last] or range(len(made))
        for _ in range(count):
            made[rng.choice(places)] ^= 1 << rng.randrange(8)
        yield f"flip{number}_{where}{count}", bytes(made)


def rearranged(data: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Zeroed, doubled, shuffled, with rubbish before and in the middle."""
    rng = random.Random(seed)
    third = len(data) // 3
    yield "zeros", data[:third] + bytes(third) + data[2 * third :]
    yield "twice", data + data
    blocks = [data[i : i + 512] for i in range(0, len(data), 512)]
    rng.shuffle(blocks)
    yield "shuffled", b"".join(blocks)
    yield "after_rubbish", rng.randbytes(777) + data
    yield "rubbish_inside", data[: 2 * third] + rng.randbytes(3000) + data[2 * third :]


def edited_boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Absurd numbers in an MP4's tables."""
    for box, offset, size in _FIELDS:
        at = data.find(box.encode())
        if at < 0:
            continue
        place = at + 4 + offset
        for value in _VALUES:
            made = bytearray(data)
            made[place : place + size] = struct.pack(">I", value)
            yield f"{box}{offset:+}_{value:x}", bytes(made)


def renamed_boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Marked as encrypted, or with samples in another file."""
    yield "drm", data.replace(b"avc1", b"encv").replace(b"mp4a", b"enca").replace(b"avcC", b"sinf")
    yield "drm_name", data.replace(b"avc1", b"encv").replace(b"mp4a", b"enca")
    yield "unknown_codec", data.replace(b"avc1", b"XYZW")
    yield "other_codec", data.replace(b"avc1", b"hvc1").replace(b"avcC", b"hvcC")
    yield "no_header", data.replace(b"avcC", b"free")
    at = data.find(b"url ")
    if at > 0:
        # A data reference that is not `in this file`: the rest of the box is taken as its name.
        yield "external", data[: at + 4] + bytes(4) + data[at + 8 :]


def png_of(width: int, height: int, data: bytes) -> bytes:
    """The PNG with other dimensions in its (valid) header."""
    head = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def edited_matroska(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Absurd numbers in Matroska's header: the unit of time, sizes, rates."""
    fields = {"scale": b"\x2a\xd7\xb1", "duration": b"\x44\x89", "frame": b"\x23\xe3\x83",
              "width": b"\xb0\x81", "height": b"\xba\x81", "rate": b"\xb5\x88",
              "cluster": b"\xe7\x81", "codec": b"V_MPEG4"}  # fmt: skip
    for name, mark in fields.items():
        at = data.find(mark)
        if at < 0:
            continue
        for value in (b"\x00", b"\xff"):
            made = bytearray(data)
            first = at + len(mark) + (1 if name in ("scale", "duration", "frame") else 0)
            count = data[first - 1] & 0x7F if name in ("scale", "duration", "frame") else 1
            made[first : first + count] = value * count
            yield f"{name}_{value.hex()}", bytes(made)
