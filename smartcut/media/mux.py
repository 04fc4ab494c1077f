"""Joins pieces into a file, without touching the pictures and sounds in them.

One rule makes all decoding times: with the packets in decoding order and their output pts,
``dts[i] = sorted_pts[i] - D``, D the smallest shift that keeps dts <= pts. Times are rounded to
the container's clock once, by the muxer. The file gets its name only when it is complete.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.stream import Disposition

from smartcut.errors import RenderError
from smartcut.files import reason, whole, whole_numbered
from smartcut.media.alpha import FORMAT as ALPHA_BESIDE
from smartcut.media.alpha import has_alpha
from smartcut.media.codecs import FLAVOURED
from smartcut.media.container import give_back
from smartcut.media.containers import Container
from smartcut.media.fields import FIELD_CODES
from smartcut.media.languages import language_tag
from smartcut.media.mux_extras import (
    CoverPicture,
    Embedded,
    TextTrack,
    cover_packets,
    embed,
    text_packets,
)
from smartcut.media.orientation import display_matrix
from smartcut.media.packets import PacketReader
from smartcut.media.piece_files import PieceFiles, VideoPiece, numbers_in
from smartcut.media.rates import rate_of
from smartcut.media.splice import Origin, Splice
from smartcut.source import Chapter, FieldOrder
from smartcut.timebase import Range

# Share of the frames that may be missing from a stream that is said to have its usual rate.
_FEW_MISSING = Fraction(1, 50)
# Of a packet of AAC, and about of others.
_SAMPLES = 1024


@dataclass(frozen=True, slots=True)
class SoundPiece:
    """An encoded sound track, or a part of a source's."""

    path: Path
    stream: int | None = None
    """The stream's index in the file; None: its only one."""
    ranges: tuple[Range, ...] = ()
    """What to take of it, in seconds of the file's own clock; none: all."""
    language: str | None = None
    """ISO 639-1 or -2."""
    title: str = ""
    roles: tuple[str, ...] = ()
    """What it is for; see AudioStream.roles."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that goes into one file."""

    video: Sequence[VideoPiece] = ()
    timebase: Fraction = Fraction(1, 1000)
    rotation: int = 0
    mirrored: bool = False
    """How players turn the picture; see :mod:`smartcut.media.orientation`."""
    field_order: FieldOrder = "progressive"
    sounds: Sequence[SoundPiece] = ()
    texts: Sequence[TextTrack] = ()
    files: Sequence[Embedded] = ()
    cover: CoverPicture | None = None
    chapters: Sequence[Chapter] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    duration: Fraction | None = None
    """Seconds of the sound, for files that say where it ends."""
    loop: int = 0
    """How often an animation plays; 0: for ever."""


class SpliceError(RenderError):
    """A piece does not go into one stream with the others."""

    def __init__(self, message: str, piece: int | None) -> None:
        super().__init__(message)
        self.piece = piece
        """Its place; None where it is not one alone."""


def write(
    path: Path, container: Container, parts: Parts, check: Callable[[Path], None] | None = None
) -> None:
    """Write the file whole, or leave what was there; raises RenderError, SpliceError among them.

    ``check`` looks at the file before it gets its name, which it does not where that raises.
    """
    give_back()  # the muxer keeps tables of its own, while encoders and decoders are gone
    try:
        with (whole_numbered if container.kind == "images" else whole)(path) as hidden:
            _make(hidden, container, parts)
            if container.has_info_frame and parts.duration is not None:
                _tell_length(hidden, parts.sounds[0], parts.duration)
            if check is not None:
                check(hidden)
    except MemoryError:
        raise
    except OSError as error:
        raise RenderError(f"{path} cannot be written: {reason(error, path.parent)}") from error
    except av.error.FFmpegError as error:
        raise RenderError(f"{path} cannot be written: {error.strerror or error}") from error
    except OverflowError as error:
        raise RenderError(f"{path} cannot be written: a time does not fit into it") from error


def _make(path: Path, container: Container, parts: Parts) -> None:
    if container.kind == "animation":
        from smartcut.media.animated import writing as animated

        animated.join(path, container, parts)
    elif container.kind == "images":
        from smartcut.media import image_files

        image_files.write(path, parts)
    else:
        interleave(path, container, parts)


def interleave(
    path: Path, container: Container, parts: Parts, options: Mapping[str, str] | None = None
) -> None:
    """Write the packets of all tracks by FFmpeg's muxer; ``options`` are further ones of it."""
    with (
        PieceFiles() as files,
        ExitStack() as readers,
        av.open(
            str(path), "w", format=container.muxer, options={**container.options, **(options or {})}
        ) as output,
    ):
        output.metadata.update(parts.metadata)
        feeds: list[Iterator[tuple[float, int, Any]]] = []
        if parts.video:
            feeds.append(_video_packets(output, parts, files))
        for sound in parts.sounds:
            feeds.append(_sound_packets(output, container, sound, files, readers))
        files.done_with({p.path for p in parts.video if p.copied})
        for text in parts.texts:
            feeds.append(text_packets(output, container, text))
        if parts.cover is not None:
            feeds.append(cover_packets(output, parts.cover))
        embed(output, parts.files)
        if parts.chapters:
            output.set_chapters([_chapter(i, c) for i, c in enumerate(parts.chapters)])
        for _, _, packet in heapq.merge(*feeds, key=lambda item: item[:2]):
            output.mux(packet)


