"""The best of many moments that do not overlap: what is told of a choice."""

from __future__ import annotations

from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from smartcut.offers import best_apart
from smartcut.timebase import Range

_MOMENTS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 10), st.integers(0, 5)
    ),
    max_size=30,
)  # fmt: skip


@given(_MOMENTS)
def test_each_that_is_left_out_overlaps_one_as_good(
    given_: list[tuple[str, int, int, int]],
) -> None:
    ranges = [(source, Range(F(start), F(start + lasts))) for source, start, lasts, _ in given_]
    scores = [float(score) for *_, score in given_]
    found = best_apart(ranges, scores)

    def overlap(one: int, other: int) -> bool:
        same = ranges[one][0] == ranges[other][0]
        return same and ranges[one][1].overlaps(ranges[other][1])

    assert all(not overlap(i, j) for i in found for j in found if i != j)
    assert [scores[i] for i in found] == sorted((scores[i] for i in found), reverse=True)
    for number in set(range(len(ranges))) - set(found):
        assert any(overlap(number, i) and scores[i] >= scores[number] for i in found)
    assert best_apart(ranges, scores, most=2) == found[:2]
