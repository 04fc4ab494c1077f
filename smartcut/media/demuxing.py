"""Makes the packet index of a file by demuxing it once; decodes a few frames at most."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from smartcut.errors import SourceError
from smartcut.media.bitstream import (
    MAY_HIDE,
    Start,
    describes_display,
    holds_picture,
    is_hidden,
    start_of,
)
from smartcut.media.clock import UNKNOWN
from smartcut.media.container import excuse, opened
from smartcut.media.fields import Fields, fields_of
from smartcut.media.frame_index import AudioSpan, Scan, VideoIndex
from smartcut.media.headers import (
    h264_sps,
    identity,
    is_set,
    length_size,
    nal_units,
    same_everywhere,
    sets_in,
)
from smartcut.media.mpeg4 import unpacked
from smartcut.media.orientation import orientation_of
from smartcut.media.packet_table import PacketPlaces, PacketTable
from smartcut.media.planes import colour_codes
from smartcut.media.rates import rate_of, stated_rate
from smartcut.media.restarts import Journal, may_restart, moved, with_clock
from smartcut.media.trusted import check_codec, check_sound, encrypted

# Frames decoded to see whether a stream's times are those of decoding.
_LOOK = 48
# Packets looked at behind a jump of the clock, where another recording may begin.
_AFTER_JUMP = 8
# Descriptions of displays that are kept; where they change all the time, none fits all frames.
_MESSAGES = 4

Tables = dict[int, PacketTable | None]


class _Packets:
    """A video stream's packets in the order of the file, in arrays: an hour has 100,000 of them."""

    def __init__(self) -> None:
        self.pts = array("q")
        self.durations = array("q")
        self.starts = bytearray()
        self.are_shown = bytearray()

    def move(self, table: PacketTable | None) -> None:
        """Take the times on the table's clock, if it has one."""
        if table is not None and len(table):
            self.pts = array("q", moved(np.frombuffer(self.pts, np.int64), table.shifts).tobytes())


@dataclass(frozen=True, slots=True)
class _Nominal:
    """What the header says of a video stream; the file is closed when this is looked at."""

    index: int
    timebase: Fraction
    rates: tuple[Fraction, ...]
    reorders: bool

    @staticmethod
    def of(stream: Any) -> _Nominal:
        rates = tuple(Fraction(r) for r in (stream.average_rate, stream.base_rate) if r)
        reorders = bool(stream.codec_context.has_b_frames)
        return _Nominal(stream.index, Fraction(stream.time_base), rates, reorders)


def demuxed_scan(
    path: Path, video: int | None, audio: int | None, container: Any = None
) -> tuple[Scan, Tables]:
    """What is found in the packets; ``container`` is the file, where it is open already."""
    packets = _Packets()
    with opened(path) if container is None else nullcontext(container) as container:
        stream = container.streams[video] if video is not None else None
        sounds = [s for s in container.streams.audio if s.index == audio or _is_usable(s, path)]
        chosen = [*([stream] if stream is not None else []), *sounds]
        headers = _Headers(stream)
        first = {s.index: _First(s, s.index in (video, audio)) for s in chosen}
        notes = {s.index: PacketPlaces(path, container, s) for s in chosen}
        add = {i: n.add for i, n in notes.items()}
        listed, journal = chosen, None
        if may_restart(container):
            listed = with_clock(container)
            journal = Journal(listed)
            add = {s.index: journal.add for s in listed}
        demuxed = _readable(container.demux(listed), path)
        if journal is not None and headers.has_sets:
            demuxed = _of_one_codec(demuxed, stream, headers.length, path)
        if stream is not None:
            demuxed = unpacked(stream, demuxed)
        spans = _demux(demuxed, stream, packets, headers, first, add)
        # Read at the end: decoders correct the header by what they see.
        nominal = _Nominal.of(stream) if stream is not None else None
        told = stream.codec_context.field_order if stream is not None else 0
    tables: Tables = {i: n.table() for i, n in notes.items()}
    if journal is not None:
        tables = {**journal.tables()}
        packets.move(tables.get(-1 if video is None else video))
        spans = {i: _span(tables.get(i)) or span for i, span in spans.items()}
    index = _index(nominal, packets, headers, path) if nominal is not None else None
    heard = {
        i: AudioSpan(start, max(span.end, start))
        for i, span in spans.items()
        if i in first and (frame := first[i].frame) is not None and (start := frame.pts) is not None
    }
    shown = first[video].frame if video is not None else None
    orientation = orientation_of(shown) if shown is not None else (0, False)
    fields = Fields()
    if video is not None:
        fields = fields_of(path, video, told, shown, headers.may_hold_fields)
    colour = colour_codes(shown) if shown is not None else None
    return Scan(index, heard, *orientation, fields, colour), tables


