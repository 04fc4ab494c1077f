"""Constraints on a choice: the best one that keeps to all of them, what each costs, and, where no
choice does, the smallest set of them that conflicts. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from smartcut.constraint import Constraint
from smartcut.selecting.candidates import Candidate
from smartcut.selecting.knapsack import Counted, Filled, Knapsack

# With more constraints than these a conflict is made small by leaving out one after the other.
_MOST_TRIED = 8


@dataclass(frozen=True, slots=True)
class Costs:
    """What a constraint takes from the value of the best choice."""

    name: str
    alone: float
    """The value lost by keeping to it alone."""
    more: float
    """The value that would be won by leaving it out, of all of them."""


@dataclass(frozen=True, slots=True)
class ConstrainedChoice:
    """The best choice, or why there is none."""

    numbers: tuple[int, ...] = ()
    value: float = 0.0
    free: float = 0.0
    """The value of the best choice without constraints."""
    costs: tuple[Costs, ...] = ()
    conflict: tuple[str, ...] = ()
    """The smallest set of constraints that no choice keeps to; empty where there is a choice."""


Solve = Callable[[Sequence[Constraint]], "list[int] | None"]


def solver(candidates: Sequence[Candidate], values: Sequence[float], filled: Filled) -> Solve:
    """What finds the best choice under constraints; each answer is kept."""
    known: dict[tuple[str, ...], list[int] | None] = {}

    def solve(constraints: Sequence[Constraint]) -> list[int] | None:
        key = tuple(one.name for one in constraints)
        if key not in known:
            known[key] = _solved(candidates, values, filled, constraints)
        return known[key]

    return solve


def _solved(
    candidates: Sequence[Candidate],
    values: Sequence[float],
    filled: Filled,
    constraints: Sequence[Constraint],
) -> list[int] | None:
    left = [n for n in range(len(candidates)) if _may(n, constraints)]
    filled = _within(filled, constraints)
    if not left or filled.shortest > filled.longest:
        return None
    cover = [one for one in constraints if one.covers is not None]
    bits = [sum(one.covers[n] << bit for bit, one in enumerate(cover) if one.covers) for n in left]
    shares = [one for one in constraints if one.used is not None]
    used, share = _used(shares, left)
    counted = Counted(bits if cover else (), (1 << len(cover)) - 1, used, share)
    own = [candidates[n] for n in left]
    best = Knapsack(own, [values[n] for n in left], filled, counted).best()
    return None if best is None else [left[n] for n in best]


def _may(number: int, constraints: Sequence[Constraint]) -> bool:
    return all(one.allowed is None or one.allowed[number] for one in constraints)


def _within(filled: Filled, constraints: Sequence[Constraint]) -> Filled:
    """What is to be filled: a constraint on both ends of the length stands in place of the usual.

    One on the longest alone makes the usual no longer; one on the shortest alone must be met.
    """
    for one in constraints:
        if one.shortest is not None and one.longest is not None:
            filled = replace(filled, shortest=one.shortest, longest=one.longest, is_soft=False)
        elif one.longest is not None and one.longest < filled.longest:
            lower = filled.shortest - filled.longest + one.longest
            filled = replace(filled, shortest=max(lower, Fraction(0)), longest=one.longest)
        elif one.shortest is not None:
            filled = replace(filled, shortest=one.shortest, is_soft=False)
    return filled


def _used(shares: Sequence[Constraint], left: Sequence[int]) -> tuple[list[Fraction], Fraction]:
    """Of several limits on shares the strictest counts; they are of one kind."""
    if not shares:
        return [], Fraction(1)
    one = min(shares, key=lambda c: c.share)
    return [one.used[n] if one.used else Fraction(0) for n in left], one.share


def chosen_under(
    solve: Solve, values: Sequence[float], constraints: Sequence[Constraint]
) -> ConstrainedChoice:
    """The best choice under constraints, and what each of them costs; or their conflict."""

    def worth(numbers: Sequence[int] | None) -> float:
        return sum(values[n] for n in numbers) if numbers is not None else 0.0

    best = solve(constraints)
    free = worth(solve(()))
    if best is None:
        return ConstrainedChoice(free=free, conflict=conflict(solve, constraints))
    value = worth(best)
    costs = []
    for place, one in enumerate(constraints):
        rest = [*constraints[:place], *constraints[place + 1 :]]
        alone, more = free - worth(solve([one])), worth(solve(rest)) - value
        costs.append(Costs(one.name, max(alone, 0.0), max(more, 0.0)))
    return ConstrainedChoice(tuple(best), value, free, tuple(costs))


def conflict(solve: Solve, constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """The names of a smallest set of constraints that no choice keeps to.

    Leaving any of them out, the others can be kept to. Of very many, one that cannot be made
    smaller, though there may be one of fewer.
    """
    if len(constraints) <= _MOST_TRIED:
        for count in range(1, len(constraints) + 1):
            for tried in combinations(constraints, count):
                if solve(tried) is None:
                    return tuple(one.name for one in tried)
    left = list(constraints)
    for one in constraints:
        rest = [other for other in left if other is not one]
        if solve(rest) is None:
            left = rest
    return tuple(one.name for one in left)
