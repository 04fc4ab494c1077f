"""Choosing under constraints, compared with trying every choice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction as F
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.constraint import Constraint
from smartcut.selecting.candidates import Candidate
from smartcut.selecting.constraints import chosen_under, conflict, solver
from smartcut.selecting.knapsack import Filled
from smartcut.stages._constrained import is_kept
from smartcut.timebase import Range

DURATION, SLACK = F(10), F(1, 5)


def candidates(seed: int) -> tuple[list[Candidate], list[float]]:
    """Up to eleven of two sources, of whole half seconds, and what each is worth."""
    draw = random.Random(seed)
    found: list[Candidate] = []
    while len(found) < 11:
        first = draw.randrange(0, 20)
        last = first + draw.randrange(2, 9)
        one = Candidate(draw.choice("ab"), first, last, Range(F(first, 2), F(last, 2)))
        if one not in found:
            found.append(one)
    return found, [round(draw.uniform(0.1, 5), 3) for _ in found]


def every_choice(found: Sequence[Candidate], join: F) -> Iterator[tuple[int, ...]]:
    def overlap(a: Candidate, b: Candidate) -> bool:
        return a.source == b.source and a.first < b.last and b.first < a.last

    for count in range(1, len(found) + 1):
        for numbers in combinations(range(len(found)), count):
            pairs = combinations(numbers, 2)
            if not any(overlap(found[a], found[b]) for a, b in pairs):
                yield numbers


def lasts(found: Sequence[Candidate], numbers: Sequence[int], join: F) -> F:
    return sum((found[n].range.duration for n in numbers), F(0)) - join * (len(numbers) - 1)


def by_trying(
    found: Sequence[Candidate], values: Sequence[float], join: F, limits: Sequence[Constraint]
) -> float | None:
    """The value of the best choice; None where there is none."""
    lengths = [one.range.duration for one in found]
    bound = any(one.shortest is not None or one.longest is not None for one in limits)
    kept = [
        (lasts(found, numbers, join), sum(values[n] for n in numbers))
        for numbers in every_choice(found, join)
        if all(is_kept(numbers, lengths, join, one) for one in limits)
    ]
    kept = kept if bound else [pair for pair in kept if pair[0] <= DURATION]
    if not kept:
        return None
    longest = max(length for length, _ in kept)
    least = F(0) if bound else min(DURATION - SLACK, longest)
    return max(value for length, value in kept if length >= least)


def limits_of(seed: int, found: Sequence[Candidate], values: Sequence[float]) -> list[Constraint]:
    """Some of each kind, drawn so that often they conflict."""
    draw = random.Random(seed)
    count = len(found)

    def some(share: float) -> tuple[bool, ...]:
        return tuple(draw.random() < share for _ in range(count))

    made = tuple(one.range.duration if one.source == "b" else F(0) for one in found)
    every = [
        Constraint("never", allowed=some(0.75)),
        Constraint("whole", allowed=some(0.8)),
        Constraint("first", covers=some(0.25)),
        Constraint("second", covers=some(0.15)),
        Constraint("length", shortest=F(draw.randrange(8, 24), 2), longest=F(12)),
        Constraint("made", used=made, share=F(1, 2)),
    ]
    return [one for one in every if draw.random() < 0.6]


@pytest.mark.parametrize("join", [F(0), F(1, 2)])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_best_choice_is_that_of_trying_all(join: F, seed: int) -> None:
    found, values = candidates(seed)
    limits = [one for one in limits_of(seed, found, values) if one.name != "made"]
    solve = solver(found, values, Filled(DURATION - SLACK, DURATION, join, is_soft=True))
    best = chosen_under(solve, values, limits)
    tried = by_trying(found, values, join, limits)
    if tried is None:
        assert best.conflict
        assert not best.numbers
    else:
        assert best.value == pytest.approx(tried)
        lengths = [one.range.duration for one in found]
        assert all(is_kept(best.numbers, lengths, join, one) for one in limits)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_what_is_limited_to_a_share_is_never_exceeded(seed: int) -> None:
    """Seconds are rounded up to a twentieth of what is accepted, of which these are multiples."""
    found, values = candidates(seed)
    made = tuple(one.range.duration if one.source == "b" else F(0) for one in found)
    limit = Constraint("made", used=made, share=F(1, 2))
    solve = solver(found, values, Filled(DURATION - SLACK, DURATION, is_soft=True))
    best = chosen_under(solve, values, [limit])
    tried = by_trying(found, values, F(0), [limit])
    assert (tried is None) == bool(best.conflict)
    if tried is not None:
        assert best.value == pytest.approx(tried)
        lengths = [one.range.duration for one in found]
        assert is_kept(best.numbers, lengths, F(0), limit)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_a_conflict_is_the_smallest_there_is(seed: int) -> None:
    found, values = candidates(seed)
    limits = [one for one in limits_of(seed, found, values) if one.name != "made"]
    solve = solver(found, values, Filled(DURATION - SLACK, DURATION, is_soft=True))
    if solve(limits) is not None:
        return
    names = conflict(solve, limits)
    chosen = [one for one in limits if one.name in names]
    assert by_trying(found, values, F(0), chosen) is None
    smaller = (c for n in range(len(names)) for c in combinations(limits, n))
    assert all(by_trying(found, values, F(0), c) is not None for c in smaller)


def test_what_each_constraint_costs() -> None:
    ranges = [(0, 10), (10, 20), (20, 30), (30, 40)]
    found = [Candidate("a", a, b, Range(F(a, 2), F(b, 2))) for a, b in ranges]
    values = [10.0, 9.0, 4.0, 1.0]
    solve = solver(found, values, Filled(DURATION - SLACK, DURATION, is_soft=True))
    must = Constraint("must", covers=(False, False, False, True))
    never = Constraint("never", allowed=(False, True, True, True))
    best = chosen_under(solve, values, [must, never])
    assert (best.numbers, best.value, best.free) == ((1, 3), 10.0, 19.0)
    assert [(one.name, one.alone, one.more) for one in best.costs] == [
        ("must", 8.0, 3.0), ("never", 6.0, 1.0),
    ]  # fmt: skip
    only = Constraint("only", allowed=(True, True, True, False))
    assert chosen_under(solve, values, [must, never, only]).conflict == ("must", "only")


@pytest.mark.slow
@given(seed=st.integers(0, 1_000_000))
@settings(max_examples=400, deadline=None)
def test_the_best_choice_many_times(seed: int) -> None:
    test_the_best_choice_is_that_of_trying_all.hypothesis.inner_test(F(0), seed)  # type: ignore[attr-defined]
    test_a_conflict_is_the_smallest_there_is.hypothesis.inner_test(seed)  # type: ignore[attr-defined]


def test_a_length_at_most_or_at_least() -> None:
    ranges = [(0, 8), (8, 14), (14, 20), (20, 26)]
    found = [Candidate("a", a, b, Range(F(a, 2), F(b, 2))) for a, b in ranges]
    values = [4.0, 3.0, 3.0, 3.0]
    solve = solver(found, values, Filled(DURATION - SLACK, DURATION, is_soft=True))
    assert solve([]) == [0, 1, 2]
    assert solve([Constraint("at most 7", longest=F(7))]) == [0, 1]
    assert solve([Constraint("at least 12", shortest=F(12))]) is None
    assert solve([Constraint("12 to 13", shortest=F(12), longest=F(13))]) == [0, 1, 2, 3]
