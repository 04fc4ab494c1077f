"""Values over time: numbers at keys, and how they go on from one key to the next.

Keys lie in source time, so that trimming, moving and slowing a segment never touch them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.timebase import Range, parse_time

Ease = Literal["hold", "linear", "in", "out", "in-out"] | tuple[float, float, float, float]
"""How a value goes on to the next key; four numbers are a cubic Bezier, as in CSS."""
EASES = ("hold", "linear", "in", "out", "in-out")


@dataclass(frozen=True, slots=True)
class Key:
    at: Fraction
    """Seconds on the curve's clock."""
    value: float
    ease: Ease = "linear"
    """How the value goes on from here to the next key."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A number that changes over time; it is held before the first key and after the last.

    ``clock`` says what the keys' times are: ``source`` time, or time since the ``segment`` began.
    Raises ValueError where there is no key, or where times do not rise.
    """

    keys: tuple[Key, ...]
    clock: Literal["source", "segment"] = "source"

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a curve needs at least one key")
        for one, other in pairwise(self.keys):
            if other.at <= one.at:
                raise ValueError(f"keys must rise in time: {one.at} s, then {other.at} s")

    @classmethod
    def of(cls, *keys: tuple[Fraction | int, float], ease: Ease = "linear") -> Curve:
        """A curve through these times and values."""
        return cls(tuple(Key(Fraction(at), value, ease) for at, value in keys))

    def at(self, time: Fraction) -> float:
        """The value at that time of the curve's clock."""
        after = bisect_right(self.keys, time, key=lambda k: k.at)
        if after == 0:
            return self.keys[0].value
        one = self.keys[after - 1]
        if after == len(self.keys):
            return one.value
        other = self.keys[after]
        share = eased(float((time - one.at) / (other.at - one.at)), one.ease)
        return one.value + (other.value - one.value) * share

    def is_constant(self, within: Range) -> bool:
        """Whether the value is the same all through ``within``."""
        shown = [k for k in self.keys if within.start < k.at < within.end]
        values = {self.at(within.start), self.at(within.end), *(k.value for k in shown)}
        return len(values) == 1 and not any(_overshoots(k.ease) for k in self.keys)

    def within(self, shown: Range) -> Curve:
        """A curve with no more keys than its values in ``shown``, the end included, need."""
        first = max(bisect_right(self.keys, shown.start, key=lambda k: k.at) - 1, 0)
        last = bisect_left(self.keys, shown.end, key=lambda k: k.at) + 1
        return replace(self, keys=self.keys[first : max(last, first + 1)])

    def shifted(self, by: Fraction) -> Curve:
        """The same values, ``by`` seconds later."""
        return replace(self, keys=tuple(replace(k, at=k.at + by) for k in self.keys))

    # What a bound says of a number, it says of every value of a curve.
    def __ge__(self, bound: float) -> bool:
        return all(key.value >= bound for key in self.keys)

    def __gt__(self, bound: float) -> bool:
        return all(key.value > bound for key in self.keys)

    def __le__(self, bound: float) -> bool:
        return all(key.value <= bound for key in self.keys)

    def __lt__(self, bound: float) -> bool:
        return all(key.value < bound for key in self.keys)


def eased(share: float, ease: Ease) -> float:
    """How far the value has come when ``share`` (0..1) of the time between two keys is over."""
    if isinstance(ease, tuple):
        return _bezier(share, *ease)
    if ease == "hold":
        return 0.0
    if ease == "in":
        return share * share
    if ease == "out":
        return share * (2 - share)
    if ease == "in-out":
        return share * share * (3 - 2 * share)
    return share


