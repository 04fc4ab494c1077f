"""What a packet's own bytes say: can decoding or a copy start here, is the frame shown at all.

Containers' key-frame flags are not enough: H.264 open GOPs and intra refresh are flagged too.
Syntax after ITU-T H.264 (NAL unit types, Annex D.2.8 recovery point), H.265 (table 7-1), RFC 6386
(VP8 frame header), the VP9 bitstream specification (6.2) and that of AV1 (5.3, 5.9).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from smartcut.media.headers import length_size, nal_units
from smartcut.media.mpeg4 import is_not_coded

_H264_SLICE, _H264_IDR, _H264_SEI = 1, 5, 6
_HEVC_IRAP = range(16, 24)
_HEVC_CRA, _HEVC_BLA = 21, 18
_HEVC_SEI = 39
_RECOVERY_POINT = 6
_DISPLAY = (137, 144)
_AV1_SEQUENCE, _AV1_FRAMES = 1, (3, 6)

#: Decoders whose packets may hold frames that are not shown.
MAY_HIDE = ("vp8", "libvpx", "mpeg4")


class Start(IntEnum):
    """What a packet is good for as the first one."""

    NONE = 0
    DECODE = 1
    """All frames shown from this one on decode whole; older pictures may still be referred to."""
    COPY = 2
    """Also, nothing from before is referred to: a copy can be joined to other pictures here."""


def is_hidden(packet: Any) -> bool:
    """Whether no frame comes of the packet: VP8 that is never shown, MPEG-4 that is not coded."""
    name = packet.stream.codec_context.name
    if name not in MAY_HIDE:
        return False
    if name == "mpeg4":
        return is_not_coded(packet)
    first = bytes(memoryview(packet)[:1])
    return bool(first) and not first[0] & 0x10


def holds_picture(codec: str, data: memoryview, length: int | None) -> bool:
    """Whether a packet of H.264 or HEVC has a slice of that codec; ``length`` as in nal_units."""
    units = [(data[at], data[at + 1]) for at, end in nal_units(data, length) if end - at > 1]
    if codec == "h264":
        return any(first & 0x1F in (1, 5) for first, _ in units)
    kinds = [(first >> 1) & 0x3F for first, second in units if first < 0x80 and second & 7]
    return any(kind <= 9 or kind in _HEVC_IRAP for kind in kinds)


def start_of(packet: Any) -> Start:
    """What a packet that its container flags as a key frame can begin.

    H.264: a copy at an IDR picture, decoding also at a recovery point that needs no further
    frames. HEVC: both at any IRAP picture, without the pictures shown before it. VP9 and AV1: at
    a shown key frame, with its sequence header. Other codecs: as flagged.
    """
    codec = packet.stream.codec_context
    data = memoryview(packet)
    if codec.name == "h264":
        return _h264_start(data, length_size("h264", codec.extradata))
    if codec.name == "hevc":
        length = length_size("hevc", codec.extradata)
        kinds = {(data[at] >> 1) & 0x3F for at, _ in nal_units(data, length)}
        return Start.COPY if kinds & set(_HEVC_IRAP) else Start.NONE
    if codec.name in ("vp9", "libvpx-vp9"):
        return Start.COPY if _vp9_is_key(data) else Start.NONE
    if codec.name in ("av1", "libdav1d", "libaom-av1"):
        return Start.COPY if _av1_is_key(bytes(data)) else Start.DECODE
    return Start.COPY


def _h264_start(data: memoryview, length: int | None) -> Start:
    found = Start.NONE
    for at, end in nal_units(data, length):
        kind = data[at] & 0x1F
        if kind == _H264_IDR:
            return Start.COPY
        if kind == _H264_SEI and _recovers_at_once(bytes(data[at + 1 : end])):
            found = Start.DECODE
        if kind == _H264_SLICE:
            return found
    return found


def _vp9_is_key(data: memoryview) -> bool:
    """Whether the first frame of a VP9 packet is a key frame."""
    if not data or data[0] >> 6 != 2:
        return False
    bits = f"{data[0]:08b}"
    at = 5 if bits[2:4] == "11" else 4  # profile 3 has a reserved bit
    return bits[at : at + 2] == "00"  # neither show_existing_frame nor a frame between


def _av1_is_key(data: bytes) -> bool:
    """Whether an AV1 temporal unit has its sequence header and begins with a shown key frame."""
    at, has_sequence = 0, False
    while at < len(data):
        kind, extension, sized = data[at] >> 3 & 15, data[at] >> 2 & 1, data[at] >> 1 & 1
        at += 1 + extension
        size, shift = len(data) - at, 0
        if sized:
            size = 0
            while at < len(data):
                byte, at = data[at], at + 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    break
        has_sequence = has_sequence or kind == _AV1_SEQUENCE
        if kind in _AV1_FRAMES:
            # show_existing_frame 0, frame_type KEY_FRAME, show_frame 1
            return has_sequence and at < len(data) and data[at] >> 4 == 0b0001
        at += size
    return False


def broken_link(data: bytes, length: int) -> bytes:
    """An HEVC packet whose CRA picture has become a BLA picture: nothing before it counts.

    So a copy can begin at it (H.265, 8.1.3); ``length`` is that of the NAL units' sizes.
    """
    result = bytearray(data)
    for at, _ in nal_units(memoryview(data), length):
        if (data[at] >> 1) & 0x3F == _HEVC_CRA:
            result[at] = data[at] & 0x81 | _HEVC_BLA << 1
    return bytes(result)


def describes_display(codec: str, nal: memoryview) -> bool:
    """Whether an SEI NAL unit begins with the mastering display or the content light level."""
    if codec == "h264":
        return nal[0] & 0x1F == _H264_SEI and len(nal) > 1 and nal[1] in _DISPLAY
    return (nal[0] >> 1) & 0x3F == _HEVC_SEI and len(nal) > 2 and nal[2] in _DISPLAY


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
