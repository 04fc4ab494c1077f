"""Which H.264 pictures need no B picture, and that they are the same without."""

from __future__ import annotations

from fractions import Fraction as F
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from smartcut.cache import Cache
from smartcut.media.base_index import index_for
from smartcut.media.base_pictures import BasePictures
from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex
from smartcut.media.listen import passes
from smartcut.media.probe import probe
from smartcut.media.sampling import sampled, sparse_runs
from smartcut.media.sparse import picked
from smartcut.source import Source
from smartcut.stage import Frames

_SIZE = 96, 64


def asked_at_intervals(source: Source) -> VideoIndex:
    return index_for([Frames(36, "rgb", F(1), F(1))], source)


@cache
def texture() -> np.ndarray:
    random = np.random.default_rng(3)
    blocks = random.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return blocks.repeat(8, 0).repeat(8, 1)


def film(path: Path, count: int = 150, codec: str = "libx264", **settings: str) -> Source:
    """A texture that moves at changing speed, with a cut; B pictures are worth their while."""
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(codec, rate=25, options={"g": "250", **settings})
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for n in range(count):
            x, y = int(20 + 18 * np.sin(n / 9)), int(20 + 18 * np.cos(n / 13))
            picture = texture()[y : y + _SIZE[1], x : x + _SIZE[0]]
            picture = picture if n < 2 * count // 3 else 255 - picture
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return probe(path)


def assert_same(source: Source, index: VideoIndex, numbers: list[int]) -> None:
    whole = {
        number: frame.to_ndarray()
        for number, frame in frames(source, index, 0, len(index), roughly=True)
    }
    found = {number: frame.to_ndarray() for number, frame in picked(source, index, numbers)}
    assert list(found) == numbers
    for number in numbers:
        np.testing.assert_array_equal(found[number], whole[number])


LAYERED = {
    "one reference": {"preset": "veryfast"},
    "faster": {"preset": "superfast", "bf": "7"},
    "open": {"preset": "veryfast", "x264-params": "open-gop=1:keyint=40:min-keyint=40"},
    "strict": {"preset": "veryfast", "x264-params": "b-pyramid=strict"},
    "weighted": {"preset": "veryfast", "x264-params": "weightp=2"},
    "slices": {"preset": "veryfast", "x264-params": "slices=3"},
    "cavlc": {"preset": "veryfast", "x264-params": "no-cabac=1"},
}


@pytest.mark.parametrize("name", LAYERED)
def test_pictures_that_need_no_b_picture_are_the_same_without(name: str, tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", **LAYERED[name])
    index = asked_at_intervals(source)
    assert index.is_base is not None
    base = np.flatnonzero(index.is_base)
    assert len(base) < 0.7 * len(index)
    for every in (1, 3, 10):
        numbers = base[::every].tolist()
        assert all(run.is_base for run in sparse_runs(numbers, index))
        assert_same(source, index, numbers)


UNKNOWN = {
    # P pictures may refer to B pictures.
    "three references": ("libx264", {"x264-params": "ref=3:b-pyramid=normal:bframes=3:b-adapt=0"}),
    "fields": ("libx264", {"preset": "veryfast", "flags": "+ildct+ilme"}),
    "no B pictures": ("libx264", {"preset": "veryfast", "bf": "0"}),
    "HEVC": ("libx265", {"x265-params": "log-level=none"}),
    "MPEG-4": ("mpeg4", {"bf": "2"}),
    "VP9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_of_other_streams_it_is_not_known_and_nothing_is_left_out(
    name: str, tmp_path: Path
) -> None:
    codec, settings = UNKNOWN[name]
    source = film(tmp_path / "film.mkv", 60, codec, **settings)
    index = asked_at_intervals(source)
    assert index.is_base is None
    assert not any(run.is_base for run in sparse_runs(range(5, len(index), 9), index))
    wish = Frames(36, "rgb", F(3), F(1))
    assert "no B picture" not in passes([wish], index)[0].reason
    if codec == "libx264":
        assert_same(source, index, list(range(5, len(index), 9)))


def test_a_wish_for_pictures_near_its_times_is_answered_without_b_pictures(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", 300, preset="veryfast")
    index = asked_at_intervals(source)
    assert index.is_base is not None
    exact = sampled(Frames(36, "rgb", F(1), F(0)), index)
    assert exact.near == 0
    near = sampled(Frames(36, "rgb", F(1), F(1)), index)
    assert near.near > 0
    assert not near.are_keys
    assert index.is_base[near.numbers].all()
    for before, number in zip(near.numbers.tolist(), exact.numbers.tolist(), strict=True):
        assert before == max(n for n in range(number + 1) if index.is_base[n])
    close = sampled(Frames(36, "rgb", F(1), F(1, 25)), index)  # a picture off at most
    assert (exact.numbers - close.numbers).max() <= 1
    (one,) = passes([Frames(36, "rgb", F(1), F(1))], index)
    assert one.sparse
    assert one.frames < 0.6 * passes([Frames(36, "rgb", F(1), F(0))], index)[0].frames
    assert "skipping B pictures" in one.reason
    assert_same(source, index, sorted(set(near.numbers.tolist())))


def test_a_picture_among_others_that_needs_b_pictures_is_whole(tmp_path: Path) -> None:
    source = film(tmp_path / "film.mp4", preset="veryfast")
    index = asked_at_intervals(source)
    assert index.is_base is not None
    others = np.flatnonzero(~index.is_base)
    numbers = sorted({*np.flatnonzero(index.is_base)[::4].tolist(), *others[::9].tolist()})
    assert_same(source, index, numbers)


def test_damage_in_a_header_counts_as_not_known() -> None:
    for packet in (b"", b"\x00\x00\x00\x02\x65\x88", b"\x00\x00\x00\x01\x41", bytes(40)):
        bases = BasePictures(4, ())
        assert not bases.is_base(memoryview(packet))
        assert not bases.is_known


def test_it_is_found_out_once_and_only_where_pictures_at_intervals_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "film.mp4", preset="veryfast")
    cache_folder = Cache(tmp_path / "cache")
    for wish in (Frames(36, "rgb", "frame"), Frames(36, "rgb", "key"), Frames(36, "rgb", F(1))):
        assert index_for([wish], source, cache_folder).is_base is None
    near = Frames(36, "rgb", F(1), F(1))
    found = index_for([near], source, cache_folder).is_base
    monkeypatch.setattr(BasePictures, "is_base", None)
    again = index_for([near], source, cache_folder).is_base
    assert found is not None
    np.testing.assert_array_equal(again, found)
