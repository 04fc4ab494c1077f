"""Where a stream's packets lie in its file, and when each is due."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.media.clock import Shifts

# Containers and codecs whose packets are taken out of the file as they are.
_FORMAT = "mp4"
_CODECS = ("h264", "hevc", "vp9", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "prores", "mjpeg",
           "aac", "opus", "libopus")  # fmt: skip
# Of the packets noted, one in so many is read back and compared; so are the first few.
_CHECK_EACH, _CHECK_FIRST = 16, 4
# What is noted of packets beside their bytes: samples that are not played.
_SKIP, _MOST_SKIPS = "skip_samples", 8
#: FFmpeg's number of that note.
SKIP_TYPE = 11
# Ticks that a packet may last; the table has 32 bits for them.
_LONGEST = 2**31 - 1

_COLUMNS = ("pts", "places", "sizes", "durations", "are_keys")


@dataclass(frozen=True, eq=False)
class PacketTable:
    """Where a stream's packets lie in its file, in the file's order; ticks of the stream."""

    pts: np.ndarray
    """No two alike."""
    places: np.ndarray
    """The offset of the first byte."""
    sizes: np.ndarray
    durations: np.ndarray
    are_keys: np.ndarray
    timebase: Fraction
    rising: bool
    """Decoding times are those of playing."""
    skips: dict[int, bytes] = field(default_factory=dict)
    """By the packet's number: FFmpeg's note of samples that are not played."""
    shifts: Shifts = ()
    """Of a file whose clock does not go straight on: what was added to its times; see clock."""
    is_whole: bool = True
    """The bytes at the places are the packets; else a demuxer has to read on from there."""

    def __len__(self) -> int:
        return len(self.pts)

    def to_plain(self) -> tuple[dict[str, Any], np.ndarray]:
        """What JSON can hold of it, and int64 (5, N)."""
        skips = {str(number): data.hex() for number, data in self.skips.items()}
        rows = np.stack([np.asarray(getattr(self, name), np.int64) for name in _COLUMNS])
        plain = {"timebase": str(self.timebase), "rising": self.rising, "skips": skips}
        return {**plain, "shifts": self.shifts, "is_whole": self.is_whole}, rows

    @staticmethod
    def from_plain(plain: dict[str, Any], rows: np.ndarray) -> PacketTable:
        skips = {int(number): bytes.fromhex(data) for number, data in plain["skips"].items()}
        columns = dict(zip(_COLUMNS, rows, strict=True))
        return PacketTable(
            **columns,
            timebase=Fraction(plain["timebase"]),
            rising=plain["rising"],
            skips=skips,
            shifts=tuple((first, ticks) for first, ticks in plain["shifts"]),
            is_whole=plain["is_whole"],
        )


class PacketPlaces:
    """Notes where packets lie while a file is demuxed, as long as they prove to lie there."""

    def __init__(self, path: Path, container: Any, stream: Any) -> None:
        self._timebase = Fraction(stream.time_base)
        self._rises = stream.type == "audio"
        self._sample = Fraction(1, stream.codec_context.sample_rate or 1) if self._rises else 0
        codec = stream.codec_context.name if stream.codec_context else ""
        self.are_good = _FORMAT in container.format.name and codec in _CODECS
        self._file = path.open("rb", buffering=0) if self.are_good else None
        self._pts, self._places = array("q"), array("q")
        self._sizes, self._durations, self._are_keys = array("i"), array("i"), bytearray()
        self._skips: dict[int, bytes] = {}

    def add(self, packet: Any) -> None:
        """Note the next packet, which is not empty."""
        if not self.are_good:
            return
        pts, place, size, number = packet.pts, packet.pos, packet.size, len(self._sizes)
        duration = packet.duration or 0
        is_sane = pts is not None and place is not None and duration <= _LONGEST
        if not is_sane or (self._rises and packet.dts != pts):
            self.are_good = False
            return
        self._pts.append(pts)
        self._places.append(place)
        self._sizes.append(size)
        self._durations.append(duration)
        self._are_keys.append(packet.is_keyframe)
        if number < _CHECK_FIRST or number % _CHECK_EACH == 0:
            self._check(packet, place, size)
        for noted in packet.iter_sidedata():
            self._skips[number] = bytes(noted)
            if noted.data_type != _SKIP or len(self._skips) > _MOST_SKIPS:
                self.are_good = False
        if self._rises and packet.is_discard and not self._is_skipped(number, packet):
            self.are_good = False

    def _is_skipped(self, number: int, packet: Any) -> bool:
        """Whether a packet that is not to be played is noted as such, sample by sample."""
        noted = self._skips.get(number, bytes(4))
        return (
            int.from_bytes(noted[:4], "little") * self._sample >= packet.duration * self._timebase
        )

    def _check(self, packet: Any, place: int, size: int) -> None:
        assert self._file is not None
        self._file.seek(place)
        self.are_good = self._file.read(size) == bytes(packet)

    def table(self) -> PacketTable | None:
        """What was noted; None where packets did not lie where they seemed to."""
        if self._file is not None:
            self._file.close()
        if not self.are_good or not len(self._sizes):
            return None
        pts = np.frombuffer(self._pts, np.int64)
        if not np.diff(np.sort(pts)).all():  # np.unique would import much
            return None
        return PacketTable(
            pts,
            np.frombuffer(self._places, np.int64),
            np.frombuffer(self._sizes, np.int32),
            np.frombuffer(self._durations, np.int32),
            np.frombuffer(self._are_keys, np.uint8),
            self._timebase,
            self._rises,
            self._skips,
        )
