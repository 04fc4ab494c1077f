"""Subtitle tracks of files, as text: SubRip, MP4 timed text, WebVTT, ASS."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from smartcut.cut import Source, SubtitleStream
from smartcut.media.container import opened
from smartcut.timebase import Range

#: FFmpeg's names of the codecs whose packets are read here.
CODECS = ("subrip", "srt", "mov_text", "webvtt", "ass", "ssa", "text")
# Longer ones are no subtitles, and taking their tags out would take for ever.
_LONGEST = 5_000


def text_streams(source: Source) -> list[SubtitleStream]:
    """The source's subtitle streams that hold text."""
    return [s for s in source.others if isinstance(s, SubtitleStream) and s.codec in CODECS]


def read_texts(source: Source, stream: SubtitleStream) -> list[tuple[Range, str]]:
    """(range in source time, text) of each subtitle, in order; reads packets alone."""
    found = []
    with opened(source.path) as container:
        chosen = container.streams[stream.index]
        unit = Fraction(chosen.time_base)
        for packet in container.demux(chosen):
            if not packet.size or packet.pts is None or (packet.duration or 0) <= 0:
                continue
            text = _text(stream.codec, bytes(packet)).strip()
            start = packet.pts * unit - source.origin
            end = start + packet.duration * unit
            if text and end > 0:
                found.append((Range(max(start, Fraction(0)), end), text))
    return found


def _text(codec: str, data: bytes) -> str:
    if codec == "mov_text":
        size = int.from_bytes(data[:2], "big")
        return data[2 : 2 + size].decode("utf-8", "replace")
    text = data[:_LONGEST].decode("utf-8", "replace")
    if codec in ("ass", "ssa"):
        # ReadOrder, Layer, Style, Name, three margins, Effect, Text
        text = text.split(",", 8)[-1]
        text = re.sub(r"\{[^}]*\}", "", text)
        text = text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
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
