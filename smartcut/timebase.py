"""Exact time: ranges, ticks and timecode.

Inside smartcut a time is a :class:`fractions.Fraction` of seconds and a range is half-open,
``[start, end)``. At the edges of a media file it is an integer count of ticks (``pts``) of a
``timebase``. Floats are accepted from users, read as the decimal they print as, and never kept.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import lcm
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from smartcut.accepted import InWords

if TYPE_CHECKING:
    import numpy as np

Seconds = Fraction

# The largest time accepted from a user: a year. Beyond it a number is a mistake, not a time.
LONGEST = Fraction(366 * 24 * 3600)
# Whole numbers that arrays hold.
_MOST_EXACT = 1 << 63

NTSC_RATES = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))
_USUAL_RATES = (
    *(Fraction(n) for n in (10, 12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)),
    *(Fraction(n * 1000, 1001) for n in (24, 30, 60, 120)),
)


@dataclass(frozen=True, order=True, slots=True)
class Range:
    """A half-open stretch of time ``[start, end)`` in seconds.

    place = cut.segments[0].range
    print(float(place.start), float(place.end), float(place.duration))
    """

    start: Fraction
    end: Fraction

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a range cannot end ({self.end} s) before it starts ({self.start} s)")

    @property
    def duration(self) -> Fraction:
        return self.end - self.start

    @property
    def middle(self) -> Fraction:
        return (self.start + self.end) / 2

    def contains(self, time: Fraction) -> bool:
        return self.start <= time < self.end

    def overlaps(self, other: Range) -> bool:
        return self.start < other.end and other.start < self.end

    def intersect(self, other: Range) -> Range | None:
        """The part in both, or None where that part is empty."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Range(start, end) if start < end else None

    def shift(self, by: Fraction) -> Range:
        return Range(self.start + by, self.end + by)

    def scale(self, by: Fraction) -> Range:
        return Range(self.start * by, self.end * by)


class RangeIndex:
    """Which of many ranges, in any order, lie in another, found without looking at all of them."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = ranges
        self._order = sorted(range(len(ranges)), key=lambda i: ranges[i].start)
        self._starts = [ranges[i].start for i in self._order]
        self._reached = list(accumulate((ranges[i].end for i in self._order), max))

    def overlapping(self, other: Range) -> list[int]:
        """The numbers of the ranges that overlap the other, in their own order."""
        first = bisect_right(self._reached, other.start)
        last = bisect_left(self._starts, other.end)
        return sorted(i for i in self._order[first:last] if self._ranges[i].overlaps(other))

    def centred_in(self, other: Range) -> list[int]:
        """The numbers of the ranges whose middle lies in the other, in their own order."""
        order, middles = self._by_middle
        first, last = (bisect_left(middles, t) for t in (other.start, other.end))
        return sorted(order[first:last])

    @cached_property
    def _by_middle(self) -> tuple[list[int], list[Fraction]]:
        middles = [one.middle for one in self._ranges]
        order = sorted(range(len(middles)), key=middles.__getitem__)
        return order, [middles[i] for i in order]


def total(ranges: Iterable[Range]) -> Fraction:
    """Sum of the durations, in seconds."""
    return sum((r.duration for r in ranges), Fraction(0))


_VAST = re.compile(r"e[+-]?[\d_]{4,}", re.IGNORECASE)


def exact(value: Fraction | int | str | float) -> Fraction:
    """The number as a Fraction; a float counts as the decimal that it prints as."""
    if isinstance(value, float):
        return Fraction(repr(value))
    if isinstance(value, str) and _VAST.search(value):
        raise ValueError(f"{value!r} has too large an exponent")  # it would be written out
    return Fraction(value)


def nearest(value: Fraction) -> int:
    """The nearest integer, halves upwards (Python's ``round`` would send them to even)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def nearest_each(values: np.ndarray, scale: Fraction, shift: Fraction) -> np.ndarray:
    """int64: ``nearest(value * scale + shift)`` of every whole number, exactly."""
    unit = lcm(scale.denominator, shift.denominator)
    times, plus = 2 * int(scale * unit), 2 * int(shift * unit) + unit
    most = max(map(abs, (int(values.min()), int(values.max())))) if len(values) else 0
    if most * abs(times) + abs(plus) >= _MOST_EXACT:
        values = values.astype(object)  # Python's integers have no end
    return ((values * times + plus) // (2 * unit)).astype("int64")


def to_ticks(time: Fraction, timebase: Fraction) -> int:
    """The tick nearest to ``time``, where one tick lasts ``timebase`` seconds."""
    return nearest(time / timebase)


def tidy_rate(rate: Fraction) -> Fraction:
    """``rate`` (frames a second), or the NTSC or whole rate that it is within 0.01 % of."""
    for known in (Fraction(nearest(rate)), *NTSC_RATES):
        if known and abs(rate - known) * 10_000 <= known:
            return known
    return rate


def standard_rate(rate: Fraction) -> Fraction:
    """The usual constant rate nearest to an average one."""
    return min(_USUAL_RATES, key=lambda usual: abs(usual - rate) / usual)


_UNIT = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "min": Fraction(60),
         "h": Fraction(3600)}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|m|h|s)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")
