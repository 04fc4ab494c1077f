"""Parameter sets of H.264 and HEVC: their numbers, what they say, and the header of a file.

Syntax after ITU-T H.264 (7.3.2.1), H.265 (7.3.2.2, 7.3.3) and ISO/IEC 14496-15 (5.3.3.1 and
8.3.3.1, the boxes ``avcC`` and ``hvcC``). A set is a whole NAL unit without start code or length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_H264_SPS, _H264_PPS, _H264_SPS_EXT = 7, 8, 13
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34
_H264_DELIMITER, _HEVC_DELIMITER = 9, 35
#: H.264 profiles whose SPS names its chroma format.
_WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)


class Bits:
    """A reader of the bits of a NAL unit, emulation prevention bytes taken out."""

    def __init__(self, data: bytes) -> None:
        raw = data.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(raw, "big")
        self._left = 8 * len(raw)

    def u(self, count: int) -> int:
        """The next ``count`` bits; raises ValueError past the end."""
        self._left -= count
        if self._left < 0:
            raise ValueError("a parameter set ends too early")
        return self._value >> self._left & ((1 << count) - 1)

    def ue(self) -> int:
        """The next Exp-Golomb number."""
        rest = self._value & ((1 << self._left) - 1)
        ones = rest.bit_length()
        self._left = 2 * ones - self._left - 1  # as many follow the first 1 as zeros precede it
        if self._left < 0:
            raise ValueError("a parameter set ends too early")
        return (rest >> self._left) - 1


def is_set(codec: str, nal: bytes | memoryview) -> bool:
    """Whether the NAL unit is a parameter set."""
    if codec == "h264":
        return nal[0] & 0x1F in (_H264_SPS, _H264_PPS, _H264_SPS_EXT)
    return (nal[0] >> 1) & 0x3F in (_HEVC_VPS, _HEVC_SPS, _HEVC_PPS)


def is_delimiter(codec: str, nal: bytes | memoryview) -> bool:
    """Whether the NAL unit only says that a picture begins."""
    if codec == "h264":
        return nal[0] & 0x1F == _H264_DELIMITER
    return (nal[0] >> 1) & 0x3F == _HEVC_DELIMITER


def identity(codec: str, parameter_set: bytes) -> tuple[str, int]:
    """(kind, number) of a parameter set: two with the same identity replace each other."""
    if codec == "h264":
        kind = parameter_set[0] & 0x1F
        if kind == _H264_PPS:
            return "pps", Bits(parameter_set[1:]).ue()
        return ("sps" if kind == _H264_SPS else "sps-ext"), Bits(parameter_set[4:]).ue()
    kind = (parameter_set[0] >> 1) & 0x3F
    bits = Bits(parameter_set[2:])
    if kind == _HEVC_VPS:
        return "vps", bits.u(4)
    if kind == _HEVC_SPS:
        return "sps", _hevc_sps(bits).number
    return "pps", bits.ue()


def same_everywhere(codec: str, sets: Iterable[bytes]) -> bool:
    """Whether no two of the parameter sets differ under one identity."""
    known: dict[tuple[str, int], bytes] = {}
    return all(known.setdefault(identity(codec, s), s) == s for s in sets)


class Sps(NamedTuple):
    """What a sequence parameter set says, as far as it is needed."""

    number: int
    profile: int
    level: int
    chroma: int = 1
    luma_bits: int = 8
    chroma_bits: int = 8
    interlaced: bool = False
    """Fields may be coded (H.264 alone)."""
    constraints: int = 0
    sub_layers: int = 1
    nested: int = 1
    is_separate: bool = False
    """Each colour is coded by itself (H.264, as all that follows)."""
    frame_bits: int = 4
    """Of a slice's frame_num."""
    order_kind: int = 0
    order_bits: int = 0
    """Of the order of display (kind 0); whether slices say it at all (kind 1)."""
    references: int = 0
    """Pictures that are kept to be referred to."""


def h264_sps(parameter_set: bytes) -> Sps:
    """An H.264 sequence parameter set; raises ValueError where it is damaged."""
    profile, constraints, level = parameter_set[1:4]
    bits = Bits(parameter_set[4:])
    number = bits.ue()
    chroma, luma_bits, chroma_bits, is_separate = 1, 8, 8, False
    if profile in _WITH_CHROMA:
        chroma = bits.ue()
        if chroma == 3:
            is_separate = bool(bits.u(1))
        luma_bits, chroma_bits = 8 + bits.ue(), 8 + bits.ue()
        bits.u(1)
        if bits.u(1):
            _skip_scaling(bits, 8 if chroma != 3 else 12)
    frame_bits, order, order_bits = bits.ue() + 4, bits.ue(), 0
    if order == 0:
        order_bits = bits.ue() + 4
    elif order == 1:
        order_bits = 1 - bits.u(1)
        bits.ue(), bits.ue()
        for _ in range(bits.ue()):
            bits.ue()
    references = bits.ue()
    bits.u(1), bits.ue(), bits.ue()  # gaps, width, height
    return Sps(
        number, profile, level, chroma, luma_bits, chroma_bits, not bits.u(1), constraints,
        is_separate=is_separate, frame_bits=frame_bits, order_kind=order, order_bits=order_bits,
        references=references,
    )  # fmt: skip


def _skip_scaling(bits: Bits, count: int) -> None:
    for i in range(count):
        if not bits.u(1):
            continue
        last = following = 8
        for _ in range(16 if i < 6 else 64):
            if following:
                coded = bits.ue()
                delta = (coded + 1) // 2 if coded % 2 else -(coded // 2)
                following = (last + delta) % 256
            last = following or last


