"""Files whose clock starts again, jumps or wraps: all of them is there, in order and in sync."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import SourceError
from smartcut.media.audio import samples
from smartcut.media.barcode import beep
from smartcut.media.clock import UNKNOWN, PacketTrack, shifts
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.packets import remember
from smartcut.media.probe import probe
from smartcut.media.sparse import picked
from smartcut.testing import number_in, read_bar_codes, write_bar_coded

# Seconds: gaps in the sound at a joint that are shorter are not filled.
JOINT = 0.02
WRAP = F(2**33, 90_000)
KINDS: dict[str, dict[str, Any]] = {
    ".ts": {"b_frames": 2},
    ".mpg": {"encoder": "mpeg2video", "audio": "mp2", "options": {"b": "600k"}},
    ".m2ts": {"encoder": "libx265", "options": {"x265-params": "log-level=none"}},
}


def recorded(path: Path, count: int, **how: Any) -> Path:
    write_bar_coded(path, frames=count, size=(160, 90), gop=15, **{**KINDS[path.suffix], **how})
    return path


def joined(path: Path, parts: Sequence[Path]) -> Path:
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def numbers(path: Path, first: int = 0, last: int | None = None) -> list[int]:
    source = probe(path)
    index = video_index(source)
    found = frames(source, index, first, len(index) if last is None else last)
    return [number_in(f.reformat(format="gray").to_ndarray()) for _, f in found]


def beep_at(path: Path, second: int, expected: F) -> float:
    """Seconds by which a beep is heard later than expected, in source time."""
    source = probe(path)
    around = (expected - F(1, 20), expected + F(3, 20))
    heard = np.concatenate(list(samples(source, 48_000, 1, *around)), axis=1)[0]
    return int(np.argmax(np.correlate(heard, beep(second), "valid"))) / 48_000 - 1 / 20


@pytest.fixture(params=KINDS)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A recording of 60 frames and one of 45 in one file."""
    suffix = request.param
    parts = [recorded(tmp_path / f"{n}{suffix}", n) for n in (60, 45)]
    return joined(tmp_path / f"two{suffix}", parts)


def test_two_recordings_are_one_after_the_other(two: Path) -> None:
    source = probe(two)
    video = source.video
    assert video is not None
    assert (video.frames, video.rate, video.is_vfr) == (105, 30, False)
    assert video.duration == F(105, 30)
    whole = [*range(60), *range(45)]
    assert numbers(two) == whole
    for first in (0, 31, 58, 60, 77, 104):
        assert numbers(two, first, first + 1) == [whole[first]]
    index = video_index(source)
    asked = [0, 20, 59, 60, 75, 101]
    found = [
        number_in(f.reformat(format="gray").to_ndarray()) for _, f in picked(source, index, asked)
    ]
    assert found == [whole[n] for n in asked]
    assert abs(beep_at(two, 1, video.start + 1)) < 0.002
    for second in (0, 1):
        assert abs(beep_at(two, second, video.start + 2 + second)) < JOINT


