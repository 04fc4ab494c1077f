"""Rows of results, and how they are printed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from smartcut.annotation import Shots, Signal
from smartcut.cut import Cut
from smartcut.source import (
    FIELD_ORDERS,
    Attachment,
    AudioStream,
    Source,
    SubtitleStream,
    VideoStream,
)
from smartcut.timebase import format_time

Row = dict[str, Any]


def shot_rows(cut: Cut) -> list[Row]:
    """A row for each shot: start and end in seconds, frames (end excluded), how it begins."""
    rows = []
    for source in cut.sources:
        found = cut.data(Shots, "shots", source.id)
        for shot in found.shots if found else ():
            rows.append(
                {
                    "start": round(float(shot.range.start), 6),
                    "end": round(float(shot.range.end), 6),
                    "start_frame": shot.start_frame,
                    "end_frame": shot.end_frame,
                    "entry": shot.entry,
                    "confidence": round(shot.confidence, 4),
                }
            )
    return rows


def score_rows(cut: Cut) -> list[Row]:
    """A row for each sampled picture: its time in seconds, relevance, and each prompt's score."""
    rows = []
    for source in cut.sources:
        signal = cut.data(Signal, "relevance", source.id)
        for i, time in enumerate(signal.times() if signal else ()):
            assert signal is not None
            row: Row = {"time": round(float(time), 6)}
            row |= {c: v[i] for c, v in zip(signal.channels, signal.values, strict=True)}
            rows.append(row)
    return rows


def as_text(rows: Sequence[Row]) -> str:
    """The rows in aligned columns."""
    if not rows:
        return "nothing found"
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def as_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV with a header."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def print_table(rows: Sequence[Row], format: str) -> None:
    """Print the rows as ``json`` (a list of objects), ``csv`` or ``text``."""
    if format == "json":
        print(json.dumps(list(rows), indent=2, ensure_ascii=False))
    else:
        print(as_csv(rows) if format == "csv" else as_text(rows))


def source_text(source: Source) -> str:
    """What is in a file, a line for each stream."""
    lines = [
        f"{source.path}: {source.format}, {format_time(source.duration)}",
        f"  sha256  {source.digest}",
    ]
    if video := source.video:
        shape = f"{video.width}x{video.height}"
        turned = f", interlaced ({FIELD_ORDERS[video.field_order]})" if video.is_interlaced else ""
        turned += ", mirrored" if video.mirrored else ""
        turned += f", turned {video.rotation} degrees" if video.rotation else ""
        pixels = f", pixels {video.sar}" if video.sar != 1 else ""
        kind = "variable rate, about " if video.is_vfr else ""
        lines.append(
            f"  video {video.index}: {video.codec} {shape} {video.pixel_format}{pixels}{turned}, "
            f"{kind}{float(video.rate):.6g} frames a second, {video.frames} frames, "
            f"from {float(video.start):.3f} s"
        )
    if audio := source.audio:
        lines.append(f"  audio {audio.index}: {_sound_text(audio)}")
    lines += [f"  also {_other_text(other)}" for other in source.others]
    return "\n".join(lines)


def _other_text(other: VideoStream | AudioStream | SubtitleStream | Attachment) -> str:
    if isinstance(other, Attachment):
        kind = f" ({other.mimetype})" if other.mimetype else ""
        return f"{other.kind} {other.index}: {other.name}{kind}"
    kind = type(other).__name__.removesuffix("Stream").lower()
    told = _sound_text(other) if isinstance(other, AudioStream) else other.codec
    if isinstance(other, SubtitleStream) and other.language:
        told += f", {other.language}"
    return f"{kind} {other.index}: {told}"


def _sound_text(audio: AudioStream) -> str:
    rate = f" {audio.sample_rate} Hz {audio.layout}" if audio.sample_rate else ""
    parts = [audio.codec + rate]
    if audio.duration:
        parts.append(f"from {float(audio.start):.3f} s")
    else:
        parts.append("nothing in it can be decoded")
    parts += [audio.language] if audio.language else []
    parts += [f'"{audio.title}"'] if audio.title else []
    return ", ".join([*parts, *(role.replace("_", " ") for role in audio.roles)])
