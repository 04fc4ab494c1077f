"""Text files as editors and spreadsheets save them: UTF-8, UTF-16, UTF-32 or Windows-1252.

A byte order mark decides; without one, UTF-8 is tried, then UTF-16 where every other byte is 0,
then Windows-1252, which is a guess and therefore noted.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

# The marks of UTF-32 begin as those of UTF-16 do, so they come first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_LOOKED_AT = 4096
"""Bytes in which zeros are counted."""


class TextInput(NamedTuple):
    """A text, and what its reader should know about its encoding."""

    text: str
    note: str | None = None
    """Set where the encoding was guessed: which one was taken, and what to do if it is wrong."""

    @property
    def notes(self) -> tuple[str, ...]:
        """The note, if there is one."""
        return (self.note,) if self.note else ()


def read_text_input(path: Path) -> TextInput:
    """The text of a file; raises OSError, and ValueError for what is no text."""
    return decoded(path.read_bytes(), str(path))


def decoded(data: bytes, name: str) -> TextInput:
    """The text in ``data``; ``name`` is what a note calls it. Raises ValueError for no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return TextInput(_strictly(data[len(mark) :], encoding))
    guess = _unmarked_utf16(data)
    if guess is None:
        try:
            return TextInput(_without_zeros(data.decode("utf-8")))
        except UnicodeDecodeError:
            guess = "cp1252"
    text = _strictly(data, guess)
    return TextInput(
        text,
        f"{name} is not UTF-8; it was read as {_NAMES[guess]}: "
        "if letters come out wrong, save it as UTF-8",
    )


def _unmarked_utf16(data: bytes) -> str | None:
    """The kind of UTF-16 that text mostly of Latin letters is in, by where its zeros are."""
    head = data[:_LOOKED_AT]
    if len(data) % 2 or 0 not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even == 0 and odd * 3 >= len(head) // 2:
        return "utf-16-le"
    if odd == 0 and even * 3 >= len(head) // 2:
        return "utf-16-be"
    return None


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return _without_zeros(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise ValueError(
            f"it is not text in {_NAMES.get(encoding, encoding.upper())} "
            f"(byte {error.start}); accepted: UTF-8, UTF-16, Windows-1252; save it as UTF-8"
        ) from error


def _without_zeros(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds zero bytes, so it is not text; save it as UTF-8")
    return text
