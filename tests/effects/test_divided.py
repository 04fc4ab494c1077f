"""What divides a segment, or lets its time pass otherwise, leaves its effects where they were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.algebra import snap
from smartcut.cache import Cache
from smartcut.curve import Curve
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.effect import Image, find_effect, to_effect
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.image import same
from smartcut.render.chain import Chain, Setting
from smartcut.render.layout import lay_out
from smartcut.render.moments import SegmentClock, moments
from smartcut.render.output import OutputPicture, constant_timebase
from smartcut.render.route import Moment, applied_effects, plan_route
from smartcut.render.splicing.spans import encoded_spans
from smartcut.runners.local import Options, opened_context
from smartcut.source import Colour, Source, VideoStream
from smartcut.stages.freeze import Freeze
from smartcut.stages.split import Split, divided
from smartcut.stages.trim import Trim
from smartcut.timebase import Range
from smartcut.warp import Warp, straightened
from tests.builders.chains import picture
from tests.effects.test_effect_contract import EFFECTS, working

RATE = F(25)
FRAMES = 16
SIZE = (32, 24)
PICTURE = OutputPicture(
    "h264", *SIZE, "yuv420p", RATE, constant_timebase(RATE), Colour(), "pad", 20, None, "veryfast"
)


@dataclass(frozen=True)
class _Index:
    """A packet index of an even grid of frames."""

    rate: F = RATE
    is_vfr: bool = False
    end: F = FRAMES / RATE

    def __len__(self) -> int:
        return FRAMES

    @property
    def seconds(self) -> np.ndarray:
        return np.arange(FRAMES) / float(RATE)

    def time_of(self, number: int) -> F:
        return number / RATE

    def boundary_near(self, time: F) -> int:
        return min(max(round(time * RATE), 0), FRAMES)

    def frame_at(self, time: F) -> int:
        return min(max(int(time * RATE + F(1, 4)), 0), FRAMES - 1)


INDEX: Any = _Index()
WHOLE = Segment("a", Range(F(0), F(FRAMES, 25)))
STEP = F(2, 25)
#: How time may pass: each point lies where a frame of the source and one of the output begin.
SHAPES = {
    "plain": WHOLE,
    "slow": replace(WHOLE, speed=F(1, 2)),
    "backwards": WHOLE.retimed(Warp.steady(F(0), WHOLE.duration).reversed()),
    "held": WHOLE.retimed(Warp.frozen(F(6, 25), F(8, 25))),
    "ramp": WHOLE.warped(
        Warp(((F(0), F(0)), (F(8, 25), F(4, 25)), (F(12, 25), F(8, 25)), (F(16, 25), F(16, 25))))
    ),
    "there and back": WHOLE.warped(
        Warp(((F(0), F(0)), (F(12, 25), F(12, 25)), (F(20, 25), F(4, 25))))
    ),
}
MOVED = {"scale": {"0s": 1, "0.4s": 2, "clock": "segment"}}
#: More than the suite of all effects has: what counts from the segment's beginning, or its end.
CLOCKED: dict[str, list[Effect]] = {
    "zoom by the segment": [to_effect(find_effect("zoom").model_validate(MOVED))],
    "fade at both ends": [
        to_effect(find_effect("fade").model_validate({"fade_in": "0.2", "fade_out": "0.2"}))
    ],
    "fade of a time": [
        to_effect(
            find_effect("fade").model_validate({"fade_in": "0.1", "fade_out": "0.1"}),
            Range(F(2, 25), F(10, 25)),
        )
    ],
    "FadeOut": [Effect("moviepy", (("use", "FadeOut"), ("params", (("duration", 0.3),))))],
    "looks at other times": [
        to_effect(find_effect("fade").model_validate({"fade_in": "0.3", "fade_out": 0})),
        Effect("moviepy", (("use", "TimeMirror"),)),
    ],
}


def cut_of(*segments: Segment) -> Cut:
    stream = VideoStream(
        0, "h264", F(1, 90000), *SIZE, "yuv420p", RATE, False, F(0), INDEX.end, FRAMES
    )
    source = Source("a", Path("a.mp4"), "a" * 8, "mp4", F(0), INDEX.end, stream)
    return Cut((source,), (Track("programme", segments),))


def shown(cut: Cut, cache: Path) -> list[Image]:
    """Every picture of the cut, each through the chain of its segment."""
    images: list[Image] = []
    for stretch in lay_out(cut, {"a": INDEX}, PICTURE):
        (layer,) = stretch.layers
        segment = cut.segments[layer.segment]
        applied = applied_effects(segment, RATE)
        route = plan_route(applied, SIZE, SIZE, "stretch")
        first = picture("yuv420p", SIZE)
        setting = Setting(
            space=first.space,
            colour=Colour("bt709", "bt709", "bt709", "limited"),
            canvas=SIZE,
            rate=RATE,
            duration=segment.duration,
            cache=Cache(cache),
            network=lambda asked: asked.load("cpu", False),
        )

        def base(moment: Moment) -> Image:
            return picture("yuv420p", SIZE, moment.number)

        chain = Chain(route, base, SegmentClock(cut, segment, INDEX, False), setting)
        images += [chain(moment) for moment in moments(cut, layer, stretch.pts, PICTURE, INDEX)]
    return images


def check_divided(segment: Segment, effects: list[Effect], cache: Path) -> None:
    """Both parts show what the whole shows, wherever it is divided."""
    segment = replace(segment, effects=tuple(effects))
    whole = shown(cut_of(segment), cache)
    assert len(whole) == segment.duration * RATE
    count = int(segment.duration / STEP)
    for places in ([n] for n in range(1, count)) if count < 9 else ([3], [7], [2, 5, 6]):
        edges = [F(0), *(n * STEP for n in places), segment.duration]
        parts = [segment.part(a, b) for a, b in pairwise(edges)]
        found = shown(cut_of(*parts), cache)
        assert len(found) == len(whole)
        for number, (one, other) in enumerate(zip(found, whole, strict=True)):
            assert same(one, other), (number, places)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EFFECTS)
def test_an_effect_goes_on_where_its_segment_is_divided(
    name: str, shape: str, tmp_path: Path
) -> None:
    check_divided(SHAPES[shape], [to_effect(working(name, tmp_path))], tmp_path)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("effects", CLOCKED)
def test_what_counts_from_the_beginning_goes_on_too(
    effects: str, shape: str, tmp_path: Path
) -> None:
    check_divided(SHAPES[shape], CLOCKED[effects], tmp_path)
    plain = shown(cut_of(SHAPES[shape]), tmp_path)
    changed = shown(cut_of(replace(SHAPES[shape], effects=tuple(CLOCKED[effects]))), tmp_path)
    if (shape, effects) != ("held", "fade of a time"):
        assert not all(same(a, b) for a, b in zip(plain, changed, strict=True))


@pytest.mark.parametrize("effects", CLOCKED)
def test_backwards_an_effect_stays_with_its_pictures(effects: str, tmp_path: Path) -> None:
    """What comes in goes out; backwards twice is what there was."""
    segment = replace(WHOLE, effects=tuple(CLOCKED[effects]))
    turned = segment.retimed(Warp.steady(F(0), segment.duration).reversed())
    assert turned.retimed(Warp.steady(F(0), segment.duration).reversed()) == segment
    if effects != "FadeOut":  # asked between two frames, where MoviePy's own clock has another
        forwards, back = (shown(cut_of(s), tmp_path) for s in (segment, turned))
        # A frame begins where it ended, so its effects are asked for a frame later.
        assert len(back) == len(forwards)
        for number in range(2, FRAMES - 2):
            mirrored = segment.part(number / RATE, (number + 1) / RATE)
            (alone,) = shown(
                cut_of(mirrored.retimed(Warp.steady(F(0), F(1, 25)).reversed())), tmp_path
            )
            assert same(back[FRAMES - 1 - number], alone)


def test_a_held_picture_is_so_many_equal_ones_whatever_moves_in_it(tmp_path: Path) -> None:
    moving = [e for effects in CLOCKED.values() for e in effects]
    held = replace(WHOLE, effects=tuple(moving)).retimed(Warp.frozen(F(6, 25), F(8, 25)))
    pictures = shown(cut_of(held), tmp_path)
    assert len(pictures) == 8
    assert all(same(one, pictures[0]) for one in pictures)


# ---------------------------------------------------------------------------- clocks themselves

times = st.fractions(F(1, 100), F(99, 100), max_denominator=100)


@st.composite
def inner_warps(draw: st.DrawFn, lasts: F) -> Warp:
    """Any way through a segment that lasts so long."""
    points = [(F(0), lasts * draw(st.fractions(F(0), F(1), max_denominator=12)))]
    for _ in range(draw(st.integers(1, 4))):
        passed = draw(st.fractions(F(1, 8), F(2), max_denominator=12))
        where = lasts * draw(st.fractions(F(0), F(1), max_denominator=12))
        points.append((points[-1][0] + passed, where))
    return straightened(points)


@settings(max_examples=30)
@given(st.data())
def test_clocks_follow_whatever_is_done_to_a_segment(data: st.DataObject) -> None:
    """An effect's time, and its source time, are those that they were in the segment at first."""
    effect = to_effect(find_effect("fade").model_validate({}))
    segment = first = replace(SHAPES["there and back"], effects=(effect,))
    path = Warp.steady(F(0), first.duration)
    for _ in range(data.draw(st.integers(1, 3))):
        inner = data.draw(inner_warps(segment.duration))
        segment, path = segment.retimed(inner), path.composed(inner)
    for share in data.draw(st.lists(times, min_size=1, max_size=5)):
        time = segment.duration * share
        clock = segment.effects[0].clock
        then = time if clock is None else clock.at(time)
        assert then == path.at(time)
        assert segment.source_at(time) == first.source_at(then)
    assert cut_from_json(cut_to_json(cut_of(segment))) == cut_of(segment)


