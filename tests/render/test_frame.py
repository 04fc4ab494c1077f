"""Single pictures of a film: those that its file has."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import smartcut as sc
from smartcut.cli import app
from smartcut.errors import RenderError
from smartcut.media.picture import to_rgb
from smartcut.stages.render import Render
from smartcut.testing import write_bar_coded


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 96), gop=25)
    return path


def in_file(path: Path, number: int) -> np.ndarray:
    with av.open(str(path)) as container:
        return to_rgb(next(f for i, f in enumerate(container.decode(video=0)) if i == number))


def test_copied_encoded_and_captioned_frames_are_those_of_the_file(tmp_path: Path) -> None:
    film = tmp_path / "long.mp4"
    write_bar_coded(film, frames=300, rate=F(25), size=(160, 96), gop=25)
    Image.new("RGB", (20, 10), (255, 0, 0)).save(tmp_path / "logo.png")
    out = tmp_path / "out.mp4"
    pipeline = (
        sc.open(film)
        | sc.trim(ranges=["0.2-11.8"])
        | sc.blur(start=1, end=1.2)
        | sc.overlay(file=tmp_path / "logo.png", at=1.2, duration=0.4, width=0.2)
        | sc.title(text="Harbour", at=2, duration=0.4, fade=0)
    )
    pipeline.run(output=out)
    for number in (0, 20, 27, 32, 55, 100, 200, 289):
        shown = pipeline.frame(F(number, 25), output=out)
        wanted = in_file(out, number)
        assert shown.shape == wanted.shape
        assert shown.dtype == np.uint8
        off = np.abs(shown.astype(int) - wanted).mean()
        assert off < 4, number
        is_copied = number in (100, 200)
        assert not is_copied or (shown == wanted).all()
        assert not is_copied or (shown == in_file(film, number + 5)).all()


def test_the_middle_of_a_dissolve_is_that_of_the_file(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    pipeline = (
        sc.open(film)
        | sc.trim(ranges=["0-1", "2-3"])
        | sc.transitions(kind="dissolve", duration=0.4)
        | Render(codec="ffv1", pixel_format="yuv444p")
    )
    pipeline.run(output=out)
    for number in (14, 16, 19, 24):
        np.testing.assert_array_equal(
            pipeline.frame(F(number, 25), output=out), in_file(out, number)
        )


def test_of_a_video_alone_it_is_its_frame(film: Path) -> None:
    np.testing.assert_array_equal(sc.open(film).frame("1.24"), in_file(film, 31))


@pytest.mark.parametrize("pixel_format", ["yuv444p10le", "gbrp10le"])
def test_of_another_format_it_is_that_of_the_file(
    film: Path, tmp_path: Path, pixel_format: str
) -> None:
    pipeline = sc.open(film) | sc.trim(ranges=["1-1.4"]) | sc.zoom()
    pipeline |= Render(codec="ffv1", pixel_format=pixel_format)
    pipeline.run(output=tmp_path / "b.mkv")
    shown = pipeline.frame("0.2", output="b.mkv")
    np.testing.assert_array_equal(shown, in_file(tmp_path / "b.mkv", 5))


def test_a_time_outside_is_refused(film: Path) -> None:
    with pytest.raises(RenderError, match=r"no picture at 9 s: the film lasts 4\.000 s"):
        sc.open(film).frame(9)


def test_the_command_writes_it(film: Path, tmp_path: Path) -> None:
    pipeline, out = tmp_path / "a.yaml", tmp_path / "frame.png"
    pipeline.write_text("stages:\n- trim: {ranges: [1-2]}\n- flip\n")
    done = CliRunner().invoke(app, ["frame", str(pipeline), str(film), "0.2", "-o", str(out)])
    assert done.exit_code == 0, done.output
    shown = np.asarray(Image.open(out))
    assert np.abs(shown[:, ::-1].astype(int) - in_file(film, 30)).mean() < 1
    done = CliRunner().invoke(app, ["frame", str(film), "0:01.2", "-o", str(out)])
    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(np.asarray(Image.open(out)), in_file(film, 30))
    done = CliRunner().invoke(app, ["frame", str(film), "1", "-o", str(tmp_path / "frame.mp4")])
    assert done.exit_code != 0
    assert "accepted: .png" in " ".join(done.output.replace("│", " ").split())


def test_colours_without_tags_are_the_same_in_copied_and_encoded_parts(tmp_path: Path) -> None:
    path = tmp_path / "sd.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0", "crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.gop_size = 25
        for number in range(75):
            frame = av.VideoFrame(320, 240, "yuv420p")
            for plane, value in zip(frame.planes, (120, 90, 200), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    film = sc.open(path) | sc.trim(ranges=["0.4-2.6"])  # encoded up to 1 s of the source
    blurred = sc.open(path) | sc.blur(sigma=2, **{"to": "1s"})
    out = film.render(tmp_path / "o.mp4")
    assert {i["how"] for i in json.loads(out.outputs[-1].read_text())["intervals"]} == {
        "copy",
        "encode",
    }
    # As ITU-R BT.601 has it, for pictures of that height; BT.709 would be 26 steps off.
    for shown in (film, blurred, sc.open(tmp_path / "o.mp4")):
        for time in (0.1, 1.5):
            pixel = shown.frame(time)[120, 160].astype(int)
            assert np.abs(pixel - (236, 77, 44)).max() <= 2


def test_pixels_that_are_not_square_may_make_an_odd_size(tmp_path: Path) -> None:
    path = tmp_path / "wide.mp4"
    write_bar_coded(path, frames=5, size=(160, 96), audio=None, options={"x264-params": "sar=4/3"})
    assert sc.open(path).frame(0).shape == (96, 213, 3)
