"""`denoise`: closer to the picture without noise, at every depth, and pictures without it stay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import cv2
import numpy as np
import pytest

from smartcut.effect import Image, find_effect
from smartcut.media.image import space_of
from smartcut.render.route import Applied
from smartcut.source import Colour
from smartcut.timebase import Range
from tests.builders.chains import chain, moment_of

SIZE = (192, 144)


def scene(pixel_format: str) -> Image:
    """Shapes with edges over a gradient."""
    space = space_of(pixel_format, Colour("bt709", "bt709", "bt709", "limited"), SIZE[1])
    most, planes = (1 << space.depth) - 1, []
    picture = np.linspace(60, 170, SIZE[0])[None].repeat(SIZE[1], axis=0).astype(np.float32)
    cv2.circle(picture, (70, 70), 40, 210, -1, cv2.LINE_AA)
    cv2.rectangle(picture, (110, 30), (170, 110), 40, -1)
    for number in range(3):
        across, down = space.down if number else (1, 1)
        shape = (SIZE[0] // across, SIZE[1] // down)
        plane = cv2.resize(picture, shape, interpolation=cv2.INTER_AREA) / 255 * most
        planes.append(np.rint(plane).astype(np.uint16 if space.depth > 8 else np.uint8))
    return Image(tuple(planes), space)


def noisy(image: Image, spread: float) -> Image:
    random, scale = np.random.default_rng(3), 1 << (image.space.depth - 8)
    planes = [
        np.clip(p + random.normal(0, spread * scale, p.shape), 0, 256 * scale - 1).astype(p.dtype)
        for p in image.planes
    ]
    return replace(image, planes=tuple(planes))


def psnr(one: Image, other: Image) -> float:
    error = np.mean((one.planes[0].astype(float) - other.planes[0]) ** 2)
    return float(10 * np.log10(((1 << one.space.depth) - 1) ** 2 / error))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "gbrp", "gbrp10le"])
@pytest.mark.parametrize(("spread", "gain"), [(3, 2.5), (6, 5), (12, 5)])
def test_noise_goes_and_edges_stay(
    pixel_format: str, spread: float, gain: float, tmp_path: Path
) -> None:
    clean = scene(pixel_format)
    effect = find_effect("denoise").model_validate({"strength": spread})
    work, pictures = chain([Applied(effect, Range(F(0), F(1)))], SIZE, pixel_format, tmp_path)
    pictures[3] = noisy(clean, spread)
    shown = work(moment_of(3))
    assert psnr(shown, clean) >= psnr(pictures[3], clean) + gain
    # The edge of the box is as steep as it was.
    edge = [image.planes[0][60:90, 106:114].mean(axis=0) for image in (shown, clean)]
    assert np.abs(np.diff(edge[0])).max() >= 0.8 * np.abs(np.diff(edge[1])).max()


def test_a_picture_without_noise_hardly_changes(tmp_path: Path) -> None:
    clean = scene("yuv420p")
    effect = find_effect("denoise").model_validate({"strength": 2})
    work, pictures = chain([Applied(effect)], SIZE, "yuv420p", tmp_path)
    pictures[2] = clean
    assert psnr(work(moment_of(2)), clean) > 42
