"""Effects that move pictures are one motion, and a motion is effects that show the same."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.curve import Curve
from smartcut.cut import Cut, Effect, Segment, TimelineFormat, Track
from smartcut.effect import find_effect
from smartcut.interchange.motion import (
    ClipMotion,
    MotionState,
    canvas_of,
    fitted,
    is_close,
    motion_of,
    taken_apart,
    unmoved,
)
from smartcut.interchange.motion_reading import with_motion
from smartcut.params import to_pairs
from smartcut.source import Source, VideoStream
from smartcut.timebase import Range
from smartcut.warp import Warp

RATE = F(25)
CANVAS = (640, 360)


def film(size: tuple[int, int] = (1280, 720), **changes: Any) -> Source:
    stream = VideoStream(0, "h264", 1 / RATE, *size, "yuv420p", RATE, False, F(0), F(40), 1000)
    stream = replace(stream, **changes)
    return Source("film", Path("/media/film.mp4"), "0" * 64, "mp4", F(0), F(40), stream)


def effect(name: str, **params: Any) -> Effect:
    return Effect(name, to_pairs(find_effect(name).model_validate(params)))


def segment(*effects: Effect, **rest: Any) -> Segment:
    return replace(Segment("film", Range(F(2), F(6)), effects=effects), **rest)


def motion(*effects: Effect, source: Source | None = None) -> ClipMotion:
    found, left = motion_of(segment(*effects), source or film(), CANVAS, RATE)
    assert found is not None
    assert left == ()
    return found


def test_one_effect_after_the_other() -> None:
    fit = fitted((1280, 720), CANVAS)
    assert fit == MotionState(0, 0, 0.5, 0.5)
    assert motion(effect("zoom", scale=2, x=0, y=0)).first == MotionState(320, 180, 1.0, 1.0)
    assert motion(effect("flip")).first == MotionState(0, 0, -0.5, 0.5)
    upside = motion(effect("flip", axis="vertical")).first
    assert upside == MotionState(0, 0, 0.5, -0.5)
    turned = motion(effect("rotate", degrees=90)).first
    assert is_close(turned, MotionState(0, 0, 360 / 1280, 360 / 1280, 90))
    logo = motion(effect("place", position="top-right", width=0.25, margin=0.0, opacity=0.5))
    assert is_close(logo.first, MotionState(240, -135, 0.125, 0.125, 0, 0.5))
    cropped = motion(effect("crop", left=0.25, right=0.25, top="180px", bottom="180px"))
    assert cropped.crop == (320, 180, 320, 180)
    assert is_close(cropped.first, MotionState(0, 0, 1, 1))
    beside = motion(effect("crop", left=0.5))
    assert beside.crop == (640, 0, 0, 0)
    assert is_close(beside.first, MotionState(-160, 0, 0.5, 0.5))


def test_numbers_that_change_are_states() -> None:
    grown = motion(effect("zoom", scale={"2s": 1, "4s": 2}, x=0.5, y=0.5))
    assert [(t, s.scale_x) for t, s in grown.states] == [
        (F(0), 0.5), (F(2), pytest.approx(1.0)), (F(4) - 1 / RATE, pytest.approx(1.0)),
    ]  # fmt: skip
    eased = motion(effect("rotate", degrees={"2s": 0, "3s": 350, "ease": "in"}))
    assert len(eased.states) > 20
    assert max(s.rotation for _, s in eased.states) == pytest.approx(350)


@pytest.mark.parametrize(
    "left",
    [
        effect("blur"),
        effect("zoom", amount=0.5),
        effect("zoom", mask={"width": 0.5}),
        replace(effect("zoom"), during=Range(F(2), F(3))),
        Effect("unknown"),
    ],
)
def test_what_does_more_than_move_is_left(left: Effect) -> None:
    found, rest = motion_of(segment(effect("flip"), left), film(), CANVAS, RATE)
    assert rest == (left,)
    assert found is not None
    assert found.first.scale_x == -0.5


def test_crops_that_no_clip_says_are_left() -> None:
    for effects in (
        (effect("zoom"), effect("crop", left=0.1)),
        (effect("crop", left={"2s": 0, "3s": 0.5}),),
    ):
        assert motion_of(segment(*effects), film(), CANVAS, RATE) == (None, effects)


def test_what_may_not_change_is_left_where_it_does() -> None:
    keyed, still = effect("zoom", scale={"2s": 1, "4s": 2}), effect("rotate", degrees=90)
    cut = Cut((film(),), (), format=TimelineFormat(CANVAS, RATE))
    assert unmoved(segment(keyed), cut, is_keyed=True) == ()
    assert unmoved(segment(keyed), cut, is_keyed=False) == (keyed,)
    assert unmoved(segment(still), cut, is_keyed=False) == ()
    flipped = effect("flip")
    assert unmoved(segment(flipped), cut, is_keyed=False) == (flipped,)


def test_the_frame_is_as_large_as_what_is_shown() -> None:
    def frame(*effects: Effect, source: Source) -> tuple[int, int]:
        return canvas_of(Cut((source,), (Track("programme", (segment(*effects),)),)))

    assert frame(source=film()) == (1280, 720)
    assert frame(source=film(rotation=90)) == (720, 1280)
    assert frame(effect("crop", left=0.5), source=film()) == (640, 720)
    assert frame(effect("rotate", degrees=270), source=film()) == (720, 1280)
    assert frame(effect("place", width=0.5), source=film()) == (1280, 720)


numbers = st.floats(-1.5, 1.5).map(lambda n: round(n, 3))
scales = st.floats(0.1, 3).map(lambda n: round(n, 3))


@given(numbers, numbers, scales, scales, st.booleans(), st.floats(-179, 179))
def test_matrices_are_taken_apart(
    x: float, y: float, w: float, h: float, mirrored: bool, turn: float
) -> None:
    state = MotionState(x * 100, y * 100, -w if mirrored else w, h, turn)
    matrix = state.matrix((1280, 720), CANVAS)
    found = taken_apart(matrix, (1280, 720), CANVAS)
    assert found is not None
    assert np.allclose(found.matrix((1280, 720), CANVAS), matrix, atol=1e-6)
    assert taken_apart(np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1.0]]), (2, 2), CANVAS) is None


def keyed(values: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    curves = st.tuples(values, values).map(lambda v: Curve.of((2, v[0]), (5, v[1])))
    return values | curves


EFFECTS: st.SearchStrategy[list[Effect]] = st.tuples(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300)).map(
            lambda n: effect("crop", left=f"{n[0]}px", bottom=f"{n[1]}px")
        ),
        max_size=1,
    ),
    st.lists(st.sampled_from(["horizontal", "vertical"]).map(
        lambda axis: effect("flip", axis=axis)), max_size=2),
    st.lists(
        st.sampled_from([90.0, 180.0, 270.0]).map(lambda d: effect("rotate", degrees=d))
        | st.builds(lambda s, x: effect("zoom", scale=s, x=x), keyed(scales), keyed(numbers)),
        max_size=2,
    ),
    st.lists(
        st.builds(
            lambda x, y, w, o: effect("place", position=(x, y), width=w, opacity=o),
            keyed(numbers), keyed(numbers), keyed(scales),
            keyed(st.sampled_from([0.0, 0.25, 1.0])),
        )
        | st.sampled_from(["top-left", "bottom", "right"]).map(
            lambda p: effect("place", position=p, width=0.25, margin=0.1)),
        max_size=1,
    ),
).map(lambda groups: [e for group in groups for e in group])  # fmt: skip
WARPS = st.sampled_from([None, Warp(((F(0), F(6)), (F(4), F(2))))])


@given(EFFECTS, st.sampled_from([(1280, 720), (640, 480), (360, 640)]), WARPS)
def test_effects_of_a_motion_show_the_same(
    effects: list[Effect], size: tuple[int, int], warp: Warp | None
) -> None:
    source = film(size)
    piece = segment(*effects, warp=warp)
    found, left = motion_of(piece, source, CANVAS, RATE)
    assert left == () or found is None
    if found is None:
        return
    again, loss = with_motion(replace(piece, effects=()), found)
    assert loss == ""
    read, left = motion_of(again, source, CANVAS, RATE)
    assert left == ()
    read = read or ClipMotion(size, CANVAS, ((F(0), fitted(size, CANVAS)),))
    assert read.crop == found.crop
    for time in (F(0), F(1), F(52, 25), F(99, 25)):
        one, other = (_at(m, time) for m in (found, read))
        assert np.allclose(one[0], other[0], atol=0.02)
        assert one[1] == pytest.approx(other[1], abs=1e-4)


def _at(motion: ClipMotion, time: F) -> tuple[np.ndarray, float]:
    """The matrix and the opacity at a time, as an editor goes on from key to key."""
    times = [float(t) for t, _ in motion.states]
    rows = np.array([s.numbers for _, s in motion.states])
    state = MotionState(*(float(np.interp(float(time), times, column)) for column in rows.T))
    return state.matrix(motion.size, motion.canvas), state.opacity