def _hevc_sps(bits: Bits) -> Sps:
    """The rest of an HEVC sequence parameter set, after its NAL unit header."""
    bits.u(4)
    sub_layers, nested = bits.u(3) + 1, bits.u(1)
    profile = bits.u(8) & 0x1F
    bits.u(80)
    level = bits.u(8)
    present = [(bits.u(1), bits.u(1)) for _ in range(sub_layers - 1)]
    if sub_layers > 1:
        bits.u(2 * (9 - sub_layers))
    for has_profile, has_level in present:
        bits.u(88 * has_profile + 8 * has_level)
    number, chroma = bits.ue(), bits.ue()
    if chroma == 3:
        bits.u(1)
    bits.ue(), bits.ue()  # width, height
    if bits.u(1):
        for _ in range(4):
            bits.ue()
    luma_bits, chroma_bits = 8 + bits.ue(), 8 + bits.ue()
    return Sps(
        number, profile, level, chroma, luma_bits, chroma_bits, sub_layers=sub_layers, nested=nested
    )


# --------------------------------------------------------------------------- headers of files


def length_size(codec: str, extradata: bytes | None) -> int | None:
    """Bytes of each NAL unit's length prefix; None for start codes (Annex B)."""
    if not extradata or extradata[0] != 1:
        return None
    at = 4 if codec == "h264" else 21
    return (extradata[at] & 3) + 1 if len(extradata) > at else None


def sets_in(codec: str, extradata: bytes | None) -> tuple[bytes, ...]:
    """The parameter sets of a file's header, in its order."""
    if not extradata:
        return ()
    if length_size(codec, extradata) is None:
        units = (extradata[at:end] for at, end in nal_units(memoryview(extradata), None))
        return tuple(nal.rstrip(b"\x00") for nal in units if is_set(codec, nal))
    found = _in_avcc(extradata) if codec == "h264" else _in_hvcc(extradata)
    return tuple(nal for nal in found if nal and is_set(codec, nal))


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


def _sized(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """``count`` NAL units behind two-byte lengths, and where they end."""
    units = []
    for _ in range(count):
        size = int.from_bytes(data[at : at + 2], "big")
        units.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    return units, at


def _in_avcc(data: bytes) -> list[bytes]:
    sequence, at = _sized(data, 6, data[5] & 0x1F)
    picture, at = _sized(data, at + 1, data[at] if at < len(data) else 0)
    extended: list[bytes] = []
    if data[1] in _WITH_CHROMA and at + 3 < len(data):
        extended, _ = _sized(data, at + 4, data[at + 3])
    return [*sequence, *picture, *extended]


def _in_hvcc(data: bytes) -> list[bytes]:
    units: list[bytes] = []
    at = 23
    for _ in range(data[22] if len(data) > 22 else 0):
        count = int.from_bytes(data[at + 1 : at + 3], "big")
        found, at = _sized(data, at + 3, count)
        units.extend(found)
    return units


def header(codec: str, sets: Sequence[bytes]) -> bytes:
    """The ``avcC`` or ``hvcC`` that holds these parameter sets, for NAL lengths of four bytes.

    Profile and level are the highest of all. Raises ValueError where two sets of one identity
    differ, or where there are more than fit.
    """
    unique = tuple(dict.fromkeys(sets))
    if not same_everywhere(codec, unique):
        raise ValueError("two parameter sets of one number differ")
    return _avcc(unique) if codec == "h264" else _hvcc(unique)


def _behind_sizes(units: Iterable[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


def _avcc(sets: Sequence[bytes]) -> bytes:
    kinds = {kind: [s for s in sets if s[0] & 0x1F == kind] for kind in (7, 8, 13)}
    if not kinds[7] or len(kinds[7]) > 31 or len(kinds[8]) > 255:
        raise ValueError(f"{len(kinds[7])} sequence parameter sets do not go into one header")
    read = [h264_sps(s) for s in kinds[7]]
    ranks = [66, 88, 77, 100, 110, 122, 244]
    highest = max(read, key=lambda s: ranks.index(s.profile) if s.profile in ranks else 99)
    constraints = 0xFF
    for sps in read:
        constraints &= sps.constraints
    level = max(s.level for s in read)
    start = bytes([1, highest.profile, constraints, level, 0xFF, 0xE0 | len(kinds[7])])
    data = start + _behind_sizes(kinds[7]) + bytes([len(kinds[8])]) + _behind_sizes(kinds[8])
    if highest.profile in (100, 110, 122, 144, 244):
        depth = [0xF8 | (highest.luma_bits - 8), 0xF8 | (highest.chroma_bits - 8)]
        data += bytes([0xFC | highest.chroma, *depth, len(kinds[13])]) + _behind_sizes(kinds[13])
    return data


def _hvcc(sets: Sequence[bytes]) -> bytes:
    kinds = {kind: [s for s in sets if (s[0] >> 1) & 0x3F == kind] for kind in (32, 33, 34)}
    if not kinds[33]:
        raise ValueError("there is no sequence parameter set")
    raw = kinds[33][0].replace(b"\x00\x00\x03", b"\x00\x00")
    sps = _hevc_sps(Bits(kinds[33][0][2:]))
    tier_and_level = raw[3:15]  # profile_tier_level without its sub-layers
    data = bytes([1]) + tier_and_level + bytes([0xF0, 0x00, 0xFC, 0xFC | sps.chroma])
    data += bytes([0xF8 | (sps.luma_bits - 8), 0xF8 | (sps.chroma_bits - 8), 0, 0])
    data += bytes([sps.sub_layers << 3 | sps.nested << 2 | 3])
    data += bytes([sum(1 for units in kinds.values() if units)])
    for kind, units in kinds.items():
        if units:
            data += bytes([kind]) + len(units).to_bytes(2, "big") + _behind_sizes(units)
    return data
