"""Rows of a table: each sets parameters of a pipeline, for one video."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from smartcut.errors import PipelineError
from smartcut.spec_text import setting
from smartcut.text_input import read_text_input

Row = Mapping[str, Any]
_JSON = (".jsonl", ".ndjson", ".json")
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


class Table(NamedTuple):
    """What a table holds."""

    rows: list[Row]
    notes: tuple[str, ...] = ()
    """What the user should know of how it was read."""


def read_table(path: Path, defaults: Mapping[str, Any]) -> Table:
    """The rows of a CSV (or TSV) file with a header, or of JSON Lines.

    A CSV cell is read as ``--set`` reads a value; where the parameter's default is a text, it
    stays as it was typed (``No``, ``007``), and an empty cell leaves the default. Raises
    PipelineError with the line.
    """
    kind = path.suffix.lower()
    if kind not in _DELIMITERS and kind not in _JSON:
        accepted = ", ".join((*_DELIMITERS, *_JSON[:2]))
        raise PipelineError(f"{path}: a table is one of {accepted}")
    try:
        given = read_text_input(path)
    except (OSError, ValueError) as error:
        raise PipelineError(f"the table {path} cannot be read: {error}") from error
    if kind in _JSON:
        rows = list(_json_rows(given.text, path))
    else:
        rows = list(_csv_rows(given.text, path, _DELIMITERS[kind], defaults))
    if not rows:
        raise PipelineError(f"the table {path} has no rows")
    return Table(rows, given.notes)


def _csv_rows(text: str, path: Path, delimiter: str, defaults: Mapping[str, Any]) -> Iterator[Row]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, path)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise PipelineError(
                    f"{len(cells)} cells, where the header names {len(header)} columns",
                    path=str(path),
                    line=reader.line_num,
                )
            pairs = zip(header, cells, strict=True)
            # A column that is no parameter names the outputs: it is a text.
            yield {
                name: setting(cell.strip(), defaults.get(name, ""))
                for name, cell in pairs
                if cell.strip()
            }
    except csv.Error as error:
        raise PipelineError(f"not valid CSV: {error}", path=str(path), line=reader.line_num) from (
            error
        )


def _check_header(header: list[str], path: Path) -> None:
    twice = {name for name in header if header.count(name) > 1}
    for name in header:
        problem = None
        if name in twice:
            problem = f"the column {name!r} is there twice"
        elif not name.isidentifier():
            problem = f"{name!r} cannot be a column's name; accepted: letters, digits and _"
            if ";" in name or "\t" in name:
                problem += "; cells are separated by commas (.csv) or tabs (.tsv)"
        if problem:
            raise PipelineError(problem, path=str(path), line=1)
    if not header:
        raise PipelineError("the table is empty; its first line names the columns", path=str(path))


def _json_rows(text: str, path: Path) -> Iterator[Row]:
    # Not str.splitlines, which also parts at characters that JSON texts may hold.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise PipelineError(
                f"not valid JSON: {error}; a table in JSON has one object a line",
                path=str(path),
                line=number,
            ) from error
        if not isinstance(row, dict) or any(isinstance(v, dict) for v in row.values()):
            raise PipelineError(
                'a row is an object of plain values, such as {"name": "Ada", "n": 3}',
                path=str(path),
                line=number,
            )
        yield {name: value for name, value in row.items() if value is not None}