@settings(max_examples=40)
@given(st.lists(times, min_size=1, max_size=5, unique=True), st.fractions(F(0), F(1, 60)))
def test_divided_and_moved_to_frames_is_moved_and_divided(shares: list[F], off: F) -> None:
    """What lies between frames comes to lie on them alike, whole or in parts."""
    effect = to_effect(find_effect("fade").model_validate({}))
    segment = replace(WHOLE, range=Range(off, F(FRAMES, 25) - off), effects=(effect,))
    points = [segment.range.start + s * segment.range.duration for s in shares]
    parts = divided(segment, points)
    assert sum((p.duration for p in parts), F(0)) == segment.duration

    def edge(_: Source, time: F) -> F:
        return F(INDEX.boundary_near(time), 25)

    (whole,) = snap(cut_of(segment), edge).segments
    found = snap(cut_of(*parts), edge)
    assert found.duration == whole.duration
    for part, place in found.programme.placed():
        clock = part.effects[0].clock
        if len(found.segments) > 1:
            assert clock is not None
            assert clock.whole == whole.as_warp
            assert clock.at(F(0)) == place.start


@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1)), min_size=1, max_size=9,
             unique_by=lambda k: k[0]),
    st.sampled_from(["hold", "linear", "in-out"]),
    st.integers(0, 60), st.integers(0, 60),
)  # fmt: skip
def test_the_keys_needed_in_a_part_give_its_values(
    keys: list[tuple[int, float]], ease: Any, one: int, other: int
) -> None:
    curve = Curve.of(*sorted(keys), ease=ease)
    shown = Range(F(min(one, other), 2), F(max(one, other), 2))
    part = curve.within(shown)
    assert set(part.keys) <= set(curve.keys)
    inside = [k for k in curve.keys if shown.start < k.at < shown.end]
    assert len(part.keys) <= len(inside) + 2
    for share in range(5):
        time = shown.start + shown.duration * share / 4
        assert part.at(time) == curve.at(time)


