"""Cuts, and what an editor or another run makes of them, drawn at random."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

from hypothesis import strategies as st

from smartcut.algebra import fitted, identified
from smartcut.cut import Anchor, At, Cut, Effect, Segment, Track, Transition
from smartcut.drawer import drawn_source
from smartcut.drawers.text import Text
from smartcut.timebase import Range
from smartcut.warp import Warp
from tests.builders.programmes import ROOM, TALK

times = st.integers(0, 360).map(lambda n: F(n, 4))
lengths = st.integers(2, 40).map(lambda n: F(n, 4))
texts = st.sampled_from(["One", "Two words", "A third, longer text"])
looks = st.sampled_from(
    [
        (),
        (Effect("colour", (("exposure", 0.5), ("saturation", 1.2))),),
        (Effect("gain", (("db", -6.0),)),),
        (Effect("zoom", (("scale", 1.2),)), Effect("blur", (("sigma", 3.0),))),
        (Effect("blur", (("sigma", 3.0),), during=Range(F(5), F(6))),),
    ]
)


@st.composite
def shown_segments(draw: st.DrawFn) -> Segment:
    """A segment of the programme: plain, fast, backwards, held, changing, or a gap."""
    start, lasts = draw(times), draw(lengths)
    kind = draw(st.sampled_from(["plain"] * 6 + ["fast", "back", "held", "ramp", "gap"]))
    source = draw(st.sampled_from(["talk", "room"]))
    shown = Range(start, start + lasts)
    segment = Segment(source, shown, label=draw(st.sampled_from([source, "x"])))
    if kind == "gap":
        return Segment(None, Range(F(0), lasts))
    if kind == "fast":
        segment = replace(segment, speed=draw(st.sampled_from([F(2), F(1, 2), F(4, 3)])))
    elif kind == "back":
        segment = segment.warped(Warp(((F(0), shown.end), (lasts, shown.start))))
    elif kind == "held":
        segment = segment.warped(Warp.frozen(start, lasts))
    elif kind == "ramp":
        middle = (lasts / 2, start + lasts / 4)
        segment = segment.warped(Warp(((F(0), start), middle, (lasts, shown.end))))
    return replace(segment, effects=draw(looks))


def joined(draw: st.DrawFn, segments: list[Segment]) -> tuple[Segment, ...]:
    """The segments with transitions here and there, which fit."""
    found: list[Segment] = []
    for segment in segments:
        kind = draw(st.sampled_from([None, None, None, "dissolve", "wipe"]))
        joint = None if kind is None or not found else Transition(kind, F(1, 2))
        segment = replace(segment, transition=joint)
        found.append(fitted(segment, found[-1] if found else None))
    return tuple(found)


@st.composite
def cuts(draw: st.DrawFn, most: int = 6) -> Cut:
    """A cut with a programme, and maybe titles, an overlay and music."""
    segments = draw(st.lists(shown_segments(), min_size=1, max_size=most))
    if draw(st.booleans()):
        segments.append(segments[0])  # shown again
    cut = Cut((TALK, ROOM), (Track("programme", joined(draw, segments)),))
    for _ in range(draw(st.integers(0, 2))):
        cut = with_text(cut, draw(texts), draw(places(cut)), draw(lengths))
    if draw(st.booleans()):
        music = Track("music", (Segment("room", Range(F(0), F(60)), label="music"),), gain=-6.0)
        cut = replace(cut, tracks=(*cut.tracks, music))
    return identified(cut)


@st.composite
def places(draw: st.DrawFn, cut: Cut) -> At:
    """When something above the programme begins."""
    shown = [s for s in cut.segments if s.source]
    kind = draw(st.sampled_from(["time", "time", "connected", "throughout"]))
    if kind == "connected" and shown:
        segment = draw(st.sampled_from(shown))
        return Anchor(segment.source or "", segment.range.start)
    if kind == "throughout":
        return "throughout"
    return F(draw(st.integers(0, max(0, int(cut.duration * 4) - 1))), 4)


def with_text(cut: Cut, text: str, at: At, lasts: F) -> Cut:
    """The cut with a text above it."""
    source = drawn_source(
        "title", Text(text=text), F(0) if at == "throughout" else lasts, (s.id for s in cut.sources)
    )
    segment = Segment(source.id, Range(F(0), lasts), label=text, at=at)
    tracks = [t for t in cut.tracks if t.role == "titles"]
    if tracks:
        whole = replace(tracks[0], segments=(*tracks[0].segments, segment))
        rest = tuple(whole if t is tracks[0] else t for t in cut.tracks)
        return replace(cut, sources=(*cut.sources, source), tracks=rest)
    titles = Track("titles", (segment,))
    return replace(cut, sources=(*cut.sources, source), tracks=(*cut.tracks, titles))


# ------------------------------------------------------------------------ what becomes of them


@st.composite
def changed(draw: st.DrawFn, cut: Cut, most: int = 5) -> Cut:
    """What an editor makes of a cut, segment by segment, knowing nothing of edits."""
    segments = list(cut.segments)
    for _ in range(draw(st.integers(0, most))):
        if not segments:
            break
        number = draw(st.integers(0, len(segments) - 1))
        segments[number : number + 1] = draw(_fate(segments[number]))
        if draw(st.integers(0, 3)) == 0 and len(segments) > 1:
            segments.insert(draw(st.integers(0, len(segments) - 1)), segments.pop())
    segments = segments or [draw(shown_segments())]
    tracks = [Track("programme", joined(draw, segments) if draw(st.booleans()) else _fit(segments))]
    for track in cut.tracks[1:]:
        if (kept := draw(_track(track, cut))) is not None:
            tracks.append(kept)
    return identified(replace(cut, tracks=tuple(tracks)))


def _fit(segments: list[Segment]) -> tuple[Segment, ...]:
    found: list[Segment] = []
    for segment in segments:
        found.append(fitted(segment, found[-1] if found else None))
    return tuple(found)


@st.composite
def _fate(draw: st.DrawFn, segment: Segment) -> list[Segment]:
    half = segment.duration / 2
    what = draw(
        st.sampled_from(["drop", "trim", "late", "split", "hole", "again", "look", "fast", "new"])
    )
    first, second = segment.part(F(0), half), segment.part(half, segment.duration)
    second = replace(second, transition=None)
    some: dict[str, list[Segment]] = {
        "drop": [],
        "trim": [first],
        "late": [second],
        "split": [first, replace(second, id="")],
        "hole": [segment.part(F(0), half / 2), replace(second, id="")],
        "again": [segment, replace(segment, transition=None, id="")],
        "look": [replace(segment, effects=draw(looks), label="y", chapter="c")],
        "fast": [segment.retimed(Warp.steady(F(0), segment.duration, F(2)))],
        "new": [segment, draw(shown_segments())],
    }
    return some[what]


@st.composite
def _track(draw: st.DrawFn, track: Track, cut: Cut) -> Track | None:
    what = draw(st.sampled_from(["keep", "keep", "drop", "move", "quiet", "short"]))
    first = track.segments[0]
    if what == "drop":
        return None
    if what == "quiet":
        return replace(track, gain=-12.0, fade_out=F(1))
    if what == "move" and track.role == "titles":
        first = replace(first, at=draw(places(cut)))
    if what == "short" and first.at != "throughout":
        first = first.lengthened(F(0), -first.duration / 2)
    return replace(track, segments=(first, *track.segments[1:]))


def above(cut: Cut) -> list[Any]:
    """What lies above a programme, with its places; in any order."""
    from smartcut.algebra import resolved

    return [
        (track.role, track.kind, track.gain, track.fade_out, track.ducking, sorted(
            (str(place), _said(cut, s), str(replace(s, at=None, source=_source(cut, s), id="")))
            for s, place in track.placed()
        ))
        for track in resolved(cut).tracks[1:]
    ]  # fmt: skip


def _source(cut: Cut, segment: Segment) -> str | None:
    """The name of what was recorded; drawings may have any."""
    return None if _said(cut, segment) else segment.source


def _said(cut: Cut, segment: Segment) -> str:
    source = cut.source(segment.source) if segment.source else None
    return str(source.made) if source is not None and source.made else ""
