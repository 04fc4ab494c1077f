"""Amounts as users write them: `30s ± 0.5s`, `28s..32s`, `<= 60s`, `-16`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.timebase import exact, parse_time

Read = Callable[[Any], Fraction]

_PLUS_MINUS = re.compile(r"(.+?)\s*(?:±|\+/?-)\s*(.+)")
_BOUND = re.compile(r"(<=|>=|<|>|≤|≥|at most|at least)\s*(.+)")


@dataclass(frozen=True, slots=True)
class Amount:
    """From ``low`` to ``high``, both included; None is no limit. ``text`` is as it was written."""

    low: Fraction | None
    high: Fraction | None
    text: str

    def __str__(self) -> str:
        return self.text

    def holds(self, value: Fraction | float) -> bool:
        """Whether a value is as wanted."""
        exactly = value if isinstance(value, Fraction) else Fraction(value)
        too_low = self.low is not None and exactly < self.low
        return not too_low and not (self.high is not None and exactly > self.high)


def amount(read: Read, slack: Fraction, what: str, *examples: Any) -> Any:
    """The type of parameters that take an amount; a value alone is meant ± ``slack``."""
    words = f"{what} ({', '.join(map(str, examples))})"

    def parse(value: Any) -> Amount:
        return value if isinstance(value, Amount) else read_amount(value, read, slack)

    return Annotated[
        Amount,
        BeforeValidator(parse),
        PlainSerializer(str, return_type=str),
        WithJsonSchema({"type": ["number", "string"], "examples": [*examples]}),
        InWords(words),
    ]


def read_amount(value: Any, read: Read, slack: Fraction) -> Amount:
    """The amount that a user wrote; raises ValueError."""
    text = str(value).strip()
    if not isinstance(value, str):
        middle = read(value)
        return Amount(middle - slack, middle + slack, text)
    if found := _BOUND.fullmatch(text):
        edge = read(found[2])
        if found[1] in ("<=", "<", "≤", "at most"):
            return Amount(None, edge, text)
        return Amount(edge, None, text)
    if ".." in text:
        low, _, high = text.partition("..")
        first, last = read(low.strip()), read(high.strip())
        if first > last:
            raise ValueError(f"{value!r} begins above its end; write the smaller one first")
        return Amount(first, last, text)
    if found := _PLUS_MINUS.fullmatch(text):
        middle, around = read(found[1]), abs(read(found[2]))
        return Amount(middle - around, middle + around, text)
    middle = read(text)
    return Amount(middle - slack, middle + slack, text)


# ------------------------------------------------------------------------------- what is read


def seconds(value: Any) -> Fraction:
    return parse_time(value)


def number(value: Any) -> Fraction:
    """A number, with a unit behind it or without one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Fraction)):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, str):
        value = re.sub(r"\s*(LUFS|LU|dBTP|dBFS|dB|fps)$", "", value.strip(), flags=re.IGNORECASE)
    try:
        return exact(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None


_THOUSANDS = {"": 1, "k": 1000, "m": 1_000_000, "g": 1_000_000_000}
_WITH_PREFIX = re.compile(
    r"(\d+(?:\.\d+)?)\s*([kmg]?)(?:bit/s|bits/s|bps|b/s|bit|b)?", re.IGNORECASE
)


def with_prefix(value: Any) -> Fraction:
    """A number that may end in k, M or G: bits a second, or bytes."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, (int, float, Fraction)):
        return exact(value)
    if found := _WITH_PREFIX.fullmatch(str(value).strip()):
        return exact(found[1]) * _THOUSANDS[found[2].lower()]
    raise ValueError(f"{value!r} is not a number such as 8M, 800k or 8000000")
