"""What a packet's own bytes say: can decoding start here, is the frame shown at all.

Containers' key-frame flags are not enough: H.264 open GOPs and intra refresh are flagged too.
Syntax after ITU-T H.264 (NAL unit types, Annex D.2.8 recovery point), H.265 (table 7-1) and
RFC 6386 (VP8 frame header).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_H264_SLICE, _H264_IDR, _H264_SEI = 1, 5, 6
_HEVC_IRAP = range(16, 24)
_RECOVERY_POINT = 6


def is_hidden(packet: Any) -> bool:
    """Whether the packet holds a VP8 frame that is decoded but never shown."""
    if packet.stream.codec_context.name not in ("vp8", "libvpx"):
        return False
    first = bytes(memoryview(packet)[:1])
    return bool(first) and not first[0] & 0x10


def is_clean_start(packet: Any) -> bool:
    """Whether all frames shown from this key frame on decode whole when decoding starts here.

    True for H.264 at an IDR picture or a recovery point that needs no further frames, for HEVC
    at any IRAP picture (pictures shown before it are not counted on), else as flagged.
    """
    codec = packet.stream.codec_context
    if codec.name not in ("h264", "hevc"):
        return True
    data = memoryview(packet)
    length = _length_size(codec.extradata, codec.name)
    if codec.name == "hevc":
        return any((data[at] >> 1) & 0x3F in _HEVC_IRAP for at, _ in nal_units(data, length))
    found = False
    for at, end in nal_units(data, length):
        kind = data[at] & 0x1F
        if kind == _H264_IDR:
            return True
        if kind == _H264_SEI and _recovers_at_once(bytes(data[at + 1 : end])):
            found = True
        if kind == _H264_SLICE:
            return found
    return found


def _length_size(extradata: bytes | None, codec: str) -> int | None:
    """Bytes of each NAL unit's length prefix; None for start codes (Annex B)."""
    if not extradata or extradata[0] != 1:
        return None
    at = 4 if codec == "h264" else 21
    return (extradata[at] & 3) + 1 if len(extradata) > at else None


def nal_units(data: memoryview, length_size: int | None) -> Iterator[tuple[int, int]]:
    """(start, end) of each NAL unit, header byte included; damage ends the list."""
    if length_size is None:
        yield from _annex_b(bytes(data))
        return
    at = 0
    while at + length_size < len(data):
        size = int.from_bytes(data[at : at + length_size], "big")
        at += length_size
        if size == 0 or at + size > len(data):
            return
        yield at, at + size
        at += size


def _annex_b(data: bytes) -> Iterator[tuple[int, int]]:
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        start = at + 3
        at = data.find(b"\x00\x00\x01", start)
        end = at if at >= 0 else len(data)
        if start < end:
            yield start, end


def _recovers_at_once(sei: bytes) -> bool:
    """Whether an SEI NAL unit holds a recovery point with recovery_frame_cnt 0."""
    payload = sei.replace(b"\x00\x00\x03", b"\x00\x00")
    at = 0
    while at + 2 < len(payload):
        kind = size = 0
        while at < len(payload) and payload[at] == 0xFF:
            kind, at = kind + 255, at + 1
        if at >= len(payload):
            return False
        kind, at = kind + payload[at], at + 1
        while at < len(payload) and payload[at] == 0xFF:
            size, at = size + 255, at + 1
        if at >= len(payload):
            return False
        size, at = size + payload[at], at + 1
        # ue(v): a leading 1 bit is the number 0
        if kind == _RECOVERY_POINT and at < len(payload):
            return bool(payload[at] & 0x80)
        at += size
    return False
