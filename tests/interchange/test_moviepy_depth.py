"""MoviePy's effects on pictures of more than 8 bits: as fine as they came, where NumPy works."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.interchange.moviepy import EffectAdapter
from smartcut.testing import write_bar_coded

SIZE = (64, 48)
RATE = Fraction(25)


def deep(time: Fraction) -> np.ndarray:
    """A gradient of 3,072 different 16-bit levels, lighter with every frame."""
    levels = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE[1], SIZE[0]) * 20 + int(time * RATE)
    return np.stack([levels] * 3, axis=-1).astype(np.uint16)


def shallow(time: Fraction) -> np.ndarray:
    return np.rint(deep(time) / 257).astype(np.uint8)


KEPT: dict[str, dict[str, Any]] = {
    "BlackAndWhite": {},
    "Crop": {"x1": 8, "width": 32},
    "FadeIn": {"duration": 1.0},
    "FadeOut": {"duration": 1.0},
    "CrossFadeIn": {"duration": 1.0},
    "Freeze": {"t": 0.4, "freeze_duration": 0.2},
    "GammaCorrection": {"gamma": 1.3},
    "InvertColors": {},
    "LumContrast": {"lum": 3.5, "contrast": 0.2},
    "Margin": {"margin_size": 4},
    "MirrorX": {},
    "MirrorY": {},
    "MultiplyColor": {"factor": 0.75},
    "Scroll": {"w": 32, "x_speed": 4},
    "TimeMirror": {},
}
ROUNDED: dict[str, dict[str, Any]] = {
    "FreezeRegion": {"t": 0.4, "region": (8, 8, 32, 32)},
    "HeadBlur": {"fx": 20, "fy": 20, "radius": 6},
    "Painting": {},
    "Resize": {"new_size": 0.5},
    "Rotate": {"angle": 30},
    "SlideIn": {"duration": 1.0, "side": "left"},
    "SuperSample": {"d": 0.1, "n_frames": 3},
}


@pytest.mark.parametrize("name", [*KEPT, *ROUNDED])
def test_deep_pictures_come_out_as_shallow_ones_do(name: str) -> None:
    params = tuple((KEPT | ROUNDED)[name].items())
    fine, coarse = (
        EffectAdapter(name, params, source, Fraction(2), SIZE, RATE) for source in (deep, shallow)
    )
    for number in (10, 13):
        one, other = fine.frame(number / RATE), coarse.frame(number / RATE)
        assert (one.dtype, other.dtype) == (np.uint16, np.uint8)
        assert one.shape == other.shape
        # MoviePy rounds down, to 8 bits: what is kept of more is at most a step and a half above.
        apart = one.astype(int) - other.astype(int) * 257
        limit = {"LumContrast": 500, "Rotate": 1200}.get(name, 400)
        assert np.percentile(np.abs(apart), 99) <= limit
        if name not in ("Resize", "Rotate"):  # whose pictures are scaled afterwards, in 16 bits
            assert (len(np.unique(one)) > 600) == (name in KEPT)


def test_a_film_of_10_bits_keeps_them(tmp_path: Path) -> None:
    """A gradient of more levels than 8 bits hold is darkened without steps."""
    film, out = tmp_path / "film.mkv", tmp_path / "out.mkv"
    with av.open(str(film), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 896, 16, "yuv420p10le"
        frame = av.VideoFrame(896, 16, "yuv420p10le")
        for plane, values in zip(frame.planes, (np.arange(896) % 877 + 64, 512, 512), strict=True):
            rows = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)
            rows[:, : plane.width] = values
        for number in range(5):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    darker = sc.effects(use="moviepy.MultiplyColor", params={"factor": 0.9})
    (sc.open(film) | darker).render(out, codec="ffv1", pixel_format="yuv420p10le")
    with av.open(str(out)) as container:
        shown = next(container.decode(video=0))
    row = np.frombuffer(shown.planes[0], np.uint16).reshape(16, -1)[8, :876].astype(int)
    expected = 64 + np.arange(876) * 0.9
    assert np.abs(row - expected).max() <= 1
    assert len(np.unique(row)) > 780


def test_shallow_films_are_as_before(tmp_path: Path) -> None:
    film, out = tmp_path / "film.mp4", tmp_path / "out.mkv"
    write_bar_coded(film, frames=5, rate=RATE, size=(64, 48))
    (sc.open(film) | sc.effects(use="moviepy.InvertColors")).render(out, codec="ffv1")
    with av.open(str(film)) as before, av.open(str(out)) as after:
        for one, other in zip(before.decode(video=0), after.decode(video=0), strict=True):
            a, b = (f.reformat(format="gray").to_ndarray().astype(int) for f in (one, other))
            assert np.abs((255 - a) - b).max() <= 3
