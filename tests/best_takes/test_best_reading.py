"""Takes of one script: aligned, the script found, and the cheapest way through them, exactly."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.best_takes.aligning import HeardWord, aligned, takes_of
from smartcut.best_takes.path import Lattice, Ranking, cheapest
from smartcut.best_takes.script import found_script, parts_of
from smartcut.best_takes.wording import difference, normal

TEXT = "the old lighthouse on the hill was built before the flood"
SCRIPT = TEXT.split()


def heard(text: str) -> list[HeardWord]:
    """Words of 0.2 s with 0.05 s between; ``|`` is half a second more."""
    at, words = 0.0, []
    for token in text.split():
        if token == "|":
            at += 0.5
            continue
        words.append(HeardWord(normal(token), at, at + 0.2))
        at += 0.25
    return words


def test_words_are_compared_without_case_and_marks() -> None:
    assert [normal(w) for w in ("Flood,", "DON'T", "café", "—")] == ["flood", "dont", "cafe", ""]
    assert difference("harbour", "harbour") == 0
    assert 0 < difference("harbour", "harbor") < 0.2
    assert difference("flood", "hill") == float("inf")


@pytest.mark.parametrize(
    ("said", "places"),
    [
        (" ".join(SCRIPT), list(range(11))),
        # A false start, and a filler.
        ("the old | the old lighthouse um on", [0, 1, 0, 1, 2, None, 3]),
        # Words left out, another one in the place of one, one that was heard otherwise.
        ("the lighthouse on a hill", [0, 2, 3, None, 5]),
        ("the old lighthouses on", [0, 1, 2, 3]),
        # Two takes, with what was said between them.
        (
            "the old lighthouse on | okay once more please | the old lighthouse on the hill",
            [0, 1, 2, 3, None, None, None, None, 0, 1, 2, 3, 4, 5],
        ),
        # From the middle on.
        ("before the flood", [8, 9, 10]),
    ],
)
def test_heard_words_are_placed_in_the_script(said: str, places: list[int | None]) -> None:
    assert aligned(SCRIPT, heard(said)) == places


def test_takes_begin_where_the_script_is_begun_again() -> None:
    placed = aligned(SCRIPT, heard("the old | the old lighthouse um on the hill | on the hill was"))
    assert [take.script_words for take in takes_of(placed)] == [
        (0, 1),
        (0, 1, 2, 3, 4, 5),
        (3, 4, 5, 6),
    ]


def test_aligning_goes_through_a_long_recording_twice() -> None:
    random = np.random.default_rng(3)
    script = [f"word{n}" for n in random.integers(0, 60, 300)]
    twice = heard(" ".join([*script, "|", *script]))
    assert aligned(script, twice) == [*range(300)] * 2


def test_the_script_is_what_most_takes_say() -> None:
    script = TEXT
    wrong = script.replace("hill", "mountain"), script.replace("old", "um old")
    takes = [text.split() for text in (wrong[0], script, wrong[1])]
    assert " ".join(found_script(takes)) == script
    # In one recording, one after the other, one of them broken off.
    assert (
        " ".join(found_script([f"{wrong[0]} {script} {script[:30]} {wrong[1]}".split()])) == script
    )


def test_sentences_said_again_make_the_script_one_by_one() -> None:
    said = (
        "good morning and welcome good morning and welcome to the harbour today we look today we "
        "look at the old lighthouse it was built it was built in eighteen forty"
    )
    expected = (
        "good morning and welcome to the harbour today we look at the old lighthouse it was built "
        "in eighteen forty"
    )
    assert len(parts_of(said.split())) == 4
    assert " ".join(found_script([said.split()])) == expected


def test_what_a_script_says_twice_far_apart_is_no_second_take() -> None:
    text = (
        "the old lighthouse stands on a rock in the bay and nobody lives there today but sailors "
        "know that the old lighthouse is lit by volunteers from the town every single night"
    )
    assert parts_of(text.split()) == [tuple(text.split())]


# ---------------------------------------------------------------------------- the cheapest way


def brute_force(lattice: Lattice) -> float:
    ways = product(*(range(len(nodes)) for nodes in lattice.nodes))
    return min(lattice.cost_of(way) for way in ways)


def lattices() -> st.SearchStrategy[Lattice]:
    cost = st.integers(0, 20).map(lambda n: n / 4)

    def of(sizes: list[int]) -> st.SearchStrategy[Lattice]:
        nodes = st.tuples(*(st.lists(cost, min_size=n, max_size=n) for n in sizes))
        pairs = list(pairwise(sizes))
        rows = [
            st.lists(st.lists(cost, min_size=b, max_size=b), min_size=a, max_size=a)
            for a, b in pairs
        ]
        return st.builds(
            lambda n, e: Lattice(tuple(map(np.array, n)), tuple(map(np.array, e))),
            nodes,
            st.tuples(*rows),
        )

    return st.lists(st.integers(1, 4), min_size=1, max_size=6).flatmap(of)


@given(lattices())
@settings(max_examples=30, deadline=None)
def test_the_way_is_as_cheap_as_the_best_of_all(lattice: Lattice) -> None:
    way = cheapest(lattice)
    assert lattice.cost_of(way) == pytest.approx(brute_force(lattice))
    assert Ranking(lattice).best == pytest.approx(brute_force(lattice))


@given(lattices(), st.data())
@settings(max_examples=30, deadline=None)
def test_the_runner_up_is_the_best_of_all_that_do_without(
    lattice: Lattice, data: st.DataObject
) -> None:
    count = len(lattice.nodes)
    first = data.draw(st.integers(0, count - 1))
    length = data.draw(st.integers(1, count - first))
    barred = [
        data.draw(st.frozensets(st.integers(0, len(lattice.nodes[first + k]) - 1)))
        for k in range(length)
    ]
    allowed = [
        way
        for way in product(*(range(len(nodes)) for nodes in lattice.nodes))
        if not any(way[first + k] in out for k, out in enumerate(barred))
    ]
    found = Ranking(lattice).without(first, barred)
    if not allowed:
        assert found is None
        return
    assert found is not None
    best = min(map(lattice.cost_of, allowed))
    assert found.costs_more == pytest.approx(best - brute_force(lattice))
    assert not any(n in out for n, out in zip(found.nodes, barred, strict=True))
