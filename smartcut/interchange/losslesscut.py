"""The cut of one file as a LosslessCut project, or as its list of segments (CSV).

The project is JSON5 with the name of the media, seen from where it lies, and segments in seconds
of the file; https://github.com/mifi/lossless-cut/blob/master/docs/import-export.md.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cut import Cut, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS, Edit, from_edits
from smartcut.interchange.grid import on_frame, shown_source
from smartcut.interchange.json5 import parsed_json5
from smartcut.interchange.media_paths import from_name, seen_from
from smartcut.interchange.reading import Media, Prober
from smartcut.source import Source
from smartcut.timebase import Range

_NONE = Fraction(0)


def to_losslesscut(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The project's text; the cut shows one source."""
    source = shown_source(cut)
    segments = [
        {"start": start, "end": end, "name": label} for start, end, label in _rows(cut, source)
    ]
    project = {"version": 1, "mediaFileName": seen_from(source.path, folder)}
    return json.dumps({**project, "cutSegments": segments}, indent=2, ensure_ascii=False) + "\n"


def to_csv(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """Start, end and label of each segment, in seconds, one a line; no line says which file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_rows(cut, shown_source(cut)))
    return text.getvalue()


def _rows(cut: Cut, source: Source) -> Iterator[tuple[float, float, str]]:
    for segment in cut.segments:
        label = "" if segment.label == source.id else segment.label
        yield float(segment.range.start), float(segment.range.end), " ".join(label.split())


def from_losslesscut(
    text: str | bytes,
    *,
    folder: Path | None = None,
    look: Prober | None = None,
    by: str = "the LosslessCut project",
) -> Cut:
    """The cut; times within 0.1 ms of a frame are that frame's.

    Marks, which are segments without an end, and what is not selected are noted and left out.
    Raises PipelineError, and what ``look`` raises.
    """
    project = parsed_json5(text, by)
    media = Media(by, look)
    rows = project.get("cutSegments") if isinstance(project, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_EDITS:
        raise PipelineError(f"{by}: needs `cutSegments`, a list of {MOST_EDITS} segments at most")
    if not isinstance(file := project.get("mediaFileName"), str):
        raise PipelineError(f"{by}: needs `mediaFileName`, the name of its media")
    source = media.at(from_name(file, folder))
    # Until version 2 a segment without an end went on to the end of the file.
    is_marking = project.get("version") != 1
    found = (_edit(row, n, source, media, is_marking) for n, row in enumerate(rows))
    edits = [edit for edit in found if edit is not None]
    segments = from_edits(edits, media.sources.get)
    return Cut((source,), (Track("programme", segments),), notes=tuple(media.notes))


def _edit(row: Any, number: int, source: Source, media: Media, is_marking: bool) -> Edit | None:
    """A segment of the project; None where it is a mark, or was deselected."""
    where = f"{media.by}: segment {number}"
    if not isinstance(row, dict):
        raise PipelineError(f"{where} is {str(row)[:40]!r}, not an object with start and end")
    label = row.get("name", "")
    label = label if isinstance(label, str) else ""
    if row.get("selected") is False:
        media.note(f"{where} ({label}) is not selected, and left out")
        return None
    start = _seconds(row.get("start", 0), where)
    if row.get("end") is None and is_marking:
        media.note(f"{where} ({label}) has no end: it is a mark, and left out")
        return None
    end = source.duration if row.get("end") is None else _seconds(row["end"], where)
    start, end = on_frame(source, start), on_frame(source, end)
    if end <= start:
        raise PipelineError(f"{where} ends at {float(end):g} s, and begins at {float(start):g} s")
    segment = Segment(source.id, Range(_NONE, _NONE), label=label)
    return Edit(segment, start, end - start, name=where)


def _seconds(value: Any, where: str) -> Fraction:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= 10**9:
        raise PipelineError(f"{where} has the time {str(value)[:40]!r}; seconds are read")
    return Fraction(value).limit_denominator(1_000_000)
