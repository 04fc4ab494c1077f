"""How users write what `shorts` is to pick: how many clips, and how long they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator

from smartcut.accepted import InWords
from smartcut.timebase import parse_time


def _range(given: Any) -> tuple[Any, Any] | None:
    """Both ends of ``3..7`` or ``[3, 7]``; None for one value."""
    if isinstance(given, str) and ".." in given:
        low, _, high = given.partition("..")
        return low.strip(), high.strip()
    if isinstance(given, (list, tuple)) and len(given) == 2:
        return given[0], given[1]
    return None


def _counts(given: Any) -> Any:
    low, high = _range(given) or (given, given)
    try:
        counts = int(low), int(high)
    except (TypeError, ValueError):
        counts = 0, 0
    if isinstance(given, bool) or not 1 <= counts[0] <= counts[1] <= 100:
        raise ValueError(f"{given!r} is no number of clips; accepted: 3, or 3..7 (1 to 100)")
    return counts


def _lengths(given: Any) -> Any:
    ends = _range(given)
    low, high = map(parse_time, ends) if ends else (parse_time(given) / 2, parse_time(given))
    if not 1 <= low <= high:
        raise ValueError(
            f"{given!r} is no length of clips; accepted: 20s..60s, or the longest (30s); at least "
            "1s"
        )
    return low, high


#: (fewest, most) clips.
CountsParam = Annotated[
    tuple[int, int], BeforeValidator(_counts), InWords("whole number, or range (3..7)")
]
#: (shortest, longest), in seconds.
LengthsParam = Annotated[
    tuple[Fraction, Fraction],
    BeforeValidator(_lengths),
    InWords("range of times (20s..60s), or the longest time"),
]
