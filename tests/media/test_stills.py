"""Sheets and thumbnails show what the file shows; inputs given twice, and of other sizes."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.media.barcode import number_in
from smartcut.testing import read_bar_codes, write_bar_coded

TEXT = """
stages:
  - title: {text: HELLO, at: 0s, duration: 2s, fade: 0s, size: 0.2, position: bottom}
  - render: {mode: encode, contact_sheet: true, thumbnail: true}
"""


def film(path: Path, size: tuple[int, int] = (320, 180), frames: int = 50) -> Path:
    write_bar_coded(path, frames=frames, rate=F(25), size=size)
    return path


def picture_at(path: Path, number: int) -> np.ndarray:
    with av.open(str(path)) as container:
        for k, frame in enumerate(container.decode(video=0)):
            if k == number:
                return frame.reformat(format="rgb24").to_ndarray().astype(np.int16)
    raise AssertionError(f"there is no frame {number}")


def test_sheet_and_thumbnail_show_titles(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    sc.Pipeline.from_text(TEXT).run(path, out)
    shown, plain = picture_at(out, 25), picture_at(path, 25)
    assert np.abs(shown - plain).max() > 100  # the title
    small = np.asarray(Image.open(tmp_path / "o.thumbnail.png")).astype(np.int16)
    assert np.abs(small - shown).mean() < 2
    sheet = np.asarray(Image.open(tmp_path / "o.sheet.png")).astype(np.int16)
    tile = sheet[8:188, 8:328]
    assert np.abs(tile - shown).mean() < 2
    assert number_in(tile[..., 1]) == 25


def test_a_file_that_is_given_twice_plays_twice(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    pipeline = sc.Pipeline.from_text("stages: [motion, render]")
    result = pipeline.run([path, path], out)
    assert result.cut.duration == 4
    assert len({s.id for s in result.cut.sources}) == 2
    assert read_bar_codes(out)[0] == [*range(50), *range(50)]
    plan = pipeline.plan([path, path], out)
    assert plan.is_idle


def test_the_plan_says_which_size_the_output_has(tmp_path: Path) -> None:
    one = film(tmp_path / "a.mp4")
    other = film(tmp_path / "b.mp4", (160, 284), 51)
    pipeline = sc.Pipeline.from_text("stages: [render]")
    text = pipeline.plan([one, other], tmp_path / "o.mp4").text()
    assert "(a 320x180; b 160x284)" in text
    assert "the output is landscape, 320x180, because a is shown longest" in text


def test_a_second_run_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    pipeline = sc.Pipeline.from_text(TEXT)
    pipeline.run(path, out)
    before = (tmp_path / "o.sheet.png").read_bytes()
    monkeypatch.setattr("smartcut.render.pictures.pixels_of", None)
    pipeline.run(path, out)
    assert (tmp_path / "o.sheet.png").read_bytes() == before
