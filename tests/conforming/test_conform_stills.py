"""Slow zooms and pans over a photograph, which is a file of one picture or a clip of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed, pictures
from smartcut.curve import Curve, Key
from smartcut.cut import Effect
from smartcut.report.conforming import conform_text
from tests.builders.conformed import film, shown, sources

SIZE = (512, 288)


def _photograph(folder: Path, name: str, seed: int) -> tuple[Path, Path]:
    """A picture file, and a clip of six seconds of it."""
    picture = next(pictures(Filmed(4, seed, SIZE)))
    image, clip = folder / f"{name}.png", folder / f"{name}.mp4"
    cv2.imwrite(str(image), picture[:, :, ::-1])
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        for number in range(150):
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return image, clip


def _over(lasts: F, scale: tuple[float, float], x: tuple[float, float]) -> Effect:
    keys = {
        name: Curve((Key(F(0), one), Key(lasts, other)), "segment")
        for name, (one, other) in (("scale", scale), ("x", x))
    }
    return Effect("zoom", (*keys.items(), ("y", 0.5)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "as_image",
    [
        pytest.param(
            False,
            id="clip",
            marks=pytest.mark.xfail(reason="a zoom over a clip of it is told as two"),
        ),
        pytest.param(True, id="image"),
    ],
)
def test_moves_over_a_photograph_are_found_whole(tmp_path: Path, as_image: bool) -> None:
    rushes = tmp_path / "rushes"
    files = sources(rushes, 2, Filmed(8, 41, (256, 144)))
    image, clip = _photograph(tmp_path, "photo", 5)
    _, strange = _photograph(tmp_path, "strange", 99)
    zoomed, panned = _over(F(4), (1.0, 1.4), (0.3, 0.3)), _over(F(16, 5), (1.5, 1.5), (0.1, 0.9))
    segments = [
        shown("s0", 20, 50),
        replace(shown("photo", 0, 100), effects=(zoomed,)),
        shown("s1", 60, 40),
        replace(shown("photo", 10, 80), effects=(panned,)),
        replace(shown("strange", 0, 75), effects=(_over(F(3), (1.0, 1.4), (0.6, 0.6)),)),
        shown("photo", 5, 40),
        shown("s1", 20, 40),
    ]
    path = tmp_path / "film.mp4"
    film(path, [*files, clip, strange], segments, crf=20, resolution="320x180")
    (image if as_image else clip).rename(rushes / (image if as_image else clip).name)
    found = sc.conform(path, rushes)
    told = [(p.first, p.last, p.source) for p in found.parts]
    edges = np.cumsum([0, 50, 100, 40, 80, 75, 40, 40]).tolist()
    names = ["s0", "photo", "s1", "photo", None, "photo", "s1"]
    assert told == list(zip(edges, edges[1:], names, strict=False)), conform_text(found)
    speed = F(0) if as_image else F(1)
    assert [p.speed for p in found.parts if p.source == "photo"] == [speed] * 3
    pan = found.parts[3]
    assert pan.end is not None
    np.testing.assert_allclose([pan.window.left, pan.end.left], [0.1 / 3, 0.9 / 3], atol=0.01)
    assert min(p.confidence for p in found.parts if p.source) > 0.9
    assert {p.gain for p in found.parts} == {0.0}  # sound comes and goes; none is softer
