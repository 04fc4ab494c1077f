"""A cut to and from the formats of editing systems: OTIO, EDL, FCPXML."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.cut import (
    Annotation,
    AudioStream,
    Captions,
    CaptionStyle,
    Chapter,
    Cut,
    Ducking,
    Effect,
    Mix,
    Recipe,
    Segment,
    Sentence,
    Shot,
    Shots,
    Signal,
    Source,
    SubtitleStream,
    Title,
    Track,
    Transcript,
    Transition,
    VideoStream,
    Word,
)
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_to_json
from smartcut.timebase import Range

NTSC = F(30000, 1001)

# ----------------------------------------------------------------------------------- any cut

times = st.one_of(
    st.integers(0, 4000).map(lambda n: n / NTSC),
    st.integers(0, 4000).map(lambda n: F(n, 25)),
    st.fractions(0, 200, max_denominator=48_000),
)
lengths = times.map(lambda t: t + F(1, 1000))
texts = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.one_of(st.booleans(), st.integers(), st.floats(-1e6, 1e6), texts, st.none())
params = st.dictionaries(texts, scalars | st.lists(scalars, max_size=2).map(tuple), max_size=2).map(
    lambda d: tuple(d.items())
)
floats = st.floats(-60, 60)
ranges = st.builds(lambda a, d: Range(a, a + d), times, lengths)


@st.composite
def videos(draw: st.DrawFn) -> VideoStream:
    return VideoStream(
        0,
        "h264",
        F(1, 90_000),
        320,
        180,
        "yuv420p",
        draw(st.sampled_from([NTSC, F(25), F(24000, 1001), F(50), F(60000, 1001), F(1000, 67)])),
        draw(st.booleans()),
        draw(st.sampled_from([F(0), F(1, 48_000), F(7, 90_000)])),
        F(300),
        7500,
    )


@st.composite
def sources(draw: st.DrawFn, id: str) -> Source:
    video = draw(st.none() | videos())
    audio = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), F(300), "en")
    name = draw(st.sampled_from(["a.mp4", "b c/ä#1%20.mov", "/x/y.mkv", "../up.mp4"]))
    code = draw(st.sampled_from([None, "01:00:00:00", "00:59:58;12", "nonsense"]))
    return Source(
        id,
        Path(name),
        "0" * 64,
        "mp4",
        draw(times),
        F(300),
        video,
        draw(st.none() | st.just(audio)),
        draw(st.sampled_from([(), (SubtitleStream(2, "mov_text", "en"),)])),
        draw(st.sampled_from([(), (Chapter(Range(F(1), F(2)), "One"),)])),
        () if code is None else (("timecode", code),),
        draw(st.none() | st.just(Recipe("b-roll", "flow", 2**70, (("a", (1, "b")),)))),
    )


@st.composite
def segments(draw: st.DrawFn, ids: list[str], first: bool) -> Segment:
    joins = st.builds(
        Transition, st.sampled_from(["dissolve", "fade", "morph", "wipe"]), lengths, params
    )
    return Segment(
        draw(st.sampled_from([*ids, None])),
        draw(ranges),
        draw(st.sampled_from([F(1), F(2), F(1, 4), F(3, 7), F(1001, 1000)])),
        draw(st.lists(st.builds(Effect, texts, params), max_size=1).map(tuple)),
        draw(st.none() | joins),
        draw(texts),
        draw(st.sampled_from([(), (("relevance", 0.25),)])),
        draw(st.sampled_from(["stretched", "kept", "muted"])),
    )


@st.composite
def tracks(draw: st.DrawFn, ids: list[str], kind: Any) -> Track:
    shown = [draw(segments(ids, i == 0)) for i in range(draw(st.integers(0, 3)))]
    ducking = draw(st.none() | st.just(Ducking(6.0, F(1, 7))))
    return Track(kind, tuple(shown), draw(floats), draw(times), draw(times), ducking)


ANNOTATIONS = (
    Annotation("shots", "a", Shots((Shot(Range(F(0), F(1)), 0, 30),)), "shots/1"),
    Annotation("transcript", "a", Transcript("en", (Sentence(Range(F(0), F(1)), "Hi", (Word(
        Range(F(1, 3), F(1, 2)), "Hi", 0.5),)),))),
    Annotation("motion", "b", Signal(F(1, 25), (0, 1), ("x",), ((0.5, 1.0),), "px", (("m", 0.75),))),
)  # fmt: skip


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    ids = ["a", "b c"][: draw(st.integers(0, 2))]
    kinds = draw(st.lists(st.sampled_from(["music", "voice"]), max_size=2))
    style = CaptionStyle("f.ttf", 0.1)
    return Cut(
        tuple(draw(sources(id)) for id in ids),
        tuple(draw(tracks(ids, kind)) for kind in ["programme", *kinds]),
        draw(st.sampled_from([(), ANNOTATIONS])),
        draw(st.sampled_from([Mix(), Mix(None, F(1, 99), -14.0)])),
        draw(st.none() | st.just(Captions(("vtt",), style=style))),
        tuple(draw(st.lists(st.builds(Title, texts, ranges, st.just(style), times), max_size=2))),
        tuple(draw(st.lists(texts, max_size=2))),
    )


@settings(max_examples=60)
@given(cuts())
def test_otio_gives_back_every_cut(cut: Cut) -> None:
    from smartcut.interchange.otio import to_otio
    from smartcut.interchange.otio_reading import from_otio

    assert cut_to_json(from_otio(to_otio(cut))) == cut_to_json(cut)
