"""Choosing under expectations: what candidates bring, and what the user is told of the choice."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

from smartcut.constraint import Constraint, Offered
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.render.records.provenance import tag_of
from smartcut.selecting.candidates import Candidate, words_of
from smartcut.selecting.constraints import (
    ConstrainedChoice,
    Costs,
    chosen_under,
    conflict,
    solver,
)
from smartcut.selecting.knapsack import Filled
from smartcut.stage import Context, Step
from smartcut.timebase import total

# A cost below this share of the value is none worth telling.
_LITTLE = 0.0005


def offered_of(cut: Cut, candidates: Sequence[Candidate | Segment]) -> list[Offered]:
    """What each candidate brings, or each segment that may be shown."""
    words, made = {}, {}
    for source in cut.footage:
        own = sorted(words_of(cut, source), key=lambda word: word.range)
        words[source.id] = own, [w.range.start for w in own], [w.range.end for w in own]
        tag = tag_of(source)
        made[source.id] = [i.range for i in tag.intervals if i.media == "picture"] if tag else []
    found = []
    for one in candidates:
        assert one.source is not None
        own, starts, ends = words[one.source]
        near = own[bisect_right(ends, one.range.start) : bisect_left(starts, one.range.end)]
        parts = (part.intersect(one.range) for part in made[one.source])
        generated = total(part for part in parts if part is not None)
        found.append(Offered(one.source, one.range, tuple(near), generated))
    return found


def constraints_of(context: Context, offered: Sequence[Offered]) -> list[Constraint]:
    """What a choice among these has to keep to, as the film is expected to be."""
    return [limit for one in context.expected for limit in one.constrain(offered)]


def is_kept(
    chosen: Iterable[int], lengths: Sequence[Fraction], join: Fraction, one: Constraint
) -> bool:
    """Whether a choice keeps to a constraint."""
    numbers = [*chosen]
    lasts = sum((lengths[n] for n in numbers), Fraction(0)) - join * max(0, len(numbers) - 1)
    if one.allowed is not None and not all(one.allowed[n] for n in numbers):
        return False
    if one.covers is not None and not any(one.covers[n] for n in numbers):
        return False
    if one.shortest is not None and lasts < one.shortest:
        return False
    if one.longest is not None and lasts > one.longest:
        return False
    return one.used is None or sum((one.used[n] for n in numbers), Fraction(0)) <= one.share * lasts


def kept_to(
    stage: str,
    cut: Cut,
    candidates: Sequence[Candidate],
    values: Sequence[float],
    filled: Filled,
    free: list[int],
    context: Context,
) -> tuple[list[int], Cut]:
    """The numbers of a choice that keeps to what is expected; the cut with notes on what it costs.

    It is the ``free`` one where that does; else the most valuable that does. Raises StageError that
    names the smallest set of expectations that conflicts.
    """
    constraints = constraints_of(context, offered_of(cut, candidates))
    lengths = [one.range.duration for one in candidates]
    if all(is_kept(free, lengths, filled.join, one) for one in constraints):
        return free, cut
    found = chosen_under(solver(candidates, values, filled), values, constraints)
    if found.conflict:
        raise refuse(stage, found.conflict, "that could be chosen")
    for note in cost_notes(stage, found):
        cut = cut.with_note(note)
    return list(found.numbers), cut


C = TypeVar("C")


def clips_kept_to(
    stage: str,
    offered: Sequence[Offered],
    context: Context,
    best_of: Callable[[tuple[bool, ...] | None], list[C]],
    worth: Callable[[C], float],
) -> tuple[list[C], tuple[str, ...]]:
    """The best of clips that are films of their own, each as expected; notes on what that costs.

    ``best_of`` gives the best of those that are allowed. Raises StageError that names the smallest
    set of expectations to which no clip keeps.
    """
    free = best_of(None)
    constraints = constraints_of(context, offered)
    if not constraints:
        return free, ()
    lengths = [one.range.duration for one in offered]
    kept = {
        one.name: tuple(is_kept((n,), lengths, Fraction(0), one) for n in range(len(offered)))
        for one in constraints
    }

    def allowed(those: Sequence[Constraint]) -> tuple[bool, ...]:
        return tuple(all(kept[one.name][n] for one in those) for n in range(len(offered)))

    def solve(those: Sequence[Constraint]) -> list[int] | None:
        return [n for n, may in enumerate(allowed(those)) if may] or None

    if solve(constraints) is None:
        raise refuse(stage, conflict(solve, constraints), "of these clips")
    if all(all(row) for row in kept.values()):
        return free, ()

    def value_of(those: Sequence[Constraint]) -> float:
        return sum(map(worth, best_of(allowed(those))))

    found = best_of(allowed(constraints))
    whole, value = sum(map(worth, free)), sum(map(worth, found))
    costs = []
    for place, one in enumerate(constraints):
        rest = [*constraints[:place], *constraints[place + 1 :]]
        alone, more = whole - value_of([one]), value_of(rest) - value
        costs.append(Costs(one.name, max(alone, 0.0), max(more, 0.0)))
    told = ConstrainedChoice(value=value, free=whole, costs=tuple(costs))
    return found, tuple(cost_notes(stage, told))


def refuse(stage: str, conflict: Sequence[str], what: str) -> StageError:
    """That nothing keeps to these, and what may be done about it."""
    if len(conflict) == 1:
        told = f"nothing {what} keeps to {conflict[0]}"
    else:
        told = f"nothing {what} keeps to {' and '.join(conflict)} together"
    return StageError(f"`{stage}`: {told}: change or leave out one of `expect`'s")


def cost_notes(stage: str, found: ConstrainedChoice) -> Iterator[str]:
    """What was lost to which expectation, against the best choice without any."""
    lost = found.free - found.value
    if not found.costs or not found.free:
        return
    yield (
        f"{stage}: chosen as `expect` asks, for {found.value / found.free:.1%} of the value of the "
        "best choice without it"
        if lost > _LITTLE * found.free
        else f"{stage}: chosen as `expect` asks, which costs nothing"
    )
    for one in found.costs:
        if max(one.alone, one.more) > _LITTLE * found.free:
            yield (
                f"{stage}: {one.name} costs {one.alone / found.free:.1%} of the value by itself; "
                f"without it, {one.more / found.free:.1%} more could be had"
            )


def steps_of_notes(stage: str, before: Cut, after: Cut) -> tuple[Step, ...]:
    """A line of the plan for each note that a stage added on what `expect` costs."""
    told = [note for note in after.notes if note not in before.notes]
    mark = f"{stage}: "
    own = [note.removeprefix(mark) for note in told if note.startswith(mark)]
    wanted = ("chosen as `expect` asks", " costs ", "as `captions` expects")
    lines = [line for line in own if any(part in line for part in wanted)]
    return tuple(Step(stage, "expect", "pure", line) for line in lines)
