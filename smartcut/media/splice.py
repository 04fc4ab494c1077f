"""Packets of several encoders as one stream that decodes without a break.

H.264: one header lists everybody's parameter sets, each under its own number, and none are left
in band, so that the sample entry stays ``avc1``. HEVC encoders do not let their numbers be chosen:
where they collide, every piece begins with its own sets in band under ``hev1``, and a piece that
begins at a CRA picture begins at a BLA picture instead. NAL units get lengths of four bytes.
Other codecs carry all they need in their key frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from av.packet import Packet

from smartcut.media.bitstream import broken_link
from smartcut.media.headers import (
    header,
    is_delimiter,
    is_set,
    length_size,
    nal_units,
    same_everywhere,
)

#: Codecs whose packets are NAL units, and whose header is parameter sets.
NAL_CODECS = ("h264", "hevc")
_SELF_CONTAINED = ("vp9", "av1", "prores", "dnxhd", "qtrle", "png", "mpeg4", "vp8")


class Origin(NamedTuple):
    """Where a piece's packets come from."""

    extradata: bytes | None
    sets: tuple[bytes, ...]
    """H.264 and HEVC: the parameter sets that its packets need."""
    copied: bool
    messages: tuple[bytes, ...] = ()
    """NAL units that encoded pieces beside it need too: what display HDR was made for."""


class Splice:
    """The header that serves all pieces, and their packets as they fit under it.

    Raises ValueError where there is none.
    """

    def __init__(self, codec: str, origins: Sequence[Origin]) -> None:
        self.codec = codec
        self.extradata = next((o.extradata for o in origins if o.copied), origins[0].extradata)
        self.tag: str | None = "hvc1" if codec == "hevc" else None
        self._in_band = False
        self._rewrites = False
        alike = all(o.extradata == self.extradata for o in origins)
        sized = length_size(codec, self.extradata) is not None
        if codec in NAL_CODECS:
            if not alike or (not sized and any(o.copied for o in origins)):
                self._join(origins)
        elif not alike and codec not in _SELF_CONTAINED:
            raise ValueError(f"pieces of {codec} with different headers cannot be joined")
        self._known = frozenset(s for o in origins for s in o.sets)
        self._messages = tuple(dict.fromkeys(m for o in origins for m in o.messages))

    def _join(self, origins: Sequence[Origin]) -> None:
        self._rewrites = True
        sets = [s for o in origins for s in o.sets]
        if self.codec == "hevc" and not same_everywhere("hevc", dict.fromkeys(sets)):
            self._in_band, self.tag, sets = True, "hev1", list(origins[0].sets)
        try:
            self.extradata = header(self.codec, sets)
        except (ValueError, IndexError) as error:
            raise ValueError(f"the parameter sets cannot be joined: {error}") from error

    def fitted(self, packet: Any, origin: Origin, begins: bool, joins: bool) -> Any:
        """The packet for the joined stream, perhaps the same object.

        ``begins`` marks the first one of a piece, and ``joins`` tells that there are pictures
        before that piece. Raises ValueError where the packet brings a parameter set that no other
        knew of.
        """
        if not self._rewrites:
            return packet
        length = length_size(self.codec, origin.extradata)
        units = _units(packet, length)
        for unit in units:
            if is_set(self.codec, unit) and bytes(unit).rstrip(b"\x00") not in self._known:
                raise ValueError("a parameter set changes inside a part that is copied")
        coded = _coded(self.codec, units)
        dropped = len(coded) < len(units)
        added: tuple[bytes, ...] = ()
        if begins and joins and self._in_band:
            added = origin.sets
        if begins and not origin.copied:
            added += self._messages
        breaks = begins and joins and origin.copied and self.codec == "hevc"
        if length == 4 and not dropped and not added and not breaks:
            return packet
        kept = (*added, *_plain(coded, length))
        joined = b"".join(len(u).to_bytes(4, "big") + u for u in kept)
        result = Packet(broken_link(joined, 4) if breaks else joined)
        result.pts, result.dts, result.is_keyframe = packet.pts, packet.dts, packet.is_keyframe
        return result


def coded_units(codec: str, packet: Any, length: int | None) -> tuple[bytes, ...]:
    """The NAL units of a packet but for parameter sets and delimiters.

    ``length`` is the number of bytes of each one's length; None: they have start codes.
    """
    return _plain(_coded(codec, _units(packet, length)), length)


def _units(packet: Any, length: int | None) -> list[memoryview]:
    data = memoryview(packet)
    return [data[at:end] for at, end in nal_units(data, length)]


def _coded(codec: str, units: Sequence[memoryview]) -> list[memoryview]:
    return [u for u in units if not (is_set(codec, u) or is_delimiter(codec, u))]


def _plain(units: Sequence[memoryview], length: int | None) -> tuple[bytes, ...]:
    return tuple(bytes(u) if length else bytes(u).rstrip(b"\x00") for u in units)