_TIMECODE = re.compile(r"(\d+):(\d{2}):(\d{2})([:;])(\d{2,3})")
_FRAMES = re.compile(r"(\d+)\s*(?:f|frames?)")
_ACCEPTED = (
    "seconds (12.5), units (1m30s, 500ms), a clock (00:01:02.5), "
    "a timecode (00:01:02:15) or frames (375f)"
)


@dataclass(frozen=True, slots=True)
class FrameClock:
    """How the frames of one source are counted, for times that are given in frames."""

    rate: Fraction
    """Frames a second, as its timecode counts them."""
    time_of: Callable[[int], Fraction]
    """When the frame with that number starts, in seconds; where there is none such, ValueError."""
    is_even: bool
    """Frames come at the rate, and none is missing."""
    length: int
    """How many frames it lasts at that rate."""
    first: int | None = None
    """What its own timecode counts for the first frame, from midnight; None: it has none."""

    def at_timecode(self, count: int) -> Fraction:
        """The time of a timecode: of the source's own, or of one counted from its first frame."""
        if self.first is not None and 0 <= count - self.first <= self.length:
            count -= self.first
        return self.time_of(count) if self.is_even else self.time_of(0) + count / self.rate


# Of a time as text: what is longer is none, and would be looked at for long.
_LONGEST_TEXT = 200


def parse_time(
    value: Fraction | int | float | str,
    rate: Fraction | None = None,
    clock: FrameClock | None = None,
) -> Fraction:
    """Seconds from what a user wrote; see the error's text for the accepted forms.

    ``rate`` (frames a second), or the ``clock`` of a source, is needed for timecodes and frame
    counts. A timecode with ``;`` before the frames is drop-frame (SMPTE ST 12-1), which exists at
    29.97 and 59.94. Raises ValueError.
    """
    rate = clock.rate if clock else rate
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Fraction)):
        raise ValueError(f"{value!r} is not a time; accepted: {_ACCEPTED}")
    if isinstance(value, (int, float, Fraction)):
        if isinstance(value, float) and not value - value == 0:
            raise ValueError(f"{value!r} is not a time")
        return _checked(exact(value), value)
    if len(value) > _LONGEST_TEXT:
        raise ValueError(f"{value[:20]!r}... is not a time; accepted: {_ACCEPTED}")
    text = value.strip().lower()
    if match := _TIMECODE.fullmatch(text):
        if rate is None:
            raise ValueError(f"{value!r} is a timecode, but there is no frame rate here")
        hours, minutes, seconds, mark, frames = match.groups()
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        count = _counted(whole, int(frames), mark == ";", rate, value)
        return _checked(clock.at_timecode(count) if clock else count / rate, value)
    if match := _FRAMES.fullmatch(text):
        if rate is None:
            raise ValueError(f"{value!r} counts frames, but there is no frame rate here")
        return _checked(clock.time_of(int(match[1])) if clock else int(match[1]) / rate, value)
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60
        return _checked(whole + Fraction(seconds.replace(",", ".")), value)
    number = _as_fraction(text)
    if number is not None:
        return _checked(number, value)
    if text and not _PART.sub("", text).strip():
        parts = (Fraction(number) * _UNIT[unit] for number, unit in _PART.findall(text))
        return _checked(sum(parts, Fraction(0)), value)
    raise ValueError(f"{value!r} is not a time; accepted: {_ACCEPTED}")