def test_a_zoom_over_a_long_still_does_not_begin_again() -> None:
    """Spans of one held picture differ by when they are shown."""
    still = WHOLE.retimed(Warp.frozen(F(6, 25), F(24)))
    still = replace(still, effects=tuple(CLOCKED["zoom by the segment"]))
    cut = cut_of(still)
    (stretch,) = lay_out(cut, {"a": INDEX}, PICTURE)
    spans = encoded_spans(cut, [stretch], PICTURE, {"a": INDEX}, "")
    assert len(spans) > 1
    assert len({span.key for span in spans}) == len(spans)


def test_a_part_of_a_plain_segment_has_the_key_of_any_other(tmp_path: Path) -> None:
    """What does not count from the segment's beginning is encoded once, however it is divided."""
    effect = to_effect(find_effect("crop").model_validate({"left": 0.25}))
    segment = replace(WHOLE, effects=(effect,))
    alone = replace(WHOLE, range=Range(F(8, 25), F(16, 25)), effects=(effect,))
    keys = []
    for cut in (cut_of(segment.part(F(8, 25), F(16, 25))), cut_of(alone)):
        stretches = lay_out(cut, {"a": INDEX}, PICTURE)
        (span,) = encoded_spans(cut, stretches, PICTURE, {"a": INDEX}, "")
        keys.append(span.key)
    assert keys[0] == keys[1]


