"""Files whose clock may start again: their packets' times on one clock, and how to find them.

Timestamps tell nothing apart there: a packet is known by its number in its stream. Such files have
packets that are found by their place alone, so FFmpeg's demuxer is put to a place at or before the
wanted packet, and reads on from there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.errors import SourceError
from smartcut.media.clock import UNKNOWN, PacketTrack, Shifts, shifts
from smartcut.media.container import opened
from smartcut.media.packet_table import PacketTable

# Containers of recordings that are cut and joined as bytes; see FFmpeg's AVFMT_TS_DISCONT.
_FORMATS = ("mpegts", "mpegtsraw", "mpeg")
# Packets before the wanted one from which reading on is tried, until it is found.
_BACK = (0, 16, 256)


def may_restart(container: Any) -> bool:
    """Whether the clock of such a file may start again inside it."""
    return container.format.name in _FORMATS


def with_clock(container: Any) -> list[Any]:
    """The streams that tell the clock of a file."""
    return [s for s in container.streams if s.type in ("video", "audio") and s.codec_context]


class _Rows:
    """A stream's packets in arrays."""

    def __init__(self, stream: Any) -> None:
        self.is_picture = stream.type == "video"
        self.unit = Fraction(stream.time_base)
        self.pts, self.dts, self.places = array("q"), array("q"), array("q")
        self.sizes, self.durations, self.are_keys = array("i"), array("q"), bytearray()

    def track(self) -> PacketTrack:
        columns = (np.frombuffer(c, np.int64) for c in (self.pts, self.dts, self.durations))
        return PacketTrack(self.is_picture, self.unit, *columns)

    def table(self, eras: Shifts) -> PacketTable:
        pts = moved(np.frombuffer(self.pts, np.int64), eras)
        return PacketTable(
            pts,
            np.frombuffer(self.places, np.int64),
            np.frombuffer(self.sizes, np.int32),
            np.frombuffer(self.durations, np.int64),
            np.frombuffer(self.are_keys, np.uint8),
            self.unit,
            not self.is_picture,
            shifts=eras,
            is_whole=False,
        )


def moved(pts: np.ndarray, eras: Shifts) -> np.ndarray:
    """The times of packets on the one clock; unknown ones stay unknown."""
    result = pts.copy()
    for (first, ticks), last in zip(eras, [*(f for f, _ in eras[1:]), len(pts)], strict=True):
        result[first:last] += ticks
    return np.where(pts == UNKNOWN, UNKNOWN, result)


class Journal:
    """Notes the packets of all streams of a file in its order, while it is demuxed."""

    def __init__(self, streams: Sequence[Any]) -> None:
        self._rows = {stream.index: _Rows(stream) for stream in streams}
        self._numbers = {index: number for number, index in enumerate(self._rows)}
        self._order = bytearray()

    def add(self, packet: Any) -> None:
        """Note the next packet, which is not empty."""
        rows, pts, dts, place = self._rows[packet.stream_index], packet.pts, packet.dts, packet.pos
        rows.pts.append(UNKNOWN if pts is None else pts)
        rows.dts.append(UNKNOWN if dts is None else dts)
        rows.places.append(-1 if place is None else place)
        rows.sizes.append(packet.size)
        rows.durations.append(packet.duration or 0)
        rows.are_keys.append(packet.is_keyframe)
        self._order.append(self._numbers[packet.stream_index])

    def tables(self) -> dict[int, PacketTable]:
        """By the stream's index; of a clock that goes straight on, tables without packets."""
        eras = shifts([rows.track() for rows in self._rows.values()], bytes(self._order))
        if all(found == ((0, 0),) for found in eras):
            return {index: _straight(rows) for index, rows in self._rows.items()}
        pairs = zip(self._rows.items(), eras, strict=True)
        return {index: rows.table(found) for (index, rows), found in pairs if found}


def _straight(rows: _Rows) -> PacketTable:
    none = np.zeros(0, np.int64)
    return PacketTable(none, none, none, none, none, rows.unit, not rows.is_picture, is_whole=False)


def tables_of(path: Path) -> dict[int, PacketTable]:
    """The tables of a file that may restart, by demuxing it; of others none."""
    with opened(path) as container:
        if not may_restart(container):
            return {}
        streams = with_clock(container)
        journal = Journal(streams)
        for packet in container.demux(streams):
            if packet.size:
                journal.add(packet)
    return journal.tables()


def packets_from(path: Path, stream: Any, table: PacketTable, number: int) -> Iterator[Any]:
    """The stream's packets from the one with that number on, with the table's times.

    Raises SourceError where the file has other packets than the table.
    """
    for count, packet in enumerate(_found(stream, table, number), number):
        if count >= len(table) or packet.size != table.sizes[count]:
            break
        pts = int(table.pts[count])
        if packet.dts is not None and packet.pts is not None:
            packet.dts += pts - packet.pts
        packet.pts = None if pts == UNKNOWN else pts
        yield packet
    else:
        if count + 1 == len(table):
            return
    raise SourceError(f"{path} has other packets than when it was indexed")


def _found(stream: Any, table: PacketTable, number: int) -> Iterator[Any]:
    """The packets from that number on, as they are; none where they are not found."""
    before, behind = table.places[: number + 1], table.places[number + 1 :]
    # Not all packets say where they are: it is not before the last place, nor after the next.
    begins = int(before.max())
    limit = int(behind[behind >= 0][0]) if np.any(behind >= 0) else None
    wanted = _own_pts(table, number), int(table.sizes[number])
    tried = -1
    for back in (*_BACK, number):
        first = max(0, number - back)
        while first > 0 and table.places[first] < 0:
            first -= 1
        if first == tried:
            continue
        tried = first
        stream.container.seek(max(0, int(table.places[first])), unsupported_byte_offset=True)
        is_found, place = False, -1
        for packet in stream.container.demux(stream):
            if not packet.size:
                continue
            place = place if packet.pos is None else packet.pos
            is_found = is_found or (place >= begins and (packet.pts, packet.size) == wanted)
            if is_found:
                yield packet
            elif limit is not None and place > limit:
                break
        if is_found:
            return


def _own_pts(table: PacketTable, number: int) -> int | None:
    """What the file's own clock says of a packet."""
    pts = int(table.pts[number])
    shift = [ticks for first, ticks in table.shifts if first <= number][-1]
    return None if pts == UNKNOWN else pts - shift