def _as_fraction(text: str) -> Fraction | None:
    try:
        return exact(text)
    except (ValueError, ZeroDivisionError):
        return None


def _checked(time: Fraction, given: object) -> Fraction:
    if time < 0:
        raise ValueError(f"{given!r} is a negative time")
    if time > LONGEST:
        raise ValueError(f"{given!r} is longer than a year")
    return time


def _counted(clock: int, frames: int, drop: bool, rate: Fraction, given: object) -> int:
    """How many frames lie between midnight and a timecode."""
    per_second = nearest(rate)
    if frames >= per_second:
        raise ValueError(f"{given!r} has frame {frames}, but there are {per_second} in a second")
    count = clock * per_second + frames
    if drop:
        if rate not in (Fraction(30000, 1001), Fraction(60000, 1001)):
            raise ValueError(f"{given!r} is drop-frame, which exists only at 29.97 and 59.94")
        minutes = clock // 60
        dropped = per_second // 15
        if clock % 60 == 0 and minutes % 10 and frames < dropped:
            raise ValueError(f"{given!r} does not exist in drop-frame timecode")
        count -= dropped * (minutes - minutes // 10)
    return count


def format_time(time: Fraction, digits: int = 3, separator: str = ".") -> str:
    """``HH:MM:SS.mmm`` (as WebVTT writes it; SRT has ``separator=","``)."""
    unit = 10**digits
    ticks = nearest(abs(time) * unit)
    seconds, fraction = divmod(ticks, unit)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if time < 0 and ticks else ""
    tail = f"{separator}{fraction:0{digits}d}" if digits else ""
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}{tail}"


def parse_signed_time(value: Fraction | int | float | str) -> Fraction:
    """As :func:`parse_time`; below 0, or with a minus before it, it counts back from an end."""
    if isinstance(value, str) and value.strip().startswith("-"):
        return -parse_time(value.strip()[1:])
    is_number = isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)
    return -parse_time(-value) if is_number and value < 0 else parse_time(value)  # type: ignore[operator]


def _from_user(value: Any) -> Fraction:
    return parse_time(value)


def _signed_from_user(value: Any) -> Fraction:
    return parse_signed_time(value)


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Fraction)):
        raise ValueError(f"{value!r} is not a number")
    try:
        return exact(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{value!r} is not a number or a ratio such as 30000/1001") from None


#: A duration or a point in time in the parameters of a stage.
TimeParam = Annotated[
    Fraction,
    BeforeValidator(_from_user),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "examples": [12.5, "30s", "00:01:02.5"]}),
    InWords("time (12.5, 30s, 00:01:02.5)"),
]

#: The same, which also counts back from the end.
SignedTimeParam = Annotated[
    Fraction,
    BeforeValidator(_signed_from_user),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "examples": [12.5, "30s", "-2s"]}),
    InWords("time (12.5, 30s, -2s from the end)"),
]

#: An exact number, such as a frame rate, in the parameters of a stage.
RatioParam = Annotated[
    Fraction,
    BeforeValidator(_number),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "examples": [25, "30000/1001"]}),
    InWords("number or ratio (25, 30000/1001)"),
]
