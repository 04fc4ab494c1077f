"""Pictures one by one: which frames, in which files, with which depth, alpha and colours."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.image_files import comment_of
from smartcut.media.numbered import files_of, is_numbered, numbered, without_number
from smartcut.report.summary import summary
from smartcut.testing import number_in, picture, write_bar_coded


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=75, size=(160, 90), rate=F(25))
    return path


def codes(pattern: Path) -> list[int]:
    return [number_in(np.asarray(Image.open(f).convert("L"))) for _, f in files_of(pattern)]


@pytest.mark.parametrize("name", ["f-%03d.png", "f%d.jpg", "%05d.webp", "f_%04d.jpeg"])
def test_every_frame_is_a_file(name: str, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / name
    result = (sc.open(clip) | sc.trim(ranges=["3f-9f", "70f-75f"])).render(out)
    assert codes(out) == [3, 4, 5, 6, 7, 8, 70, 71, 72, 73, 74]
    pictures = [numbered(out, n) for n in range(1, 12)]
    assert list(result.outputs) == [*pictures, out.parent / f"{without_number(out)}.manifest.json"]
    assert sorted(out.parent.iterdir()) == sorted(result.outputs)
    assert f"wrote {pictures[0]} to {pictures[-1].name}, 11 files" in summary(result)


@pytest.mark.parametrize(
    ("every", "expected"), [("1s", [0, 25, 50]), ("0.7s", [0, 17, 35, 52, 70]), ("5s", [0])]
)
def test_a_picture_every_so_often_is_the_one_shown_then(
    every: str, expected: list[int], clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "f-%d.png"
    sc.open(clip).render(out, every=every)
    assert codes(out) == expected


def test_every_counts_on_over_cuts(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "f-%d.png"
    (sc.open(clip) | sc.trim(ranges=["0-0.6", "2-3"])).render(out, every="0.5s")
    assert codes(out) == [0, 12, 60, 72]  # at 0, 0.5, 1.0 and 1.5 s


def test_deep_pictures_stay_deep(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "f-%d.png"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gbrp10le"
        for i in range(3):
            ramp = np.tile(np.arange(64, dtype=np.uint16) * 2 + 300 + i, (48, 1))
            frame = VideoFrame.from_ndarray(np.dstack([ramp] * 3), format="gbrp10le")
            frame.pts, frame.time_base = i, F(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    sc.open(path).render(out)
    with av.open(str(numbered(out, 2))) as container:
        frame = next(container.decode(video=0))
    assert frame.format.name == "rgb48be"
    values = frame.to_ndarray()[10, :, 0].astype(int)
    expected = (np.arange(64) * 2 + 301) / 1023 * 65535
    assert np.abs(values - expected).max() < 33  # half a step of ten bits


def test_alpha_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "argb"
        for i in range(2):
            alpha = np.tile(np.arange(64, dtype=np.uint8) * 4, (36, 1))
            frame = VideoFrame.from_ndarray(np.dstack([alpha, picture(i, 64, 36)]), format="argb")
            frame.pts, frame.time_base = i, F(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for suffix in ("png", "webp"):
        out = tmp_path / f"f-%d.{suffix}"
        sc.open(path).render(out)
        pixels = np.asarray(Image.open(numbered(out, 2)).convert("RGBA"))
        assert np.abs(pixels[20, :, 3].astype(int) - np.arange(64) * 4).max() <= 1
    result = sc.open(path).render(tmp_path / "f-%d.jpg")
    assert any("its alpha channel is lost" in n and "write .png" in n for n in result.notes)


def test_colours_are_the_sources_and_quality_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write_bar_coded(path, frames=1, size=(160, 90), audio=None, encoder="ffv1", pixel_format="bgr0")
    off, size = {}, {}
    for quality in (20, 95):
        for suffix in ("jpg", "webp"):
            out = tmp_path / f"{suffix}{quality}-%d.{suffix}"
            sc.open(path).render(out, quality=quality)
            pixels = np.asarray(Image.open(numbered(out, 1)).convert("RGB")).astype(int)
            found = np.abs(pixels[60:, :50] - picture(0, 160, 90)[60:, :50])
            off[suffix, quality], size[suffix, quality] = (
                found.mean(),
                numbered(out, 1).stat().st_size,
            )
    for suffix in ("jpg", "webp"):
        assert off[suffix, 95] < 4
        assert size[suffix, 95] > 1.5 * size[suffix, 20]


def test_what_was_generated_is_told_by_each_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=4, size=(64, 36), rate=F(10), audio=None)
    for suffix in ("png", "jpg", "webp"):
        out = tmp_path / f"f-%d.{suffix}"
        (sc.open(path) | sc.interpolate(fps=20, engine="blend")).render(out)
        for _, file in files_of(out):
            assert "interpolate" in comment_of(file)
            Image.open(file).load()


def test_pictures_of_a_longer_run_are_told_of(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "f-%d.png"
    sc.open(clip).render(out, every="1s")
    (tmp_path / "f-01.png").write_bytes(b"of another name")
    result = (sc.open(clip) | sc.trim(end="1.5")).render(out, every="1s")
    assert "1 pictures of an earlier run are still there, from f-3.png on" in result.notes
    assert codes(out)[:2] == [0, 25]


def test_wrong_names_and_settings_say_what_is_right(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"need a place for their number: f-%05d\.png"):
        sc.open(clip).render(tmp_path / "f.png")
    with pytest.raises(RenderError, match=r"numbered pictures; accepted: \.png, \.jpg"):
        sc.open(clip).render(tmp_path / "f-%d.bmp")
    with pytest.raises(RenderError, match=r"`every` is for pictures one by one"):
        sc.open(clip).render(tmp_path / "f.mp4", every="1s")
    with pytest.raises(RenderError, match=r"shorter than a frame, 0\.04 s"):
        sc.open(clip).render(tmp_path / "f-%d.png", every="0.01s")


def test_names_with_a_number() -> None:
    assert is_numbered(Path("a-%03d.png"))
    assert not any(is_numbered(Path(name)) for name in ("100%.png", "a-%03d-%d.png", "a-%s.png"))
    assert numbered(Path("x/a-%03d.png"), 7) == Path("x/a-007.png")
    assert [without_number(Path(p)) for p in ("a-%03d.png", "%d.png")] == ["a", "pictures"]
