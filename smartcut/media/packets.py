"""A stream's packets from any place on, and its decoder.

An open MP4 file costs memory that grows with its length: FFmpeg keeps its tables, about 11 MB an
hour, once for each time it is open. So the packet index notes where every packet lies in the file,
and the file is opened for as long as it takes to set up a decoder; packets are read from where they
lie. Files whose packets are not simply parts of the file are read through FFmpeg's demuxer, those
whose clock starts again as :mod:`restarts` says.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Set
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from av.codec.context import CodecContext
from av.packet import Packet, PacketSideData

from smartcut.errors import SourceError
from smartcut.media.alpha import decoder_of
from smartcut.media.container import opened
from smartcut.media.mpeg4 import unpacked
from smartcut.media.packet_table import SKIP_TYPE, PacketTable
from smartcut.media.restarts import may_restart, packets_from, tables_of

# Tables that are remembered hold so many packets in all, many hours.
_MOST_REMEMBERED = 4_000_000
_MOST_DECODERS = 64

# What decoders need to know beside the header; PQ and HLG.
_OF_PICTURES = ("width", "height", "pix_fmt", "sample_aspect_ratio", "color_range",
                "color_primaries", "color_trc", "colorspace", "reorder_depth",
                "codec_tag")  # fmt: skip
_HDR = (16, 18)

# ------------------------------------------------------------------------------------ remembered


class Decoders:
    """Decoders of one stream: one that its open file came with, and others made like it."""

    def __init__(self, first: Any, is_used: bool) -> None:
        self._first = None if is_used else first
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


def keep_decoder(path: Path, stream: int, decoder: Any, is_used: bool = False) -> None:
    """Keep a codec context for the first that needs one, as the pattern of further ones.

    One that ``is_used``, or will be, is the pattern alone.
    """
    _known.put_decoders(path, stream, Decoders(decoder, is_used))


# --------------------------------------------------------------------------------------- reading


class PacketReader:
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

    def __enter__(self) -> PacketReader:
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
        return self._table is not None and self._table.is_whole

    @property
    def decoder(self) -> Any:
        """The codec context, which stays the same until the reader is closed."""
        if self._decoder is None:
            self._decoder = self._made() if self.is_by_place else decoder_of(self._demuxed())
        return self._decoder

    def _made(self) -> Any:
        """A decoder for packets that are read from where they lie."""
        known = _known.get_decoders(self._path, self._index)
        made = known.another(self._inside) if known is not None else None
        if made is None:
            with opened(self._path) as container:
                made = container.streams[self._index].codec_context
        return made

    def from_key(self, pts: int, without: Set[int] = frozenset()) -> Iterator[Any]:
        """The packets from the key frame with that ``pts`` on; the decoder begins anew.

        Packets with a pts in ``without`` are left out.
        """
        table = self._with_packets()
        if table is not None:
            found = np.flatnonzero((table.pts == pts) & (table.are_keys != 0))
            if len(found):
                yield from self._numbered(table, int(found[0]), without)
            return
        stream, self._is_at_head = self._demuxed(), False
        if self._decoder is not None and self._decoder is not stream.codec_context:
            self._decoder.flush_buffers()  # the container does so for its own alone
        packets = _packets_from(stream.container, stream, pts)
        yield from (p for p in packets if p.pts not in without)

    def from_time(self, tick: int | None) -> Iterator[Any]:
        """The packets from the last at or before ``tick`` on, or all; the decoder begins anew."""
        table = self._with_packets()
        if table is not None and (table.rising or tick is None):
            first = 0
            if tick is not None:
                pts = np.maximum.accumulate(table.pts)
                first = max(0, int(np.searchsorted(pts, tick, side="right")) - 1)
            yield from self._numbered(table, first)
            return
        stream = self._demuxed()
        if not (self._is_at_head and tick is None):
            _seek(stream.container, stream, tick)
        self._is_at_head = False
        packets = unpacked(stream, stream.container.demux(stream))
        yield from (p for p in packets if p.size)

    def _with_packets(self) -> PacketTable | None:
        """The table to go by; None where FFmpeg finds packets by their times."""
        if self._table is None and may_restart(self._demuxed().container):
            for stream, table in tables_of(self._path).items():
                remember(self._path, stream, table)
                self._table = table if stream == self._index else self._table
        return self._table if self._table is not None and len(self._table) else None

    def _numbered(
        self, table: PacketTable, first: int, without: Set[int] = frozenset()
    ) -> Iterator[Any]:
        if table.is_whole:
            return self._placed(table, first, without)
        self._is_at_head = False
        packets = packets_from(self._path, self._demuxed(), table, first)
        return (p for p in packets if p.pts not in without)

    def _placed(self, table: PacketTable, first: int, without: Set[int]) -> Iterator[Packet]:
        if self._decoder is not None:
            self._decoder.flush_buffers()
        if self._file is None:
            self._file = self._open.enter_context(self._path.open("rb", buffering=0))
        for number in range(first, len(table)):
            if not without or int(table.pts[number]) not in without:
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
            noted: Any = PacketSideData(SKIP_TYPE, size)  # type: ignore[call-arg]
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
        for packet in unpacked(stream, container.demux(stream)):
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
        for packet in unpacked(stream, again.demux(again.streams[stream.index])):
            found = found or (packet.pts == pts and packet.is_keyframe)
            if found and packet.size and packet.pts is not None:
                yield packet
