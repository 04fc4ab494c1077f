"""What holds for all cuts and all edits: what an editor did can be said, applied, and merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from smartcut.algebra import resolved
from smartcut.cut import Cut
from smartcut.editing.applying import apply_edits
from smartcut.editing.between import edits_between
from smartcut.editing.merging import merge
from smartcut.editing.model import HandEdit
from smartcut.editing.reading import parse_edits, to_yaml
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.timebase import Range
from tests.builders.programmes import edit, seen
from tests.builders.random_cuts import above, changed, cuts
from tests.builders.random_edits import any_edits

#: A few cases each in the default suite; 200 where the slow tests run.
few = settings(max_examples=12, suppress_health_check=list(HealthCheck))
often = settings(max_examples=200, suppress_health_check=list(HealthCheck))


def bare(cut: Cut) -> list[Any]:
    """What a programme shows; why it was chosen does not count."""
    return [replace(segment, scores=()) for segment in cut.segments]


def check_what_an_editor_did_can_be_said_in_edits(data: st.DataObject) -> None:
    base = data.draw(cuts())
    edited = data.draw(changed(base))
    edits = edits_between(base, edited)
    assert parse_edits(to_yaml(edits)) == edits
    result = apply_edits(base, edits)
    assert not result.conflicts
    assert bare(result.cut) == bare(edited)
    assert above(result.cut) == above(edited)


def check_onto_what_nobody_changed_a_merge_is_what_the_editor_made(data: st.DataObject) -> None:
    base = data.draw(cuts())
    edited = data.draw(changed(base))
    whole = merge(base, edited, base)
    assert whole.cut == edited
    assert not whole.conflicts
    other = merge(base, base, edited)
    assert other.cut == edited
    assert not other.edits.edits


# ------------------------------------------------------------------ edits over changed pipelines


def holds(edit: HandEdit, cut: Cut) -> bool:
    """Whether a cut is as an edit, which was just made, says."""
    what: Any = edit.what
    shown = [(s.range.start, s.range.end) for s in cut.segments]
    if edit.kind == "drop" and what.source is not None:
        gone = what.range
        return not any(
            s.source == what.source and s.range.overlaps(gone) and s.range.duration
            for s in cut.segments
        )
    if edit.kind == "keep":
        wanted = Range(what.start, what.end)
        seen = [s.range.intersect(wanted) for s in cut.segments if s.source == what.source]
        return _covers(sorted(r for r in seen if r), wanted)
    if edit.kind == "trim":
        everywhere = [(s.range.start, s.range.end) for t in cut.tracks for s in t.segments]
        return any(
            what.start in (None, start) and what.end in (None, end) for start, end in everywhere
        )
    if edit.kind == "replace":
        return (what.start, what.end) in shown
    if edit.kind == "split":
        return any(what.at in place for place in shown)
    if edit.kind == "set" and "label" in what.given:
        return any(s.label == what.label for t in cut.tracks for s in t.segments)
    return True


def _covers(ranges: list[Range], wanted: Range) -> bool:
    at = wanted.start
    for one in ranges:
        if one.start > at:
            return False
        at = max(at, one.end)
    return at >= wanted.end


def check_no_edit_is_lost_without_a_conflict_that_names_it(data: st.DataObject) -> None:
    base = data.draw(cuts())
    edits = [*edits_between(base, data.draw(changed(base))).edits, *data.draw(by_hand(base))]
    now = data.draw(st.one_of(changed(base), cuts()))
    before = now
    for number in range(len(edits)):
        result = apply_edits(now, edits[: number + 1])
        lost = {conflict.edit for conflict in result.conflicts}
        assert {*result.applied} | lost == set(range(number + 1))
        if number in lost:
            (mine,) = (one for one in result.conflicts if one.edit == number)
            assert mine.what == edits[number]
            assert mine.why
            if number not in result.applied:
                assert bare(result.cut) == bare(before)
                assert above(result.cut) == above(before)
        else:
            assert holds(edits[number], result.cut), edits[number].to_plain()
        before = result.cut


@st.composite
def by_hand(draw: st.DrawFn, cut: Cut) -> list[HandEdit]:
    """Edits as a page sends them, each of a segment of the cut."""
    found = []
    for number in draw(st.lists(st.integers(0, len(cut.segments) - 1), max_size=4)):
        segment = cut.segments[number]
        start, end = segment.range.start, segment.range.end
        match, middle = seen(cut, number), segment.range.middle
        some: list[HandEdit] = [edit(set={"segment": match, "label": "by hand"})]
        if segment.source is not None and start < end:
            span = {"source": segment.source, "start": start, "end": middle}
            some += [
                edit(drop=span),
                edit(keep={**span, "end": end + 1}),
                edit(trim={"segment": match, "end": middle}),
                edit(split={"segment": match, "at": middle}),
                edit(replace={"segment": match, "source": "room", "start": 1, "end": 2}),
            ]
        found.append(draw(st.sampled_from(some)))
    return found


def check_disjoint_edits_commute(data: st.DataObject) -> None:
    base = data.draw(cuts(most=8))
    assume(len(base.segments) >= 4)
    first = data.draw(st.integers(0, len(base.segments) - 4))
    second = data.draw(st.integers(first + 2, len(base.segments) - 1))
    one, other = data.draw(alone(base, first)), data.draw(alone(base, second))
    assume(_apart(base, first, second))
    there, back = apply_edits(base, [one, other]), apply_edits(base, [other, one])
    assert not there.conflicts
    assert not back.conflicts
    assert bare(there.cut) == bare(back.cut)
    assert above(there.cut) == above(back.cut)


@st.composite
def alone(draw: st.DrawFn, cut: Cut, number: int) -> HandEdit:
    """An edit of one segment."""
    segment, match = cut.segments[number], seen(cut, number)
    some = [
        edit(set={"segment": match, "label": "z", "chapter": "two"}),
        edit(set={"segment": match, "effects": {"zoom": {"scale": 1.5}}}),
        edit(drop={"segment": match}),
    ]
    if segment.source is not None and segment.as_warp.is_monotonous:
        some += [
            edit(trim={"segment": match, "end": segment.range.middle}),
            edit(split={"segment": match, "at": segment.range.middle}),
            edit(set={"segment": match, "speed": 3}),
        ]
    return draw(st.sampled_from(some))


def _apart(cut: Cut, first: int, second: int) -> bool:
    """Whether two segments show different moments, and no others show theirs too."""
    places = [(s.source, s.range) for s in cut.segments]
    for number in (first, second):
        source, place = places[number]
        same = [n for n, (other, where) in enumerate(places)
                if other == source and (where.overlaps(place) or where == place)]  # fmt: skip
        if same != [number]:
            return False
    return True


def check_whatever_is_asked_a_whole_cut_comes_out(data: st.DataObject) -> None:
    cut = data.draw(cuts())
    edits = data.draw(any_edits(cut))
    result = apply_edits(cut, edits)
    after = result.cut
    assert {*result.applied} | {one.edit for one in result.conflicts} == set(range(len(edits)))
    assert all(conflict.why for conflict in result.conflicts)
    assert cut_from_json(cut_to_json(after)) == after
    ids = [segment.id for track in after.tracks for segment in track.segments]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    for track in resolved(after).tracks:
        for segment, place in track.placed():
            assert place.duration == segment.duration >= 0
            assert segment.source is None or after.source(segment.source)


# ------------------------------------------------------------------------------- few and often

CHECKS = [
    check_whatever_is_asked_a_whole_cut_comes_out,
    check_what_an_editor_did_can_be_said_in_edits,
    check_onto_what_nobody_changed_a_merge_is_what_the_editor_made,
    check_no_edit_is_lost_without_a_conflict_that_names_it,
    check_disjoint_edits_commute,
]


def _named(check: Callable[[st.DataObject], None]) -> str:
    return check.__name__.removeprefix("check_")


@pytest.mark.parametrize("check", CHECKS, ids=_named)
def test_it_holds(check: Callable[[st.DataObject], None]) -> None:
    few(given(st.data())(check))()


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=_named)
def test_it_holds_in_many_cases(check: Callable[[st.DataObject], None]) -> None:
    often(given(st.data())(check))()