def _chapter(number: int, chapter: Chapter) -> Any:
    unit = Fraction(1, 1000)
    return {
        "id": number,
        "start": round(chapter.range.start / unit),
        "end": round(chapter.range.end / unit),
        "time_base": unit,
        "metadata": {"title": chapter.title},
    }


# -------------------------------------------------------------------------------------- video


def _video_packets(
    output: Any, parts: Parts, files: PieceFiles
) -> Iterator[tuple[float, int, Any]]:
    template = next((p for p in parts.video if p.copied), parts.video[0])
    source = files.stream(template, thorough=True)
    codec = source.codec_context.codec.canonical_name
    stream = output.add_stream_from_template(source, opaque=True)
    stream.time_base = parts.timebase
    origins = [files.origin(piece, codec) for piece in parts.video]
    try:
        splice = Splice(codec, origins)
    except ValueError as error:
        raise SpliceError(f"the pieces cannot be joined: {error}", None) from error
    stream.codec_context.extradata = splice.extradata
    if splice.tag and output.format.name in ("mp4", "mov"):
        stream.codec_context.codec_tag = splice.tag
    elif codec in FLAVOURED:
        stream.codec_context.codec_tag = source.codec_context.codec_tag
    if has_alpha(source):
        stream.codec_context.pix_fmt = ALPHA_BESIDE  # has the muxer say so
    if parts.field_order != "progressive":
        stream.codec_context.field_order = FIELD_CODES[parts.field_order]
    # Also where nothing is to be turned: the template may say otherwise.
    stream.set_display_matrix(display_matrix(parts.rotation, parts.mirrored))
    ticks = [files.ticks(piece, parts.timebase) for piece in parts.video]
    pieces = zip(parts.video, origins, ticks, strict=True)
    clock = _Clock(ticks, parts.video[-1].end)
    stream.codec_context.framerate = clock.rate(parts.timebase)
    return _stamped(stream, parts, splice, pieces, clock, files)


class _Clock:
    """Decoding times and durations of packets by their output ticks in decoding order.

    A packet lasts as long as its frame is shown; the last one in the file at least as long as the
    last frame, for there MP4 ends.
    """

    def __init__(self, ticks: Sequence[np.ndarray], end: int) -> None:
        pts = np.concatenate(ticks)
        self._rising = np.append(np.sort(pts), end)
        self._late = int(np.max(self._rising[:-1] - pts)) if len(pts) else 0
        self._passed = 0

    def rate(self, timebase: Fraction) -> Fraction:
        """Frames a second, for headers: the usual rate if few are missing, or the average."""
        usual, is_vfr = rate_of(self._rising, timebase)
        ticks = int(self._rising[-1] - self._rising[0])
        average = (len(self._rising) - 1) / (ticks * timebase)
        return average if is_vfr and abs(usual - average) > usual * _FEW_MISSING else usual

    def times(self, ticks: np.ndarray) -> Iterator[tuple[int, int, int]]:
        """(pts, dts, duration) of the packets that come next in decoding order."""
        first, self._passed = self._passed, self._passed + len(ticks)
        dts = self._rising[first : self._passed] - self._late
        lasts = self._rising[np.searchsorted(self._rising[:-1], ticks, side="right")] - ticks
        if self._passed == len(self._rising) - 1:
            lasts[-1:] = np.maximum(lasts[-1:], self._rising[-1] - self._rising[-2])
        return zip(numbers_in(ticks), numbers_in(dts), numbers_in(lasts), strict=True)


def _stamped(
    stream: Any,
    parts: Parts,
    splice: Splice,
    pieces: Iterable[tuple[VideoPiece, Origin, np.ndarray]],
    clock: _Clock,
    files: PieceFiles,
) -> Iterator[tuple[float, int, Any]]:
    unit = float(parts.timebase)
    for i, (piece, origin, ticks) in enumerate(pieces):
        packets, begins = files.packets(piece), True
        for packet, (pts, dts, duration) in zip(packets, clock.times(ticks), strict=True):
            try:
                fitted = splice.fitted(packet, origin, begins, joins=i > 0)
            except ValueError as error:
                raise SpliceError(str(error), i) from error
            fitted.stream = stream
            fitted.time_base = parts.timebase
            fitted.pts, fitted.dts, fitted.duration = pts, dts, duration
            yield fitted.dts * unit, 0, fitted
            begins = False


