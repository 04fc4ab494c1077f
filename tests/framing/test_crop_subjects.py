"""Whom a crop follows, and what is shown where it cannot hold all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

from smartcut.framing.path import Calm
from smartcut.framing.subjects import SeenSubject, faces_of_voices, livelier
from smartcut.framing.views import Frame, FramedView, Framing, Wide, views_of
from smartcut.timebase import Range

STEPS, ROWS, COLUMNS = 80, 18, 32
UPRIGHT = Frame((0.3164, 1.0), (0.6328, 1.0))
Choice = Literal["auto", "face", "speaker", "motion"]


def face(x: float, width: float = 0.12) -> np.ndarray:
    return np.tile([x - width / 2, 0.3, x + width / 2, 0.6], (STEPS, 1))


def moving(places: Sequence[float]) -> np.ndarray:
    """Motion around one place at each step."""
    maps = np.full((STEPS, ROWS, COLUMNS), 0.2)
    for step, x in enumerate(places):
        column = int(x * COLUMNS)
        maps[step, 5:11, max(0, column - 1) : column + 2] = 12.0
    return maps


def views(
    faces: Sequence[np.ndarray],
    motion: Sequence[float] | None = None,
    subject: Choice = "auto",
    wide: Wide | None = None,
) -> list[FramedView]:
    places = [0.5] * STEPS if motion is None else motion
    salient = np.full((STEPS, ROWS, COLUMNS), 1 / (ROWS * COLUMNS))
    seen = SeenSubject(tuple(faces), moving(places), salient)
    shown = Range(Fraction(0), Fraction(STEPS, 8))
    return list(views_of(shown, seen, UPRIGHT, Framing(subject, wide, Calm())))


def middles(view: FramedView) -> list[float]:
    return [x for _, x in view.path.x]


def test_faces_that_fit_are_followed_together() -> None:
    (view,) = views([face(0.4), face(0.55)])
    assert view.how == "followed"
    assert middles(view) == [pytest.approx(0.475, abs=0.01)]


def test_of_two_that_do_not_fit_the_one_who_speaks_is_followed_with_a_cut() -> None:
    speaks = [0.2] * 40 + [0.8] * 40
    first, second = views([face(0.2), face(0.8)], speaks)
    assert first.shown.end == second.shown.start
    assert abs(second.shown.start - 5) <= Fraction(1, 4)
    assert middles(first) == [pytest.approx(0.2, abs=0.02)]
    assert middles(second) == [pytest.approx(0.8, abs=0.02)]


def test_one_nod_of_the_listener_is_not_followed() -> None:
    nods = [0.2] * 40 + [0.8] * 4 + [0.2] * 36
    (view,) = views([face(0.2), face(0.8)], nods)
    assert middles(view) == [pytest.approx(0.2, abs=0.02)]


def test_small_faces_do_not_tell_who_speaks_and_are_shown_whole() -> None:
    (view,) = views([face(0.2, 0.05), face(0.8, 0.05)], [0.2] * STEPS)
    assert view.how == "blur"
    (near,) = views([face(0.4, 0.05), face(0.5, 0.05)], [0.4] * STEPS, subject="speaker")
    assert middles(near) == [pytest.approx(0.45, abs=0.01)]
    (clear,) = views([face(0.4, 0.09), face(0.52, 0.09)], [0.4] * STEPS, subject="speaker")
    assert middles(clear) == [pytest.approx(0.4, abs=0.02)]


def test_what_is_asked_for_is_shown_where_they_do_not_fit() -> None:
    pair = [face(0.2), face(0.8)]
    assert [v.how for v in views(pair, wide="pad")] == ["pad"]
    assert [v.how for v in views(pair, subject="face", wide="none")] == ["followed"]
    (split,) = views([face(0.8), face(0.2)], wide="split")
    left, right = split.halves
    # Half a frame is wider: neither face is in its middle, but whole.
    assert abs(left.x[0][1] - 0.3164) < 0.01
    assert abs(right.x[0][1] - 0.6836) < 0.01


def test_a_face_in_the_background_does_not_matter() -> None:
    (view,) = views([face(0.3, 0.2), face(0.9, 0.05)])
    assert middles(view) == [pytest.approx(0.3, abs=0.01)]


def test_without_faces_what_moves_is_followed_where_it_fits() -> None:
    (view,) = views([], [0.7] * STEPS, subject="motion")
    assert view.how == "followed"
    assert middles(view)[-1] == pytest.approx(0.7, abs=0.05)
    everywhere = [0.05 if i % 2 else 0.95 for i in range(STEPS)]
    assert [v.how for v in views([], everywhere)] == ["blur"]
    assert [v.how for v in views([], everywhere, wide="none")] == ["followed"]


# ----------------------------------------------------------------------------- faces and voices


def _restless(quiet: Sequence[float]) -> tuple[list[np.ndarray], np.ndarray]:
    """A face that always moves, and one that moves a little, as much as is said at each step."""
    motion = moving([0.2] * STEPS)
    for step, much in enumerate(quiet):
        motion[step, 5:11, 24:27] = much
    return [face(0.2), face(0.8)], motion


def test_whoever_livens_up_when_a_voice_is_heard_has_that_voice() -> None:
    """The other one moves more all the time: by motion alone he would speak throughout."""
    voices = np.array([0] * 30 + [-1] * 4 + [1] * 26 + [0] * 20)
    faces, motion = _restless(np.where(voices == 1, 4.0, 0.5).tolist())
    assert set(livelier(faces, motion).tolist()) == {0}
    told = livelier(faces, motion, voices)
    assert set(told[:30].tolist()) == {0}
    assert set(told[34:60].tolist()) == {1}
    assert set(told[60:].tolist()) == {0}


def test_a_voice_of_nobody_in_the_picture_changes_nothing() -> None:
    voices = np.array([0] * 40 + [1] * 40)
    faces, motion = _restless([0.5] * STEPS)
    assert faces_of_voices(np.full((STEPS, 2), 3.0), voices) == {}
    assert set(livelier(faces, motion, voices).tolist()) == {0}
    assert faces_of_voices(np.full((STEPS, 2), 3.0), np.zeros(STEPS, int)) == {}


def test_faces_and_voices_go_together_one_to_one() -> None:
    voices = np.repeat([0, 1, 2], 20)
    energy = np.ones((60, 2))
    energy[voices == 1, 0] = 9
    energy[voices == 2, 1] = 4
    energy[voices == 2, 0] = 5
    assert faces_of_voices(energy, voices) == {1: 0, 2: 1}
