"""Fragmented MP4 for Media Source Extensions: an init segment, then fragments of packets.

The init segment is written by FFmpeg's muxer; the fragments (``moof`` and ``mdat``) are made here,
since that muxer delays pictures that are reordered, which browsers then show late. Decoding times
are the times of showing in rising order, so that offsets between the two may be negative (``trun``
of version 1). H.264 and HEVC have each NAL unit behind its length and the parameter sets in the
init segment; AV1 has no temporal delimiters.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np

from smartcut.errors import RenderError
from smartcut.media.boxes import box, find, full_box
from smartcut.media.headers import header, is_delimiter, is_set, length_size, nal_units, sets_in
from smartcut.media.orientation import Orientation, display_matrix
from smartcut.media.piece_files import PieceFiles, VideoPiece

_OPTIONS = {"movflags": "empty_moov+default_base_moof", "use_editlist": "0"}
_WITH_SETS = ("h264", "hevc")
_TAGS = {"h264": "avc1", "hevc": "hvc1"}
# A temporal delimiter of AV1: OBU type 2, with its size, 0.
_AV1_DELIMITER = b"\x12\x00"
# Flags of a sample: it depends on no other; it depends on others and is no place to start.
_KEY, _OTHER = 0x0200_0000, 0x0101_0000
# data-offset, and of each sample: duration, size, flags and composition offset
_TRUN_FLAGS = 0x000F01
_DEFAULT_BASE_IS_MOOF = 0x020000


@dataclass(frozen=True, slots=True)
class TrackHead:
    """How the packets of a stream become samples."""

    init: bytes
    """``ftyp`` and ``moov``."""
    codec: str
    length: int | None
    """Bytes of the length before each NAL unit in packets; None: start codes, or no NAL units."""

    def sample(self, packet: Any) -> bytes:
        """The packet as a sample."""
        data = bytes(packet)
        if self.codec == "av1":
            return data.removeprefix(_AV1_DELIMITER)
        if self.codec not in _WITH_SETS or self.length is not None:
            return data
        view = memoryview(data)
        units = (data[at:end].rstrip(b"\0") for at, end in nal_units(view, None))
        kept = [u for u in units if not is_set(self.codec, u) and not is_delimiter(self.codec, u)]
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


def head_of(
    stream: Any, timebase: Fraction, orientation: Orientation, sets: Sequence[bytes] = ()
) -> TrackHead:
    """The head of a track that holds the packets of that stream.

    ``sets`` are all its parameter sets, where those in its header are not all. Times in the track
    are in ticks of 1 / ``timebase.denominator`` seconds.
    """
    codec, extradata = stream.codec_context.codec.canonical_name, stream.codec_context.extradata
    length = length_size(codec, extradata) if codec in _WITH_SETS else None
    if codec in _WITH_SETS and length is None:
        extradata = header(codec, sets or sets_in(codec, extradata))
    sink = io.BytesIO()
    options = {**_OPTIONS, "video_track_timescale": str(timebase.denominator)}
    with av.open(sink, "w", format="mp4", options=options) as container:
        made = container.add_stream_from_template(stream, opaque=True)
        made.time_base = Fraction(1, timebase.denominator)
        made.codec_context.extradata = extradata
        # An encoder's stream says so before its file begins; what it is made from does not.
        made.width, made.height = stream.width, stream.height
        if (shape := stream.codec_context.sample_aspect_ratio) is not None:
            made.codec_context.sample_aspect_ratio = shape
        if codec in _TAGS:
            made.codec_context.codec_tag = _TAGS[codec]
        made.set_display_matrix(display_matrix(*orientation))
        container.start_encoding()
    return TrackHead(init_in(sink.getvalue()), codec, length)


def init_in(data: bytes) -> bytes:
    """``ftyp`` and ``moov`` of what FFmpeg's muxer has written."""
    kinds = find(data, b"ftyp"), find(data, b"moov")
    return b"".join(data[one.start : one.end] for one in kinds if one is not None)


@dataclass(frozen=True, slots=True)
class Sample:
    """A packet in a fragment; times are in ticks of the track."""

    data: bytes
    duration: int
    """Until the next sample is decoded."""
    offset: int = 0
    """By how much later than decoded it is shown; may be negative."""
    is_key: bool = True


def fragment(first: int, samples: Sequence[Sample]) -> bytes:
    """``moof`` and ``mdat`` of samples in decoding order, the first decoded at tick ``first``."""
    rows = b"".join(
        struct.pack(">IIIi", s.duration, len(s.data), _KEY if s.is_key else _OTHER, s.offset)
        for s in samples
    )

    def moof(offset: int) -> bytes:
        count = struct.pack(">Ii", len(samples), offset)
        track = box(
            b"traf",
            full_box(b"tfhd", 0, _DEFAULT_BASE_IS_MOOF, struct.pack(">I", 1)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", first)),
            full_box(b"trun", 1, _TRUN_FLAGS, count, rows),
        )
        return box(b"moof", full_box(b"mfhd", 0, 0, struct.pack(">I", 1)), track)

    head = moof(len(moof(0)) + 8)
    return head + box(b"mdat", *(sample.data for sample in samples))


class FragmentWriter:
    """Packets that come one after the other, as fragments of pictures from time 0 on."""

    def __init__(
        self, shown: np.ndarray, end: int, timebase: Fraction, begin: int | None = None
    ) -> None:
        """``shown`` holds the rising ticks of all pictures, ``end`` that at which the last ends.

        ``begin`` is the tick that is time 0, where that is not the first picture's.
        """
        self._start = int(shown[0]) if begin is None else begin
        self._rising = [*(shown - self._start).tolist(), end - self._start]
        self._factor = timebase.numerator
        self._first, self._waiting = 0, list[Sample]()

    @property
    def waiting(self) -> int:
        """So many samples are in no fragment yet."""
        return len(self._waiting)

    def add(self, data: bytes, tick: int, is_key: bool) -> None:
        """The sample that is decoded next, and shown at that tick."""
        number = self._first + len(self._waiting)
        if number + 1 >= len(self._rising):
            raise RenderError(f"more than {number} packets came where so many were planned")
        decoded, following = self._rising[number : number + 2]
        offset = tick - self._start - decoded
        duration = (following - decoded) * self._factor
        is_key = is_key or number == 0
        self._waiting.append(Sample(data, duration, offset * self._factor, is_key))

    def flush(self) -> bytes:
        """The fragment of the samples that wait; nothing where none does."""
        if not self._waiting:
            return b""
        made = fragment(self._rising[self._first] * self._factor, self._waiting)
        self._first += len(self._waiting)
        self._waiting = []
        return made


def piece_fragments(
    files: PieceFiles,
    piece: VideoPiece,
    head: TrackHead,
    timebase: Fraction,
    each: int,
    begin: int | None = None,
) -> Iterator[bytes]:
    """The init segment, then fragments of ``each`` pictures of a piece.

    Time 0 is the tick ``begin``, else the piece's first picture.
    """
    ticks = files.ticks(piece, timebase)
    writer = FragmentWriter(np.sort(ticks), piece.end, timebase, begin)
    begun = head.init
    for packet, tick in zip(files.packets(piece), ticks.tolist(), strict=True):
        writer.add(head.sample(packet), tick, bool(packet.is_keyframe))
        if writer.waiting >= each:
            yield begun + writer.flush()
            begun = b""
    if writer.waiting or begun:
        yield begun + writer.flush()
