from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smartcut.algebra import (
    merged,
    opening,
    to_source,
    to_timeline,
    words_in_timeline,
)
from smartcut.annotation import Annotation, Sentence, Shot, Shots, Signal, Transcript, Word
from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.errors import SourceError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.source import Source
from smartcut.stages.split import divided
from smartcut.timebase import Range

times = st.fractions(0, 100, max_denominator=1001)
speeds = st.sampled_from([F(1), F(1, 2), F(2), F(3, 7)])


def source(id: str = "a", duration: F = F(100)) -> Source:
    return Source(id, Path(f"{id}.mp4"), "0" * 64, "mp4", F(0), duration)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    a, b = sorted(draw(st.tuples(times, times)))
    assume(a < b)
    return Segment("a", Range(a, b), speed=draw(speeds))


@given(segments(), st.fractions(0, 1, max_denominator=97))
def test_split_then_join_is_the_whole(segment: Segment, share: F) -> None:
    at = segment.range.start + share * segment.range.duration
    assume(segment.range.start < at < segment.range.end)
    one, two = divided(segment, [at])
    assert (one.range.start, two.range.end) == (segment.range.start, segment.range.end)
    assert one.range.end == two.range.start
    assert one.duration + two.duration == segment.duration


@given(st.lists(segments(), max_size=6))
def test_placed_segments_follow_and_durations_add_up(items: list[Segment]) -> None:
    track = Track("programme", tuple(items))
    for one in (track, Track("programme", tuple(items[:1])), track):  # what is kept is not mixed up
        assert one.places == tuple(place for _, place in one.placed())
    at = F(0)
    for segment, place in track.placed():
        assert place.start == at
        assert place.duration == segment.duration
        at = place.end
    assert track.duration == at


@given(segments(), times, st.fractions(0, 1, max_denominator=97))
def test_source_to_timeline_and_back(segment: Segment, start: F, share: F) -> None:
    place = Range(start, start + segment.duration)
    time = segment.range.start + share * segment.range.duration
    assert to_source(segment, place, to_timeline(segment, place, time)) == time


def test_transitions_overlap() -> None:
    one = Segment("a", Range(F(0), F(4)))
    two = Segment("a", Range(F(10), F(13)), transition=Transition("dissolve", F(1)))
    assert [r for _, r in Track("programme", (one, two)).placed()] == [
        Range(F(0), F(4)),
        Range(F(3), F(6)),
    ]


def test_words_follow_the_cut_and_are_clipped_not_repeated() -> None:
    words = (Word(Range(F(1), F(2)), "one"), Word(Range(F(2), F(3)), "two"))
    spoken = Transcript("en", (Sentence(Range(F(1), F(3)), "one two", words),))
    cut = opening((source(),)).with_annotation(Annotation("transcript", "a", spoken))
    cut = cut.with_segments(
        (Segment("a", Range(F(12, 5), F(5))), Segment("a", Range(F(0), F(12, 5)), speed=F(2)))
    )
    found = words_in_timeline(cut)
    assert [w.text for w in found] == ["two", "one"]
    assert found[0].range == Range(F(0), F(3, 5))
    assert found[1].range == Range(F(31, 10), F(36, 10))


@given(st.lists(st.tuples(times, times), max_size=8), st.fractions(0, 3, max_denominator=10))
def test_merged_ranges_cover_the_same_and_stay_apart(pairs: list[tuple[F, F]], gap: F) -> None:
    ranges = [Range(min(p), max(p)) for p in pairs]
    result = merged(ranges, gap)
    assert all(b.start - a.end >= gap for a, b in pairwise(result))
    assert all(any(m.start <= r.start and r.end <= m.end for m in result) for r in ranges)


def test_a_cut_survives_json() -> None:
    cut = Cut(
        (source(),),
        (
            Track(
                "programme",
                (
                    Segment(
                        "a",
                        Range(F(1, 3), F(5)),
                        speed=F(30000, 1001),
                        effects=(
                            Effect(
                                "moviepy.Rotate",
                                (("angle", 90), ("box", (1, "a"))),
                            ),
                        ),
                        transition=Transition("dissolve", F(1, 7)),
                        scores=(("score", 0.25),),
                    ),
                ),
            ),
        ),
        (
            Annotation("shots", "a", Shots((Shot(Range(F(0), F(1)), 0, 25, "fade", 0.5),))),
            Annotation("motion", "a", Signal(F(1, 25), (0, 1), ("motion",), ((0.1, 0.2),))),
        ),
        notes=("so it is",),
    )
    assert cut_from_json(cut_to_json(cut)) == cut


def test_a_newer_annotation_replaces_the_older() -> None:
    cut = opening((source(),))
    for confidence in (0.1, 0.9):
        shots = Shots((Shot(Range(F(0), F(1)), 0, 25, "cut", confidence),))
        cut = cut.with_annotation(Annotation("shots", "a", shots))
    assert len(cut.annotations) == 1
    found = cut.data(Shots, "shots", "a")
    assert found is not None
    assert found.shots[0].confidence == 0.9
    assert cut.data(Signal, "shots", "a") is None


def test_a_part_of_the_timeline_keeps_what_is_heard_there() -> None:
    from smartcut.algebra import heard_in

    voice = Track(
        "voice",
        (
            Segment(None, Range(F(0), F(2))),
            Segment("v", Range(F(0), F(3))),
            Segment("w", Range(F(1), F(3)), speed=F(2)),
        ),
    )
    part = heard_in(voice, Range(F(4), F(11, 2)))
    assert [(s.source, s.range, p) for s, p in part.placed()] == [
        ("v", Range(F(2), F(3)), Range(F(0), F(1))),
        ("w", Range(F(1), F(2)), Range(F(1), F(3, 2))),
    ]
    early = heard_in(voice, Range(F(1), F(3)))
    assert [(s.source, p) for s, p in early.placed()] == [
        (None, Range(F(0), F(1))),
        ("v", Range(F(1), F(2))),
    ]
    assert heard_in(voice, Range(F(0), F(2))).segments == ()


def test_what_is_asked_of_no_source_is_an_error_that_names_those_there_are() -> None:
    one = opening((source("one"), source("two")))
    assert one.annotation("shots", "one") is None
    with pytest.raises(SourceError, match=r"no source 'three'; its sources: one, two"):
        one.annotation("shots", "three")
    with pytest.raises(SourceError, match=r"the annotation's name comes first: \('shots', 'one'\)"):
        one.annotation("one", "shots")
    with pytest.raises(SourceError, match="its sources: one, two"):
        one.source("three")
    with pytest.raises(SourceError, match="its sources: none"):
        Cut().data(Shots, "shots", "one")


def test_words_of_a_long_talk_are_found_without_looking_at_all_for_each_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = 300
    words = [Word(Range(F(n), F(n) + F(4, 5)), f"w{n}") for n in range(count)]
    said = tuple(Sentence(word.range, word.text, (word,)) for word in words)
    cut = Cut(
        (source(duration=F(count)),),
        (Track("programme", tuple(Segment("a", w.range) for w in reversed(words))),),
        (Annotation("transcript", "a", Transcript("en", said)),),
    )
    looked = 0
    overlaps = Range.overlaps

    def counted(one: Range, other: Range) -> bool:
        nonlocal looked
        looked += 1
        return overlaps(one, other)

    monkeypatch.setattr(Range, "overlaps", counted)
    shown = words_in_timeline(cut)
    assert [word.text for word in shown] == [f"w{n}" for n in reversed(range(count))]
    assert looked <= 4 * count