def test_cuts_across_the_joint_hold_their_frames_and_their_sound(two: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    begins = probe(two).video.start  # type: ignore[union-attr]
    first, last = (float(begins + F(n, 30)) for n in (48, 98))
    (sc.open(two) | sc.trim(ranges=[f"{first:.4f}-{last:.4f}"])).render(out)
    assert read_bar_codes(out)[0] == [*range(48, 60), *range(38)]
    assert abs(beep_at(out, 1, F(60 + 30 - 48, 30))) < JOINT


def test_a_recording_that_is_there_twice_is_told_apart(tmp_path: Path) -> None:
    one = recorded(tmp_path / "one.ts", 60)
    path = joined(tmp_path / "twice.ts", [one, one, one])
    assert numbers(path) == [*range(60)] * 3
    assert numbers(path, 150, 152) == [30, 31]
    assert numbers(path, 45, 75) == [*range(45, 60), *range(15)]


def moved(path: Path, source: Path, by: F, first: int, last: int | None) -> Path:
    """Packets ``first`` to ``last`` of each stream's 30ths of a second, ``by`` seconds later."""
    with av.open(str(source)) as given, av.open(str(path), "w", format="mpegts") as output:
        streams = {s.index: output.add_stream_from_template(s, opaque=True) for s in given.streams}
        counts = dict.fromkeys(streams, 0)
        for packet in given.demux():
            if not packet.size or packet.dts is None:
                continue
            of, ticks = packet.stream_index, round(by / packet.time_base)
            counts[of] += 1
            place = counts[of] - 1
            if given.streams[of].type == "audio":
                place = round((packet.pts * packet.time_base - F(7, 5)) * 30)
            if place < first or (last is not None and place >= last):
                continue
            packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            packet.stream = streams[of]
            output.mux(packet)
    return path


@pytest.mark.parametrize(
    "by", [F(3 * 3600), F(-1), F(30_000), F(13, 10)], ids=["hours", "back", "day", "little"]
)
def test_jumps_in_the_middle_of_a_gop(by: F, tmp_path: Path) -> None:
    whole = recorded(tmp_path / "whole.ts", 90, start=F(7, 5))
    parts = [
        moved(tmp_path / "a.ts", whole, F(0), 0, 50),
        moved(tmp_path / "b.ts", whole, by, 50, None),
    ]
    path = joined(tmp_path / "jumps.ts", parts)
    index = video_index(probe(path))
    if by == F(13, 10):  # a second without packets is a gap, not another clock
        assert index.time_of(len(index) - 1) - index.time_of(0) == F(89, 30) + by
    else:
        assert index.time_of(len(index) - 1) - index.time_of(0) == F(89, 30)
    assert numbers(path) == list(range(90))
    assert numbers(path, 48, 56) == list(range(48, 56))


@pytest.mark.parametrize("suffix", [".ts", ".mpg"])
def test_the_clock_of_33_bits_wraps(suffix: str, tmp_path: Path) -> None:
    path = recorded(tmp_path / f"wraps{suffix}", 90, start=F(int(WRAP) - 1))
    video = probe(path).video
    assert video is not None
    assert (video.frames, video.duration) == (90, 3)
    assert numbers(path) == list(range(90))
    for first in (20, 49, 51, 55, 75):
        assert numbers(path, first, first + 3) == list(range(first, first + 3))
    assert abs(beep_at(path, 2, video.start + 2)) < 0.002


def test_sound_alone_and_sound_in_one_part_only(tmp_path: Path) -> None:
    sounding = recorded(tmp_path / "a.ts", 60)
    silent = recorded(tmp_path / "b.ts", 45, audio=None)
    path = joined(tmp_path / "abab.ts", [sounding, silent, sounding])
    source = probe(path)
    assert numbers(path) == [*range(60), *range(45), *range(60)]
    assert source.video is not None
    assert abs(beep_at(path, 1, source.video.start + F(105, 30) + 1)) < JOINT
    with av.open(str(tmp_path / "only.ts"), "w") as output, av.open(str(sounding)) as given:
        stream = output.add_stream_from_template(given.streams.audio[0], opaque=True)
        for packet in given.demux(audio=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    twice = joined(tmp_path / "twice.ts", [tmp_path / "only.ts"] * 2)
    heard = probe(twice).audio
    assert heard is not None
    half = probe(tmp_path / "only.ts").audio.duration  # type: ignore[union-attr]
    assert heard.duration == 2 * half
    first = [beep_at(twice, 1, second) for second in (1 - heard.start, half + 1 - heard.start)]
    assert abs(first[0] - first[1]) < 0.002


@pytest.mark.parametrize("suffix", [".mkv"])
def test_other_containers_joined_as_bytes_are_refused(suffix: str, tmp_path: Path) -> None:
    one = tmp_path / f"one{suffix}"
    write_bar_coded(one, frames=30, size=(160, 90), gop=15)
    path = joined(tmp_path / f"two{suffix}", [one, one])
    with pytest.raises(SourceError, match=r"clock starts again after 0\.\d+ s"):
        probe(path)


def test_streams_that_begin_in_the_middle_are_refused(tmp_path: Path) -> None:
    one, other = recorded(tmp_path / "one.ts", 60), tmp_path / "other.ts"
    pids = {"mpegts_start_pid": "500", "mpegts_pmt_start_pid": "4000"}
    with av.open(str(one)) as given, av.open(str(other), "w", options=pids) as output:
        streams = {s.index: output.add_stream_from_template(s, opaque=True) for s in given.streams}
        for packet in given.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux(packet)
    path = joined(tmp_path / "two.ts", [one, other])
    with pytest.raises(SourceError, match="other streams begin in the middle"):
        probe(path)


@pytest.mark.parametrize("turned", [False, True])
def test_a_later_recording_of_another_codec_is_refused(turned: bool, tmp_path: Path) -> None:
    one = recorded(tmp_path / "one.ts", 60)
    other = recorded(tmp_path / "other.ts", 60, **KINDS[".m2ts"])
    path = joined(tmp_path / "two.ts", [other, one] if turned else [one, other])
    with pytest.raises(SourceError, match="a later one's pictures are not h"):
        probe(path)


def test_readers_that_saw_no_index_find_the_same(tmp_path: Path) -> None:
    path = joined(tmp_path / "two.ts", [recorded(tmp_path / f"{n}.ts", n) for n in (60, 45)])
    source = probe(path)
    index = video_index(source)
    assert source.video is not None
    assert source.audio is not None
    for stream in (source.video.index, source.audio.index):
        remember(path, stream, None)
    ((_, frame),) = frames(source, index, 80, 81)
    assert number_in(frame.reformat(format="gray").to_ndarray()) == 20
    for stream in (source.video.index, source.audio.index):
        remember(path, stream, None)
    heard = np.concatenate(list(samples(source, 48_000, 1, F(3), F(7, 2))), axis=1)
    assert np.abs(heard).max() > 0.2


def track(times: Sequence[float], is_picture: bool = True, length: float = 1 / 30) -> PacketTrack:
    ticks = np.array([UNKNOWN if t is None else round(t * 90_000) for t in times], np.int64)
    durations = np.full(len(ticks), round(length * 90_000), np.int64)
    return PacketTrack(is_picture, F(1, 90_000), ticks, ticks, durations)


def test_eras_of_a_clock() -> None:
    straight = track(np.arange(30) / 30)
    assert shifts([straight], bytes(30)) == [((0, 0),)]
    # Sound of the first era may come behind the first pictures of the next.
    picture = track([10, 10.5, 11, 1, 1.5, 2], length=0.5)
    sound = track([10, 10.5, 11, 1, 1.5, 2], is_picture=False, length=0.5)
    order = bytes([0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1])
    by = round(10.5 * 90_000)
    assert shifts([picture, sound], order) == [((0, 0), (3, by)), ((0, 0), (3, by))]
    # Sound that goes on after the picture is not covered by the next era.
    longer = track([10, 10.5, 11, 11.5, 1, 1.5], is_picture=False, length=0.5)
    assert shifts([picture, longer], bytes([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1])) == [
        ((0, 0), (3, (11 * 90_000))),
        ((0, 0), (4, (11 * 90_000))),
    ]
    unknown = track([1, None, 3, None, 1])  # type: ignore[list-item]
    assert shifts([unknown], bytes(5)) == [((0, 0), (4, round((2 + 1 / 30) * 90_000)))]
