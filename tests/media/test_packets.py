"""Packets read from where they lie in a file are those that FFmpeg's demuxer gives."""

from __future__ import annotations

import sys
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks import repeat_media
from smartcut.cache import Cache
from smartcut.media.audio import samples
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.packets import PacketReader, remember, table_of
from smartcut.media.probe import probe
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packets") / "a.mp4"
    write_bar_coded(path, frames=150, b_frames=2, options={"g": "30"})
    return path


def taken(path: Path, kind: str) -> list[tuple[int, int | None, bool, bytes]]:
    """(pts, duration, key, bytes) of all packets as the demuxer gives them."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        packets = [p for p in container.demux(stream) if p.size]
        return [(p.pts or 0, p.duration, p.is_keyframe, bytes(p)) for p in packets]


@pytest.mark.parametrize("kind", ["video", "audio"])
@pytest.mark.parametrize("is_cached", [False, True])
def test_the_packets_are_the_demuxers(
    clip: Path, tmp_path: Path, kind: str, is_cached: bool
) -> None:
    cache = Cache(tmp_path) if is_cached else None
    for _ in range(2):
        source = probe(clip, cache=cache)
    stream = source.video if kind == "video" else source.audio
    assert stream is not None
    with PacketReader(clip, stream.index) as reader:
        assert reader.is_by_place
        found = [(p.pts, p.duration, p.is_keyframe, bytes(p)) for p in reader.from_time(None)]
    assert found == taken(clip, kind)


def test_pictures_and_sound_decode_to_the_same(clip: Path) -> None:
    source = probe(clip)
    index = video_index(source)
    assert source.video is not None
    assert source.audio is not None

    def decoded() -> tuple[list[bytes], list[bytes]]:
        seen = [
            frame.to_ndarray().tobytes()
            for first in (0, 31, 77, 140)
            for _, frame in frames(source, index, first, first + 8)
        ]
        heard = [
            np.concatenate(list(samples(source, 48_000, 2, F(start), F(start) + 1)), axis=1)
            for start in (0, F(1, 3), 1, F(7, 2))
        ]
        return seen, [values.tobytes() for values in heard]

    by_place = decoded()
    for stream in (source.video.index, source.audio.index):
        assert table_of(clip, stream) is not None
        remember(clip, stream, None)
    assert decoded() == by_place


def test_a_file_written_again_is_not_read_by_the_old_places(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=30)
    probe(path)
    write_bar_coded(path, frames=45)
    assert table_of(path, 0) is None
    assert probe(path).video.frames == 45  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
def test_other_containers_are_demuxed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_bar_coded(path, frames=30)
    source = probe(path)
    assert source.video is not None
    with PacketReader(path, source.video.index) as reader:
        assert not reader.is_by_place


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_no_file_stays_open_in_a_demuxer(clip: Path) -> None:
    source = probe(clip)
    assert source.video is not None
    with PacketReader(clip, source.video.index) as reader:
        assert reader.decoder.name == "h264"
        held = [p for p in Path("/proc/self/fd").iterdir() if p.resolve() == clip.resolve()]
        assert held == []


def test_a_repeated_file_goes_on_without_a_gap(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    repeat_media.write(path, clip, 12)
    source = probe(path)
    assert source.video is not None
    assert source.audio is not None
    assert (source.video.duration, source.video.frames) == (12, 360)
    assert not source.video.is_vfr
    assert source.audio.start == 0
    assert abs(source.audio.duration - 12) < F(1, 20)
    times = [pts for pts, *_ in taken(path, "audio")]
    assert set(np.diff(times).tolist()) == {1024}
