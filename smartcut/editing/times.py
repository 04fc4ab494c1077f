"""Times as edits say them: exact, and as short as they can be written."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.timebase import exact, format_time, parse_signed_time, parse_time

# Decimals of a number; what needs more is written as a ratio.
_DECIMALS = 9


def written(time: Fraction) -> int | float | str:
    """A number that reads as exactly that time; else a ratio, as text: ``62/3``."""
    if time.denominator == 1:
        return int(time)
    number = float(time)
    is_exact = exact(number) == time and time * 10**_DECIMALS % 1 == 0
    return number if is_exact else str(time)


def clock(time: Fraction) -> str:
    """A time as messages tell it: ``12.4 s``, above a minute ``1:02.500``."""
    if time < 60:
        return f"{float(time):.3f}".rstrip("0").rstrip(".") + " s"
    return format_time(time).removeprefix("00:").removeprefix("0")


def stretch(start: Fraction, end: Fraction) -> str:
    """A range of time as messages tell it: ``12.4-15.2 s``."""
    if end < 60:
        return f"{clock(start).removesuffix(' s')}-{clock(end)}"
    return f"{clock(start)} - {clock(end)}"


#: A time in an edit.
EditTime = Annotated[
    Fraction,
    BeforeValidator(parse_time),
    PlainSerializer(written, return_type=int | float | str),
    WithJsonSchema({"type": ["number", "string"], "examples": [12.4, "1:02.5", "62/5"]}),
    InWords("time (12.4, 1:02.5, 62/5)"),
]

#: The same of what a file holds, which may begin a little before its source's first picture.
SignedEditTime = Annotated[
    Fraction,
    BeforeValidator(parse_signed_time),
    PlainSerializer(written, return_type=int | float | str),
    WithJsonSchema({"type": ["number", "string"], "examples": [12.4, "1:02.5", "62/5"]}),
    InWords("time (12.4, 1:02.5, 62/5)"),
]

#: An exact number in an edit.
EditNumber = Annotated[
    Fraction,
    BeforeValidator(lambda value: exact(value) if not isinstance(value, bool) else value),
    PlainSerializer(written, return_type=int | float | str),
    WithJsonSchema({"type": ["number", "string"], "examples": [2, "1/3"]}),
    InWords("number or ratio (2, 1/3)"),
]
