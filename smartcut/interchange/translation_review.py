"""Sentences and their translations side by side: a table that people correct, read back after.

Comma-separated values, or tab-separated (`.tsv`), with a header; spreadsheets open it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from smartcut.errors import SourceError
from smartcut.files import write_text
from smartcut.interchange.text_files import read_text_file
from smartcut.timebase import format_time

SUFFIXES = (".csv", ".tsv")
_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class ReviewedSentence:
    """A row. What is shown is ``translation``; by the rest a row is found again."""

    source: str
    start: str
    """``HH:MM:SS.mmm`` in the source: for readers."""
    language: str
    original: str
    translation: str


def row(source: str, start: object, language: str, original: str, text: str) -> ReviewedSentence:
    """A row with its time as it is written."""
    return ReviewedSentence(source, format_time(start), language, original, text)  # type: ignore[arg-type]


def write_review(path: Path, rows: Iterable[ReviewedSentence]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=_delimiter(path), lineterminator="\n")
    writer.writerow([one.name for one in fields(ReviewedSentence)])
    writer.writerows(astuple(one) for one in rows)
    write_text(path, text.getvalue())


def read_review(path: Path) -> tuple[ReviewedSentence, ...]:
    """The rows; raises SourceError that names the line of one that is damaged.

    Raises PipelineError for what is no text.
    """
    given = read_text_file(path, SUFFIXES, _MOST_BYTES, "reviews of a translation")
    names = [one.name for one in fields(ReviewedSentence)]
    reader = csv.DictReader(io.StringIO(given.text), delimiter=_delimiter(path))
    absent = [name for name in names if name not in (reader.fieldnames or ())]
    if absent:
        raise SourceError(
            f"{path} has no column {absent[0]!r}; its first line must be: {', '.join(names)}"
        )
    found = []
    for line in reader:
        if any(line.get(name) is None for name in names):
            raise SourceError(
                f"{path}, line {reader.line_num}: there are fewer than {len(names)} columns"
            )
        found.append(ReviewedSentence(*(line[name].strip() for name in names)))
    return tuple(found)


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","
