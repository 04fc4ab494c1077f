"""MPEG-4 video as DivX and XviD wrote it into AVI files.

AVI has one time for each packet, that of decoding. So that players without a delay could show
B-pictures, encoders put one into the packet of the picture after it, and a picture that is not
coded into the place where it would have been. FFmpeg's filter ``mpeg4_unpack_bframes`` makes one
packet of each picture again; the times of showing follow from the order. Syntax after ISO/IEC
14496-2 (6.2.3 video object layer, 6.2.5 video object plane).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from av.bitstream import BitStreamFilterContext

from smartcut.media.headers import Bits

# What encoders that do so sign with: DivX503b1393p.
_PACKED = re.compile(rb"DivX\d+(?:b|Build)\d+p")
_LAYER = re.compile(rb"\x00\x00\x01[\x20-\x2f]")
_PLANE = b"\x00\x00\x01\xb6"
_B_PICTURE = 2
# A picture that is not coded is its header; FFmpeg takes up to so many bytes for one.
_SHORT = 19
# Others have times of showing, which need both pictures of a packet apart.
_CODEC, _CONTAINER = "mpeg4", "avi"


def is_packed(stream: Any) -> bool:
    """Whether packets of the stream may hold two pictures."""
    codec = stream.codec_context
    if codec is None or codec.name != _CODEC or stream.container.format.name != _CONTAINER:
        return False
    return bool(_PACKED.search(codec.extradata or b""))


def unpacked(stream: Any, packets: Iterator[Any]) -> Iterator[Any]:
    """The packets, those of a packed stream with one picture each and the time it is shown.

    A picture is shown when it is decoded, if no other refers to it; else when the next one that
    others refer to is decoded. Packets of other streams, and empty ones, pass as they are.
    """
    return _single(stream, packets) if is_packed(stream) else packets


def _single(stream: Any, packets: Iterator[Any]) -> Iterator[Any]:
    unpack = BitStreamFilterContext("mpeg4_unpack_bframes", stream)
    waiting: list[Any] = []
    at, step = 0, 1
    for packet in packets:
        if packet.stream_index != stream.index or not packet.size:
            if packet.stream_index == stream.index:  # the end
                yield from _due(waiting, at + step)
                waiting = []
            yield packet
            continue
        for single in unpack.filter(packet):
            single.stream = stream
            now = int(single.dts or 0)  # AVI always has one
            at, step = now, max(now - at, 1)
            if _kind(single) == _B_PICTURE:
                single.pts = now
            else:
                yield from _due(waiting, now)
                waiting = []
            waiting.append(single)
    yield from _due(waiting, at + step)


def _due(waiting: list[Any], dts: int) -> Iterator[Any]:
    """A picture that others refer to, shown at ``dts``, and those decoded since."""
    for packet in waiting[:1]:
        packet.pts = dts
    yield from waiting


def _kind(packet: Any) -> int | None:
    """The coding type of the packet's picture."""
    data = bytes(packet)
    at = data.find(_PLANE)
    return data[at + 4] >> 6 if 0 <= at < len(data) - 4 else None


def is_not_coded(packet: Any) -> bool:
    """Whether the packet's picture repeats the one before it, and no frame comes of it."""
    if packet.size > _SHORT:
        return False
    data = bytes(packet)
    at = data.find(_PLANE)
    if at < 0:
        return False
    resolution = _resolution(packet.stream.codec_context.extradata or b"")
    if resolution is None:
        return False
    bits = Bits(data[at + 4 :])
    try:
        bits.u(2)
        while bits.u(1):  # modulo_time_base
            pass
        bits.u(1 + max(1, (resolution - 1).bit_length()) + 1)
        return not bits.u(1)
    except ValueError:
        return True


def _resolution(header: bytes) -> int | None:
    """Ticks a second of the pictures' own clock."""
    found = _LAYER.search(header)
    if found is None:
        return None
    bits = Bits(header[found.end() :])
    try:
        bits.u(1 + 8)
        if bits.u(1):
            bits.u(4 + 3)
        if bits.u(4) == 15:
            bits.u(16)
        if bits.u(1):  # vol_control_parameters
            bits.u(2 + 1)
            if bits.u(1):
                bits.u(79)
        bits.u(2 + 1)
        return bits.u(16)
    except ValueError:
        return None
