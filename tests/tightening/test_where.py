"""Conditions on signals: how they are read, and when they hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.tightening.where import (
    Both,
    Comparison,
    Condition,
    Either,
    Negation,
    holds,
    parse_condition,
    signals_in,
)
from smartcut.timebase import Range

F = Fraction


def test_not_binds_before_and_and_and_before_or() -> None:
    loud, still = Comparison("loudness", ">", -35.0), Comparison("motion", "<=", 0.02)
    dark, frozen = Comparison("black", ">=", 0.98), Comparison("freeze", ">=", 2.0)
    assert parse_condition("loudness > -35 or motion <= 0.02 and not black") == Either(
        (loud, Both((still, Negation(dark))))
    )
    assert parse_condition("(loudness>-35LUFS OR motion<=2%)and(freeze)") == Both(
        (Either((loud, still)), frozen)
    )
    assert parse_condition("freeze > 500ms") == Comparison("freeze", ">", 0.5)
    assert set(signals_in(parse_condition("not (level > -40dB or words) and voice"))) == {
        "level",
        "words",
        "voice",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends where a signal, `not` or `\\(` should come"),
        ("loudness >", "ends where a number should come"),
        ("loudness > motion", "'motion' at character 12 .* where a number should come"),
        ("loudness", "ends where a comparison of loudness"),
        ("(black or freeze", "ends where `\\)` should come"),
        ("black freeze", "'freeze' at character 7 .* where `and`, `or` or the end should come"),
        ("loudnes > -35", "unknown signal 'loudnes'; did you mean 'loudness'"),
        ("motion > 2s", "is not counted in 's'; accepted: a plain number, %"),
        ("level == -35", "'=' at character 7"),
        ("__import__('os')", "'_' at character 1"),
        ("black; freeze", "';' at character 6"),
    ],
)
def test_mistakes_say_where_they_are(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_condition(text)


READINGS = {
    "level": [-50.0, -20.0, -50.0, -20.0, -50.0, -50.0],
    "black": [0.0, 0.0, 1.0, 1.0, 1.0, 0.0],
}


def measured(name: str) -> Iterator[tuple[Range, float]]:
    return ((Range(F(i), F(i + 1)), value) for i, value in enumerate(READINGS[name]))


def seconds(text: str) -> list[int]:
    found = holds(parse_condition(text), measured, F(6))
    return [i for i in range(6) if any(r.contains(F(2 * i + 1, 2)) for r in found)]


def test_when_conditions_hold() -> None:
    assert seconds("level > -35") == [1, 3]
    assert seconds("level > -35 or black") == [1, 2, 3, 4]
    assert seconds("level > -35 and black") == [3]
    assert seconds("not level > -35 and not black") == [0, 5]
    assert seconds("not (level > -35 and black)") == [0, 1, 2, 4, 5]


ATOMS = st.sampled_from([Comparison("level", ">", -35.0), Comparison("black", ">=", 0.98)])
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(Negation),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Both(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Either(tuple(parts))),
    ),
    max_leaves=8,
)


def written(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return f"{condition.signal} {condition.sign} {condition.number}"
    if isinstance(condition, Negation):
        return f"not ({written(condition.of)})"
    word = " and " if isinstance(condition, Both) else " or "
    return word.join(f"({written(part)})" for part in condition.parts)


@given(CONDITIONS)
def test_what_is_written_is_read_again(condition: Condition) -> None:
    assert parse_condition(written(condition)) == condition


def truth(condition: Condition, second: int) -> bool:
    if isinstance(condition, Comparison):
        value = READINGS[condition.signal][second]
        return value > condition.number if condition.sign == ">" else value >= condition.number
    if isinstance(condition, Negation):
        return not truth(condition.of, second)
    found = [truth(part, second) for part in condition.parts]
    return all(found) if isinstance(condition, Both) else any(found)


@given(CONDITIONS)
def test_conditions_hold_when_their_parts_say_so(condition: Condition) -> None:
    assert seconds(written(condition)) == [i for i in range(6) if truth(condition, i)]
