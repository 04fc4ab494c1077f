"""Frame rates: containers, streams and probe agree on them, and a lost frame changes none."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import smartcut as sc
from smartcut.media.probe import probe
from smartcut.media.rates import rate_of
from smartcut.testing import read_bar_codes, write_bar_coded

NTSC = F(30000, 1001)
SIZE = (160, 90)


def rates_said(path: Path) -> set[F]:
    """What readers are told: the container's average and base rate, and the stream's own."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        said = (stream.average_rate, stream.base_rate, stream.codec_context.framerate)
    return {F(rate) for rate in said if rate}


def without(path: Path, source: Path, lost: set[int]) -> None:
    """The source's frames, none of which refers to a later one, without some of them."""
    with av.open(str(source)) as given, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(given.streams.video[0], opaque=True)
        for number, packet in enumerate(given.demux(video=0)):
            if packet.size and number not in lost:
                packet.stream = stream
                output.mux(packet)


@pytest.fixture
def gapped(tmp_path: Path) -> Any:
    def made(rate: F, lost: set[int], name: str = "gap.mp4") -> Path:
        whole = tmp_path / "whole.mp4"
        options = {"g": "1", "preset": "ultrafast"}
        write_bar_coded(whole, rate=rate, size=SIZE, audio=None, b_frames=0, options=options)
        without(tmp_path / name, whole, lost)
        return tmp_path / name

    return made


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("o.mkv", "h264", F(25)),
        ("o.mkv", "h264", NTSC),
        ("o.mp4", "h264", F(60)),
        ("o.mkv", "hevc", NTSC),
        ("o.mkv", "ffv1", F(30)),
        ("o.mov", "prores", F(25)),
        ("o.webm", "vp9", NTSC),
        ("o.mp4", "av1", F(24)),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_readers_agree_on_the_rate_of_an_encoded_file(
    name: str, codec: str, rate: F, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / name
    write_bar_coded(path, rate=rate, frames=24, size=SIZE, audio=None)
    sc.open(path).render(out, codec=codec, mode="encode")
    assert rates_said(out) == {rate}
    video = cv2.VideoCapture(str(out))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(float(rate))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 24
    made = probe(out).video
    assert made is not None
    assert (made.rate, made.is_vfr, made.frames) == (rate, False, 24)


@pytest.mark.parametrize("name", ["o.mkv", "o.mp4"])
@pytest.mark.parametrize("ranges", ["0-3", "0.5-2.5"])
def test_so_they_do_of_copied_and_spliced_ones(name: str, ranges: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / name
    write_bar_coded(path, rate=NTSC, size=SIZE, audio=None)
    (sc.open(path) | sc.trim(ranges=[ranges.replace("0-3", "0-")])).render(out)
    assert rates_said(out) == {NTSC}


def test_moviepy_reads_as_many_frames_as_there_are(tmp_path: Path) -> None:
    moviepy = pytest.importorskip("moviepy")
    path, out = tmp_path / "a.mp4", tmp_path / "o.mkv"
    write_bar_coded(path, size=SIZE, frames=30, audio=None)
    sc.open(path).render(out, mode="encode")
    with moviepy.VideoFileClip(str(out)) as clip:
        assert (clip.fps, clip.n_frames) == (30, 30)


@pytest.mark.parametrize("mode", ["auto", "encode"])
def test_variable_rates_are_told_as_their_average(mode: str, tmp_path: Path) -> None:
    path, out = tmp_path / "v.mkv", tmp_path / "o.mkv"
    write_bar_coded(path, steps=(33, 67, 40, 20), size=SIZE, frames=40, audio=None)
    sc.open(path).render(out, mode=mode)
    with av.open(str(out)) as container:
        told = container.streams.video[0].average_rate
    assert told == pytest.approx(25, rel=0.01)
    assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FRAME_COUNT) == pytest.approx(40, abs=1)


@pytest.mark.parametrize(
    ("rate", "lost", "name"),
    [
        (F(30), {50}, "gap.mp4"),
        (F(25), {3}, "gap.mkv"),
        (NTSC, {20, 21, 80}, "gap.mkv"),
        (F(60), {88}, "gap.ts"),
    ],
)
def test_a_lost_frame_leaves_the_rate_as_it_is(
    gapped: Any, rate: F, lost: set[int], name: str
) -> None:
    video = probe(gapped(rate, lost, name)).video
    assert video is not None
    assert (video.rate, video.nominal_rate, video.is_vfr) == (rate, rate, True)


def test_gaps_stay_where_frame_times_are_kept_and_are_filled_at_a_constant_rate(
    gapped: Any, tmp_path: Path
) -> None:
    path = gapped(F(30), {50, 51})
    kept = [n for n in range(90) if n not in (50, 51)]
    for mode in ("auto", "encode"):
        sc.open(path).render(tmp_path / "o.mp4", mode=mode)
        numbers, times = read_bar_codes(tmp_path / "o.mp4")
        assert numbers == kept
        assert [round(t * 30) for t in times] == kept
    sc.open(path).render(tmp_path / "o.mp4", fps=30)
    numbers, times = read_bar_codes(tmp_path / "o.mp4")
    assert numbers == [49 if n in (50, 51) else n for n in range(90)]
    assert rates_said(tmp_path / "o.mp4") == {F(30)}


@pytest.mark.parametrize("rate", [F(25), F(30)])
def test_what_follows_from_the_rate_of_a_file_that_lost_a_frame(
    gapped: Any, rate: F, tmp_path: Path
) -> None:
    from smartcut.interchange.timecode import timeline_rate
    from smartcut.render.output import Wish, choose_output

    cut = sc.open(gapped(rate, {50})).cut()
    assert timeline_rate(cut) == rate
    doubled = (sc.open(tmp_path / "gap.mp4") | sc.interpolate(factor=2, engine="blend")).cut()
    picture = choose_output(doubled, Wish(), tmp_path / "o.mp4").picture
    assert picture is not None
    assert picture.rate == 2 * rate


def test_a_file_that_lost_a_frame_beside_a_whole_one_is_brought_to_their_rate(
    gapped: Any, tmp_path: Path
) -> None:
    path = gapped(F(30), {50})
    result = sc.open(path, tmp_path / "whole.mp4").render(tmp_path / "o.mp4")
    assert probe(tmp_path / "o.mp4").video.rate == 30  # type: ignore[union-attr]
    told = " ".join(result.notes)
    assert "frames missing" in told
    assert "the output has 30 frames a second" in told


def test_rates_of_frame_times() -> None:
    ticks, even = F(1, 90_000), np.arange(100) * 3003
    assert rate_of(even, ticks) == (NTSC, False)
    later = np.where(np.arange(100) > 40, even + 1234, even)  # off the grid from there on
    assert rate_of(later, ticks) == (NTSC, True)
    halved = even[np.array([n for n in range(100) if n < 30 or n % 3])]
    assert rate_of(halved, ticks, [F(25)]) == (NTSC, True)
    uneven = np.cumsum(np.tile([1000, 5000, 2000, 9000], 20))
    rate, is_vfr = rate_of(uneven, F(1, 85_000))
    assert is_vfr
    assert float(rate) == pytest.approx(79 / float(uneven[-1] - uneven[0]) * 85_000)
    assert rate_of(np.array([7]), ticks, [F(50)]) == (F(50), False)
