"""How users write what `tighten` is to do: decibels, margins, treatments and conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from smartcut.tightening.where import parse_condition
from smartcut.timebase import exact, parse_time

Treatment = Literal["cut", "keep"] | Fraction
"""What becomes of a silence: left out, as it is, or so many times as fast."""

_SPEED = re.compile(r"speed\s+(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)\s*(db|%)?", re.IGNORECASE)
_FASTEST = 1000


def read_treatment(given: Any) -> Treatment:
    """``cut``, ``keep`` or ``speed 8``; raises ValueError."""
    if given in ("cut", "keep"):
        return given
    match = _SPEED.fullmatch(given.strip()) if isinstance(given, str) else None
    if match is None or not 1 < exact(match[1]) <= _FASTEST:
        raise ValueError(
            f"{given!r} is nothing to do with a silence; accepted: cut, keep, or speed N with N "
            f"above 1, to {_FASTEST}"
        )
    return exact(match[1])


def _checked_treatment(given: str) -> str:
    read_treatment(given)
    return given


def read_lengths(given: Mapping[str, str]) -> list[tuple[Fraction, Treatment]]:
    """(longer than so many seconds, what becomes of it), the longest first."""
    rows = ((parse_time(time), read_treatment(what)) for time, what in given.items())
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _lengths(given: Any) -> Any:
    if isinstance(given, str):
        time, _, what = given.rpartition(":")
        given = {time.strip(): what.strip()}
    if not isinstance(given, Mapping):
        raise ValueError(f"{given!r} is no mapping such as {{3s: keep}}")
    found = {str(time): what for time, what in given.items()}
    read_lengths(found)
    return found


def read_threshold(given: str, by: str) -> float | None:
    """The level in dB (``-35dB``, ``4%``), or the probability of a voice; None for ``auto``.

    Raises ValueError.
    """
    if given == "auto":
        return None
    match = _NUMBER.fullmatch(given.strip())
    if match is not None:
        number, unit = float(match[1]), (match[2] or "").lower()
        if by == "voice" and unit != "db":
            share = number / 100 if unit == "%" else number
            if 0 < share < 1:
                return share
        elif by != "voice":
            level = _decibels(number) if unit == "%" else number
            if level is not None and -100 < level <= 0:
                return level
    accepted = (
        "auto, or how sure a voice must be, such as 0.5 or 50%"
        if by == "voice"
        else "auto, or a level such as -35dB or 4%"
    )
    raise ValueError(f"{given!r} is no threshold of {by}; accepted: {accepted}")


def _decibels(percent: float) -> float | None:
    from math import log10

    return 20 * log10(percent / 100) if percent > 0 else None


def _margin(given: Any) -> Any:
    items = given if isinstance(given, (list, tuple)) else (given, given)
    if len(items) != 2:
        raise ValueError(f"{given!r} is no margin; accepted: 0.2s, or [before, after]")
    return tuple(_signed(item) for item in items)


def _signed(given: Any) -> Fraction:
    """A time that may be negative."""
    if isinstance(given, str) and given.strip().startswith("-"):
        return -parse_time(given.strip()[1:])
    if isinstance(given, (int, float, Fraction)) and not isinstance(given, bool) and given < 0:
        return -parse_time(-given)
    return parse_time(given)


def _condition(given: Any) -> Any:
    """A condition as a text, or as ``{where: TEXT}``."""
    if isinstance(given, Mapping) and list(given) == ["where"]:
        given = given["where"]
    if not isinstance(given, str):
        raise ValueError(f"{given!r} is no condition such as: loudness > -35 or motion > 0.02")
    parse_condition(given)
    return given


_TIME: dict[str, Any] = {"type": ["number", "string"]}

TreatmentParam = Annotated[
    str,
    AfterValidator(_checked_treatment),
    WithJsonSchema({"type": "string", "examples": ["cut", "keep", "speed 8"]}),
]
LengthsParam = Annotated[
    dict[str, str],
    BeforeValidator(_lengths),
    WithJsonSchema({"type": ["object", "string"], "examples": [{"3s": "keep"}]}),
]
ThresholdParam = Annotated[
    str,
    BeforeValidator(lambda given: given if isinstance(given, str) else f"{given}"),
    WithJsonSchema({"type": ["number", "string"], "examples": ["auto", "-35dB", 0.5]}),
]
MarginParam = Annotated[
    tuple[Fraction, Fraction],
    BeforeValidator(_margin),
    WithJsonSchema(
        {
            "anyOf": [_TIME, {"type": "array", "items": _TIME}],
            "examples": ["0.2s", ["0.3s", "0.5s"]],
        }
    ),
]
ConditionParam = Annotated[
    str,
    BeforeValidator(_condition),
    WithJsonSchema({"type": ["string", "object"], "examples": ["loudness > -35 or motion > 0.02"]}),
]
