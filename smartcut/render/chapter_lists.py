"""Chapters as text: for the descriptions of video sites, as WebVTT, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from smartcut.errors import PipelineError
from smartcut.files import write_text
from smartcut.media.containers import CONTAINERS
from smartcut.source import Chapter
from smartcut.timebase import format_time


def as_text(chapters: Sequence[Chapter]) -> str:
    """A line each, as video sites read them in descriptions: ``1:05 Title``.

    Times are whole seconds, as far as the first; the first is always 0:00.
    """
    return "".join(f"{_clock(c.range.start)} {_line(c.title)}\n" for c in chapters)


def as_webvtt(chapters: Sequence[Chapter]) -> str:
    """A WebVTT file of the kind ``chapters``."""
    cues = (
        f"{n}\n{format_time(c.range.start)} --> {format_time(c.range.end)}\n{_escaped(c.title)}\n"
        for n, c in enumerate(chapters, 1)
    )
    return "\n".join(["WEBVTT\n", *cues])


def as_json(chapters: Sequence[Chapter]) -> str:
    """A list of ``start``, ``end`` (seconds) and ``title``."""
    rows = [
        {"start": float(c.range.start), "end": float(c.range.end), "title": c.title}
        for c in chapters
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


KINDS = {".txt": as_text, ".vtt": as_webvtt, ".json": as_json}


def check_suffix(path: Path) -> None:
    """Raises PipelineError for what holds neither a list of chapters nor a film."""
    kinds = (*KINDS, *CONTAINERS)
    if path.suffix.lower() not in kinds:
        raise PipelineError(
            f"cannot write {path}: unknown suffix for chapters; accepted: {', '.join(kinds)}"
        )


def write_chapters(path: Path, chapters: Sequence[Chapter]) -> None:
    """Write them as the suffix says; raises PipelineError for another one."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise PipelineError(
            f"cannot write {path}: unknown suffix for chapters; accepted: {', '.join(KINDS)}"
        )
    write_text(path, kind(chapters))


def _clock(time: Fraction) -> str:
    minutes, seconds = divmod(int(time), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _line(title: str) -> str:
    return " ".join(title.split())


def _escaped(title: str) -> str:
    return _line(title).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
