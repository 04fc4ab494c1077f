"""Colours and gradients as clips of the programme: drawn where they are shown, never in a file."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.probe import probe
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_bar_coded(path, frames=50, rate=F(25), size=(160, 96), gop=25)
    return path


def shown(pipeline: Any, time: F | float) -> np.ndarray:
    found: np.ndarray = pipeline.frame(F(str(time))).astype(int)
    return found


def test_a_colour_is_a_slide(film: Path) -> None:
    slides = sc.open(film) | sc.slides(pictures=["#ff0000", "#0000ff"], seconds="0.5s")
    cut = slides.cut()
    assert cut.duration == 3 + F(1, 25)  # half a second is 12.5 frames, and becomes 13
    for time, colour in ((2.1, (255, 0, 0)), (2.6, (0, 0, 255))):
        assert np.abs(shown(slides, time) - colour).max() <= 3
    assert cut_from_json(cut_to_json(cut)) == cut
    above = sc.open(film) | sc.slides(pictures="#00ff00", seconds="1s", over=True, at=1)
    assert above.cut().duration == 2
    assert np.abs(shown(above, 1.5) - (0, 255, 0)).max() <= 3


def test_a_title_on_a_colour_starts_a_film_that_is_copied(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    card = sc.generate(kind="title", text="Hi", engine="colour", colours=["#802010"], seconds="1s")
    result = (sc.open(film) | card).render(out)
    manifest = json.loads(out.with_name("out.manifest.json").read_text())
    first, *rest = manifest["intervals"]
    assert first["reason"] == "a title is drawn"
    assert first["frames"] == 25
    assert sum(r["frames"] for r in rest if r["how"] == "copy") == 50
    assert manifest["generated"] == []
    assert read_bar_codes(out)[0][25:] == list(range(50))
    corner = shown(sc.open(out), 0.5)[:10, :20]
    assert np.abs(corner - (0x80, 0x20, 0x10)).max() <= 8
    assert [s.is_drawn for s in result.cut.sources] == [False, True, True]


def test_effects_and_dissolves_work_on_them(film: Path) -> None:
    base = sc.open(film) | sc.slides(pictures="#ff0000", seconds="2s")
    halved = base | sc.crop(right=0.5, on=[1]) | sc.transitions(duration="0.4s")
    assert np.abs(shown(halved, 3) - (255, 0, 0)).max(axis=(0, 2))[60:100].max() <= 3
    turned = base | sc.colour(saturation=0, on=[1])
    grey = shown(turned, 3)
    assert np.ptp(grey, axis=2).max() <= 4
    middle = shown(halved, 1.8)
    assert middle[48, 80, 0] > 60


def test_a_film_of_colours_alone_has_a_size_and_a_rate(tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    made = sc.Pipeline() | sc.generate(
        kind="background", engine="gradient", colours=["#000000", "#ffffff"], seconds="1s",
        size=(96, 64), fps=10,
    )  # fmt: skip
    (made | sc.title(text="Hi", fade=0, position="top", duration="1s")).render(
        out, codec="ffv1", pixel_format="yuv444p10le"
    )
    video = probe(out).video
    assert video is not None
    assert (video.width, video.height, video.rate, video.frames) == (96, 64, 10, 10)
    rows = shown(sc.open(out), 0.5)[:, 2].mean(axis=1)
    assert np.abs(rows - 255 * (np.arange(64) + 0.5) / 64).max() <= 2
    slides = sc.Pipeline() | sc.slides(pictures=["#102030"], seconds="1s", size=(96, 64), fps=10)
    assert shown(slides, 0).shape == (64, 96, 3)


def test_mistakes_are_told() -> None:
    for stage, said in (
        ('slides: {pictures: ["#12345"]}', "pictures"),
        ("generate: {kind: bridge, engine: colour}", "the engine 'colour' makes no bridge"),
        ("generate: {kind: background, engine: colour, colours: []}", "colours"),
    ):
        with pytest.raises(PipelineError, match=said):
            sc.Pipeline.from_text(f"stages: [{{{stage}}}]")
