"""Segments have ids: one each, the same in every run, kept by what only moves and trims."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from smartcut.algebra import identified, snap
from smartcut.cut import Cut, Segment, Track
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.source import Source
from smartcut.stages.split import divided
from smartcut.timebase import Range
from smartcut.warp import Warp

SOURCES = tuple(
    Source(id, Path(f"/media/{id}.wav"), "0" * 64, "wav", F(0), F(100)) for id in ("a", "b")
)
starts = st.integers(0, 90).map(lambda n: F(n, 2))


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    start, lasts = draw(starts), F(draw(st.integers(1, 40)), 4)
    source = draw(st.sampled_from(["a", "b", None]))
    segment = Segment(source, Range(start, start + lasts), id=draw(st.sampled_from(["", "", "x"])))
    if source and draw(st.integers(0, 4)) == 0:
        segment = segment.warped(Warp(((F(0), start + lasts), (lasts, start))))
    return segment


cuts = st.builds(
    lambda programme, music: Cut(
        SOURCES, (Track("programme", tuple(programme)), Track("music", tuple(music)))
    ),
    st.lists(segments(), min_size=1, max_size=6),
    st.lists(segments(), max_size=3),
)


def ids(cut: Cut) -> list[str]:
    return [segment.id for track in cut.tracks for segment in track.segments]


@given(cuts)
def test_every_segment_has_one_of_its_own(cut: Cut) -> None:
    named = identified(cut)
    assert all(ids(named))
    assert len(set(ids(named))) == len(ids(named))
    assert named == cut  # nothing else changes
    assert ids(identified(cut)) == ids(named)
    assert identified(named) is named


@given(cuts, st.data())
def test_moved_and_trimmed_segments_keep_theirs(cut: Cut, data: st.DataObject) -> None:
    named = identified(cut)
    moved = data.draw(st.permutations(named.segments))
    trimmed = tuple(s.part(s.duration / 4, s.duration / 2) for s in moved)
    again = identified(named.with_segments(trimmed))
    assert [s.id for s in again.segments] == [s.id for s in moved]
    snapped = snap(again, lambda source, time: F(round(time * 8), 8))
    assert {s.id for s in snapped.segments} <= {s.id for s in moved}
    assert ids(identified(snapped)) == ids(snapped)


@given(cuts, st.lists(starts, max_size=6))
def test_parts_are_named_after_the_whole(cut: Cut, points: list[F]) -> None:
    named = identified(cut)
    parts = [divided(segment, points) for segment in named.segments]
    again = identified(named.with_segments(tuple(p for group in parts for p in group)))
    found = iter(again.segments)
    for whole, group in zip(named.segments, parts, strict=True):
        own = [next(found).id for _ in group]
        assert own[0] == whole.id
        assert all(id.startswith(f"{whole.id}.") for id in own[1:])
    assert len(set(ids(again))) == len(ids(again))
    assert set(ids(named)) <= set(ids(again))


@given(cuts)
def test_files_keep_them(cut: Cut) -> None:
    named = identified(cut)
    assert ids(cut_from_json(cut_to_json(named))) == ids(named)
    assert ids(from_otio(to_otio(named))) == ids(named)


def test_what_they_look_like() -> None:
    talk = Segment("talk", Range(F(0), F(60)))
    late = Segment("talk", Range(F(1248, 100), F(20)))
    gap = Segment(None, Range(F(0), F(1)))
    cut = identified(Cut((), (Track("programme", (talk, late, gap, late, gap)),)))
    assert ids(cut) == ["talk", "talk@12.48", "gap", "talk@12.48.2", "gap.2"]
    cut = cut.with_segments((*cut.segments[:1], *divided(cut.segments[1], [F(15)])))
    assert ids(identified(cut)) == ["talk", "talk@12.48", "talk@12.48.2"]
    halves = (replace(late, id="talk"), replace(talk, id="talk"), replace(talk, id="talk.2"))
    assert ids(identified(cut.with_segments(halves))) == ["talk", "talk.3", "talk.2"]
