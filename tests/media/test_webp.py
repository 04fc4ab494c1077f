"""Animated WebP is a source like any other."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.errors import SourceError
from smartcut.media.barcode import number_in, picture
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.testing import read_bar_codes

SIZE = (160, 90)


@pytest.fixture
def animation(tmp_path: Path) -> Path:
    """Ten bar-coded pictures, shown for 40 and 100 ms in turns, their upper rows transparent."""
    path, images = tmp_path / "a.webp", []
    for number in range(10):
        alpha = np.full((SIZE[1], SIZE[0], 1), 255, np.uint8)
        alpha[:10] = 0
        images.append(Image.fromarray(np.concatenate([picture(number, *SIZE), alpha], -1)))
    images[0].save(
        path,
        save_all=True,
        append_images=images[1:],
        duration=[40, 100] * 5,
        lossless=True,
        exact=True,
    )
    return path


def test_times_pixels_and_alpha_are_exact(animation: Path) -> None:
    source = probe(animation)
    assert source.duration == F("0.7")
    assert source.video is not None
    assert source.video.is_vfr
    assert source.video.frames == 10
    index = video_index(source)
    assert [index.time_of(n) for n in range(3)] == [0, F("0.04"), F("0.14")]
    for number, frame in frames(source, index, 0, 10):
        pixels = frame.to_ndarray(format="rgba")
        assert np.array_equal(pixels[20:, :, :3], picture(number, *SIZE)[20:])
        assert set(np.unique(pixels[:10, :, 3])) == {0}
        assert set(np.unique(pixels[10:, :, 3])) == {255}


def test_it_is_cut_and_rendered(animation: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    (sc.open(animation) | sc.trim(ranges=["0.14s-0.56s"])).render(out, pixel_format="yuv420p")
    assert read_bar_codes(out)[0] == list(range(2, 8))
    assert number_in(picture(3, *SIZE)[..., 1]) == 3


def test_a_damaged_one_is_refused(animation: Path) -> None:
    animation.write_bytes(animation.read_bytes()[:400])
    with pytest.raises(SourceError, match="animated WebP"):
        probe(animation)
