"""Sources whose picture begins later, ends earlier or is one frame: all that is heard is kept."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.barcode import number_in
from smartcut.media.probe import probe
from smartcut.testing import beep_offset, read_bar_codes, read_sound, write_bar_coded

SIZE = (160, 90)


def film(path: Path, **how: Any) -> Path:
    how = {"frames": 50, "rate": F(25), "gop": 25, "heard": (F(0), F(4)), **how}
    write_bar_coded(path, size=SIZE, **how)
    return path


def cut(path: Path, out: Path, *ranges: str, **how: Any) -> sc.Cut:
    result = (sc.open(path) | sc.trim(ranges=list(ranges))).render(out, **how)
    return result.cut


def shown(path: Path) -> list[int | None]:
    """The number on each frame; None where it is black."""
    found: list[int | None] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame.reformat(format="gray").to_ndarray()
            found.append(None if luma.max() < 40 else number_in(luma))
    return found


def how_made(out: Path) -> list[str]:
    text = out.with_name(f"{out.stem}.manifest.json").read_text()
    return [i["how"] for i in json.loads(text)["intervals"]]


def seconds_heard(path: Path) -> float:
    return len(read_sound(path)[1]) / 48_000


def is_even(times: list[F], rate: int) -> bool:
    return all(abs(t - times[0] - F(k, rate)) < F(1, 1000) for k, t in enumerate(times))


@pytest.mark.parametrize("mode", ["auto", "encode"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_last_picture_is_held_while_the_sound_goes_on(
    mode: str, suffix: str, tmp_path: Path
) -> None:
    path, out = film(tmp_path / f"a.{suffix}"), tmp_path / f"o.{suffix}"
    made = cut(path, out, "1s-4s", mode=mode)
    numbers, times = read_bar_codes(out)
    assert numbers == [*range(25, 50), *[49] * 50]
    assert is_even(times, 25)
    assert abs(seconds_heard(out) - 3) < 0.05
    assert abs(beep_offset(out, 3, times[0] + 2)) < 0.001
    assert made.duration == 3
    assert ("copy" in how_made(out)) == (mode == "auto")


def test_what_is_past_the_last_picture_alone_shows_it(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    cut(path, out, "2.6s-3.4s")
    numbers, times = read_bar_codes(out)
    assert numbers == [49] * 20
    assert abs(beep_offset(out, 3, times[0] + F("0.4"))) < 0.001


@pytest.mark.parametrize("hold", ["last", "black"])
def test_before_the_first_picture_it_is_held_or_black(hold: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    film(path, start=F("0.8"), heard=(F("-0.8"), F(4)))
    cut(path, out, "0s-1.4s", "2.4s-3.2s", hold=hold)
    early, late = (0, 49) if hold == "last" else (None, None)
    assert shown(out) == [*[early] * 20, *range(15), *range(40, 50), *[late] * 10]
    assert abs(beep_offset(out, 1, F(1))) < 0.001
    assert abs(beep_offset(out, 3, F("1.4") + F("0.6"))) < 0.001


def test_one_picture_is_shown_as_long_as_the_song_lasts(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4", frames=1, heard=(F(0), F(3))), tmp_path / "o.mp4"
    made = sc.open(path).render(out).cut
    numbers, times = read_bar_codes(out)
    assert numbers == [0] * 75
    assert is_even(times, 25)
    assert made.duration == 3
    assert abs(probe(out).duration - 3) < F(1, 20)


def test_copying_alone_lets_the_last_picture_last(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    cut(path, out, "1s-4s", mode="copy")
    assert how_made(out) == ["copy"]
    numbers, _ = read_bar_codes(out)
    assert numbers == list(range(25, 50))
    with av.open(str(out)) as container:
        video = container.streams.video[0]
        assert abs((video.duration or 0) * F(video.time_base or 1) - 3) < F(1, 1000)
    with pytest.raises(RenderError, match="black"):
        cut(path, out, "1s-4s", mode="copy", hold="black")


@pytest.mark.parametrize(("length", "copies"), [(F("2.1"), True), (F(4), False)])
def test_what_cannot_be_spliced_is_copied_where_little_is_held(
    length: F, copies: bool, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    film(path, encoder="mpeg2video", b_frames=0, heard=(F(0), length))
    sc.open(path).render(out)
    assert how_made(out) == ["encode", "encode"]  # Matroska does not take MPEG-2 from smartcut
    film(path, encoder="ffv1", gop=1, pixel_format="yuv420p", heard=(F(0), length))
    sc.open(path).render(out)
    assert ("copy" in how_made(out)) == copies
    numbers, _ = read_bar_codes(out)
    held = 0 if copies else 50
    assert numbers == [*range(50), *[49] * held]


@pytest.mark.parametrize("hold", ["last", "black"])
def test_variable_frame_times_are_kept_beside_what_is_held(hold: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    film(path, steps=(20, 60), frames=40, start=F("0.5"), heard=(F("-0.5"), F(4)))
    cut(path, out, "0s-4s", hold=hold)
    ends = [F("0.5") + F(k * 80, 1000) for k in range(3)]
    numbers = shown(out)
    _, times = _times(out)
    if hold == "last":
        assert numbers == list(range(40))
        assert times[:3] == [F(0), ends[0] + F("0.02"), ends[1]]
    else:
        assert numbers == [None, *range(40), None]
        assert times[:3] == [F(0), ends[0], ends[0] + F("0.02")]
        assert F(2) < times[-1] <= F("2.1")  # Matroska does not say how long the last one lasts
    assert abs(beep_offset(out, 3, F(3))) < 0.001
    assert abs(seconds_heard(out) - 4) < 0.05


def _times(path: Path) -> tuple[int, list[F]]:
    with av.open(str(path)) as container:
        times = [(f.pts or 0) * F(f.time_base or 1) for f in container.decode(video=0)]
    return len(times), times


def test_a_dissolve_goes_over_what_is_held(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    made = sc.open(path) | sc.trim(ranges=["1s-3s", "0s-1.2s"]) | sc.transitions(duration="0.4s")
    result = made.render(out, hold="black").cut
    assert result.duration == F("2.8")
    pictures = _grays(out)
    assert [number_in(p) for p in (*pictures[:25], *pictures[50:])] == [
        *range(25, 50),
        *range(10, 30),
    ]
    assert max(int(p.max()) for p in pictures[25:40]) < 40
    assert min(int(p.max()) for p in pictures[42:]) > 60  # the other comes in


def test_an_end_of_padding_is_not_held(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4", heard=(F(0), F("2.04"))), tmp_path / "o.mp4"
    sc.open(path).render(out)
    assert how_made(out) == ["copy"]
    assert read_bar_codes(out)[0] == list(range(50))


def test_slow_motion_and_effects_go_on_while_a_picture_is_held(tmp_path: Path) -> None:
    path, out = film(tmp_path / "a.mp4", heard=(F(0), F(3))), tmp_path / "o.mp4"
    slow = (
        sc.open(path) | sc.trim(ranges=["1.6s-3s"]) | sc.interpolate(speed=F(1, 2), engine="blend")
    )
    made = slow.render(out).cut
    assert made.duration == F("2.8")
    count, times = _times(out)
    assert count == 70
    assert is_even(times, 25)
    assert np.unique([number_in(g) for g in _grays(out)[-50:]]).tolist() == [49]


def _grays(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.reformat(format="gray").to_ndarray() for f in container.decode(video=0)]


@pytest.mark.parametrize(
    ("suffix", "sound"), [("mp3", "libmp3lame"), ("m4a", "aac"), ("flac", "flac"), ("mka", "flac")]
)
def test_a_song_shows_its_cover_for_its_whole_length(
    suffix: str, sound: str, tmp_path: Path
) -> None:
    song, out = tmp_path / f"song.{suffix}", tmp_path / "o.mp4"
    plain = film(tmp_path / "plain.mkv", frames=60, audio="flac", heard=(F(0), F(3)))
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(plain)]
    cover = tmp_path / "cover.jpg"
    subprocess.run([*ffmpeg, "-ss", "1", "-frames:v", "1", "-q:v", "2", str(cover)], check=True)
    added = ["-i", str(cover), "-map", "0:a", "-map", "1", "-disposition:v", "attached_pic"]
    if suffix == "mka":
        added = ["-map", "0:a", "-attach", str(cover), "-metadata:s:t", "mimetype=image/jpeg"]
    subprocess.run([*ffmpeg, *added, "-c:a", sound, "-c:v", "copy", str(song)], check=True)
    result = (sc.open(song) | sc.trim(ranges=["0.4s-2.4s"])).render(out)
    numbers, times = read_bar_codes(out)
    assert numbers == [25] * 50
    assert is_even(times, 25)
    assert abs(beep_offset(out, 1, times[0] + F("0.6"))) < 0.03
    video = probe(out).video
    assert video is not None
    assert video.pixel_format == "yuv420p"
    assert not result.notes
