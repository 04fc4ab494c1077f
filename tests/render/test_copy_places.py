"""Where a cut costs nothing, and how far it may move for that: from hand-made packet indexes."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.media.frame_index import VideoIndex
from smartcut.render.splicing.copying import parts
from smartcut.render.splicing.places import CopyPlaces, Surroundings
from smartcut.tightening.ranges import left, union
from smartcut.tightening.rule import TightenRule, rooms
from smartcut.timebase import Range
from tests.builders.indexes import index_of

indexes = st.builds(
    index_of,
    st.lists(st.lists(st.integers(1, 4), min_size=2, max_size=12), min_size=1, max_size=6),
)


def test_what_an_in_point_and_an_out_point_cost() -> None:
    places = CopyPlaces(index_of([[3, 3], [3, 1]]))  # I B B P B B P, I B B P P
    assert places.leads.tolist() == [0, 6, 5, 4, 3, 2, 1, 0, 4, 3, 2, 1, 0]
    assert places.tails.tolist() == [0, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0, 0]


@settings(deadline=None, max_examples=40)
@given(indexes, st.data())
def test_costs_are_those_of_the_parts_that_are_planned(
    index: VideoIndex, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(index) - 1))
    last = data.draw(st.integers(first + 1, len(index)))
    places = CopyPlaces(index)
    planned = [*parts(index, first, last, False)]
    encoded = sum(part.last - part.first for part in planned if not part.copied)
    assert places.encoded(Range(index.time_of(first), index.time_of(last))) == encoded
    if any(part.copied for part in planned):
        assert encoded == places.leads[first] + places.tails[last]


times = st.fractions(0, 8, max_denominator=50)


@st.composite
def surroundings(draw: st.DrawFn) -> Surroundings:
    words = draw(st.lists(st.tuples(times, st.fractions(F(1, 20), 1, max_denominator=50))))
    shots = draw(st.none() | st.lists(times, unique=True).map(sorted))
    whole = union(Range(at, at + length) for at, length in words)
    return Surroundings(draw(st.fractions(0, 1, max_denominator=50)), whole, shots)


@settings(deadline=None, max_examples=40)
@given(indexes, surroundings(), times, st.sampled_from(["start", "end", "division"]))
def test_a_moved_cut_costs_less_and_stays_clear_of_words_and_other_shots(
    index: VideoIndex, around: Surroundings, asked: F, kind: str
) -> None:
    places = CopyPlaces(index)
    room = getattr(around, f"of_{kind}")(asked)
    now = getattr(places, kind)(asked, room)
    assert room.start <= asked <= room.end
    if now == asked:
        return
    assert abs(now - asked) <= around.slack
    low, high = sorted((asked, now))
    assert not any(word.start < now < word.end for word in around.whole)
    assert not any(word.start < high and low < word.end for word in around.whole)
    shows_more = kind == "division" or (now < asked) == (kind == "start")
    if shows_more:
        assert around.shots is not None
        # What is shown besides belongs to the shot that is shown anyway.
        assert not any(low < shot < high for shot in around.shots)
        assert asked not in around.shots
    costs = {"start": [places.leads], "end": [places.tails]}.get(kind, [places.leads, places.tails])
    before, after = index.boundary_near(asked), index.boundary_near(now)
    assert index.time_of(after) == now
    assert sum(cost[after] for cost in costs) <= sum(cost[before] for cost in costs)
    assert sum(cost[after] > 0 for cost in costs) < sum(cost[before] > 0 for cost in costs)


@settings(deadline=None, max_examples=40)
@given(indexes, times)
def test_without_slack_nothing_moves(index: VideoIndex, asked: F) -> None:
    around, places = Surroundings(F(0), (), ()), CopyPlaces(index)
    for kind in ("start", "end", "division"):
        room = getattr(around, f"of_{kind}")(asked)
        assert getattr(places, kind)(asked, room) == asked


@settings(deadline=None, max_examples=40)
@given(
    st.lists(times, min_size=2, max_size=10, unique=True).map(sorted),
    st.fractions(0, 1, max_denominator=20),
    st.fractions(0, 1, max_denominator=20),
    st.data(),
)
def test_gaps_and_clips_stay_long_enough_wherever_their_edges_move(
    edges: list[F], min_cut: F, min_clip: F, data: st.DataObject
) -> None:
    gaps = [Range(a, b) for a, b in [*pairwise(edges)][::2]]
    within, rule = Range(F(-1), F(9)), TightenRule(F(0), F(0), min_cut, min_clip)
    moved = []
    for gap, ends in zip(gaps, rooms(gaps, within, rule), strict=True):
        start, end = (data.draw(st.sampled_from([r.start, r.middle, r.end])) for r in ends)
        assert ends[0].start <= gap.start <= ends[0].end
        assert ends[1].start <= gap.end <= ends[1].end
        assert end - start >= min(min_cut, gap.duration)
        moved.append(Range(start, end))
    for before, after in zip(left(within, gaps), left(within, moved), strict=True):
        assert after.duration >= min(min_clip, before.duration)
