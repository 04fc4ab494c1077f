"""Lines through hits, in scenes that stand still, and moved by less than a frame: from numbers."""

from __future__ import annotations

from fractions import Fraction as F
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from smartcut.conforming.fitting import _fine_moves, fitted_line
from smartcut.conforming.lines import Line, _grown, _Points
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.search import Hits
from smartcut.conforming.shots import shots
from smartcut.conforming.standing import nearby_line
from smartcut.conforming.thumbs import HEIGHT, WIDTH, Thumbs
from smartcut.conforming.windows import WHOLE


def thumbs(pictures: np.ndarray, rate: F) -> Thumbs:
    seconds = np.arange(len(pictures)) / float(rate)
    index: Any = SimpleNamespace(seconds=seconds, rate=rate, end=len(pictures) / rate)
    return Thumbs(pictures, index)


def points(film: np.ndarray, source: np.ndarray, rate: float = 25) -> _Points:
    """Hits at these times, by film time, all of one likeness."""
    n, zero = len(film), np.zeros(len(film), np.int64)
    probe, frame = np.rint(film * rate), np.rint(source * rate)
    hits = Hits(probe.astype(int), zero, frame.astype(int), zero, np.ones(n, np.float32))
    return _Points(hits, film, source, rate)


def test_a_line_grows_over_the_hits_beside_it_and_no_further_than_a_gap() -> None:
    film = np.concatenate([np.arange(0, 6, 0.2), np.arange(9, 12, 0.2)])
    source = 3 + 1.5 * film
    source[[5, 11, 20]] += 4  # hits of something else
    grown = _grown(points(film, source), 15, 1.4)
    assert grown is not None
    on, start, speed = grown
    assert on.tolist() == [k for k in range(30) if k not in (5, 11, 20)]
    assert (start, speed) == (pytest.approx(3, abs=0.01), pytest.approx(1.5, abs=0.01))


def test_a_line_that_wins_and_loses_hits_as_it_is_fitted_comes_to_an_end() -> None:
    random = np.random.default_rng(7)
    for _ in range(60):
        film = np.sort(random.uniform(0, 8, 40))
        # Beside the line by about as much as a hit may be.
        source = 2 + 1.2 * film + random.uniform(-0.16, 0.16, 40)
        for number in range(0, 40, 8):
            grown = _grown(points(film, source), number, float(random.uniform(1, 1.4)))
            if grown is not None:
                on = grown[0]
                assert (np.diff(film[on]) <= 1.2).all()
                assert film[on[0]] <= film[number] <= film[on[-1]]


def test_a_scene_that_stands_still_is_found_at_its_frames() -> None:
    random = np.random.default_rng(2)
    scene = random.integers(60, 190, (HEIGHT, WIDTH)).astype(np.uint8)
    source = np.repeat(scene[None], 300, axis=0)
    for k, picture in enumerate(source):  # something small goes across
        x, y = 7 * k % 60, 5 * k % 32
        picture[y : y + 4, x : x + 4] = 255
    film = source[120:180]
    looked = FilmAndSources(thumbs(film, F(25)), (thumbs(source, F(25)),))
    guess = Line(0, WHOLE, 132 / 25, 1.0)
    found = nearby_line(looked, Run(guess, 0, 60))
    assert looked.shown(found, 0, 60).tolist() == list(range(120, 180))
    right = Line(0, WHOLE, 120 / 25, 1.0)
    assert nearby_line(looked, Run(right, 0, 60)) == right


@pytest.mark.parametrize("frames", [1.0, 0.5, 24 / 25, 30 / 25, 2.0])
def test_fine_steps_try_each_way_that_frames_can_fall_twice(frames: float) -> None:
    ways = F(frames).limit_denominator(40).denominator
    moves = _fine_moves(frames, 24) * 24  # in frames of the source
    assert np.diff(moves).max() <= 1 / (2 * ways) + 1e-9
    assert moves[0] <= -1 / 8  # half the steps in which a line was tried before
    assert moves[-1] >= 1 / 8


@pytest.mark.parametrize("phase", [0.02, 0.37, 0.74])
def test_a_line_of_another_rate_shows_the_very_frames(phase: float) -> None:
    source = np.random.default_rng(4).integers(0, 255, (120, HEIGHT, WIDTH)).astype(np.uint8)
    rates = F(24), F(25)
    numbers = np.floor((np.arange(75) / 25 + phase / 24) * 24 + 20).astype(int)
    looked = FilmAndSources(thumbs(source[numbers], rates[1]), (thumbs(source, rates[0]),))
    found = fitted_line(looked, Run(Line(0, WHOLE, 20.6 / 24, 0.99), 0, 75))
    assert found.speed == 1
    assert looked.shown(found, 0, 75).tolist() == numbers.tolist()


def test_shots_are_divided_under_a_caption_and_not_where_it_comes() -> None:
    random = np.random.default_rng(6)
    scenes = random.integers(0, 255, (3, HEIGHT, WIDTH)).astype(np.uint8)
    film = np.concatenate([np.repeat(scene[None], 12, axis=0) for scene in scenes])
    film[6:30, 27:34, 8:56] = 16  # a box with letters, from within the first to within the last
    film[6:30, 29:32, 10:54:2] = 240
    looked = FilmAndSources(thumbs(film, F(25)), ())
    found = [(run.first, run.last) for run in shots(looked, Run(None, 0, 36))]
    assert found == [(0, 12), (12, 24), (24, 36)]
