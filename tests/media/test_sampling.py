"""Which frames answer a wish for a rate, what that costs, and that they are the right ones."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex, video_index
from smartcut.media.listen import passes
from smartcut.media.probe import probe
from smartcut.media.sampling import cost_of, runs, sampled, wanted_frames
from smartcut.media.sparse import picked
from smartcut.stage import Frames
from smartcut.testing import number_in, write_bar_coded


def made(count: int, starts: list[int], rate: int = 30) -> VideoIndex:
    """An index without reordering; decoding can start at ``starts``."""
    is_start = np.zeros(count, np.bool_)
    is_start[starts] = True
    order = np.arange(count)
    fields: dict[str, Any] = dict.fromkeys(VideoIndex.__dataclass_fields__)
    fields |= {
        "timebase": F(1, rate), "origin": F(0), "pts": np.arange(count), "is_start": is_start,
        "order": order, "last_duration": 1, "rate": F(rate), "is_vfr": False, "is_counted": False,
    }  # fmt: skip
    return VideoIndex(**fields)


def wish(rate: F | int, within: F | int = 0) -> Frames:
    return Frames(36, "gray", F(rate), F(within))


def frames_for(a_wish: Frames, index: VideoIndex) -> list[int]:
    return [n for n, _ in wanted_frames(a_wish, index)]


# ------------------------------------------------------------------------------ what is chosen


def test_without_a_tolerance_the_frame_shown_at_each_time_is_chosen() -> None:
    index = made(150, [0, 60, 120])
    assert frames_for(wish(1), index) == [0, 30, 60, 90, 120]
    assert sampled(wish(1), index).near == 0


def test_the_nearest_key_frame_stands_for_a_time_within_the_tolerance() -> None:
    index = made(270, [0, 60, 120, 180, 240])
    assert frames_for(wish(1, 1), index) == [0, 0, 60, 60, 120, 120, 180, 180, 240]
    assert sampled(wish(1, 1), index).near == 4
    times = [time for _, time in wanted_frames(wish(1, 1), index)]
    assert times == [F(k) for k in range(9)]


def test_a_key_frame_out_of_reach_is_not_taken() -> None:
    starts = list(range(0, 930, 31))
    index = made(930, starts)
    chosen = frames_for(wish(1, F(12, 30)), index)
    for exact, frame in zip(range(0, 930, 30), chosen, strict=True):
        nearest = min(starts, key=lambda k: abs(k - exact))
        assert frame == (nearest if abs(nearest - exact) <= 12 else exact)
    assert sampled(wish(1, F(12, 30)), index).near == 24


def test_no_picture_is_further_off_than_the_next_time() -> None:
    index = made(600, list(range(0, 600, 60)))
    found = sampled(wish(2, 5), index)
    assert found.within == F(1, 2)
    offsets = [abs(n / F(30) - F(k, 2)) for k, n in enumerate(found.numbers.tolist())]
    assert max(offsets) <= F(1, 2)


def test_a_key_frame_that_came_early_never_stands_for_a_time_before_it() -> None:
    # 100 came before the usual 60 frames were over: a cut. 70 is nearer to it than to 60.
    index = made(400, [0, 60, 84, 144, 204, 264, 324, 384])
    at_75 = Frames(36, "gray", F(30, 75), F(1))
    assert frames_for(at_75, index)[1] == 60
    regular = made(400, [0, 60, 120, 180, 240, 300, 360])
    assert frames_for(Frames(36, "gray", F(30, 115), F(1)), regular)[1] == 120


def test_the_tolerance_is_not_used_where_it_saves_little() -> None:
    dense = made(300, list(range(300)))
    assert frames_for(wish(4, 1), dense) == frames_for(wish(4), dense)
    sparse = made(900, [0, 450])
    assert frames_for(wish(1, 1), sparse) == frames_for(wish(1), sparse)


# --------------------------------------------------------------------------------- what it costs


def test_runs_hold_the_way_from_a_key_frame_and_never_overlap() -> None:
    index = made(300, [0, 60, 120, 180, 240])
    assert runs(np.array([0, 30, 60]), index).tolist() == [[0, 30], [60, 60]]
    assert runs(np.array([59, 60]), index).tolist() == [[0, 60]]
    assert runs(np.array([10, 20, 200]), index).tolist() == [[0, 20], [180, 200]]
    assert runs(np.array([], np.int64), index).tolist() == []


def test_runs_follow_the_order_of_the_file() -> None:
    index = made(8, [0, 4])
    index.order[:] = [0, 3, 1, 2, 4, 7, 5, 6]  # two pictures between each pair come later
    assert runs(np.array([3]), index).tolist() == [[0, 1]]
    assert runs(np.array([2, 4]), index).tolist() == [[0, 4]]
    cost = cost_of(np.array([7]), index)
    assert (cost.runs, cost.frames, cost.wanted) == (1, 2, 1)


def test_the_plan_takes_the_cheaper_way_and_says_why() -> None:
    index = made(3600, list(range(0, 3600, 60)))
    (near,) = passes([wish(1, 1)], index)
    assert near.sparse
    assert near.frames == 60
    assert near.reason == (
        "60 pictures for one analysis, all of them key frames (60 of 120 asked times answered "
        "with a key frame at most 1 s off): nothing else is decoded; about 7% of the work of "
        "decoding every frame"
    )
    (exact,) = passes([wish(1)], index)
    assert exact.sparse
    assert exact.frames == 60 * 31
    assert exact.reason == (
        "120 pictures for one analysis: 1860 of 3600 frames decoded, from the key frame before "
        "each, skipping those that nothing refers to; about 40% of the work of decoding every frame"
    )
    (every,) = passes([wish(1, 1), Frames(90, "gray")], index)
    assert not every.sparse
    assert every.reason == (
        "every frame, once, for 2 analyses (60 of 120 asked times answered with a key frame at "
        "most 1 s off)"
    )
    (full,) = passes([wish(10)], made(3600, [0]))
    assert not full.sparse
    assert full.reason == (
        "every frame, once, for one analysis: the file has too few key frames for 1200 pictures"
    )


def test_company_does_not_change_which_frames_are_chosen() -> None:
    index = made(900, list(range(0, 900, 60)))
    alone = list(wanted_frames(wish(1, 1), index))
    assert passes([wish(1, 1)], index)[0].sparse
    assert not passes([wish(1, 1), Frames(36)], index)[0].sparse
    assert list(wanted_frames(wish(1, 1), index)) == alone


# ------------------------------------------------------------------------------ what is decoded


KINDS: dict[str, dict[str, Any]] = {
    "closed.mp4": {"gop": 12},
    "open.mp4": {"gop": 12, "options": {"x264-params": "open-gop=1:bframes=3:b-adapt=0"}},
    "pyramid.mkv": {"gop": 20, "b_frames": 3, "options": {"b-pyramid": "normal", "bf": "3"}},
    "hevc.mp4": {"gop": 12, "encoder": "libx265", "options": {"x265-params": "log-level=none"}},
    "vp9.webm": {"gop": 12, "encoder": "libvpx-vp9", "options": {"deadline": "realtime"}},
    "mpeg4.mp4": {"gop": 12, "encoder": "mpeg4"},
    "transport.ts": {"gop": 12},
    "vfr.mkv": {"gop": 12, "steps": (33, 34, 67, 40, 20)},
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("every", [1, 7, 17])
def test_frames_picked_are_those_of_a_full_pass(
    name: str, every: int, media: dict[str, Path]
) -> None:
    source = probe(media[name])
    index = video_index(source)
    numbers = list(range(3, len(index), every))
    found = dict(picked(source, index, numbers))
    assert list(found) == numbers
    whole = dict(frames(source, index, 0, len(index), roughly=True))
    for number in numbers:
        gray = found[number].to_ndarray(format="gray")
        assert number_in(gray) == number
        assert np.array_equal(gray, whole[number].to_ndarray(format="gray"))


def test_pictures_with_edges_to_smooth_are_the_same_either_way(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    with av.open(str(tmp_path / "rough.mp4"), "w") as output:
        settings = {"crf": "40", "bf": "3", "g": "15"}
        stream: Any = output.add_stream("libx264", rate=25, options=settings)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        texture = random.integers(0, 256, (16, 24, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
        for shift in range(60):
            pixels = np.roll(texture, (shift, 2 * shift), (0, 1))
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        output.mux(stream.encode(None))
    source = probe(tmp_path / "rough.mp4")
    index = video_index(source)

    def lumas(found: Iterable[tuple[int, Any]]) -> dict[int, np.ndarray]:
        return {n: frame.to_ndarray(format="gray") for n, frame in found}

    exact = lumas(frames(source, index, 0, 60))
    rough = lumas(frames(source, index, 0, 60, roughly=True))
    assert any(not np.array_equal(exact[n], rough[n]) for n in exact)  # so there is what to miss
    for every in (1, 4, 11):
        for number, luma in lumas(picked(source, index, range(2, 60, every))).items():
            assert np.array_equal(luma, rough[number])


def test_key_frames_alone_are_decoded_alone(
    media: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcut.media import sparse

    given: list[int] = []
    real = sparse._of_run

    def counted(*run: Any) -> Any:
        for packet, number in real(*run):
            given.append(packet.pts)
            yield packet, number

    monkeypatch.setattr(sparse, "_of_run", counted)
    source = probe(media["closed.mp4"])
    index = video_index(source)
    starts = np.flatnonzero(index.is_start)
    assert [n for n, _ in picked(source, index, starts.tolist())] == starts.tolist()
    assert sorted(given) == index.pts[starts].tolist()  # of several threads


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sampling")
    for name, options in KINDS.items():
        write_bar_coded(folder / name, frames=60, audio=None, **options)
    return {name: folder / name for name in KINDS}
