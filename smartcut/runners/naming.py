"""Names of outputs: a template such as ``out/{parent}/{stem}-{n:03}.mp4``, filled safely."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from smartcut.errors import PipelineError

#: What every job has; those of one input first.
_OF_INPUT = ("stem", "name", "parent")
_FIELDS = (*_OF_INPUT, "n")
_UNSAFE = '<>:"/\\|?*'
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.I)
# File systems take 255 bytes; temporary files and companions beside an output add to its name.
_LONGEST_VALUE = 150
_LONGEST_NAME = 200


def safe(value: Any) -> str:
    """The value as a part of a file name: no separator, control or reserved character."""
    text = unicodedata.normalize("NFC", str(value))
    text = "".join("_" if c in _UNSAFE else c for c in text if not _invisible(c))
    # A name that begins with a dot is hidden, and `..` is another folder.
    text = " ".join(text.split()).strip(". ")
    while len(text.encode()) > _LONGEST_VALUE:
        text = text[:-1].rstrip(". ")
    return text or "_"


def _invisible(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind in ("Zl", "Zp") or (kind[0] == "C" and character not in "\t\n\r")


class Template:
    """How outputs are named. ``fields`` are the names in its braces."""

    def __init__(self, text: str) -> None:
        self.text = text
        parts = Path(text).expanduser().parts
        try:
            self._parts = [list(Formatter().parse(part)) for part in parts]
        except ValueError as error:
            raise PipelineError(
                f"the output's name {text!r}: {error}; a brace is written {{{{"
            ) from error
        self.fields = frozenset(f for part in self._parts for _, f, _, _ in part if f is not None)
        for field, form, conversion in (p[1:] for part in self._parts for p in part):
            if conversion or (form and (field != "n" or not re.fullmatch(r"0?\d{1,2}", form))):
                raise PipelineError(
                    f"the output's name {text!r}: only {{n}} takes a width, such as {{n:03}}"
                )
        first = next(
            (i for i, part in enumerate(self._parts) if any(f is not None for _, f, _, _ in part)),
            len(self._parts) - 1,
        )
        self.folder = Path(*parts[:first])
        """Every output lies below this folder."""
        if ".." in parts[first:]:
            raise PipelineError(f"the output's name {text!r} leaves its folder with '..'")

    def check(self, columns: Iterable[str]) -> None:
        """Raise PipelineError for a field that neither a job nor the table's columns have."""
        accepted = list(dict.fromkeys((*_FIELDS, *columns)))
        for field in sorted(self.fields):
            if field not in accepted:
                names = ", ".join(f"{{{name}}}" for name in accepted)
                raise PipelineError(
                    f"the output's name {self.text!r} has the field {{{field}}}; accepted: {names}"
                )

    def path(self, number: int, inputs: Sequence[Path], row: Mapping[str, Any]) -> Path:
        """The output of a job; a table's columns go before the fields of the same name."""
        values = self._values(number, inputs, row)
        names = []
        for part in self._parts:
            name = "".join(
                literal + ("" if field is None else self._filled(field, form, values))
                for literal, field, form, _ in part
            )
            if any(field is not None for _, field, _, _ in part):
                name = self._checked(name, number)
            names.append(name)
        path = Path(*names)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise PipelineError(f"job {number} would write {path}, outside of {self.folder}/")
        self._check_suffix(path)
        return path

    def _values(
        self, number: int, inputs: Sequence[Path], row: Mapping[str, Any]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {"n": number, **row}
        for field in self.fields.intersection(_OF_INPUT).difference(row):
            if len(inputs) != 1:
                raise PipelineError(
                    f"the output's name {self.text!r} has {{{field}}}, of an input, but job "
                    f"{number} has {len(inputs)} inputs; use --each, {{n}} or a table's column"
                )
            whole = inputs[0].absolute()
            values[field] = {"stem": whole.stem, "name": whole.name, "parent": whole.parent.name}[
                field
            ]
        return values

    def _filled(self, field: str, form: str | None, values: Mapping[str, Any]) -> str:
        value = values.get(field)
        if value is None:
            raise PipelineError(
                f"job {values['n']} has no value for {{{field}}} of the output's name {self.text!r}"
            )
        return format(value, form) if form and isinstance(value, int) else safe(value)

    def _checked(self, name: str, number: int) -> str:
        if len(name.encode()) > _LONGEST_NAME:
            raise PipelineError(
                f"job {number}: the file name {name!r} has {len(name.encode())} bytes; "
                f"accepted: {_LONGEST_NAME}"
            )
        return f"_{name}" if _RESERVED.fullmatch(name) else name

    @staticmethod
    def _check_suffix(path: Path) -> None:
        from smartcut.media.containers import container_of, not_written

        if container_of(path) is None:
            raise PipelineError(f"cannot write {path}: {not_written(path)}")