def _bezier(share: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """The height of a cubic Bezier from (0, 0) to (1, 1) where its width is ``share``."""

    def along(t: float, a: float, b: float) -> float:
        return 3 * a * t * (1 - t) ** 2 + 3 * b * t * t * (1 - t) + t**3

    low, high = 0.0, 1.0
    for _ in range(48):  # widths rise with t: halving finds it, to the last bits
        middle = (low + high) / 2
        low, high = (middle, high) if along(middle, x1, x2) < share else (low, middle)
    return along((low + high) / 2, y1, y2)


def _overshoots(ease: Ease) -> bool:
    return isinstance(ease, tuple) and not all(0 <= y <= 1 for y in (ease[1], ease[3]))


# --------------------------------------------------------------------------------- as users write


def read_curve(given: Any) -> Any:
    """A curve from what a user wrote; anything else is given back as it is.

    Accepted: ``{0s: 1, 2s: 1.5, ease: in-out}`` and ``[[0s, 1], [2s, 1.5, hold]]``; the mapping
    takes ``clock: segment`` too. Raises ValueError.
    """
    if isinstance(given, Mapping):
        settings = {k: given[k] for k in ("ease", "clock") if k in given}
        rows = [(time, value) for time, value in given.items() if time not in settings]
        keys = _keys(rows, _ease(settings.get("ease", "linear")))
        clock = settings.get("clock", "source")
        if clock not in ("source", "segment"):
            raise ValueError(f"clock {clock!r}; accepted: source, segment")
        return Curve(keys, clock)
    if isinstance(given, Sequence) and not isinstance(given, str):
        return Curve(_keys(given, "linear"))
    return given


def _keys(rows: Any, ease: Ease) -> tuple[Key, ...]:
    return tuple(sorted(_read_keys(rows, ease), key=lambda key: key.at))


def _read_keys(rows: Any, ease: Ease) -> Iterator[Key]:
    for row in rows:
        if isinstance(row, str) or not isinstance(row, Sequence) or len(row) not in (2, 3):
            raise ValueError(f"{row!r} is no key; accepted: [time, value] or [time, value, ease]")
        time, value = row[:2]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{value!r} at {time} is not a number")
        yield Key(parse_time(time), float(value), _ease(row[2]) if len(row) == 3 else ease)


def _ease(given: Any) -> Ease:
    if given in EASES:
        return given
    if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == 4:
        x1, y1, x2, y2 = (float(number) for number in given)
        if 0 <= x1 <= 1 and 0 <= x2 <= 1:
            return (x1, y1, x2, y2)
    raise ValueError(
        f"ease {given!r}; accepted: {', '.join(EASES)}, or four numbers of a cubic Bezier "
        "[x1, y1, x2, y2] with x1 and x2 within 0..1"
    )


# Effects are asked for a moment at a time, when curves are numbers: that is what they see.
if TYPE_CHECKING:
    Animated = float
    Length = float | str
else:
    #: A number in the parameters of an effect that may change over time.
    Animated = Annotated[
        float | Curve,
        BeforeValidator(read_curve),
        WithJsonSchema(
            {"type": ["number", "object", "array"], "examples": [1.2, {"0s": 1, "2s": 2}]}
        ),
        InWords("number or keys ({0s: 1, 2s: 2})"),
    ]
    #: A length: a share of the picture's side, or pixels (``80px``).
    Length = Annotated[
        float | Curve | str,
        BeforeValidator(lambda given: _read_length(given)),
        WithJsonSchema(
            {"type": ["number", "string", "object", "array"], "examples": [0.1, "80px"]}
        ),
        InWords("share (0.1), 10%, 80px or keys ({0s: 0, 2s: 0.1})"),
    ]


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(px|%)")


def _read_length(given: Any) -> Any:
    if isinstance(given, str):
        match = _LENGTH.fullmatch(given.strip())
        if match is None:
            raise ValueError(f"{given!r} is no length; accepted: a share (0.1), 10% or 80px")
        return float(match[1]) / 100 if match[2] == "%" else f"{match[1]}px"
    read = read_curve(given)
    if isinstance(read, (int, float, Curve)) and not read >= 0:
        raise ValueError(f"{given!r} is negative; accepted: a share (0.1), 10% or 80px")
    return read


def in_pixels(length: float | str, side: int) -> float:
    """A length of :meth:`PictureEffect.at` on a side of so many pixels."""
    if isinstance(length, str):
        return float(length.removesuffix("px"))
    return length * side


def value_at(value: Any, source_time: Fraction, segment_time: Fraction) -> Any:
    """A curve's number at that moment, within tuples too; anything else is given back."""
    if isinstance(value, tuple):
        return tuple(value_at(item, source_time, segment_time) for item in value)
    if not isinstance(value, Curve):
        return value
    return value.at(source_time if value.clock == "source" else segment_time)


def needed_within(value: Any, shown: Range) -> Any:
    """The same with no more keys of curves in source time than are needed in ``shown``."""
    if isinstance(value, tuple):
        return tuple(needed_within(item, shown) for item in value)
    return value.within(shown) if isinstance(value, Curve) and value.clock == "source" else value


def curves_in(value: Any) -> tuple[Curve, ...]:
    """The curves that a value is, or holds."""
    if isinstance(value, tuple):
        return tuple(curve for item in value for curve in curves_in(item))
    return (value,) if isinstance(value, Curve) else ()
