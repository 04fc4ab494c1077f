"""Every output frame is the intended source frame, read off by machine."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import RenderError, SourceError
from smartcut.media.containers import CONTAINERS
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.stages.render import Render
from smartcut.testing import beep_offset, read_bar_codes, read_sound, write_bar_coded

NTSC, FILM = F(30000, 1001), F(24000, 1001)

#: name -> (file name, how it is made)
MEDIA: dict[str, tuple[str, dict[str, Any]]] = {
    "h264 with B-frames, 30": ("a.mp4", {"b_frames": 3}),
    "h264 without B-frames, 25": ("a.mp4", {"b_frames": 0, "rate": F(25)}),
    "h264, 23.976, mkv": ("a.mkv", {"rate": FILM}),
    "h264, 29.97": ("a.mp4", {"rate": NTSC}),
    "h264, 50, long GOP": ("a.mp4", {"rate": F(50), "gop": 250}),
    "h264 open GOP": ("a.mp4", {"gop": 12, "options": {"x264-params": "open-gop=1"}}),
    "h264 transport stream": ("a.ts", {}),
    "h264 starting at 2 s": ("a.mkv", {"start": F(2)}),
    "hevc": ("a.mp4", {"encoder": "libx265", "options": {"x265-params": "log-level=none"}}),
    "hevc open GOP, mkv": (
        "a.mkv",
        {"encoder": "libx265", "gop": 10, "options": {"x265-params": "log-level=none:open-gop=1"}},
    ),
    "vp9": (
        "a.webm",
        {"encoder": "libvpx-vp9", "audio": "libopus", "options": {"cpu-used": "8", "b": "300k"}},
    ),
    "mpeg4, 25": ("a.mp4", {"encoder": "mpeg4", "rate": F(25), "options": {"b": "900k"}}),
    "h264, odd sizes": ("a.mp4", {"size": (318, 178)}),
    "h264, 10 bit": ("a.mkv", {"pixel_format": "yuv420p10le"}),
    "no sound": ("a.mp4", {"audio": None}),
    "sound as flac": ("a.mkv", {"audio": "flac"}),
}


@pytest.fixture(params=MEDIA, ids=lambda name: name.replace(" ", "_"))
def coded(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, F]:
    file, how = MEDIA[request.param]
    write_bar_coded(tmp_path / file, **how)
    return tmp_path / file, how.get("rate", F(30))


def first_frame(time: F, rate: F) -> int:
    return int(time * rate + F(1, 2))


def test_the_index_knows_every_frame_and_random_access_equals_reading_on(coded) -> None:
    path, rate = coded
    source = probe(path)
    index = video_index(source)
    assert len(index) == 90
    assert index.rate == rate
    assert not index.is_vfr
    assert source.video is not None
    assert source.video.start == 0 or source.audio is not None
    whole = {n: f.to_ndarray() for n, f in frames(source, index, 0, 90)}
    assert list(whole) == list(range(90))
    for first in (0, 17, 31, 89):
        ((number, frame),) = frames(source, index, first, first + 1)
        assert number == first
        assert np.array_equal(frame.to_ndarray(), whole[first])
    assert not [tmp for tmp in path.parent.iterdir() if tmp != path]


def test_cuts_hold_exactly_their_frames_and_sound_stays_in_sync(coded, tmp_path: Path) -> None:
    path, rate = coded
    lasts = 90 / rate
    ranges = [(lasts / 2, lasts * F(4, 5)), (F(1, 3), lasts * F(2, 5))]
    texts = [f"{a}-{b}".replace(" ", "") for a, b in ranges]
    out = tmp_path / "out.mp4"
    result = (sc.open(path) | sc.trim(ranges=[_decimal(t) for t in texts])).render(out)
    numbers, times = read_bar_codes(out)
    video = result.cut.sources[0].video
    assert video is not None
    expected: list[int] = []
    for a, b in ranges:
        first, last = (first_frame(F(_number(t)) - video.start, rate) for t in (a, b))
        expected += range(first, last)
    assert numbers == expected
    assert all(abs(t - k / rate) < F(1, 5000) for k, t in enumerate(times))
    if result.cut.sources[0].audio is not None:
        # a beep of the first range, where it has one
        first = F(expected[0]) / rate
        second = int(first) + 1
        if second + F(1, 10) < ranges[0][1]:
            offset = beep_offset(out, second, second - first)
            assert abs(offset) < 0.001 + float(result.cut.sources[0].audio.timebase) / 2


def _number(value: F) -> str:
    return f"{float(value):.6f}"


def _decimal(text: str) -> str:
    return "-".join(_number(F(part)) for part in text.split("-"))


def test_variable_frame_times_survive(tmp_path: Path) -> None:
    path, out = tmp_path / "v.mkv", tmp_path / "out.mkv"
    steps = (33, 34, 67, 40, 20)
    write_bar_coded(path, steps=steps, audio=None)
    edges = np.concatenate([[0], np.cumsum([steps[i % 5] for i in range(90)])])
    assert probe(path).video.is_vfr  # type: ignore[union-attr]
    (sc.open(path) | sc.trim(ranges=[f"{edges[7] / 1000}-{edges[61] / 1000}"])).render(out)
    numbers, times = read_bar_codes(out)
    assert numbers == list(range(7, 61))
    assert [round(t * 1000) for t in times] == [int(e - edges[7]) for e in edges[7:61]]


@pytest.mark.parametrize(("rate", "asked"), [(F(25), F(50)), (FILM, F(50)), (F(50), F(25))])
def test_another_rate_shows_the_frame_of_its_time(rate: F, asked: F, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, rate=rate, audio=None)
    sc.open(path).render(out, fps=asked)
    numbers, _ = read_bar_codes(out)
    assert len(numbers) == int(90 / rate * asked + F(1, 2))
    early = F(1, 4) / max(rate, asked)
    assert numbers == [min(89, int((k / asked + early) * rate)) for k in range(len(numbers))]


def test_two_sources_of_other_size_and_rate_are_conformed(tmp_path: Path) -> None:
    a, b, out = tmp_path / "a.mp4", tmp_path / "b.mkv", tmp_path / "out.mp4"
    write_bar_coded(a, rate=F(30), frames=90)
    write_bar_coded(b, rate=F(25), frames=50, size=(240, 240), audio=None)
    result = sc.open(a, b).render(out)
    numbers, times = read_bar_codes_padded(out)
    assert numbers[:90] == list(range(90))
    assert len(numbers) == 150
    assert abs(times[-1] - F(149, 30)) < F(1, 1000)
    assert any("the output has 30 frames a second" in note for note in result.notes)


def read_bar_codes_padded(path: Path) -> tuple[list[int], list[F]]:
    """The numbers of the full-width frames; -1 where the picture is padded."""
    from smartcut.testing import number_in

    source = probe(path)
    index = video_index(source)
    numbers, times = [], []
    for n, frame in frames(source, index, 0, len(index)):
        try:
            numbers.append(number_in(frame.reformat(format="gray").to_ndarray()))
        except ValueError:
            numbers.append(-1)
        times.append(index.time_of(n))
    return numbers, times


def test_a_dissolve_mixes_in_its_overlap_only(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path)
    steps = sc.open(path) | sc.trim(ranges=["0-1", "2-3"]) | sc.transitions(duration="0.3")
    result = steps.render(out)
    assert result.cut.duration == F(17, 10)
    numbers, _ = read_bar_codes_padded(out)
    assert len(numbers) == 51
    assert numbers[:21] == list(range(21))
    assert numbers[30:] == list(range(69, 90))


def test_copies_are_bit_equal_and_say_what_they_moved(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, gop=30, b_frames=2)
    result = (sc.open(path) | sc.trim(ranges=["1.2-1.8"])).render(out, mode="copy")
    numbers, _ = read_bar_codes(out)
    assert numbers == list(range(30, 60))
    assert [n for n in result.notes if "moved a start" in n]
    one, two = probe(path), probe(out)
    before = [f.to_ndarray() for _, f in frames(one, video_index(one), 30, 60)]
    after = [f.to_ndarray() for _, f in frames(two, video_index(two), 0, 30)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert abs(beep_offset(out, 1, F(0))) < 0.001


def test_auto_copies_a_whole_source_and_encodes_an_inexact_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, gop=30)
    plan = (sc.open(path) | Render(output=str(tmp_path / "o.mp4"))).plan()
    assert [s.state for s in plan.steps if "sound" not in s.subject] == ["copy"]
    steps = sc.open(path) | sc.trim(start="0.5") | Render(output=str(tmp_path / "o.mp4"))
    lines = [s for s in steps.plan().steps if s.stage == "render" and "sound" not in s.subject]
    assert [line.state for line in lines] == ["encode", "copy"]
    assert lines[0].reason == "between the cut and the next key frame"


def test_sound_alone_renders_and_a_missing_picture_is_refused(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "sound.mkv"
    write_bar_coded(path, frames=60)
    from smartcut.media import mux
    from smartcut.media.encode_sound import AudioSettings, encode_audio

    sound = tmp_path / "only.m4a"
    _, values = read_sound(path)
    encode_audio(sound, ".m4a", AudioSettings("aac"), [np.stack([values, values])])
    mux.write(tmp_path / "only.mp4", CONTAINERS[".mp4"], mux.Parts(sounds=[mux.SoundPiece(sound)]))
    (sc.open(tmp_path / "only.mp4") | sc.trim(end="1.5")).render(out)
    made = probe(out)
    assert made.video is None
    assert made.audio is not None
    assert abs(beep_offset(out, 1, F(1))) < 0.001


def test_failures_are_clear_and_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=30)
    before = path.read_bytes()
    with pytest.raises(RenderError, match="is a source of this cut"):
        sc.open(path).render(path)
    with pytest.raises(RenderError, match="unknown suffix"):
        sc.open(path).render(tmp_path / "a.xyz")
    with pytest.raises(RenderError, match="does not go into"):
        sc.open(path).render(tmp_path / "o.webm", codec="h264")
    with pytest.raises(RenderError, match="cannot encode"):
        sc.open(path).render(tmp_path / "o.mp4", mode="encode", encoder_preset="no-such-preset")
    with pytest.raises(SourceError, match="there is no file"):
        sc.open(tmp_path / "nowhere.mp4").render(tmp_path / "o.mp4")
    (tmp_path / "text.mp4").write_text("not media at all")
    with pytest.raises(SourceError, match="cannot be read as media"):
        sc.open(tmp_path / "text.mp4").render(tmp_path / "o.mp4")
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "text.mp4"]


def test_a_truncated_source_fails_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write_bar_coded(path, gop=30, audio=None)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    result = sc.open(path).render(tmp_path / "o.mp4")
    numbers, _ = read_bar_codes(tmp_path / "o.mp4")
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < 90
    assert result.outputs