def _span(table: PacketTable | None) -> AudioSpan | None:
    """What a table's packets play; None for one without packets."""
    if table is None or not len(table):
        return None
    known = table.pts != UNKNOWN
    return AudioSpan(int(table.pts[known].min()), int((table.pts + table.durations)[known].max()))


def _is_usable(stream: Any, path: Path) -> bool:
    """Whether a sound stream that was not chosen is one that may be decoded."""
    context = stream.codec_context
    if context is None:
        return False
    try:
        check_codec(path, context)
        check_sound(path, context.sample_rate, context.channels)
    except SourceError:
        return False
    return True


def _readable(demuxed: Iterator[Any], path: Path) -> Iterator[Any]:
    """The packets; raises SourceError where the first are encrypted, or other streams begin."""
    try:
        for number, packet in enumerate(demuxed):
            if number < _LOOK and packet.has_sidedata("encryption_info"):
                raise encrypted(path)
            yield packet
    except IndexError as error:  # PyAV knows the streams that there are when a file is opened
        raise SourceError(
            f"{path}: other streams begin in the middle of it: it is several recordings joined as "
            "bytes, whose streams differ; give the recordings as separate inputs"
        ) from error


def _of_one_codec(
    demuxed: Iterator[Any], stream: Any, length: int | None, path: Path
) -> Iterator[Any]:
    """The packets; raises SourceError where a later recording's pictures are of another codec.

    FFmpeg goes on with the first recording's codec under the same number of a stream.
    """
    codec, second = stream.codec_context.name, 1 / float(stream.time_base)
    before: int | None = None
    looking = strange = 0
    for packet in demuxed:
        if packet.stream_index == stream.index and packet.size and packet.dts is not None:
            if before is not None and abs(packet.dts - before) > second:
                looking, strange = _AFTER_JUMP, 0
            before = packet.dts
            if looking:
                looking -= 1
                strange += not holds_picture(codec, memoryview(packet), length)
                if strange > _AFTER_JUMP // 2:
                    raise SourceError(
                        f"{path}: it is several recordings joined as bytes, of which a later one's "
                        f"pictures are not {codec}; give the recordings as separate inputs"
                    )
        yield packet


def _demux(
    demuxed: Iterator[Any],
    stream: Any,
    found: _Packets,
    headers: _Headers,
    first: dict[int, _First],
    note: Mapping[int, Callable[[Any], None]],
) -> dict[int, AudioSpan]:
    """Fill the other arguments; the answer is the span of each other stream's packets."""
    video = stream.index if stream is not None else None
    hides = stream is not None and stream.codec_context.name in MAY_HIDE
    add_pts, add_duration = found.pts.append, found.durations.append
    add_start, add_shown = found.starts.append, found.are_shown.append
    earliest: dict[int, int] = {}
    latest: dict[int, int] = {}
    for packet in demuxed:
        at = packet.stream_index
        if first and at in first and first[at].is_found_in(packet):
            first = {i: f for i, f in first.items() if f.frame is None}
        if not packet.size:
            continue
        note[at](packet)
        pts = packet.pts
        if at == video:
            start = Start.NONE
            if packet.is_keyframe:
                headers.add(packet)
                start = start_of(packet)
            if hides and is_hidden(packet):
                continue
            add_pts(UNKNOWN if pts is None else pts)
            add_duration(packet.duration or 0)
            add_start(start)
            add_shown(not packet.is_discard)
        elif pts is not None and not packet.is_discard:
            end = pts + (packet.duration or 0)
            if at not in earliest or pts < earliest[at]:
                earliest[at] = pts
            if at not in latest or end > latest[at]:
                latest[at] = end
    return {at: AudioSpan(earliest[at], latest[at]) for at in earliest}


class _First:
    """The first frame of a stream: decoders drop what only primes them."""

    def __init__(self, stream: Any, is_chosen: bool) -> None:
        self._is_sound = stream.type == "audio"
        self._is_chosen = is_chosen
        self.frame: Any = None

    def is_found_in(self, packet: Any) -> bool:
        for frame in self._decoded(packet):
            if not self._is_sound or (frame.samples and frame.pts is not None):
                self.frame = frame
                return True
        return False

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except av.error.FFmpegError as error:
            if self._is_chosen:
                raise
            excuse(error)
            return []


