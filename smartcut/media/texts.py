"""Subtitle tracks of files: as text (SubRip, MP4 timed text, WebVTT, ASS), or as they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from smartcut.media.container import opened
from smartcut.source import Source, SubtitleStream
from smartcut.text_input import decoded
from smartcut.timebase import Range

#: FFmpeg's names of the codecs whose packets are read here.
CODECS = ("subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text")
#: FFmpeg's names of the codecs whose subtitles are pictures.
BITMAPS = ("hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle")
# Longer ones are no subtitles, and taking their tags out would take for ever.
_LONGEST = 5_000


def text_streams(source: Source) -> list[SubtitleStream]:
    """The source's subtitle streams that hold text."""
    return [s for s in source.others if isinstance(s, SubtitleStream) and s.codec in CODECS]


def bitmap_streams(source: Source) -> list[SubtitleStream]:
    """The source's subtitle streams that hold pictures."""
    return [s for s in source.others if isinstance(s, SubtitleStream) and s.codec in BITMAPS]


def read_texts(source: Source, stream: SubtitleStream) -> list[tuple[Range, str]]:
    """(range in source time, text) of each subtitle, in order; reads packets alone."""
    read = ((when, _text(stream.codec, data).strip()) for when, data in _packets(source, stream))
    return [(when, text) for when, text in read if text]


def read_payloads(source: Source, stream: SubtitleStream) -> list[tuple[Range, bytes]]:
    """(range in source time, packet) of each subtitle, in order, with its styles, or its picture.

    Text is in UTF-8, whatever the file holds. Those of ASS come without the first field, which
    counts them. A picture without a length is shown until the next one.
    """
    found = list(_packets(source, stream))
    if stream.codec in CODECS:
        found = [(when, _in_utf8(stream.codec, data)) for when, data in found]
    if stream.codec in ("ass", "ssa"):
        return [(when, data.partition(b",")[2]) for when, data in found]
    if stream.codec in BITMAPS:
        return found
    return [(when, data) for when, data in found if _text(stream.codec, data).strip()]


def has_styles(stream: SubtitleStream, payload: bytes) -> bool:
    """Whether a packet of :func:`read_payloads` says more than its plain text."""
    if stream.codec == "mov_text":
        return len(payload) > 2 + int.from_bytes(payload[:2], "big")
    plain = _decoded(payload)
    return stream.codec in ("ass", "ssa") or _without_tags(plain) != plain


def header_of(source: Source, stream: SubtitleStream) -> bytes:
    """What a subtitle stream says before its packets, such as the styles of ASS."""
    with opened(source.path) as container:
        return container.streams[stream.index].codec_context.extradata or b""


def _packets(source: Source, stream: SubtitleStream) -> Iterator[tuple[Range, bytes]]:
    """(range in source time, payload) of each packet that is shown."""
    waiting: tuple[Fraction, bytes] | None = None
    with opened(source.path) as container:
        chosen = container.streams[stream.index]
        unit = Fraction(chosen.time_base)
        for packet in container.demux(chosen):
            if not packet.size or packet.pts is None:
                continue
            start = packet.pts * unit - source.origin
            if waiting is not None and start > waiting[0]:
                yield from _shown(*waiting, start)
                waiting = None
            if packet.duration and packet.duration > 0:
                yield from _shown(start, bytes(packet), start + packet.duration * unit)
            elif stream.codec in BITMAPS:
                waiting = start, bytes(packet)
    if waiting is not None:
        yield from _shown(*waiting, max(source.duration, waiting[0]))


def _shown(start: Fraction, data: bytes, end: Fraction) -> Iterator[tuple[Range, bytes]]:
    if end > 0 and end > start:
        yield Range(max(start, Fraction(0)), end), data


def _text(codec: str, data: bytes) -> str:
    if codec == "mov_text":
        return _decoded(_plain_text(data))
    text = _decoded(data)
    if codec in ("ass", "ssa"):
        # ReadOrder, Layer, Style, Name, three margins, Effect, Text
        text = text.split(",", 8)[-1]
        text = re.sub(r"\{[^}]*\}", "", text)
        text = text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    return _without_tags(text)


def guessed(source: Source, stream: SubtitleStream) -> str | None:
    """A note where a stream of text is not in UTF-8, as all containers want it."""
    for _, data in _packets(source, stream):
        text = _plain_text(data) if stream.codec == "mov_text" else data
        if not _is_utf8(text):
            return (
                f"{source.id}: its subtitles are not UTF-8; they were read as Windows-1252: if "
                "letters come out wrong, convert them to UTF-8 first"
            )
    return None


def _in_utf8(codec: str, data: bytes) -> bytes:
    """A packet of text with its text in UTF-8; the boxes of MP4's go where letters move."""
    if codec != "mov_text":
        return data if _is_utf8(data) else _decoded(data).encode()
    text = _plain_text(data)
    if _is_utf8(text):
        return data
    again = _decoded(text).encode()
    return len(again).to_bytes(2, "big") + again


def _plain_text(data: bytes) -> bytes:
    """The text in a packet of MP4's timed text, without what says its styles."""
    return data[2 : 2 + int.from_bytes(data[:2], "big")]


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:_LONGEST])
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes) -> str:
    """A subtitle's bytes as text; of a longer one the beginning."""
    part = data[:_LONGEST]
    if _is_utf8(part):
        return codecs.getincrementaldecoder("utf-8")().decode(part)
    try:
        return decoded(part, "a subtitle").text
    except ValueError:
        return part.decode("utf-8", "replace")


def _without_tags(text: str) -> str:
    return re.sub(r"</?[a-zA-Z][^>]*>", "", text)


def chapters_of(container: Any) -> list[tuple[Fraction, Fraction, str]]:
    """(start, end, title) of an open container's chapters, on the file's own clock."""
    return [
        (
            c["start"] * Fraction(c["time_base"]),
            c["end"] * Fraction(c["time_base"]),
            c["metadata"].get("title", ""),
        )
        for c in container.chapters()
    ]