# ------------------------------------------------------------------------------------- sound


def _sound_packets(
    output: Any, container: Container, piece: SoundPiece, files: PieceFiles, readers: ExitStack
) -> Iterator[tuple[float, int, Any]]:
    """The sound's packets; a part begins with those that decoders need to hear its first sample.

    What they play before is at times under 0, which become an edit list; where the container has
    none, the part begins with the packet whose border is nearest. Further ranges follow at packet
    borders, each placed as near to its time as a packet's length allows.
    """
    number = piece.stream or 0
    with files.opened(piece.path) as file:
        source = file.streams[number]
        stream = output.add_stream_from_template(source, opaque=True)
        unit, codec = Fraction(source.time_base), source.codec_context
        seconds = Fraction(codec.frame_size or _SAMPLES, codec.sample_rate or 48_000)
        usual = round(seconds / unit)  # Matroska need not say how long a packet lasts
        # Priming is declared by an edit list, or by both headers for the whole stream.
        begins = piece.ranges and piece.ranges[0].start / unit <= (source.start_time or 0) + usual
        is_exact = container.says_where or bool(begins and _tells_priming(file.format.name))
    if language := language_tag(piece.language, container.languages):
        stream.metadata["language"] = language
    if piece.title:
        stream.metadata["title"] = piece.title
    stream.disposition = reduce(or_, (Disposition[role] for role in piece.roles), Disposition(0))
    reader = readers.enter_context(PacketReader(piece.path, number))

    def packets() -> Iterator[tuple[float, int, Any]]:
        for packet in _placed(reader, unit, usual, piece.ranges, is_exact):
            packet.stream = stream
            yield packet.dts * float(unit), 1, packet

    return packets()


def _tells_priming(family: str) -> bool:
    """Whether files of a kind say how much primes a decoder, in times and in the header."""
    return "matroska" in family or family == "ogg"


def _tell_length(path: Path, piece: SoundPiece, duration: Fraction) -> None:
    """Say in an MP3 where its sound begins and ends, to the sample."""
    from smartcut.media.mp3_header import set_length

    with PacketReader(piece.path, piece.stream or 0) as reader:
        rate = reader.decoder.sample_rate
        first = next(iter(reader.from_time(None)))
        begins = first.pts * Fraction(first.time_base)
    begins -= piece.ranges[0].start if piece.ranges else 0
    set_length(path, max(0, round(-begins * rate)), round(duration * rate))


def _placed(
    reader: PacketReader, unit: Fraction, usual: int, ranges: Sequence[Range], is_exact: bool
) -> Iterator[Any]:
    """The packets of the ranges, at the ticks at which they are to be played.

    ``usual`` is for how many ticks of ``unit`` a packet lasts. Where the beginning ``is_exact``,
    the first packets are those that a decoder needs before it.
    """
    if not ranges:
        yield from reader.from_time(None)
        return
    due, at = Fraction(0), 0
    for k, wanted in enumerate(ranges):
        start, end = round(wanted.start / unit), round(wanted.end / unit)
        target, last = round(due / unit), k == len(ranges) - 1
        is_exact = is_exact and k == 0
        shift = -start if is_exact else None
        before = max(0, start - round(1 / unit)) if start > 0 else None
        timed = (packet for packet in reader.from_time(before) if packet.pts is not None)
        for packet in _unbroken(timed, start, usual) if is_exact and start > 0 else timed:
            length = packet.duration or usual
            if packet.pts >= (end if last else end - length // 2):
                break
            if is_exact and start > 0 and packet.pts + 2 * length <= start:
                continue
            place = target + packet.pts - start
            if not is_exact and place < at - length // 2:
                continue
            if shift is None:
                follows = place < at or (k > 0 and place < at + length)
                shift = (at if follows else place) - packet.pts
            packet.dts = packet.pts + shift if packet.dts is None else packet.dts + shift
            packet.pts += shift
            at = packet.pts + length  # before the muxer takes the packet
            yield packet
        due += wanted.duration


def _unbroken(packets: Iterator[Any], start: int, usual: int) -> Iterator[Any]:
    """The packets, those that end by ``start`` without a gap before the next one.

    A packet that is said to last longer than its samples (as fragmented MP4 has it where a track
    begins before the picture) leaves a gap, at the end of which edit lists are misread. What
    primes the decoder is not heard, so that it can be anywhere; it is moved up to the next packet.
    """
    before: Any = None
    for packet in packets:
        if before is not None:
            real = max(packet.duration or usual, usual)
            place = packet.pts - real
            if (before.duration or usual) > real and packet.pts <= start and place > before.pts:
                before.pts, before.duration = place, real
                before.dts = None if before.dts is None else place
            yield before
        before = packet
    if before is not None:
        yield before
