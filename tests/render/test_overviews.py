"""What is written beside a file for a look at it: waveform, filmstrip, chapters as text."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.render.overviews import levels
from smartcut.testing import number_in, write_bar_coded


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=120, size=(320, 180), rate=F(30))
    return path


def test_the_waveform_shows_when_something_is_heard(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp3"
    result = sc.open(clip).render(out, waveform=True)
    picture = tmp_path / "o.waveform.png"
    assert picture in result.outputs
    pixels = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    tall = (np.abs(pixels - (22, 24, 29)).sum(2) > 0).sum(0)
    seconds = np.arange(pixels.shape[1]) / pixels.shape[1] * 4
    beeps = tall > 40
    assert [round(float(s), 1) for s in seconds[np.flatnonzero(np.diff(beeps.astype(int)) == 1)]][
        -3:
    ] == [1.0, 2.0, 3.0]
    low, high, loud = levels(out, 80)
    assert abs(high.max() - 0.5) < 0.06
    assert abs(low.min() + 0.5) < 0.06
    assert abs(loud.max() - 0.5 / 2**0.5) < 0.05


def test_the_filmstrip_shows_pictures_at_equal_distances(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    sc.open(clip).render(out, filmstrip=True)
    pixels = np.asarray(Image.open(tmp_path / "o.filmstrip.png").convert("L"))
    tiles = np.split(pixels, 12, axis=1)
    assert [number_in(tile) for tile in tiles] == [5 + 10 * k for k in range(12)]


def test_chapters_as_text(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    (sc.open(clip) | sc.trim(ranges=["0-1", "2-4"])).render(out, chapter_list=True)
    lines = (tmp_path / "o.chapters.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["0:00", "0:01"]


def test_what_cannot_be_shown_is_noted(clip: Path, tmp_path: Path) -> None:
    steps = sc.open(clip) | sc.trim(end="0.2")
    result = steps.render(tmp_path / "f-%d.png", filmstrip=True, waveform=True)
    assert "no pictures are made beside .png" in result.notes
    assert "no waveform is made beside f-%d.png: it has no sound" in result.notes


def test_pictures_of_a_film_are_drawn_without_rendering_it(clip: Path, tmp_path: Path) -> None:
    film = sc.open(clip) | sc.trim(ranges=["2-4", "0-1"])
    result = (film | sc.waveform(width=300, height=80)).run(output=tmp_path / "w.png")
    assert result.outputs == (tmp_path / "w.png",)
    pixels = np.asarray(Image.open(tmp_path / "w.png").convert("RGB")).astype(int)
    assert pixels.shape == (80, 300, 3)
    tall = (np.abs(pixels - (22, 24, 29)).sum(2) > 0).sum(0) > 20
    beeps = np.flatnonzero(np.diff(np.concatenate([[0], tall.astype(int)])) == 1)
    assert beeps.tolist() == [0, 100, 200]  # at the start of every second
    strip = sc.filmstrip(count=6, height=90, output=str(tmp_path / "s.png"))
    result = (film | sc.reverse() | strip).run()
    tiles = np.split(np.asarray(Image.open(tmp_path / "s.png").convert("L")), 6, axis=1)
    assert tiles[0].shape == (90, 160)
    expected = [*range(60, 120), *range(30)][::-1]
    assert [number_in(tile) for tile in tiles] == [expected[7 + 15 * k] for k in range(6)]
    with pytest.raises(PipelineError, match=r"is no picture; accepted: .png, .jpg"):
        sc.filmstrip(output="s.mp4")
    with pytest.raises(PipelineError, match="`waveform` does not know what to write"):
        (film | sc.waveform()).run()