# --------------------------------------------------------------- stages that choose what is shown


def test_trim_keeps_what_was_done_to_the_pictures(tmp_path: Path) -> None:
    """A fade goes on where it was, in each of the ranges; speeds stay."""
    (fade,) = CLOCKED["fade at both ends"]
    whole = replace(WHOLE, effects=(fade,))
    kept = Trim.model_validate({"ranges": ["0-0.2", "0.4-0.64"]})
    cut = kept.apply(cut_of(whole), None)  # type: ignore[arg-type]
    assert [s.range for s in cut.segments] == [Range(F(0), F(1, 5)), Range(F(2, 5), F(16, 25))]
    pictures, all_of_it = shown(cut, tmp_path), shown(cut_of(whole), tmp_path)
    expected = [*all_of_it[:5], *all_of_it[10:]]
    assert len(pictures) == len(expected)
    assert all(same(a, b) for a, b in zip(pictures, expected, strict=True))
    slow = kept.apply(cut_of(replace(WHOLE, speed=F(1, 2))), None)  # type: ignore[arg-type]
    assert [s.duration for s in slow.segments] == [F(2, 5), F(12, 25)]
    plain = kept.apply(cut_of(WHOLE), None)  # type: ignore[arg-type]
    assert [(s.range, s.effects, s.label) for s in plain.segments] == [
        (s.range, (), "a") for s in cut.segments
    ]


def test_freezing_and_splitting_leave_a_fade_whole(tmp_path: Path) -> None:
    (fade,) = CLOCKED["fade at both ends"]
    whole = replace(WHOLE, effects=(fade,))
    before = shown(cut_of(whole), tmp_path)
    split = Split.model_validate({"by": "length", "length": "0.12"})
    with opened_context(Options()) as context:
        cut = split.apply(cut_of(whole), context)
    assert len(cut.segments) == 6
    assert all(same(a, b) for a, b in zip(shown(cut, tmp_path), before, strict=True))
    held = Freeze.model_validate({"at": "0.08", "duration": "0.2"})
    found = shown(held.apply(cut_of(whole), None), tmp_path)  # type: ignore[arg-type]
    expected = [*before[:2], *[before[2]] * 5, *before[2:]]
    assert len(found) == len(expected)
    assert all(same(a, b) for a, b in zip(found, expected, strict=True))
