"""Pixel formats and arithmetic on planes: every depth, subsampling, RGB, alpha, odd sizes."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from av.video.frame import VideoFrame

from smartcut.media.covers import laid
from smartcut.media.image import mixed as mixed_images
from smartcut.media.image import of_frame, space_of, to_frame
from smartcut.media.painting import painted_cover
from smartcut.media.picture import from_rgb, to_rgb
from smartcut.media.pixel_formats import closest, losses, pixel_format, planar
from smartcut.media.planes import (
    black,
    in_planes,
    plane_of,
    rgb_to_yuv,
    same_pixels,
    to_planes,
)
from smartcut.source import Colour

FORMATS = [f"yuv{chroma}p{deep}" for chroma in (420, 422, 444) for deep in ("", "10le", "12le")] + [
    "yuvj420p",
    "yuv411p",
    "yuv440p",
    "gbrp",
    "gbrp10le",
    "gbrp12le",
]
PACKED = ["rgb24", "argb", "bgr0", "rgb48be", "nv12"]
WITH_ALPHA = ["yuva420p", "yuva422p10le", "yuva444p12le", "gbrap", "gbrap12le"]
SIZE = (67, 45)
BT709 = Colour(primaries="bt709", transfer="bt709", matrix="bt709", range="limited")
COLOUR = (200, 30, 90)


def plain(name: str, rgb: tuple[int, int, int]) -> VideoFrame:
    pixels = np.empty((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[:] = rgb
    colour = BT709 if not name.startswith("yuvj") else Colour(matrix="bt709", range="full")
    return from_rgb(pixels, name, colour)


def blend(one: VideoFrame, other: VideoFrame, share: float) -> VideoFrame:
    """Two frames mixed as pictures are."""
    full = one.format.name.startswith("yuvj")
    colour = Colour(matrix="bt709", range="full") if full else BT709
    space = space_of(one.format.name, colour, one.height)
    return to_frame(mixed_images(of_frame(one, space), of_frame(other, space), share), colour)


def overlay(frame: VideoFrame, rgba: np.ndarray, x: int, y: int) -> VideoFrame:
    """A frame with something drawn on it, as layers are."""
    name = frame.format.name
    full = name.startswith("yuvj")
    colour = Colour(matrix="bt709", range="full") if full else BT709
    space = space_of(name, colour, frame.height)
    covered = painted_cover(rgba, x, y, (frame.width, frame.height), space, colour)
    assert covered is not None
    return to_frame(laid(of_frame(frame, space), covered), colour)


def alpha_of(frame: VideoFrame) -> np.ndarray:
    """0..1."""
    depth = pixel_format(frame.format.name).depth
    return plane_of(frame, len(frame.planes) - 1) / ((1 << depth) - 1)


@pytest.mark.parametrize("name", FORMATS + WITH_ALPHA)
def test_black_is_black_in_every_format(name: str) -> None:
    for full in (False, True):
        colour = Colour(matrix="bt709", range="full" if full else "limited")
        frame = black(*SIZE, name, colour)
        frame.color_range = 2 if full else 1
        assert to_rgb(frame).max() == 0
    if pixel_format(name).has_alpha:
        assert alpha_of(frame).min() == 1


@pytest.mark.parametrize("name", FORMATS + WITH_ALPHA)
def test_drawing_is_right_in_every_format_and_touches_the_box_alone(name: str) -> None:
    frame = plain(name, (20, 60, 160))
    rgba = np.zeros((17, 21, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = COLOUR, 255
    at = (48, 30)  # over the right and lower edges, by an odd number of pixels
    drawn = overlay(frame, rgba, *at)
    assert drawn.format.name == name
    got, was = to_rgb(drawn).astype(int), to_rgb(frame).astype(int)
    inside = got[at[1] + 4 : 43, at[0] + 8 : 63]
    assert np.abs(inside - COLOUR).max() <= 3
    assert np.array_equal(got[: at[1] - 4], was[: at[1] - 4])
    assert np.array_equal(got[:, : at[0] - 8], was[:, : at[0] - 8])


def test_grey_pictures_have_luma_alone() -> None:
    for name, dark in (("gray", 16), ("gray10le", 64)):
        frame = black(*SIZE, name, BT709)
        frame.colorspace = 1
        rgba = np.full((9, 9, 4), 255, np.uint8)
        drawn = plane_of(overlay(frame, rgba, 3, 5), 0)
        assert (drawn[5:14, 3:12] == 235 * dark // 16).all()
        assert (drawn[:5] == dark).all()


@pytest.mark.parametrize("name", WITH_ALPHA)
def test_what_is_drawn_on_a_transparent_picture_shows_alone(name: str) -> None:
    frame = plain(name, (0, 255, 0))
    plane_of(frame, len(frame.planes) - 1)[:] = 0
    rgba = np.zeros((16, 24, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = COLOUR, 128
    drawn = overlay(frame, rgba, 8, 8)
    assert alpha_of(drawn)[10:20, 12:28] == pytest.approx(128 / 255, abs=0.003)
    assert alpha_of(drawn)[:8].max() == 0
    assert np.abs(to_rgb(drawn)[12:20, 14:26].astype(int) - COLOUR).max() <= 3


@pytest.mark.parametrize("name", FORMATS + WITH_ALPHA)
def test_two_pictures_mix_in_every_format(name: str) -> None:
    mixed = to_rgb(blend(plain(name, (200, 40, 0)), plain(name, (0, 80, 200)), 0.25)).astype(int)
    assert np.abs(mixed - (150, 50, 50)).max() <= 3
    assert mixed.std(axis=(0, 1)).max() < 1


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc", "smpte240m", "fcc"])
@pytest.mark.parametrize("full", ["full", "limited"])
def test_rgb_goes_through_the_matrix_that_is_told(matrix: str, full: Literal["full"]) -> None:
    pixels = np.empty((*SIZE[::-1], 3), np.uint8)
    pixels[:] = COLOUR
    frame = from_rgb(pixels, "yuv444p", Colour(matrix=matrix, range=full))
    wanted = rgb_to_yuv(pixels[:1, :1], matrix, full == "full", 8)[0, 0]
    assert [plane_of(frame, i)[3, 3] for i in range(3)] == pytest.approx(wanted, abs=1)
    assert np.abs(to_rgb(frame).astype(int) - COLOUR).max() <= 2


def test_a_transparent_picture_adds_no_colour_to_a_mix() -> None:
    hidden, shown = plain("yuva420p", (0, 255, 0)), plain("yuva420p", COLOUR)
    plane_of(hidden, 3)[:] = 0
    mixed = blend(hidden, shown, 0.5)
    assert np.abs(to_rgb(mixed).astype(int) - COLOUR).max() <= 3
    assert alpha_of(mixed) == pytest.approx(0.5, abs=0.003)


@pytest.mark.parametrize("name", FORMATS + WITH_ALPHA + PACKED)
def test_frames_are_compared_in_every_format(name: str) -> None:
    size = (66, 44)
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    one = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=name)
    pixels[20, 30] = 255 - pixels[20, 30]
    other = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=name)
    assert same_pixels(one, one)
    assert not same_pixels(one, other)
    assert not same_pixels(one, one.reformat(format="yuv410p"))
    assert [p.dtype.itemsize for p in to_planes(in_planes(one))] == [
        1 if pixel_format(name).depth == 8 else 2
    ] * len(in_planes(one).planes)


def test_packed_formats_have_a_planar_one_that_keeps_all_of_them() -> None:
    known = {
        "yuv420p": "yuv420p",
        "yuva444p12le": "yuva444p12le",
        "argb": "gbrap",
        "bgr0": "gbrp",
        "rgb48be": "gbrp16le",
        "rgba64be": "gbrap16le",
        "pal8": "gbrp",
        "ya8": "yuva444p",
        "nv12": "yuv420p",
        "p010le": "yuv420p10le",
    }
    assert {name: planar(name) for name in known} == known
    for name in known:
        assert not losses(name, planar(name))


def test_the_closest_format_keeps_alpha_then_depth_then_chroma() -> None:
    offered = ["yuv420p", "yuva420p", "yuv444p", "yuv420p10le", "yuv422p10le"]
    assert closest("yuva444p12le", offered) == "yuva420p"
    assert closest("yuv444p12le", offered) == "yuv422p10le"
    assert closest("gbrp", offered) == "yuv444p"
    assert closest("gray", offered) == "yuv420p"
    assert closest("yuv420p10le", offered) == "yuv420p10le"
    assert losses("yuva444p12le", "yuv420p10le") == (
        "its alpha channel is lost",
        "12 bits become 10",
        "4:4:4 becomes 4:2:0",
    )
