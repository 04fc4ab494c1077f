"""The picture keeps its codec, depth, chroma, RGB, alpha and size, whichever way it goes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.encode import VideoSettings, encode_video
from smartcut.media.picture import to_rgb
from smartcut.media.planes import black
from smartcut.media.probe import probe
from smartcut.render import picture_format
from smartcut.render.picture_format import choose_format
from smartcut.source import VideoStream
from smartcut.testing import read_bar_codes, write_bar_coded

FRAMES, SIZE, ODD = 48, (160, 90), (161, 91)
X265 = {"x265-params": "log-level=none:pools=1:frame-threads=1"}
VP9 = {"cpu-used": "8", "deadline": "realtime", "b": "400k"}
Clip = dict[str, Any]

#: name -> (suffix, how it is made); every one of these is kept as it is in its own container.
KEPT: dict[str, tuple[str, Clip]] = {
    "h264 4:4:4, 10 bit": ("mkv", {"pixel_format": "yuv444p10le"}),
    "h264 4:4:4, odd": ("mp4", {"pixel_format": "yuv444p", "size": ODD}),
    "h264 4:2:2, 10 bit": ("mp4", {"pixel_format": "yuv422p10le"}),
    "h264 RGB": ("mkv", {"encoder": "libx264rgb", "pixel_format": "rgb24"}),
    "hevc 12 bit": ("mkv", {"encoder": "libx265", "pixel_format": "yuv420p12le", "options": X265}),
    "hevc RGB, 10 bit": (
        "mp4",
        {"encoder": "libx265", "pixel_format": "gbrp10le", "options": X265},
    ),
    "vp9, odd": ("webm", {"encoder": "libvpx-vp9", "size": ODD, "options": VP9}),
    "vp9 4:4:4": ("webm", {"encoder": "libvpx-vp9", "pixel_format": "yuv444p", "options": VP9}),
    "av1, odd, 10 bit": (
        "mkv",
        {
            "encoder": "libsvtav1",
            "pixel_format": "yuv420p10le",
            "size": ODD,
            "options": {"preset": "10", "crf": "15", "svtav1-params": "lp=1"},
        },
    ),
    "ffv1 RGB": ("mkv", {"encoder": "ffv1", "pixel_format": "bgr0"}),
    "ffv1 4:2:2, 12 bit": ("mkv", {"encoder": "ffv1", "pixel_format": "yuv422p12le"}),
    "dnxhr hqx": (
        "mov",
        {
            "encoder": "dnxhd",
            "pixel_format": "yuv422p10le",
            "size": (256, 144),
            "options": {"profile": "dnxhr_hqx"},
        },
    ),
    "qtrle": ("mov", {"encoder": "qtrle", "pixel_format": "argb"}),
    "png": ("mov", {"encoder": "png", "pixel_format": "rgb48be"}),
    **{
        f"prores {flavour}": (
            "mov",
            {
                "encoder": "prores_ks",
                "pixel_format": "yuva444p10le" if "4444" in flavour else "yuv422p10le",
                "options": {"profile": flavour},
            },
        )
        for flavour in ("proxy", "lt", "standard", "hq", "4444", "4444xq")
    },
}
RANGES = ((F("0.3"), F("0.9")), (F("1.1"), F("1.5")))


def clip(tmp_path: Path, name: str) -> Path:
    suffix, made = KEPT[name]
    path = tmp_path / f"clip.{suffix}"
    frames = {"frames": FRAMES, "gop": 12, "b_frames": 0, "audio": None, "size": SIZE}
    write_bar_coded(path, **(frames | made))
    return path


def trimmed(path: Path, out: Path, ranges: Sequence[tuple[F, F]], **settings: Any) -> Any:
    spelled = [f"{float(start)}-{float(end)}" for start, end in ranges]
    return (sc.open(path) | sc.trim(ranges=spelled)).render(out, **settings)


def described(path: Path) -> tuple[Any, ...]:
    """What must not change: codec, FourCC, flavour, pixel format, size, colour."""
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        frame = next(container.decode(video=0))
        tag = context.codec_tag if path.suffix == ".mov" else ""
        tag = "" if tag in ("avc1", "hvc1", "hev1") else tag
        name = context.codec.canonical_name
        profile = context.profile if name in ("prores", "dnxhd") else ""
        size = frame.width, frame.height
        colour = int(frame.colorspace), int(frame.color_trc), int(frame.color_primaries)
        return name, tag, profile, frame.format.name, size, colour


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [to_rgb(frame).astype(int) for frame in container.decode(video=0)]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = float(np.mean((one - other) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def wanted(ranges: Sequence[tuple[F, F]]) -> list[int]:
    return [n for a, b in ranges for n in range(round(a * 30), round(b * 30))]


@pytest.mark.parametrize("mode", ["auto", "encode"])
@pytest.mark.parametrize("name", KEPT)
def test_every_kind_of_picture_stays_what_it_is(name: str, mode: str, tmp_path: Path) -> None:
    path = clip(tmp_path, name)
    out = tmp_path / f"out{path.suffix}"
    result = trimmed(path, out, RANGES, mode=mode)
    numbers, _ = read_bar_codes(out)
    assert numbers == wanted(RANGES)
    assert described(out) == described(path)
    before, after = pictures(path), pictures(out)
    assert min(psnr(before[n], after[i]) for i, n in enumerate(numbers)) > 30
    assert not [n for n in result.notes if "becomes" in n or "become " in n or "lost" in n]


@pytest.mark.parametrize("name", KEPT)
def test_every_kind_of_picture_is_copied_whole(name: str, tmp_path: Path) -> None:
    path = clip(tmp_path, name)
    out = tmp_path / f"out{path.suffix}"
    sc.open(path).render(out, mode="copy")
    assert described(out) == described(path)
    with av.open(str(path)) as one, av.open(str(out)) as other:
        packets = [[bytes(p) for p in c.demux(video=0) if p.size] for c in (one, other)]
    assert packets[0] == packets[1]


def video(codec: str, name: str, size: tuple[int, int] = (1920, 1080)) -> VideoStream:
    clock = F(1, 30)
    return VideoStream(0, codec, clock, *size, name, F(30), False, F(0), F(1), 30)


#: (codec, pixel format) of a source, what it becomes in a container.
CHOICES = [
    (("h264", "yuv420p"), ".mp4", ("h264", "yuv420p")),
    (("hevc", "yuv420p10le"), ".mp4", ("hevc", "yuv420p10le")),
    (("hevc", "yuv420p"), ".mkv", ("hevc", "yuv420p")),
    (("hevc", "yuv422p12le"), ".webm", ("av1", "yuv420p10le")),
    (("mpeg2video", "yuv422p"), ".mp4", ("h264", "yuv420p")),
    (("mjpeg", "yuvj422p"), ".mkv", ("h264", "yuv420p")),
    (("vp9", "yuv420p"), ".mp4", ("h264", "yuv420p")),
    (("vp9", "yuv420p"), ".webm", ("vp9", "yuv420p")),
    (("vp9", "yuv444p"), ".mkv", ("vp9", "yuv444p")),
    (("av1", "yuv420p10le"), ".mp4", ("av1", "yuv420p10le")),
    (("av1", "yuv444p10le"), ".mkv", ("h264", "yuv444p10le")),
    (("prores", "yuv422p10le"), ".mp4", ("hevc", "yuv420p10le")),
    (("prores", "yuv422p10le"), ".mov", ("prores", "yuv422p10le")),
    (("prores", "yuva444p12le"), ".mkv", ("prores", "yuva444p12le")),
    (("prores", "yuva444p12le"), ".webm", ("vp9", "yuva420p")),
    (("qtrle", "argb"), ".mkv", ("vp9", "yuva420p")),
    (("qtrle", "argb"), ".mov", ("qtrle", "argb")),
    (("ffv1", "gbrp"), ".mkv", ("ffv1", "bgr0")),
    (("ffv1", "gbrp12le"), ".mp4", ("hevc", "yuv420p10le")),
    (("dnxhd", "yuv422p"), ".mp4", ("h264", "yuv420p")),
    (("h264", "gbrp"), ".mov", ("h264", "gbrp")),
]


@pytest.mark.parametrize(("source", "suffix", "chosen"), CHOICES, ids=str)
def test_what_a_source_becomes(
    source: tuple[str, str], suffix: str, chosen: tuple[str, str]
) -> None:
    found = choose_format(video(*source), Path(f"out{suffix}"), None, None)
    assert (found.codec, found.pixel_format) == chosen


def test_what_is_asked_for_is_given() -> None:
    deep = video("hevc", "yuv420p10le")
    for codec, name, chosen in (
        ("h264", None, ("h264", "yuv420p")),
        (None, "yuv420p", ("hevc", "yuv420p")),
        ("prores", "yuv444p10le", ("prores", "yuv444p12le")),
        ("h264", "yuv422p10le", ("h264", "yuv422p10le")),
    ):
        found = choose_format(deep, Path("out.mov"), codec, name)
        assert (found.codec, found.pixel_format) == chosen
    with pytest.raises(RenderError, match="h264 cannot be encoded in the pixel format yuv420p12le"):
        choose_format(deep, Path("out.mov"), "h264", "yuv420p12le")


def test_a_build_without_encoders_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_format, "written_formats", lambda codec, container: ())
    with pytest.raises(RenderError, match=r"can encode none of what goes into .webm \(vp9, av1\)"):
        choose_format(video("h264", "yuv420p"), Path("out.webm"), None, None)


def test_sizes_that_pixels_of_another_shape_give_are_even_without_a_note(tmp_path: Path) -> None:
    path = tmp_path / "ntsc.mkv"
    settings = VideoSettings(
        "h264", 72, 48, "yuv420p", F(1, 30), F(30), crf=30, preset="ultrafast", sar=F(32, 27)
    )
    frame = black(72, 48, "yuv420p")
    encode_video(path, settings, ((i, frame) for i in range(6)), suffix=".matroska")
    assert probe(path).video.display_size == (85, 48)  # type: ignore[union-attr]
    result = sc.open(path).render(tmp_path / "out.mp4", mode="encode")
    assert described(tmp_path / "out.mp4")[4] == (84, 48)
    assert not result.notes


def test_what_is_lost_is_noted_with_what_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "screen.mov"
    write_bar_coded(path, frames=6, audio=None, encoder="qtrle", pixel_format="argb", size=ODD)
    (note,) = sc.open(path).render(tmp_path / "out.mp4").notes
    assert note == (
        "screen is qtrle in argb, the output h264 in yuv420p: its alpha channel is lost, RGB "
        "becomes 4:2:0, 161x91 becomes 160x90, which h264 takes; to keep it, write .mov with "
        "`codec: qtrle` and `pixel_format: argb`"
    )
    found = described(tmp_path / "out.mp4")
    assert (found[0], *found[3:5]) == ("h264", "yuv420p", (160, 90))
    before, after = pictures(path)[3], pictures(tmp_path / "out.mp4")[3]
    assert psnr(before[:90, :160], after) > 20
    kept = sc.open(path).render(tmp_path / "kept.mov", mode="encode")
    assert not kept.notes
    assert described(tmp_path / "kept.mov") == described(path)


def test_a_file_of_its_own_kind_that_cannot_be_encoded_is_copied_or_noted(tmp_path: Path) -> None:
    ffmpeg, path = imageio_ffmpeg.get_ffmpeg_exe(), tmp_path / "deep.webm"
    made = "-f lavfi -i testsrc2=s=160x90:r=30:d=1.6 -c:v libvpx-vp9 -cpu-used 8 -deadline realtime"
    how = f"-v error -y {made} -g 12 -pix_fmt yuv444p10le".split()
    subprocess.run([ffmpeg, *how, str(path)], check=True)
    sc.open(path).render(tmp_path / "whole.webm", mode="copy")
    assert described(tmp_path / "whole.webm") == described(path)
    result = trimmed(path, tmp_path / "out.mkv", RANGES)
    assert described(tmp_path / "out.mkv")[3] == "yuv444p10le"
    assert not result.notes
    (note,) = trimmed(path, tmp_path / "out.webm", RANGES).notes
    assert "4:4:4 becomes 4:2:0; to keep it, write .mp4 with" in note
    with pytest.raises(RenderError, match=r"mode: copy.*is not possible"):
        trimmed(path, tmp_path / "copy.mp4", [(F("0.3"), F("0.31"))], mode="copy", codec="av1")


def test_rgb_and_yuv_keep_their_colours_on_the_way_to_each_other(tmp_path: Path) -> None:
    path, out, back = (tmp_path / name for name in ("a.mkv", "b.mp4", "c.mkv"))
    write_bar_coded(path, frames=4, audio=None, encoder="ffv1", pixel_format="bgr0", gop=1)
    sc.open(path).render(out)
    sc.open(out).render(back, codec="ffv1", pixel_format="gbrp10le")
    first = pictures(path)[2]
    for other in (out, back):
        assert np.abs(pictures(other)[2].mean(axis=(0, 1)) - first.mean(axis=(0, 1))).max() < 1.5
        assert psnr(first, pictures(other)[2]) > 27


@pytest.mark.parametrize(
    ("mode", "becomes", "noted"), [("auto", "DNXHD", 0), ("encode", "DNXHR HQ", 1)]
)
def test_dnxhd_of_a_fixed_rate_is_copied_and_a_note_says_where_it_becomes_dnxhr(
    mode: str, becomes: str, noted: int, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mov", tmp_path / "o.mov"
    write_bar_coded(
        path,
        frames=5,
        rate=F(25),
        size=(1280, 720),
        encoder="dnxhd",
        pixel_format="yuv422p",
        options={"b": "90M"},
        b_frames=0,
        audio=None,
    )
    before = probe(path).video
    assert before is not None
    assert before.profile == "DNXHD"
    result = (sc.open(path) | sc.trim(ranges=["1f-4f"])).render(out, mode=mode)
    made = probe(out).video
    assert made is not None
    assert made.profile == becomes
    said = "a is DNxHD of a fixed size and bit rate; what has to be encoded becomes DNXHR HQ"
    assert sum(said in note for note in result.notes) == noted
