"""A stream's packets from any place on, and its decoder.

An open MP4 file costs memory that grows with its length: FFmpeg keeps its tables, about 11 MB an
hour, once for each time it is open. So the packet index notes where every packet lies in the file,
and the file is opened for as long as it takes to set up a decoder; packets are read from where they
lie. Files whose packets are not simply parts of the file are read through FFmpeg's demuxer.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from av.codec.context import CodecContext
from av.packet import Packet, PacketSideData

from smartcut.errors import SourceError
from smartcut.media.container import opened

# Containers and codecs whose packets are taken out of the file as they are.
_FORMAT = "mp4"
_CODECS = ("h264", "hevc", "vp9", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "prores", "mjpeg",
           "aac", "opus", "libopus")  # fmt: skip
# Of the packets noted, one in so many is read back and compared; so are the first few.
_CHECK_EACH, _CHECK_FIRST = 16, 4
# What is noted of packets beside their bytes: samples that are not played.
_SKIP, _SKIP_TYPE, _MOST_SKIPS = "skip_samples", 11, 8
# Ticks that a packet may last; the table has 32 bits for them.
_LONGEST = 2**31 - 1
# Tables that are remembered hold so many packets in all, many hours.
_MOST_REMEMBERED = 4_000_000
_MOST_DECODERS = 64

# What decoders need to know beside the header; PQ and HLG.
_OF_PICTURES = ("width", "height", "pix_fmt", "sample_aspect_ratio", "color_range",
                "color_primaries", "color_trc", "colorspace", "reorder_depth",
                "codec_tag")  # fmt: skip
_HDR = (16, 18)

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

    def __len__(self) -> int:
        return len(self.pts)

    def to_plain(self) -> tuple[dict[str, Any], np.ndarray]:
        """What JSON can hold of it, and int64 (5, N)."""
        skips = {str(number): data.hex() for number, data in self.skips.items()}
        rows = np.stack([np.asarray(getattr(self, name), np.int64) for name in _COLUMNS])
        return {"timebase": str(self.timebase), "rising": self.rising, "skips": skips}, rows

    @staticmethod
    def from_plain(plain: dict[str, Any], rows: np.ndarray) -> PacketTable:
        skips = {int(number): bytes.fromhex(data) for number, data in plain["skips"].items()}
        columns = dict(zip(_COLUMNS, rows, strict=True))
        timebase = Fraction(plain["timebase"])
        return PacketTable(**columns, timebase=timebase, rising=plain["rising"], skips=skips)


class Notes:
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
        if len(np.unique(pts)) != len(pts):
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


# ------------------------------------------------------------------------------------ remembered


class Decoders:
    """Decoders of one stream: one that its open file came with, and others made like it."""

    def __init__(self, first: Any) -> None:
        self._first = first
        self._lock = Lock()
        kinds = {"h264": _OF_PICTURES, "aac": ()}
        self._name = first.name
        # Notes in the file's header on what display HDR was made for would not be passed on.
        is_hdr = first.type == "video" and int(first.color_trc) in _HDR
        self._properties: dict[str, Any] | None = None
        if first.name in kinds and not is_hdr:
            self._properties = {name: getattr(first, name) for name in kinds[first.name]}
            self._extradata = first.extradata

    def another(self, inside: bool) -> Any:
        """A decoder that was never used; None where only the open file has one.

        ``inside`` tells that it will see no packet that says what not to play.
        """
        with self._lock:
            first, self._first = self._first, None
        if first is not None or self._properties is None:
            return first
        if self._name == "aac" and not inside:
            return None  # it would not know how to count the samples that are not played
        made: Any = CodecContext.create(self._name, "r")
        made.extradata = self._extradata
        for name, value in self._properties.items():
            if value is not None:
                setattr(made, name, value)
        return made


class _Known:
    """The tables of the files seen last, each for as long as its file is not written again.

    Beside them what decoders are made of: opening the file for each takes time, and for that time
    the memory that is to be saved.
    """

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[Path, int], tuple[tuple[int, ...], PacketTable]]
        self._tables = OrderedDict()
        self._decoders: OrderedDict[tuple[Path, int], tuple[tuple[int, ...], Decoders]]
        self._decoders = OrderedDict()
        self._lock = Lock()

    def put_decoders(self, path: Path, stream: int, decoders: Decoders) -> None:
        with self._lock:
            self._decoders[path, stream] = _state(path), decoders
            while len(self._decoders) > _MOST_DECODERS:
                self._decoders.popitem(last=False)

    def get_decoders(self, path: Path, stream: int) -> Decoders | None:
        with self._lock:
            state, decoders = self._decoders.get((path, stream), ((), None))
        return decoders if state == _state(path) else None

    def put(self, path: Path, stream: int, table: PacketTable | None) -> None:
        with self._lock:
            self._tables.pop((path, stream), None)
            if table is None:
                return
            self._tables[path, stream] = _state(path), table
            while sum(len(t) for _, t in self._tables.values()) > _MOST_REMEMBERED:
                self._tables.popitem(last=False)

    def get(self, path: Path, stream: int) -> PacketTable | None:
        with self._lock:
            state, table = self._tables.get((path, stream), ((), None))
        return table if table is not None and state == _state(path) else None


def _state(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


_known = _Known()
remember, table_of = _known.put, _known.get


def keep_decoder(path: Path, stream: int, decoder: Any) -> None:
    """Keep a codec context for the first that needs one, as the pattern of further ones."""
    _known.put_decoders(path, stream, Decoders(decoder))


# --------------------------------------------------------------------------------------- reading


class Reader:
    """One stream of a file. Close it, or use it in a ``with`` statement.

    ``inside`` promises that packets are read only from where all that they hold is played.
    """

    def __init__(self, path: Path, stream: int, inside: bool = False) -> None:
        self._path = path
        self._index = stream
        self._inside = inside
        self._table = table_of(path, stream)
        self._open = ExitStack()
        self._file: Any = None
        self._stream: Any = None
        self._is_at_head = True
        self._decoder: Any = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._stream = self._decoder = self._file = None
        self._is_at_head = True
        self._open.close()

    @property
    def is_by_place(self) -> bool:
        """Whether packets are read from where they lie: the file need not stay open."""
        return self._table is not None

    @property
    def decoder(self) -> Any:
        """The codec context, which stays the same until the reader is closed."""
        if self._decoder is None:
            if self._table is None:
                self._decoder = self._demuxed().codec_context
            else:
                self._decoder = self._made()
        return self._decoder

    def _made(self) -> Any:
        """A decoder for packets that are read from where they lie."""
        known = _known.get_decoders(self._path, self._index)
        made = known.another(self._inside) if known is not None else None
        if made is None:
            with opened(self._path) as container:
                made = container.streams[self._index].codec_context
        return made

    def from_key(self, pts: int) -> Iterator[Any]:
        """The packets from the key frame with that ``pts`` on; the decoder begins anew."""
        if self._table is None:
            stream, self._is_at_head = self._demuxed(), False
            yield from _packets_from(stream.container, stream, pts)
            return
        found = np.flatnonzero((self._table.pts == pts) & (self._table.are_keys != 0))
        if len(found):
            yield from self._placed(self._table, int(found[0]))

    def from_time(self, tick: int | None) -> Iterator[Any]:
        """The packets from the last at or before ``tick`` on, or all; the decoder begins anew."""
        if self._table is None or not (self._table.rising or tick is None):
            stream = self._demuxed()
            if not (self._is_at_head and tick is None):
                _seek(stream.container, stream, tick)
            self._is_at_head = False
            yield from (p for p in stream.container.demux(stream) if p.size)
            return
        first = 0
        if tick is not None:
            first = max(0, int(np.searchsorted(self._table.pts, tick, side="right")) - 1)
        yield from self._placed(self._table, first)

    def _placed(self, table: PacketTable, first: int) -> Iterator[Packet]:
        if self._decoder is not None:
            self._decoder.flush_buffers()
        if self._file is None:
            self._file = self._open.enter_context(self._path.open("rb", buffering=0))
        for number in range(first, len(table)):
            yield self._packet(table, number)

    def _packet(self, table: PacketTable, number: int) -> Packet:
        size, place = int(table.sizes[number]), int(table.places[number])
        packet = Packet(size)  # with room behind it, as decoders want it
        self._file.seek(place)
        if self._file.readinto(memoryview(packet)) != size:
            raise SourceError(f"{self._path} is shorter than when it was indexed")
        packet.pts, packet.time_base = int(table.pts[number]), table.timebase
        packet.dts = packet.pts if table.rising else None
        packet.duration = int(table.durations[number])
        packet.is_keyframe = bool(table.are_keys[number])
        if number in table.skips:
            size = len(table.skips[number])
            noted: Any = PacketSideData(_SKIP_TYPE, size)  # type: ignore[call-arg]
            noted.update(table.skips[number])
            packet.set_sidedata(noted)
        return packet

    def _demuxed(self) -> Any:
        if self._stream is None:
            container = self._open.enter_context(opened(self._path))
            self._stream = container.streams[self._index]
        return self._stream


def _seek(container: Any, stream: Any, tick: int | None) -> None:
    if tick is None:
        container.seek(0)
        return
    try:
        container.seek(tick, stream=stream, backward=True)
    except OSError:
        container.seek(0)


def _packets_from(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    """The stream's packets from the key frame with that ``pts`` on."""
    back = 0
    while True:
        target = pts - back
        at_head = stream.start_time is not None and target <= stream.start_time
        try:
            container.seek(target, stream=stream, backward=True, any_frame=False)
        except OSError:
            at_head = True
            container.seek(0)
        found = False
        for packet in container.demux(stream):
            if packet.pts is None or not packet.size:
                continue
            if not found:
                if packet.pts > pts and packet.is_keyframe and not at_head:
                    break  # the seek landed too late: go further back
                found = packet.pts == pts and packet.is_keyframe
            if found:
                yield packet
        if found:
            return
        if at_head:
            yield from _from_head(container, stream, pts)
            return
        back = max(2 * back, int(2 / stream.time_base))


def _from_head(container: Any, stream: Any, pts: int) -> Iterator[Any]:
    """The same by reading from the file's first byte: transport streams cannot seek there."""
    with opened(Path(container.name)) as again:
        found = False
        for packet in again.demux(again.streams[stream.index]):
            found = found or (packet.pts == pts and packet.is_keyframe)
            if found and packet.size and packet.pts is not None:
                yield packet
