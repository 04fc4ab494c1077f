"""Chapters as a user writes them down: text as for video sites, WebVTT, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from smartcut.interchange.subtitles.cue import Mended, refused
from smartcut.interchange.subtitles.timed_lines import read_timed_lines
from smartcut.interchange.text_files import read_text_file
from smartcut.timebase import exact, format_time

#: Suffixes of files that can be read.
KINDS = (".txt", ".vtt", ".json")
_LINE = re.compile(
    r"\s*[(\[]?(?:(\d{1,6}):)?(\d{1,3}):([0-5]\d)(?:[.,](\d{1,9}))?[)\]]?\s*[-–—|]?\s*(\S.*)$"
)
_MOST_BYTES = 1_000_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class WrittenChapter:
    """When a chapter begins, in seconds of its source, and how it is called."""

    line: int
    start: Fraction
    title: str


def read_chapters(
    path: Path, duration: Fraction
) -> tuple[tuple[WrittenChapter, ...], tuple[str, ...]]:
    """The chapters of a recording that lasts so long, in order, and notes on what was mended.

    Raises PipelineError, with the line, for what cannot be read, and for times that do not rise.
    """
    given = read_text_file(path, KINDS, _MOST_BYTES, "chapters")
    read = {".txt": _of_text, ".vtt": _of_webvtt, ".json": _of_json}[path.suffix.lower()]
    found = tuple(read(given.text, str(path)))
    return _in_order(found, str(path), duration, given.notes)


def _in_order(
    found: tuple[WrittenChapter, ...], path: str, duration: Fraction, notes: tuple[str, ...]
) -> tuple[tuple[WrittenChapter, ...], tuple[str, ...]]:
    if not found:
        raise refused(path, 1, "no chapter; expected lines such as `1:05 Title`")
    for before, one in pairwise(found):
        if one.start <= before.start:
            raise refused(path, one.line, f"{one.title!r} begins at {format_time(one.start)}, which"
                          f" is not after {format_time(before.start)}, where the one before it "
                          "begins")  # fmt: skip
    kept = tuple(one for one in found if one.start < duration)
    if not kept:
        raise refused(path, found[0].line, "all chapters begin after the end of the recording, "
                      f"which lasts {float(duration):g} s")  # fmt: skip
    if len(kept) < len(found):
        late = found[len(kept)]
        notes = (*notes, f"{path}: chapters after the end of the recording are left out, from "
                 f"{late.title!r} in line {late.line} on")  # fmt: skip
    if kept[0].start:
        notes = (*notes, f"{path}: the first chapter, {kept[0].title!r}, begins with the recording,"
                 f" not at {format_time(kept[0].start)}")  # fmt: skip
    return kept, notes


def _of_text(text: str, path: str) -> Iterator[WrittenChapter]:
    """Lines that begin with a time; others, as descriptions have them, are passed over."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _LINE.match(line):
            hours, minutes, seconds, part, title = match.groups()
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            share = Fraction(int(part), 10 ** len(part)) if part else Fraction(0)
            yield WrittenChapter(number, whole + share, _titled(title))


def _of_webvtt(text: str, path: str) -> Iterator[WrittenChapter]:
    for cue in read_timed_lines(text, path, Mended(path)):
        yield WrittenChapter(cue.line, cue.start, _titled(" ".join(cue.lines)))


def _of_json(text: str, path: str) -> Iterator[WrittenChapter]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise refused(path, line, f"it is no JSON: {getattr(error, 'msg', error)}") from error
    if not isinstance(rows, list):
        raise refused(path, 1, "expected a list of {start, title}")
    for number, row in enumerate(rows):
        yield _row(row, path, number)


def _row(row: Any, path: str, number: int) -> WrittenChapter:
    start = row.get("start") if isinstance(row, dict) else None
    title = row.get("title") if isinstance(row, dict) else None
    is_time = isinstance(start, int | float) and not isinstance(start, bool) and 0 <= start < 1e7
    if start is None or not is_time or not isinstance(title, str):
        raise refused(path, 1, f"chapter {number}: expected a `start` in seconds and a `title`")
    return WrittenChapter(1, exact(round(float(start), 6)), _titled(title))


def _titled(title: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in title)
    return " ".join(plain.split())[:_LONGEST]
