from __future__ import annotations

import time
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.interchange.timecode import timecode
from smartcut.timebase import (
    Range,
    RangeIndex,
    exact,
    format_time,
    nearest,
    nearest_each,
    parse_time,
    tidy_rate,
    to_ticks,
)

NTSC = F(30000, 1001)


@pytest.mark.parametrize(
    ("text", "rate", "seconds"),
    [
        ("12.5", None, F(25, 2)),
        (0.1, None, F(1, 10)),
        ("30s", None, F(30)),
        ("1m30s", None, F(90)),
        ("500ms", None, F(1, 2)),
        ("1h", None, F(3600)),
        ("00:01:02.5", None, F(125, 2)),
        ("1:30", None, F(90)),
        ("375f", F(25), F(15)),
        ("00:00:01:12", F(25), F(37, 25)),
        ("00:01:00;02", NTSC, 1800 / NTSC),
        ("00:10:00;00", NTSC, 17982 / NTSC),
    ],
)
def test_accepted_times(text: str, rate: F | None, seconds: F) -> None:
    assert parse_time(text, rate) == seconds


@pytest.mark.parametrize(
    ("text", "rate", "reason"),
    [
        ("soon", None, "is not a time"),
        ("-3", None, "negative"),
        ("10f", None, "no frame rate"),
        ("00:00:01:25", F(25), "25 in a second"),
        ("00:01:00;00", NTSC, "does not exist"),
        ("00:01:00;02", F(25), "29.97"),
        ("99999999", None, "longer than a year"),
        (True, None, "is not a time"),
        (float("nan"), None, "is not a time"),
        ("1/0", None, "is not a time"),
    ],
)
def test_refused_times_say_why(text: str, rate: F | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_time(text, rate)


@given(st.integers(0, 10**8), st.sampled_from([F(24), F(25), F(30), F(60)]))
def test_timecode_and_back(frame: int, rate: F) -> None:
    frame %= int(rate) * 86400
    assert parse_time(timecode(frame, rate, drop=False), rate) == frame / rate


@given(st.integers(0, 86_400_000))
def test_clock_and_back(milliseconds: int) -> None:
    time = F(milliseconds, 1000)
    assert parse_time(format_time(time)) == time


@given(st.fractions(-1000, 1000, max_denominator=9999))
def test_nearest_is_within_a_half_and_rounds_halves_up(value: F) -> None:
    assert -F(1, 2) < nearest(value) - value <= F(1, 2)


def test_ranges_are_half_open() -> None:
    one = Range(F(1), F(2))
    assert one.contains(F(1))
    assert not one.contains(F(2))
    assert not one.overlaps(Range(F(2), F(3)))
    assert one.intersect(Range(F(2), F(3))) is None
    with pytest.raises(ValueError, match="cannot end"):
        Range(F(2), F(1))


def test_rates_are_tidied_only_when_close() -> None:
    assert tidy_rate(F(29970, 1000)) == NTSC
    assert tidy_rate(F(2999999, 100000)) == 30
    assert tidy_rate(F(152, 10)) == F(152, 10)
    assert exact(29.97) == F(2997, 100)
    assert to_ticks(F(1, 3), F(1, 90000)) == 30000


def test_a_vast_text_is_no_time_and_soon_known_to_be_none() -> None:
    begun = time.perf_counter()
    for text in ("9" * 1_000_000, "1h" * 500_000, "1:" * 500_000):
        with pytest.raises(ValueError, match=r"'.{20}'\.\.\. is not a time"):
            parse_time(text)
    assert time.perf_counter() - begun < 1


@given(
    st.lists(st.integers(-(10**12), 10**12), max_size=20),
    st.fractions(-1000, 1000, max_denominator=10**6).filter(bool),
    st.fractions(-(10**9), 10**9, max_denominator=10**6),
)
def test_nearest_of_each_is_that_of_every_one(values: list[int], scale: F, shift: F) -> None:
    found = nearest_each(np.array(values, dtype=np.int64), scale, shift)
    assert found.dtype == np.int64
    assert found.tolist() == [nearest(value * scale + shift) for value in values]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), max_size=12),
    st.integers(0, 20),
    st.integers(0, 8),
)
def test_an_index_finds_the_ranges_that_overlap(
    places: list[tuple[int, int]], start: int, length: int
) -> None:
    ranges = [Range(F(a), F(a + b)) for a, b in places]
    other = Range(F(start), F(start + length))
    wanted = [i for i, one in enumerate(ranges) if one.overlaps(other)]
    assert RangeIndex(ranges).overlapping(other) == wanted
    centred = [i for i, one in enumerate(ranges) if other.contains(one.middle)]
    assert RangeIndex(ranges).centred_in(other) == centred
