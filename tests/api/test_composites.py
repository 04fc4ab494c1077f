"""Clips that are no film yet, films above each other, and stages for some segments alone."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.errors import PipelineError, StageError
from smartcut.media.barcode import number_in
from smartcut.media.probe import probe
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("media")
    a, b = folder / "a.mp4", folder / "b.mp4"
    write_bar_coded(a, frames=100, rate=F(25), size=(160, 96), gop=25)
    write_bar_coded(b, frames=150, rate=F(25), size=(160, 96), gop=25)
    logo = Image.new("RGBA", (40, 20), (255, 0, 0, 255))
    logo.paste((0, 0, 0, 0), (20, 0, 40, 20))
    logo.save(folder / "logo.png")
    return a, b


def pictures(film: Any, **options: Any) -> list[np.ndarray]:
    return [rgb for _, rgb in film.frames(**options)]


def numbers(film: Any) -> list[int]:
    return [number_in(rgb.mean(axis=2)) for rgb in pictures(film)]


def test_a_still_and_a_colour_last_as_long_as_they_are_told(files: tuple[Path, Path]) -> None:
    a, _ = files
    film = (
        sc.color("#203040", "0.4s") + sc.open(a)[:"0.4s"] + sc.image(a.with_name("logo.png"), 0.2)
    )  # type: ignore[misc]
    shown = pictures(film)
    assert [f.shape for f in shown] == [(96, 160, 3)] * 25  # the footage's size
    assert np.abs(shown[3].astype(int) - (0x20, 0x30, 0x40)).max() <= 2
    assert number_in(shown[12].mean(axis=2)) == 2
    assert shown[22][48, 40, 0] > 240 > 20 > shown[22][48, 120, 0]
    alone = pictures(sc.color("#ffffff", 0.2, size=(64, 36), fps=10))
    assert [f.shape for f in alone] == [(36, 64, 3)] * 2
    assert pictures(sc.image(a.with_name("logo.png"), 0.2))[0].shape == (20, 40, 3)
    assert pictures(sc.text("Harbour", 0.2, canvas=(320, 180)))[0].max() > 200


def test_layers_lie_where_and_when_they_are_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = files
    inset = sc.open(b)[2:3] + sc.open(b)[5:5.4]
    film = sc.layers(
        sc.open(a)[:3],
        inset.at(1, position="top-right", width=0.5),
        sc.image(a.with_name("logo.png"), 1).at(0.4, position="bottom-left", width=0.25),
    )
    shown = pictures(film)
    assert len(shown) == 75
    below = pictures(sc.open(a)[:3])

    def inner(frame: np.ndarray) -> int:
        small = Image.fromarray(frame[:48, 80:]).resize((160, 96))
        return number_in(np.asarray(small).mean(axis=2))

    assert [inner(shown[i]) for i in (25, 40, 50, 55)] == [50, 65, 125, 130]
    np.testing.assert_array_equal(shown[9], below[9])
    np.testing.assert_array_equal(shown[70], below[70])
    assert tuple(shown[15][90, 5] > 128) == (True, False, False)
    assert number_in(shown[15].mean(axis=2)) == 15
    # its clear half shows what is below
    assert np.abs(shown[15][80:, 22:40].astype(int) - below[15][80:, 22:40]).max() < 24
    film.render(tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").duration == 3


def test_sounds_of_layers_are_mixed_or_left_out(files: tuple[Path, Path]) -> None:
    a, b = files
    quiet = sc.open(a)[:2] | sc.gain(db=-60)
    beep = np.abs(sc.layers(quiet, sc.open(b)[:1].at(0.5)).audio(channels=1)[0])
    assert beep[24000 : 24000 + 2400].max() > 0.1
    assert beep[:23000].max() < 0.02
    left_out = sc.layers(quiet, sc.open(b)[:1].at(0.5, gain=None)).audio()
    assert np.abs(left_out).max() < 0.02


def test_what_cannot_be_laid_is_refused(files: tuple[Path, Path]) -> None:
    a, b = files
    joined = (sc.open(b)[:1] + sc.open(b)[2:3]) | sc.transitions(kind="dissolve", duration=0.2)
    with pytest.raises(PipelineError, match="layer 2 has transitions"):
        sc.layers(a, joined).cut()
    with pytest.raises(PipelineError, match=r"layer 2 begins at 9 s, but what is below lasts 4\.0"):
        sc.layers(a, sc.open(b).at(9)).cut()
    with pytest.raises(PipelineError, match=r"at\(\): unknown key 'postion'; did you mean 'posi"):
        sc.open(b).at(1, postion="top")
    with pytest.raises(PipelineError, match="layers\\(\\) needs something to lay above"):
        sc.layers(a)


def test_stages_for_one_source_or_some_segments(files: tuple[Path, Path]) -> None:
    a, b = files
    film = sc.open(a)[:1] + sc.open(b)[1:2] + sc.open(a)[2:3]
    fast = film.on(b, sc.speed(factor=5))
    assert numbers(fast) == [*range(25), *range(25, 50, 5), *range(50, 75)]
    assert numbers(film.on("b.mp4", sc.speed(factor=5))) == numbers(fast)
    assert numbers(film.on("b", sc.speed(factor=5), sc.reverse()))[25:30] == [49, 44, 39, 34, 29]
    turned = film.on(sc.reverse(), segments=-1)
    assert numbers(turned) == [*range(25), *range(25, 50), *range(74, 49, -1)]
    cut = film.on(b, sc.title(text="b", at=0, duration=0.4, fade=0)).cut()
    (titles,) = cut.overlays
    assert titles.segments[0].label == "b"
    with pytest.raises(StageError, match=r"there is no source 'c\.mp4'; .*sources: a\.mp4, b\.mp4"):
        film.on("c.mp4", sc.reverse()).cut()
    with pytest.raises(PipelineError, match="needs a source, `segments` or `where`"):
        film.on(sc.reverse())
    with pytest.raises(PipelineError, match="on\\(\\) needs stages"):
        film.on("b.mp4")


def test_a_condition_divides_segments_where_it_holds(files: tuple[Path, Path]) -> None:
    film = sc.open(files[0]).on(sc.speed(factor=2), where="level > -20dB")
    found = [
        (float(s.range.start), float(s.range.end), float(s.speed)) for s in film.cut().segments
    ]
    assert [speed for *_, speed in found] == [2, 1] * 4  # a beep each second
    assert all(abs(start - round(start)) <= 0.08 for start, _, speed in found if speed == 2)
    assert found[0][0] == 0
    assert found[-1][1] == 4
    assert all(one[1] == other[0] for one, other in pairwise(found))
    with pytest.raises(PipelineError, match="unknown signal 'loudnes'; did you mean 'loudness'"):
        film.on(sc.reverse(), where="loudnes > -20")
