"""Interlaced sources: fields and their flags are kept, or whole pictures are made, as asked."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest
import yaml
from pydantic import ValidationError

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.decode import whole_frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.report.tables import source_text
from smartcut.source import Source
from smartcut.stages.render import Render

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SIZE, RATE, FRAMES = (240, 96), 25, 50
_BAR = 16
# How wide a bar moves between two fields, in pixels; it is at the left edge at the time 0.
_STEP = 2


def at(time: int, width: int, height: int) -> np.ndarray:
    """Luma of a field's time: a bright bar that moves to the right."""
    pixels = np.full((height, width), 40, np.uint8)
    left = _STEP * time * width // SIZE[0]
    pixels[:, left : left + _BAR * width // SIZE[0]] = 200
    return pixels


def woven(number: int, order: str, size: tuple[int, int]) -> np.ndarray:
    """A frame whose two fields are half a frame apart in time."""
    first, second = (at(2 * number + k, *size) for k in (0, 1))
    pixels = first.copy()
    late = 1 if order == "tff" else 0
    pixels[late::2] = second[late::2]
    return pixels


def film(
    path: Path,
    order: str,
    encoder: str,
    *options: str,
    size: tuple[int, int] = SIZE,
    flags: str = "",
    frames: int = FRAMES,
) -> Path:
    """A film with fields; ``flags`` is another filter that says what frames are."""
    data = b"".join(woven(n, order, size).tobytes() for n in range(frames))
    command = [FFMPEG, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray"]
    command += ["-s", f"{size[0]}x{size[1]}", "-r", str(RATE), "-i", "-"]
    command += ["-vf", flags or f"setfield={order}", "-flags", "+ildct+ilme", "-c:v", encoder]
    subprocess.run([*command, *options, str(path)], input=data, check=True)
    return path


H264 = ("libx264", "-pix_fmt", "yuv420p", "-g", "250", "-crf", "12", "-x264-params")


def h264(path: Path, order: str = "tff", frames: int = FRAMES) -> Path:
    return film(path, order, *H264, f"{order}=1", frames=frames)


def flags(path: Path) -> str:
    """Of each frame, as FFmpeg's program reads it: T, B or P."""
    command = [FFMPEG, "-i", str(path), "-vf", "showinfo", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return "".join(re.findall(r" i:([TBP]) ", said))


def times(path: Path) -> list[tuple[float, float]]:
    """Of each frame, the times in its even and in its odd lines."""
    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            found.append(times_in(frame.reformat(format="gray").to_ndarray()))
    return found


def times_in(luma: np.ndarray) -> tuple[float, float]:
    even, odd = (_time(luma[k::2][4:-4]) for k in (0, 1))
    return even, odd


def _time(lines: np.ndarray) -> float:
    bright = np.clip(lines.mean(axis=0) - 100, 0, 40)
    width = len(bright)
    middle = float((bright * np.arange(width)).sum() / bright.sum()) + 0.5
    return (middle * SIZE[0] / width - _BAR / 2) / _STEP


def check_fields(path: Path, order: str, first: int, count: int, near: float = 0.35) -> None:
    """Frames ``first`` and on are there, woven as they were, and flagged so."""
    assert flags(path) == ("T" if order == "tff" else "B") * count
    late = (0, 1) if order == "tff" else (1, 0)
    for n, found in enumerate(times(path), first):
        assert np.allclose(found, [2 * n + k for k in late], atol=near), (n, found)


def check_whole(path: Path, first: int, count: int, near: float = 0.6) -> None:
    """Frames ``first`` and on are there, all lines of the time of the first field."""
    assert flags(path) == "P" * count
    for n, found in enumerate(times(path), first):
        assert np.allclose(found, 2 * n, atol=near), (n, found)


def notes(result: Any) -> str:
    return "\n".join(note for note in result.cut.notes if "interlaced" in note or "field" in note)


SOURCES = {
    "tv.mpg": ("tff", "mpeg2video", "-b:v", "6M", "-g", "12"),
    "tape.avi": ("bff", "dvvideo", "-pix_fmt", "yuv420p"),
    "cam.mp4": ("tff", *H264, "tff=1"),
    "cam2.mkv": ("bff", *H264, "bff=1"),
    "archive.mkv": ("bff", "ffv1", "-pix_fmt", "yuv422p"),
    "master.mov": ("tff", "prores_ks", "-pix_fmt", "yuv422p10le"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_fields_and_flags_are_kept(name: str, tmp_path: Path) -> None:
    order, encoder, *options = SOURCES[name]
    size = (720, 576) if encoder == "dvvideo" else SIZE
    path = film(tmp_path / name, order, encoder, *options, size=size)
    source, out = probe(path), tmp_path / f"o{'.mov' if path.suffix == '.mov' else '.mp4'}"
    assert source.video is not None
    assert (source.video.field_order, source.video.mixed_fields) == (order, False)
    assert f"interlaced ({'top' if order == 'tff' else 'bottom'} field first)" in source_text(
        source
    )
    cut = sc.open(path) | sc.trim(start="0.4s", end="1.4s")
    result = cut.render(out, mode="encode")
    check_fields(out, order, 10, 25, 0.5)
    assert "its fields are kept" in notes(result)
    assert "deinterlace: yes" in notes(result)


@pytest.mark.parametrize(("suffix", "codec"), [(".mkv", "ffv1"), (".mov", "prores")])
def test_containers_say_which_field_comes_first(suffix: str, codec: str, tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4", "bff"), tmp_path / f"o{suffix}"
    sc.open(path).render(out, codec=codec)
    check_fields(out, "bff", 0, FRAMES)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.field_order == 3


def test_copied_and_spliced_fields(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", "bff", *H264[:4], "10", *H264[5:], "bff=1:scenecut=0")
    copied, spliced, titled = (tmp_path / f"{n}.mkv" for n in ("c", "s", "t"))
    (sc.open(path) | sc.trim(start="0.4s", end="1.2s")).render(copied, mode="copy")
    check_fields(copied, "bff", 10, 20)
    (sc.open(path) | sc.trim(start="0.28s", end="1.32s")).render(spliced)
    check_fields(spliced, "bff", 7, 26)
    title = sc.title(text=".", at="0.28s", duration="0.4s", fade=0, position="bottom", size=0.05)
    (sc.open(path) | title).render(titled)
    check_fields(titled, "bff", 0, FRAMES, 0.8)
    with av.open(str(spliced)) as container:
        assert container.streams.video[0].codec_context.field_order == 3


def test_no_picture_is_dropped_behind_long_edges(tmp_path: Path) -> None:
    """A decoder that has guessed its delay from thirteen pictures keeps those that follow."""
    options = (*H264[:4], "20", *H264[5:], "bff=1:scenecut=0:sar=1/1")
    path, out = film(tmp_path / "a.mp4", "bff", *options), tmp_path / "o.mkv"
    (sc.open(path) | sc.trim(start="0.28s", end="1.8s")).render(out)
    check_fields(out, "bff", 7, 38)


def test_whole_pictures_as_asked(tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4", "bff"), tmp_path / "o.mp4"
    result = (sc.open(path) | sc.trim(start="0.4s", end="1.4s")).render(out, deinterlace="yes")
    check_whole(out, 10, 25)
    assert not notes(result)


def test_yaml_takes_yes_and_no() -> None:
    for word in ("yes", "no", "auto", "'no'"):
        params = yaml.safe_load(f"{{deinterlace: {word}}}")
        assert Render(**params).deinterlace == word.strip("'")
    with pytest.raises(ValidationError):
        Render(deinterlace="maybe")


def test_whole_pictures_are_the_same_in_any_part(tmp_path: Path) -> None:
    source = probe(h264(tmp_path / "a.mp4"))
    index = video_index(source)

    def made(first: int, last: int) -> list[tuple[int, bytes]]:
        found = whole_frames(source, index, first, last)
        return [(n, f.to_ndarray().tobytes()) for n, f in found]

    all_of_them = made(0, FRAMES)
    assert [n for n, _ in all_of_them] == list(range(FRAMES))
    for first, last in ((0, 1), (0, 7), (13, 14), (20, 33), (FRAMES - 1, FRAMES), (5, 5)):
        assert made(first, last) == all_of_them[first:last]


@pytest.mark.parametrize(
    ("settings", "suffix", "reason"),
    [
        ({"resolution": "120x48"}, ".mp4", "96 lines are scaled to 48; .*no}` keeps the fields"),
        ({}, ".webm", "vp9 is not written with fields"),
        ({"codec": "hevc"}, ".mp4", "hevc is not written with fields"),
        ({"fps": 50}, ".mp4", "brought to 50 frames a second"),
    ],
)
def test_what_cannot_hold_fields_gets_whole_pictures(
    settings: dict[str, Any], suffix: str, reason: str, tmp_path: Path
) -> None:
    path, out = h264(tmp_path / "a.mp4"), tmp_path / f"o{suffix}"
    result = (sc.open(path) | sc.trim(start="0.4s", end="0.8s")).render(out, **settings)
    if "fps" in settings:
        assert flags(out) == "P" * 20
        assert np.allclose(times(out), [[2 * n] * 2 for n in range(10, 20) for _ in "12"], atol=0.7)
    else:
        check_whole(out, 10, 10, 0.8)
    assert re.search(f"deinterlaced \\(bwdif\\), for .*{reason}", notes(result))


def test_fields_are_scaled_one_by_one_as_asked(tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    cut = sc.open(path) | sc.trim(start="0.4s", end="1.4s")
    cut.render(out, resolution="120x48", deinterlace="no")
    check_fields(out, "tff", 10, 25, 0.6)
    cut.render(out, resolution="240x160", deinterlace="no")  # with bars above and below
    check_fields(out, "tff", 10, 25, 0.6)


def test_fields_that_cannot_be_kept_are_refused(tmp_path: Path) -> None:
    path = h264(tmp_path / "a.mp4")
    with pytest.raises(RenderError, match="deinterlace: no` is not possible: vp9"):
        sc.open(path).render(tmp_path / "o.webm", deinterlace="no")
    with pytest.raises(RenderError, match="50 lines, which do not divide by four"):
        sc.open(path).render(tmp_path / "o.mp4", deinterlace="no", resolution="240x50")


def test_effects_and_other_speeds_get_whole_pictures(tmp_path: Path) -> None:
    path = h264(tmp_path / "a.mp4")
    double = sc.effects(use="moviepy.MultiplySpeed", params={"factor": 2})
    same = sc.effects(use="moviepy.MultiplyColor", params={"factor": 1.0})
    for name, stage in {"double": double, "same": same}.items():
        out = tmp_path / f"{name}.mp4"
        result = (sc.open(path) | stage).render(out)
        step = 4 if name == "double" else 2
        assert set(flags(out)) == {"P"}
        assert np.allclose(times(out), [[step * n] * 2 for n in range(100 // step)], atol=0.8)
        assert "effects and other speeds need whole pictures" in notes(result)
    out = tmp_path / "slow.mp4"
    (sc.open(path) | sc.interpolate(factor=2, engine="blend", guard=0)).render(out)
    assert set(flags(out)) == {"P"}
    assert all(abs(even - odd) < 0.8 for even, odd in times(out))


def test_only_parts_with_effects_are_made_whole(tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    halves = sc.open(path) | sc.split(by="length", length="1s")
    same = sc.effects(use="moviepy.MultiplyColor", params={"factor": 1.0}, on=(1,))
    result = (halves | same).render(out)
    assert flags(out) == "T" * 50
    for n, found in enumerate(times(out)):
        assert np.allclose(found, [2 * n, 2 * n + (n < 25)], atol=0.8), n
    assert "but not where its speed or effects change" in notes(result)


def test_the_source_shown_longest_decides(tmp_path: Path) -> None:
    interlaced, other = h264(tmp_path / "a.mp4"), h264(tmp_path / "b.mp4", "bff", 20)
    plain, out = tmp_path / "p.mp4", tmp_path / "o.mp4"
    data = b"".join(at(2 * n, *SIZE).tobytes() for n in range(30))
    command = [FFMPEG, "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "240x96"]
    command += ["-r", "25", "-i", "-", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(plain)]
    subprocess.run(command, input=data, check=True)
    result = sc.open(interlaced, plain, other).render(out)
    assert flags(out) == "T" * 100
    found = times(out)
    assert np.allclose(found[:50], [[2 * n, 2 * n + 1] for n in range(50)], atol=0.5)
    assert np.allclose(found[50:], [[2 * n] * 2 for n in [*range(30), *range(20)]], atol=0.8)
    assert "p is progressive: it is shown so in an interlaced output" in notes(result)
    assert "b is interlaced (bottom field first): deinterlaced (bwdif), for the output" in notes(
        result
    )
    result = sc.open(plain, other).render(out)
    assert flags(out) == "P" * 50
    assert np.allclose(times(out)[30:], [[2 * n] * 2 for n in range(20)], atol=0.8)
    assert "b is interlaced (bottom field first): deinterlaced (bwdif), for" in notes(result)


def test_a_thumbnail_has_no_combs(tmp_path: Path) -> None:
    from PIL import Image

    path, out = h264(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    sc.open(path).render(out, mode="encode", thumbnail=True)
    pixels = np.asarray(Image.open(tmp_path / "o.thumbnail.png"))[..., 0]
    even, odd = times_in(pixels)
    assert even == pytest.approx(odd, abs=0.5)


def test_mixed_flags_are_told(tmp_path: Path) -> None:
    said = "split[a][b];[a]trim=end_frame=5,setfield=prog[c];[b]trim=start_frame=5,setfield=tff[d]"
    said += ";[c][d]concat"
    path, out = tmp_path / "a.mkv", tmp_path / "o.mp4"
    film(path, "tff", "ffv1", "-pix_fmt", "yuv420p", flags=said)
    video = probe(path).video
    assert video is not None
    assert (video.field_order, video.mixed_fields) == ("tff", True)
    result = sc.open(path).render(out, deinterlace="yes")
    assert "some of its frames are flagged otherwise" in notes(result)


def test_what_only_the_container_says_counts_where_frames_say_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mov", tmp_path / "o.mp4"
    film(path, "bff", "rawvideo", "-pix_fmt", "uyvy422", "-field_order", "bb")
    video = probe(path).video
    assert video is not None
    assert video.field_order == "bff"
    sc.open(path).render(out)
    check_fields(out, "bff", 0, FRAMES)
    sc.open(path).render(out, deinterlace="yes")
    check_whole(out, 0, FRAMES)


def test_progressive_sources_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    film(path, "tff", *H264, "fake-interlaced=1", "-flags", "0", flags="setfield=prog")
    source: Source = probe(path)
    assert source.video is not None
    assert not source.video.is_interlaced
    assert source.duration == F(2)
