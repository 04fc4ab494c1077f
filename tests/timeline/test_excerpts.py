"""A part of a cut has what is seen and heard then."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

from smartcut.algebra import resolved, snap
from smartcut.cut import Anchor, Cut, Segment, Track, Transition
from smartcut.excerpts import excerpt
from smartcut.source import Source
from smartcut.timebase import Range


def source(name: str, seconds: int = 20) -> Source:
    return Source(name, Path(f"{name}.mp4"), name * 8, "mp4", F(0), F(seconds))


def segment(name: str, start: float, end: float, **values: object) -> Segment:
    return Segment(name, Range(F(start), F(end)), **values)  # type: ignore[arg-type]


def cut(*segments: Segment, beside: tuple[Track, ...] = ()) -> Cut:
    sources = tuple(source(name) for name in "abm")
    return Cut(sources, (Track("programme", segments), *beside))


def shown(found: Cut) -> list[tuple[str | None, float, float]]:
    return [(s.source, float(s.range.start), float(s.range.end)) for s in found.segments]


DISSOLVED = cut(
    segment("a", 0, 4), segment("b", 10, 14, transition=Transition("dissolve", F(1)))
)  # which lasts 7 s; the dissolve is from 3 to 4


def test_segments_are_divided_where_the_part_begins_and_ends() -> None:
    film = cut(segment("a", 0, 4), segment("b", 10, 14))
    assert shown(excerpt(film, Range(F(1), F(6)))) == [("a", 1, 4), ("b", 10, 12)]
    assert shown(excerpt(film, Range(F(4), F(5)))) == [("b", 10, 11)]
    assert shown(excerpt(film, Range(F(0), F(8)))) == shown(film)
    fast = cut(replace(segment("a", 0, 8), speed=F(2)))
    assert shown(excerpt(fast, Range(F(1), F(3)))) == [("a", 2, 6)]


def test_a_whole_transition_stays_and_lasts_as_long() -> None:
    for kept in (Range(F(2), F(6)), Range(F(3), F(4)), Range(F(3), F(7))):
        found = snap(excerpt(DISSOLVED, kept), lambda source, time: time)
        assert found.duration == kept.duration
        assert found.segments[-1].transition == Transition("dissolve", F(1))
        assert not found.notes


def test_a_divided_transition_is_left_out_and_said() -> None:
    later = excerpt(DISSOLVED, Range(F(7, 2), F(6)))
    assert shown(later) == [("b", 10.5, 13)]
    assert later.segments[0].transition is None
    assert "the dissolve that 00:00:03.500 of the film divides is left out" in later.notes[0]
    earlier = excerpt(DISSOLVED, Range(F(1), F(7, 2)))
    assert shown(earlier) == [("a", 1, 3.5)]
    assert earlier.notes


def test_what_lies_above_is_where_it_was() -> None:
    titles = Track("titles", (segment("m", 0, 2, at=F(1)), segment("m", 0, 1, at=F(6))))
    logo = Track("overlay", (segment("m", 0, 3, at=Anchor("b", F(11))),))
    whole = Track("overlay", (segment("m", 0, 8, at="throughout"),))
    film = cut(segment("a", 0, 4), segment("b", 10, 14), beside=(titles, logo, whole))
    found = resolved(excerpt(film, Range(F(2), F(7))))
    placed = [
        [(float(p.start), float(p.end), float(s.range.start)) for s, p in track.placed()]
        for track in found.overlays
    ]
    assert placed == [[(0, 1, 1), (4, 5, 0)], [(3, 5, 0)], [(0, 5, 0)]]


def test_music_goes_on_as_it_is_heard() -> None:
    music = Track("music", (segment("m", 0, 3),), fade_in=F(1), fade_out=F(2))
    film = cut(segment("a", 0, 8), beside=(music,))
    found = excerpt(film, Range(F(2), F(7)))
    (track,) = found.sounds
    heard = [(float(s.range.start), float(s.range.end)) for s in track.segments]
    assert heard == [(2, 3), (0, 3), (0, 1)]
    assert (track.fade_in, track.fade_out) == (0, 1)
