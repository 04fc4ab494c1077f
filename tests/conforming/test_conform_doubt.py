"""What is named as a caption, doubted, a change of shots, or an unusual speed, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from smartcut.conforming.covering import region_of, shows_other_detail
from smartcut.conforming.doubt import is_doubtful
from smartcut.conforming.finding import probed
from smartcut.conforming.fitting import USUAL_SPEEDS, chosen_speed
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.shots import is_change
from smartcut.conforming.thumbs import Thumbs

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex


class _Even:
    rate = 25


def _textured(count: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(40, 200, (count, 36, 64)).astype(np.float32)
    return np.stack([cv2.GaussianBlur(one, (0, 0), 1.0) for one in noise])


def test_letters_cover_a_picture_and_a_grade_of_some_of_its_colours_does_not() -> None:
    seen = _textured(12, 1)
    own = seen.copy()
    own[:, 3:15, 5:40] = own[:, 3:15, 5:40] * 0.6 + 60  # colours that a grade moved by much
    own[:, 26:33, 12:52] = _textured(1, 9)[0, 26:33, 12:52]  # letters that stay
    found = shows_other_detail(own.astype(np.uint8), seen.astype(np.uint8))
    assert found[27:32, 14:50].mean() > 0.9
    assert not found[:22].any()
    region = region_of(found)
    assert region is not None
    np.testing.assert_allclose(region, (12 / 64, 26 / 36, 52 / 64, 33 / 36), atol=0.06)
    plain = np.full((4, 36, 64), 90, np.uint8)
    assert not shows_other_detail(plain, plain + 50).any()


def test_runs_are_doubted_that_agree_less_than_the_others() -> None:
    assert is_doubtful([0.95, 0.85, 0.0, 0.93], [50, 30, 20, 60]) == [False, True, True, False]
    assert is_doubtful([0.85, 0.82, 0.86], [50, 30, 20]) == [False, False, False]  # all are so
    assert is_doubtful([0.0, 0.0], [5, 9]) == [True, True]


def test_what_is_doubtful_still_is_looked_for_in_more_of_its_frames() -> None:
    film = Thumbs(_textured(1, 4).astype(np.uint8).repeat(60, axis=0), cast("VideoIndex", _Even()))
    looked = FilmAndSources(film, ())
    runs = [Run(None, 4, 28), Run(None, 50, 53)]
    first, second = (probed(looked, runs, least).tolist() for least in (2, 8))
    assert first == [8, 23, 50, 52]
    assert len([n for n in second if n < 28]) == 8
    assert np.diff(second).min() >= 2


def test_fast_movement_is_no_change_of_shots_and_a_cut_in_it_is_one() -> None:
    still, fast = np.full(20, 0.98), np.full(20, 0.35)
    assert np.flatnonzero(is_change(np.concatenate([still, [0.02], still]))).tolist() == [20]
    assert not is_change(fast).any()
    some = np.array([0.98, 0.98, 0.98, 0.07, 0.4, 1.0, 0.39, 0.41, 0.4, 1.0, 0.38])  # some held
    assert np.flatnonzero(is_change(some)).tolist() == [3]
    assert np.flatnonzero(is_change(np.concatenate([still, [0.05], fast]))).tolist() == [20]
    assert np.flatnonzero(is_change(np.concatenate([fast, [0.02], fast]))).tolist() == [20]


def test_a_speed_that_cannot_be_told_from_a_usual_one_is_that() -> None:
    def chosen(values: dict[float, float], frames: float = 60, count: int = 60) -> float:
        return chosen_speed(values, USUAL_SPEEDS, frames, count)

    assert chosen({1.0: 0.9590, 0.984: 0.9619}) == 1  # a frame in all, as encoders lag
    assert chosen({1.0: 0.9, 0.9964: 0.95}) == 1  # a fifth of a frame
    assert chosen({1.0: 0.90, 0.97: 0.93}) == 0.97
    assert chosen({1.0: 0.7578, 1.25: 0.7597, 1.05: 0.7608, 1.15: 0.7613}, 15, 16) == 1.25
    common = 25 / 23.976
    assert (
        chosen_speed({common: 0.95, 1.0: 0.93, 1.05: 0.951}, (common, *USUAL_SPEEDS), 40, 40)
        == common
    )
