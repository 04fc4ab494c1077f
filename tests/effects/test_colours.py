"""Patches of known colours through every path: what was meant comes out, within two levels."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

import smartcut as sc
from smartcut.media.probe import probe
from smartcut.media.reduce import Reducer
from smartcut.stage import Frames

# Red, green, blue and gray, one in each quarter.
PATCHES = [(200, 30, 30), (40, 170, 60), (50, 60, 190), (128, 128, 128)]
# Levels of 8 bits; where matrices are converted, numbers are rounded twice.
NEAR = 2.5
SD, HD = (128, 72), (128, 720)
# ITU-R BT.601, BT.709 and BT.2020: the shares of red and blue in luma, and FFmpeg's numbers.
WEIGHTS = {"smpte170m": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593)}
NUMBERS = {"smpte170m": 6, "bt470bg": 5, "bt709": 1, "bt2020nc": 9}


#: The source's own, the other's, and that of small pictures.
RESOLUTIONS = [None, "128x720", pytest.param("128x72", marks=pytest.mark.slow)]


def to_yuv(rgb: np.ndarray, matrix: str, full: bool, bits: int) -> np.ndarray:
    """float64 (..., 3) by the standards' own equations, of RGB in 0..255."""
    kr, kb = WEIGHTS[matrix]
    r, g, b = (rgb[..., i] / 255.0 for i in range(3))
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 - 2 * kb), (r - y) / (2 - 2 * kr)
    if full:
        top = (1 << bits) - 1
        return np.stack([y * top, cb * top + (1 << bits - 1), cr * top + (1 << bits - 1)], -1)
    unit = 1 << (bits - 8)
    return np.stack([219 * y + 16, 224 * cb + 128, 224 * cr + 128], -1) * unit


def to_rgb(yuv: np.ndarray, matrix: str, full: bool, bits: int) -> np.ndarray:
    """The other way round."""
    kr, kb = WEIGHTS[matrix]
    if full:
        top, middle = (1 << bits) - 1, 1 << (bits - 1)
        y, cb, cr = yuv[..., 0] / top, (yuv[..., 1] - middle) / top, (yuv[..., 2] - middle) / top
    else:
        yuv = yuv / (1 << (bits - 8))
        y, cb, cr = (yuv[..., 0] - 16) / 219, (yuv[..., 1] - 128) / 224, (yuv[..., 2] - 128) / 224
    r, b = y + (2 - 2 * kr) * cr, y + (2 - 2 * kb) * cb
    return np.stack([r, (y - kr * r - kb * b) / (1 - kr - kb), b], -1) * 255