class _Headers:
    """The parameter sets of an H.264 or HEVC stream, as they come by."""

    def __init__(self, stream: Any) -> None:
        self.codec = stream.codec_context.name if stream is not None else ""
        self.has_sets = self.codec in ("h264", "hevc")
        self.found: dict[bytes, None] = {}
        self.messages: dict[bytes, None] = {}
        if self.has_sets:
            extradata = stream.codec_context.extradata
            self.length = length_size(self.codec, extradata)
            self.found = dict.fromkeys(sets_in(self.codec, extradata))

    def add(self, packet: Any) -> None:
        if not self.has_sets:
            return
        data = memoryview(packet)
        for at, end in nal_units(data, self.length):
            if is_set(self.codec, data[at:end]):
                self.found[bytes(data[at:end]).rstrip(b"\x00")] = None
            elif describes_display(self.codec, data[at:end]) and len(self.messages) < _MESSAGES:
                self.messages[bytes(data[at:end]).rstrip(b"\x00")] = None

    @property
    def may_hold_fields(self) -> bool:
        """Whether an H.264 stream may hold interlaced frames, whatever its first one is."""
        try:
            found = [s for s in self.found if self.codec == "h264"]
            return any(h264_sps(s).interlaced for s in found if identity("h264", s)[0] == "sps")
        except (ValueError, IndexError):
            return False

    @property
    def are_one_sequence(self) -> bool:
        try:
            return same_everywhere(self.codec, self.found)
        except (ValueError, IndexError):
            return False


def _index(nominal: _Nominal, packets: _Packets, headers: _Headers, path: Path) -> VideoIndex:
    timebase = nominal.timebase
    ticks = np.frombuffer(packets.pts, dtype=np.int64)
    durations = np.frombuffer(packets.durations, dtype=np.int64)
    starts = np.frombuffer(packets.starts, dtype=np.int8)
    begins = np.flatnonzero(starts)
    first = int(begins[0]) if len(begins) else len(starts)
    usable = first + np.flatnonzero(np.frombuffer(packets.are_shown, dtype=np.int8)[first:])
    if not len(usable):
        raise SourceError(f"{path} has no key frame in its video stream: it cannot be decoded")
    is_known = not starts[usable[0]] and ticks[first] != UNKNOWN
    pre_roll = int(ticks[first]) if is_known else None
    ticks, durations, starts = ticks[usable], durations[usable], starts[usable]
    starts[0] = starts[0] or Start.DECODE
    is_counted = bool(np.any(ticks == UNKNOWN))
    if is_counted:
        count, timebase = _counted(nominal, path)
        ticks, durations = np.arange(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    elif _hides_its_order(nominal, ticks, path):
        is_counted = True
    if is_counted:
        starts = np.zeros(len(ticks), dtype=np.int8)
        starts[0] = Start.COPY
    else:
        _check_clock(ticks[starts > 0], timebase, path)
    kept = np.flatnonzero(ticks >= ticks[0])  # leading pictures of an open start cannot be shown
    order = np.argsort(ticks[kept], kind="stable")
    pts = ticks[kept][order]
    if len(pts) > 1 and np.any(np.diff(pts) <= 0):
        once = np.concatenate([[True], np.diff(pts) > 0])
        pts, order = pts[once], order[once]
    numbers = np.empty(len(kept), dtype=np.int64)
    numbers.fill(-1)
    numbers[order] = np.arange(len(order))
    starts = starts[kept][order]
    rate, is_vfr = rate_of(pts, timebase, nominal.rates)
    last = int(durations[kept[order[-1]]])
    last = last or max(1, round(1 / (rate * timebase)))
    return VideoIndex(
        timebase=timebase,
        origin=Fraction(0),
        pts=pts,
        is_start=starts >= Start.DECODE,
        is_entry=starts >= Start.COPY,
        order=numbers[numbers >= 0],
        last_duration=last,
        rate=rate,
        is_vfr=is_vfr,
        is_counted=is_counted,
        pre_roll=None if is_counted else pre_roll,
        headers=tuple(headers.found),
        messages=tuple(headers.messages),
        is_one_sequence=headers.are_one_sequence,
    )


def _check_clock(keys: np.ndarray, timebase: Fraction, path: Path) -> None:
    """Raise SourceError where key frames, whose order is that of time, go back in time."""
    back = np.flatnonzero(np.diff(keys) < 0)
    if len(back):
        at = float(int(keys[back[0]]) * timebase)
        raise SourceError(
            f"{path}: its clock starts again after {at:.3f} s: it is several recordings joined as "
            "bytes, which only transport and program streams can be; give the recordings as "
            "separate inputs"
        )


def _hides_its_order(nominal: _Nominal, ticks: np.ndarray, path: Path) -> bool:
    """Whether frames are reordered, but all times are those of decoding (AVI, for one)."""
    if not nominal.reorders or np.any(np.diff(ticks) < 0):
        return False
    with opened(path) as container:
        decoded = container.decode(container.streams[nominal.index])
        times = [frame.pts for frame in islice(decoded, _LOOK)]
    return any(a is None or b is None or a >= b for a, b in pairwise(times))


def _counted(nominal: _Nominal, path: Path) -> tuple[int, Fraction]:
    """Number of frames of a stream without timestamps, found by decoding it; a tick of each."""
    rate = stated_rate(nominal.rates)
    with opened(path) as container:
        count = sum(1 for _ in container.decode(container.streams[nominal.index]))
    if count == 0:
        raise SourceError(f"{path}: no frame of its video stream can be decoded")
    return count, 1 / rate
