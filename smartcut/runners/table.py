"""Rows of a table: each sets parameters of a pipeline, for one video."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smartcut.errors import PipelineError
from smartcut.spec import parse_setting

Row = Mapping[str, Any]
_JSON = (".jsonl", ".ndjson", ".json")
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_table(path: Path, defaults: Mapping[str, Any]) -> list[Row]:
    """The rows of a CSV (or TSV) file with a header, or of JSON Lines.

    A CSV cell is read as a YAML scalar or list, as with ``--set``; where the parameter's default
    is a text, it stays the text that it is (``No``, ``007``), and an empty cell leaves the
    default. Raises PipelineError with the line.
    """
    kind = path.suffix.lower()
    if kind not in _DELIMITERS and kind not in _JSON:
        accepted = ", ".join((*_DELIMITERS, *_JSON[:2]))
        raise PipelineError(f"{path}: a table is one of {accepted}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"the table {path} cannot be read: {error}") from error
    if kind in _JSON:
        rows = list(_json_rows(text, path))
    else:
        rows = list(_csv_rows(text, path, _DELIMITERS[kind], defaults))
    if not rows:
        raise PipelineError(f"the table {path} has no rows")
    return rows


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
            yield {name: _value(name, cell, defaults) for name, cell in pairs if cell.strip()}
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


def _value(name: str, cell: str, defaults: Mapping[str, Any]) -> Any:
    if isinstance(defaults.get(name, ""), str) and not cell.lstrip().startswith("["):
        return cell.strip()
    return parse_setting(f"{name}={cell.strip()}")[1]


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
