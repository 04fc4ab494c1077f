"""All eight orientations of a display matrix: copied, encoded, drawn into, looked at."""

from __future__ import annotations

import subprocess
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

import smartcut as sc
from smartcut.media.index import video_index
from smartcut.media.orientation import display_matrix, orientation_in, orientation_of, upright
from smartcut.media.probe import probe
from smartcut.media.reduce import Reducer
from smartcut.models.makers.camera_move import read
from smartcut.report.tables import source_text
from smartcut.stage import Frames

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SIZE = (96, 64)
RED, GREEN, BLUE, GRAY = (200, 40, 40), (40, 180, 40), (40, 40, 200), (150, 150, 150)
CORNERS = [[RED, GREEN], [BLUE, GRAY]]
"""What is to be seen: at the top red and green, at the bottom blue and gray."""

ORIENTATIONS = [(turn, mirror) for mirror in (False, True) for turn in (0, 90, 180, 270)]
# The same by EXIF's numbers, as its standard tells them.
EXIF = dict(zip((1, 6, 3, 8, 2, 7, 4, 5), ORIENTATIONS, strict=True))


def seen() -> np.ndarray:
    """uint8 (64, 96, 3): the upright picture."""
    corners = np.array(CORNERS, np.uint8)
    return corners.repeat(SIZE[1] // 2, axis=0).repeat(SIZE[0] // 2, axis=1)


def coded(turn: int, mirror: bool) -> np.ndarray:
    """The picture as it is coded, so that mirrored and then turned clockwise it is upright."""
    pixels = np.rot90(seen(), turn // 90)
    return np.ascontiguousarray(pixels[:, ::-1] if mirror else pixels)


def film(path: Path, turn: int, mirror: bool, frames: int = 30) -> Path:
    """A film in the orientation; its matrix is made by FFmpeg, which flips after turning."""
    pixels = coded(turn, mirror)
    with av.open(str(path), "w") as container:
        codec = "libvpx-vp9" if path.suffix == ".webm" else "libx264"
        stream: Any = container.add_stream(codec, rate=10, options={"bf": "0"})
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt, stream.codec_context.gop_size = "yuv420p", 10
        sideways = mirror and turn in (90, 270)
        stream.set_display_rotation(-turn, hflip=mirror and not sideways, vflip=sideways)
        for _ in range(frames):
            container.mux(stream.encode(VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def as_players_show(path: Path, number: int = 0) -> np.ndarray:
    """A frame as FFmpeg's program turns it, RGB."""
    picture = path.with_suffix(".shown.png")
    command = [FFMPEG, "-v", "error", "-y", "-i", str(path), "-vf", f"select=eq(n\\,{number})"]
    subprocess.run([*command, "-frames:v", "1", str(picture)], check=True)
    return np.asarray(Image.open(picture).convert("RGB"))


def check(pixels: np.ndarray, near: int = 14) -> None:
    """Each corner has its colour, in a picture as wide as it was."""
    assert pixels.shape[1] > pixels.shape[0]
    h, w = pixels.shape[:2]
    for y, row in enumerate(CORNERS):
        for x, colour in enumerate(row):
            at = pixels[h // 8 + y * (h - h // 4), w // 8 + x * (w - w // 4)]
            assert np.abs(at.astype(int) - colour).max() <= near, (y, x, at)


@pytest.mark.parametrize(("turn", "mirror"), ORIENTATIONS)
def test_a_matrix_means_what_it_meant(turn: int, mirror: bool) -> None:
    assert orientation_in(list(display_matrix(turn, mirror))) == (turn, mirror)
    assert np.array_equal(upright(coded(turn, mirror), turn, mirror), seen())


def test_scale_and_small_angles_do_not_count() -> None:
    assert orientation_in([0, 2 << 16, 0, -(2 << 16), 3000, 0, 40, 90, 1 << 30]) == (90, False)
    assert orientation_in([0] * 9) == (0, False)


@pytest.mark.parametrize(("turn", "mirror"), ORIENTATIONS)
def test_copied_encoded_and_drawn_into(turn: int, mirror: bool, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", turn, mirror)
    check(as_players_show(path))  # the test's own picture is as meant
    video = probe(path).video
    assert video is not None
    assert (*video.orientation, video.display_size) == (turn, mirror, SIZE)
    copied, spliced, encoded, titled = (tmp_path / f"{n}.mp4" for n in ("c", "s", "e", "t"))
    (sc.open(path) | sc.trim(start="1s", end="2s")).render(copied, mode="copy")
    (sc.open(path) | sc.trim(start="0.5s", end="2.5s")).render(spliced)
    (sc.open(path) | sc.trim(start="0.5s", end="2s")).render(encoded, mode="encode")
    title = sc.title(text="A", size=0.1, fade=0, duration="1s")
    (sc.open(path) | title).render(titled)
    for out in (copied, spliced):
        after = probe(out).video
        assert after is not None
        assert after.orientation == (turn, mirror)
        check(as_players_show(out))
        check(as_players_show(out, 9))
    for out in (encoded, titled):
        after = probe(out).video
        assert after is not None
        assert (after.width, after.height) == SIZE
        check(as_players_show(out))


@pytest.mark.parametrize("suffix", [".mov", ".mkv", ".webm"])
@pytest.mark.parametrize(("turn", "mirror"), [(0, True), (90, True), (270, False)])
def test_every_container_keeps_it(suffix: str, turn: int, mirror: bool, tmp_path: Path) -> None:
    path = film(tmp_path / f"a{suffix}", turn, mirror)
    out = tmp_path / f"o{suffix}"
    (sc.open(path) | sc.trim(start="1s", end="2s")).render(out, mode="copy")
    with av.open(str(out)) as container:
        assert orientation_of(next(container.decode(video=0))) == (turn, mirror)


@pytest.mark.parametrize(("turn", "mirror"), [(0, True), (90, True), (180, False)])
def test_pictures_that_are_looked_at_are_upright(turn: int, mirror: bool, tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4", turn, mirror, 10), tmp_path / "o.mp4"
    source = probe(path)
    assert source.video is not None
    assert f"{'mirrored' if mirror else 'turned 180 degrees'}" in source_text(source)
    reduced = Reducer(source.video)
    keys = [reduced.key(wish) for wish in (Frames(32, "rgb"), Frames((48, 32), "rgb"))]
    assert len(video_index(source)) == 10
    with av.open(str(path)) as container:
        for pixels in reduced(next(container.decode(video=0)), keys):
            check(pixels)
    sc.open(path).render(out, mode="encode", thumbnail=True, contact_sheet=True)
    check(np.asarray(Image.open(tmp_path / "o.thumbnail.png")))
    sheet = np.asarray(Image.open(tmp_path / "o.sheet.png"))
    check(sheet[8:188, 8:-8])


@pytest.mark.parametrize(("turn", "mirror"), [(0, True), (270, True)])
def test_effects_get_upright_pictures(turn: int, mirror: bool, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", turn, mirror, 10)
    look = tmp_path / "look.cube"
    rows = [f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    look.write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    stages = {
        "interpolated": sc.interpolate(fps=20, engine="blend"),
        "styled": sc.stylize(lut=str(look)),
        "effects": sc.effects(use="moviepy.MultiplyColor", params={"factor": 1.0}),
    }
    for name, stage in stages.items():
        out = tmp_path / f"{name}.mp4"
        (sc.open(path) | stage).render(out)
        check(as_players_show(out, 5))


def test_orientation_in_the_stream_itself(tmp_path: Path) -> None:
    """H.264's display orientation SEI, where no container says anything."""
    path, told, out = film(tmp_path / "a.mp4", 0, False), tmp_path / "b.mkv", tmp_path / "o.mp4"
    said = "h264_metadata=display_orientation=insert:rotate=90:flip=horizontal"
    command = [FFMPEG, "-v", "error", "-i", str(path), "-c", "copy", "-bsf:v", said, str(told)]
    subprocess.run(command, check=True)
    shown = as_players_show(told)
    (sc.open(told) | sc.trim(start=0, end="0.7s")).render(out, mode="encode")
    found = as_players_show(out)
    assert shown.shape == found.shape == (SIZE[0], SIZE[1], 3)
    assert np.abs(shown.astype(int) - found)[::4, ::4].max() < 30


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize("number", EXIF)
def test_photographs_are_shown_upright(number: int, suffix: str, tmp_path: Path) -> None:
    photo = Image.fromarray(coded(*EXIF[number]))
    if suffix == ".png":
        photo.putalpha(255)
    exif = Image.Exif()
    exif[0x0112] = number
    path = tmp_path / f"a{suffix}"
    photo.save(path, exif=exif, **({"quality": 95} if suffix == ".jpg" else {}))
    check(read(path))


def test_a_photograph_as_an_input(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jpg", tmp_path / "o.mp4"
    exif = Image.Exif()
    exif[0x0112] = 5
    Image.fromarray(coded(270, True)).save(path, exif=exif, quality=95)
    sc.open(path).render(out)
    check(as_players_show(out))


def test_slides_of_photographs(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jpg", tmp_path / "o.mp4"
    exif = Image.Exif()
    exif[0x0112] = 7
    Image.fromarray(coded(90, True)).save(path, exif=exif, quality=95)
    base = film(tmp_path / "base.mp4", 0, False, 10)
    stage = sc.slides(pictures=[str(path)], seconds="1s", move="none")
    (sc.open(base) | stage).render(out)
    assert probe(out).duration == F(2)
    check(as_players_show(out, 15))


@pytest.mark.parametrize(("turn", "mirror"), ORIENTATIONS)
def test_single_frames_are_upright(tmp_path: Path, turn: int, mirror: bool) -> None:
    """Of copied spans, whose film players turn, and of encoded ones."""
    pipeline = sc.open(film(tmp_path / "a.mp4", turn, mirror))
    check(pipeline.frame(1))
    check((pipeline | sc.blur(sigma=1)).frame(1))
