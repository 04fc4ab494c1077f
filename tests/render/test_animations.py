"""GIF, animated WebP and APNG: every frame at its time, with its alpha, as often as asked."""

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
from smartcut.media.animated.shown import on_grid
from smartcut.media.containers import CONTAINERS
from smartcut.media.decode import frames
from smartcut.media.probe import examined
from smartcut.report.inspect import inspect
from smartcut.testing import number_in, picture, write_bar_coded

ANIMATED = [row.suffix for row in CONTAINERS.values() if row.kind == "animation"]


def shown(path: Path) -> tuple[list[int], list[F], F]:
    """The numbers of all frames, their times from the first on, and when the last one ends."""
    source, index = examined(path)
    assert index is not None
    numbers = [
        number_in(frame.reformat(format="gray").to_ndarray())
        for _, frame in frames(source, index, 0, len(index))
    ]
    first = index.time_of(0)
    return numbers, [index.time_of(n) - first for n in range(len(index))], index.end - first


@pytest.mark.parametrize("suffix", ANIMATED)
def test_every_frame_is_shown_at_its_time_across_pieces(suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / f"o{suffix}"
    write_bar_coded(path, frames=60, size=(160, 90), rate=F(30000, 1001))
    steps = sc.open(path) | sc.trim(ranges=["5f-20f", "30f-50f"])
    result = steps.render(out)
    numbers, times, end = shown(out)
    assert numbers == [*range(5, 20), *range(30, 50)]
    grid = CONTAINERS[suffix].grid
    assert grid is not None
    due = [k * F(1001, 30000) for k in range(36)]
    off = [abs(t - d) for t, d in zip([*times, end], due, strict=True)]
    assert max(off) <= grid / 2 + F(1, 10**6)
    assert f"the sound is left out: {suffix} holds pictures alone" in result.notes


def gif_delays(path: Path) -> list[int]:
    """Centiseconds of each picture, read byte by byte."""
    data, found, at = path.read_bytes(), [], 13
    at += 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            flags = data[at + 9]
            at += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
        else:
            if data[at + 1] == 0xF9:
                found.append(int.from_bytes(data[at + 4 : at + 6], "little"))
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    return found


def test_times_of_a_gif_never_drift(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.gif"
    write_bar_coded(path, frames=400, size=(64, 36), rate=F(24000, 1001), audio=None)
    sc.open(path).render(out)
    delays = gif_delays(out)
    assert len(delays) == 400
    assert set(delays) <= {4, 5}
    for count in (1, 13, 250, 251, 400):
        assert sum(delays[:count]) == round(count * F(1001, 240))


@pytest.mark.parametrize("loop", [0, 1, 3])
@pytest.mark.parametrize("suffix", ANIMATED)
def test_how_often_it_plays(suffix: str, loop: int, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / f"o{suffix}"
    write_bar_coded(path, frames=4, size=(64, 36), audio=None)
    sc.open(path).render(out, loop=loop)
    told = Image.open(out).info.get("loop")
    # GIF counts the times after the first, and says nothing of one alone.
    assert told == ({0: 0, 1: None, 3: 2}[loop] if suffix == ".gif" else loop)


def test_what_viewers_would_show_slowly_gets_fewer_frames(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.gif"
    write_bar_coded(path, frames=60, size=(160, 90), rate=F(60), audio=None)
    result = sc.open(path).render(out)
    assert "60 frames a second become 50: viewers show faster .gif slowly" in result.notes
    assert set(gif_delays(out)) == {2}
    assert len(gif_delays(out)) == 50


def test_variable_times_are_kept_and_too_short_ones_caught_up() -> None:
    times = [F(0), F(1, 100), F(2, 100), F(20, 100)]
    found = on_grid(times, F(30, 100), CONTAINERS[".gif"])
    assert found == [F(0), F(2, 100), F(4, 100), F(20, 100), F(30, 100)]


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    """A clip with a clear disc that moves by ten pixels a frame."""
    path = tmp_path / "clear.mov"
    y, x = np.mgrid[:90, :160]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "argb"
        for i in range(8):
            alpha = np.where((x - 20 - 10 * i) ** 2 + (y - 70) ** 2 < 200, 0, 255).astype(np.uint8)
            frame = VideoFrame.from_ndarray(np.dstack([alpha, picture(i, 160, 90)]), format="argb")
            frame.pts, frame.time_base = i, F(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ANIMATED)
def test_alpha_is_kept(suffix: str, clear: Path, tmp_path: Path) -> None:
    out = tmp_path / f"o{suffix}"
    sc.open(clear).render(out)
    image = Image.open(out)
    assert image.n_frames == 8
    for number in (0, 3, 7):
        image.seek(number)
        pixels = np.asarray(image.convert("RGBA"))
        assert pixels[70, 20 + 10 * number, 3] == 0
        assert pixels[70, (20 + 10 * number + 60) % 160, 3] == 255
        assert number_in(pixels[..., 1]) == number


@pytest.mark.parametrize("suffix", ANIMATED)
def test_colours_are_the_sources(suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / f"o{suffix}"
    write_bar_coded(path, frames=3, size=(160, 90), audio=None, encoder="ffv1", pixel_format="bgr0")
    sc.open(path).render(out, quality=100)
    image = Image.open(out)
    image.seek(1)
    off = np.abs(np.asarray(image.convert("RGB")).astype(int) - picture(1, 160, 90))
    if suffix == ".gif":
        blurred = off.reshape(9, 10, 160, 3).mean((1, 2))
        assert blurred.max() < 6
    else:
        assert off.max() == 0


@pytest.mark.parametrize("suffix", ANIMATED)
def test_what_was_generated_is_told_by_the_file(suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / f"o{suffix}"
    write_bar_coded(path, frames=8, size=(64, 36), rate=F(10), audio=None)
    (sc.open(path) | sc.interpolate(fps=20, engine="blend")).render(out)
    found = inspect(out)
    assert not found.findings
    assert {i.kind for i in found.made} == {"interpolate"}


def test_sound_alone_makes_no_animation(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=30, size=(64, 36))
    sc.open(path).render(tmp_path / "a.wav")
    with pytest.raises(RenderError, match=r"shows no picture, and \.gif holds pictures alone"):
        sc.open(tmp_path / "a.wav").render(tmp_path / "o.gif")


def test_mode_copy_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=4, size=(64, 36), audio=None)
    with pytest.raises(RenderError, match=r"the pictures of \.gif are put together anew"):
        sc.open(path).render(tmp_path / "o.gif", mode="copy")