def quarters(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3): each patch fills its quarter."""
    picture = np.asarray(values).reshape(2, 2, 3)
    return picture.repeat(size[1] // 2, axis=0).repeat(size[0] // 2, axis=1)


def footage(
    path: Path,
    size: tuple[int, int] = SD,
    matrix: str | None = None,
    full: bool = False,
    bits: int = 8,
    frames: int = 10,
) -> Path:
    """A film of the patches, tagged with the matrix; None: no tag, so that players go by size."""
    used = matrix or ("bt709" if size[1] >= 720 else "smpte170m")
    yuv = np.rint(to_yuv(quarters(np.array(PATCHES), size), used, full, bits))
    yuv = yuv.astype(np.uint16 if bits > 8 else np.uint8)
    name = "yuv420p" if bits == 8 else "yuv420p10le"
    frame = VideoFrame(*size, name)
    for i, plane in enumerate(frame.planes):
        values = yuv[:: 2 if i else 1, :: 2 if i else 1, i]
        raw = np.frombuffer(memoryview(plane), values.dtype)
        raw.reshape(-1, plane.line_size // raw.itemsize)[:, : values.shape[1]] = values
    options = {"crf": "2", "preset": "ultrafast"}
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, name
        context = stream.codec_context
        context.colorspace, context.color_range = NUMBERS.get(matrix or "", 2), 2 if full else 1
        frame.colorspace, frame.color_range = context.colorspace, context.color_range
        for number in range(frames):
            frame.pts, frame.time_base = number, F(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def shown(path: Path) -> Iterator[np.ndarray]:
    """(4, 3) of each frame: its patches, as a player that keeps to the tags would show them."""
    tagged = {n: "smpte170m" if name == "bt470bg" else name for name, n in NUMBERS.items()}
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            bits = frame.format.components[0].bits
            assumed = "bt709" if frame.height >= 720 else "smpte170m"
            matrix = tagged.get(int(frame.colorspace), assumed)
            planes = []
            for plane in frame.planes:
                raw = np.frombuffer(memoryview(plane), np.uint16 if bits > 8 else np.uint8)
                values = raw.reshape(-1, plane.line_size // raw.itemsize)
                planes.append(in_quarters(values[: plane.height, : plane.width, None])[:, 0])
            yield to_rgb(np.stack(planes, -1), matrix, int(frame.color_range) == 2, bits)


def in_quarters(pixels: np.ndarray) -> np.ndarray:
    """(4, n): the mean in the middle of each quarter."""
    h, w = pixels.shape[:2]
    found = []
    for y in (0, h // 2):
        for x in (0, w // 2):
            part = pixels[y + h // 8 : y + h // 4, x + w // 8 : x + w // 4]
            found.append(part.reshape(-1, part.shape[-1]).mean(axis=0))
    return np.array(found)


def check(path: Path, frames: int | None = None) -> None:
    found = list(shown(path))
    assert frames is None or len(found) == frames
    for number, patches in enumerate(found):
        assert np.abs(patches - PATCHES).max() <= NEAR, (number, patches.round())


KINDS: dict[str, dict[str, Any]] = {
    "sd": {},
    "sd tagged": {"matrix": "smpte170m"},
    "sd as hd": {"matrix": "bt709"},
    "hd": {"size": HD},
    "hd as sd": {"size": HD, "matrix": "smpte170m"},
    "full": {"full": True},
    "deep": {"bits": 10, "matrix": "bt709"},
    "deep uhd": {"bits": 10, "matrix": "bt2020nc"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_sizes(kind: str, tmp_path: Path) -> None:
    path, out = footage(tmp_path / "a.mp4", frames=3, **KINDS[kind]), tmp_path / "o.mp4"
    check(path)
    for resolution in ("128x72", "128x720", "96x96"):
        sc.open(path).render(out, mode="encode", resolution=resolution, fit="stretch")
        check(out, 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_slides_after_footage(kind: str, resolution: str | None, tmp_path: Path) -> None:
    path, out = footage(tmp_path / "a.mp4", frames=3, **KINDS[kind]), tmp_path / "o.mp4"
    picture = tmp_path / "slide.png"
    Image.fromarray(quarters(np.array(PATCHES, np.uint8), KINDS[kind].get("size", SD))).save(
        picture
    )
    slides = sc.slides(pictures=[str(picture)], seconds="0.3s", move="none")
    (sc.open(path) | slides).render(out, resolution=resolution, fit="stretch")
    check(out, 6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_effects(kind: str, resolution: str | None, tmp_path: Path) -> None:
    path = footage(tmp_path / "a.mp4", frames=4, **KINDS[kind])
    look = tmp_path / "look.cube"
    rows = [f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    look.write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    stages = {
        "styled": sc.stylize(lut=str(look)),
        "moviepy": sc.effects(use="moviepy.MultiplyColor", params={"factor": 1.0}),
        "between": sc.interpolate(fps=20, engine="blend", guard=0),
    }
    for name, stage in stages.items():
        out = tmp_path / f"{name}.mp4"
        (sc.open(path) | stage).render(out, resolution=resolution, fit="stretch")
        check(out)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_titles(kind: str, resolution: str | None, tmp_path: Path) -> None:
    """The box of a title is as red as the patch that it lies on."""
    path, out = footage(tmp_path / "a.mp4", frames=3, **KINDS[kind]), tmp_path / "o.mp4"
    red = "#{:02x}{:02x}{:02x}".format(*PATCHES[0])
    title = sc.title(
        text="M\nM", colour=red, outline_width=0, box=red, fade=0, size=0.3, duration="0.3s"
    )
    (sc.open(path) | title).render(out, mode="encode", resolution=resolution, fit="stretch")
    for patches in _middles(out):
        assert np.abs(patches - PATCHES[0]).max() <= NEAR, patches


def _middles(path: Path) -> Iterator[np.ndarray]:
    """(3,) of each frame: its colour in the very middle."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            bits = frame.format.components[0].bits
            tagged = {6: "smpte170m", 5: "smpte170m", 1: "bt709", 9: "bt2020nc"}
            assumed = "bt709" if frame.height >= 720 else "smpte170m"
            matrix = tagged.get(int(frame.colorspace), assumed)
            values = []
            for plane in frame.planes:
                raw = np.frombuffer(memoryview(plane), np.uint16 if bits > 8 else np.uint8)
                grid = raw.reshape(-1, plane.line_size // raw.itemsize)
                y, x = plane.height // 2, plane.width // 2
                values.append(grid[y - 3 : y + 3, x - 2 : x + 2].mean())
            yield to_rgb(np.array(values), matrix, int(frame.color_range) == 2, bits)


@pytest.mark.parametrize("averaged", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_that_are_looked_at(kind: str, averaged: bool, tmp_path: Path) -> None:
    video = probe(footage(tmp_path / "a.mp4", frames=1, **KINDS[kind])).video
    assert video is not None
    reduced = Reducer(video)
    key = reduced.key(Frames((64, 36), "rgb", averaged=averaged))
    with av.open(str(tmp_path / "a.mp4")) as container:
        (pixels,) = reduced(next(container.decode(video=0)), [key])
    if averaged or kind != "hd":  # what OpenCV would read: BT.601 where no file says otherwise
        assert np.abs(in_quarters(pixels) - PATCHES).max() <= 3


@pytest.mark.parametrize(
    ("one", "other"),
    [("sd", "hd"), ("hd", "sd"), ("sd", "sd as hd"), ("full", "sd"), ("sd", "full"), ("deep", "sd"),
     ("sd tagged", "deep uhd"), ("hd", "hd as sd")],
)  # fmt: skip
def test_mixed_sources(one: str, other: str, tmp_path: Path) -> None:
    first = footage(tmp_path / "a.mp4", frames=6, **KINDS[one])
    second = footage(tmp_path / "b.mp4", frames=3, **KINDS[other])
    for resolution in (None, "128x720", "128x72"):
        out = tmp_path / "o.mp4"
        sc.open(first, second).render(out, resolution=resolution, fit="stretch")
        check(out, 9)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_beside_the_file(kind: str, tmp_path: Path) -> None:
    path, out = footage(tmp_path / "a.mp4", frames=3, **KINDS[kind]), tmp_path / "o.mp4"
    sc.open(path).render(out, thumbnail=True, contact_sheet=True)
    thumbnail = in_quarters(np.asarray(Image.open(tmp_path / "o.thumbnail.png")))
    assert np.abs(thumbnail - PATCHES).max() <= NEAR, thumbnail
    sheet = in_quarters(np.asarray(Image.open(tmp_path / "o.sheet.png"))[8:188, 8:-8])
    assert np.abs(sheet - PATCHES).max() <= NEAR, sheet


@pytest.mark.parametrize(("under", "over"), [("hd", "sd"), ("sd", "sd as hd"), ("hd", "full")])
def test_overlays(under: str, over: str, tmp_path: Path) -> None:
    """A film over another of other colours; it fills the middle."""
    film = footage(tmp_path / "a.mp4", frames=3, **KINDS[under])
    above, out = footage(tmp_path / "b.mp4", frames=3, **KINDS[over]), tmp_path / "o.mp4"
    whole = sc.overlay(file=above, position="centre", margin=0, width=1)
    (sc.open(film) | whole).render(out)
    height = KINDS[under].get("size", SD)[1]
    tagged = {1: "bt709", 6: "smpte170m"}
    with av.open(str(out)) as container:
        for frame in container.decode(video=0):
            used = tagged.get(int(frame.colorspace), "bt709" if height >= 720 else "smpte170m")
            top = (height - SD[1]) // 2
            planes = []
            for i, plane in enumerate(frame.planes):
                raw = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                first, last = (n // (2 if i else 1) for n in (top, top + SD[1]))
                planes.append(in_quarters(raw[first:last, : plane.width, None])[:, 0])
            found = to_rgb(np.stack(planes, -1), used, False, 8)
            assert np.abs(found - PATCHES).max() <= NEAR, found.round()
