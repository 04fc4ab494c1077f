"""What analyses are given: sizes, rates and times of pictures, blocks of sound."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smartcut.media.audio import samples
from smartcut.media.index import VideoIndex, video_index
from smartcut.media.listen import listen, passes
from smartcut.media.probe import probe
from smartcut.stage import Frames, Picture, Samples, Sound
from smartcut.testing import number_in, write_bar_coded

STEPS = (33, 34, 67, 40, 20)


class Keeper:
    def __init__(self) -> None:
        self.items: list[Any] = []

    def feed(self, item: Picture | Samples) -> None:
        if isinstance(item, Picture):
            item = Picture(item.time, item.index, item.pixels.copy())
        else:
            item = Samples(item.start, item.values.copy())
        self.items.append(item)

    def finish(self) -> Any:
        raise NotImplementedError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    write_bar_coded(folder / "even.mp4", size=(320, 180), gop=15)
    write_bar_coded(folder / "vfr.mkv", size=(320, 180), steps=STEPS, gop=15, audio=None)
    write_bar_coded(
        folder / "deep.mkv", size=(320, 180), frames=12, pixel_format="yuv420p10le", audio=None
    )
    return folder


def heard(path: Path, *wishes: Frames | Sound) -> tuple[list[list[Any]], VideoIndex]:
    source = probe(path)
    index = video_index(source)
    keepers = [Keeper() for _ in wishes]
    listen(source, list(zip(wishes, keepers, strict=True)), index)
    return [k.items for k in keepers], index


def numbers(items: list[Picture]) -> list[int]:
    return [number_in(p.pixels if p.pixels.ndim == 2 else p.pixels[..., 1]) for p in items]


@pytest.mark.parametrize("name", ["even.mp4", "vfr.mkv"])
def test_every_frame_comes_once_with_its_number_and_time(folder: Path, name: str) -> None:
    (items,), index = heard(folder / name, Frames((160, 90), "gray"))
    assert numbers(items) == list(range(90))
    assert [p.index for p in items] == list(range(90))
    assert [p.time for p in items] == [index.time_of(n) for n in range(90)]


@pytest.mark.parametrize("name", ["even.mp4", "deep.mkv"])
def test_sizes_and_formats_are_those_asked_for(folder: Path, name: str) -> None:
    wishes = [
        Frames((160, 90), "gray"),
        Frames((48, 27), "rgb"),
        Frames((224, 224), "rgb"),
        Frames(90, "gray"),
        Frames((640, 360), "rgb"),
    ]
    kept, _ = heard(folder / name, *wishes)
    shapes = [items[0].pixels.shape for items in kept]
    assert shapes == [(90, 160), (27, 48, 3), (224, 224, 3), (90, 160), (360, 640, 3)]
    assert all(p.pixels.dtype == np.uint8 for items in kept for p in items)
    count = len(kept[0])
    assert [numbers(kept[i]) for i in (0, 2, 3, 4)] == [list(range(count))] * 4


@pytest.mark.parametrize("rate", [F(2), F(24), F(30000, 1001), F(50)])
def test_each_multiple_of_a_rate_is_answered_with_the_frame_shown_then(
    folder: Path, rate: F
) -> None:
    (items,), index = heard(folder / "vfr.mkv", Frames((160, 90), "gray", rate))
    edges = [F(int(e), 1000) for e in np.cumsum([0] + [STEPS[i % 5] for i in range(90)])]
    times = [k / rate for k in range(int(index.end * rate) + 1) if k / rate < index.end]
    assert [p.time for p in items] == times
    shown = [max(n for n in range(90) if edges[n] <= t) for t in times]
    assert numbers(items) == shown


@pytest.mark.parametrize("every", [F(1), "key"])
def test_a_sparse_pass_gives_what_a_full_one_gives(folder: Path, every: Any) -> None:
    wish = Frames((64, 36), "rgb", every)
    (alone,), index = heard(folder / "even.mp4", wish)
    (among, _), _ = heard(folder / "even.mp4", wish, Frames((32, 18), "gray"))
    (planned,) = passes([wish], index)
    assert planned.sparse
    assert planned.frames < 90
    assert [(p.time, p.index) for p in alone] == [(p.time, p.index) for p in among]
    for a, b in zip(alone, among, strict=True):
        assert np.array_equal(a.pixels, b.pixels)


def test_key_frames_are_those_of_the_file(folder: Path) -> None:
    (items,), index = heard(folder / "even.mp4", Frames((160, 90), "gray", "key"))
    starts = np.flatnonzero(index.is_start).tolist()
    assert numbers(items) == starts
    assert starts[0] == 0
    assert set(range(0, 90, 15)) <= set(starts)


def test_sound_blocks_follow_on_and_equal_the_samples(folder: Path) -> None:
    kept, _ = heard(folder / "even.mp4", Sound(16_000), Sound(48_000, 2), Frames((32, 18)))
    source = probe(folder / "even.mp4")
    for items, (rate, channels) in zip(kept, [(16_000, 1), (48_000, 2)], strict=False):
        at = items[0].start
        assert at == 0
        for block in items:
            assert block.start == at
            assert block.values.shape[0] == channels
            at += block.values.shape[1]
        whole = np.concatenate([b.values for b in items], axis=1)
        end = F(at, rate)
        exact = np.concatenate(list(samples(source, rate, channels, F(0), end)), axis=1)
        assert np.array_equal(whole, exact)
