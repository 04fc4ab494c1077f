"""Shot detection, on pictures made here, with PySceneDetect as the yardstick for its detectors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from smartcut.annotation import Shot, Shots
from smartcut.boundaries import doubt, rules
from smartcut.boundaries.pictures import FrameMeasures, ThumbnailStore, thumbnail
from smartcut.boundaries.pyscenedetect import Dip, effective_size
from smartcut.boundaries.rules import Boundary
from smartcut.errors import ModelError
from smartcut.models.pool import Pool
from smartcut.source import Source, VideoStream
from smartcut.stage import Frames, Picture
from smartcut.stages.shots import ShotDetection, ShotsStage
from smartcut.timebase import Range
from tests.builders.progress import Notes

WIDTH, HEIGHT = 192, 108
RATE = Fraction(25)


# ------------------------------------------------------------------------- pictures and sources


def world(seed: int) -> np.ndarray:
    """A wide textured picture with colours of its own: float32 (108, 392, 3)."""
    import cv2

    rng = np.random.default_rng(seed)
    tint = rng.integers(30, 226, 3)
    picture = np.zeros((HEIGHT, WIDTH + 200, 3), np.float32)
    for coarse, weight in ((36, 0.5), (12, 0.3), (5, 0.2)):
        shape = (HEIGHT // coarse + 2, (WIDTH + 200) // coarse + 2, 3)
        blocks = rng.integers(0, 256, shape, dtype=np.uint8)
        picture += weight * cv2.resize(blocks, (WIDTH + 200, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(0.6 * picture + 0.4 * tint, 0, 255)


def take(seed: int, count: int) -> list[np.ndarray]:
    """A slow pan over a world of its own."""
    wide = world(seed)
    return [wide[:, i : i + WIDTH] for i in range(count)]


def mixed(a: Iterable[np.ndarray], b: Iterable[np.ndarray], count: int) -> list[np.ndarray]:
    """A dissolve over so many frames."""
    shares = [(i + 1) / (count + 1) for i in range(count)]
    return [(1 - s) * x + s * y for s, x, y in zip(shares, a, b, strict=True)]


def as_bytes(frames: Iterable[np.ndarray]) -> list[np.ndarray]:
    return [np.ascontiguousarray(np.clip(f, 0, 255).astype(np.uint8)) for f in frames]


class Clip:
    """Four hard cuts, a dissolve, a fade through black and a flash, at known frames."""

    def __init__(self) -> None:
        black = [np.zeros((HEIGHT, WIDTH, 3), np.float32)]
        frames = [*take(1, 40), *take(2, 34)]
        self.cuts = [40, 74]
        before, after = take(3, 60), take(4, 70)
        frames += [*before[:36], *mixed(before[36:], after[:24], 24), *after[24:]]
        self.dissolve = 74 + 36 + 12
        self.cuts.append(len(frames))
        before, after = take(5, 50), take(6, 60)
        down = [f * (1 - (i + 1) / 15) for i, f in enumerate(before[35:])]
        self.fade = len(frames) + 50 + 3
        up = [f * ((i + 1) / 15) for i, f in enumerate(after[:15])]
        frames += [*before[:35], *down, *black * 6, *up, *after[15:]]
        self.cuts.append(len(frames))
        last = take(7, 70)
        self.flash = len(frames) + 40
        last[40:42] = [f * 0.2 + 220 for f in last[40:42]]
        self.frames = as_bytes([*frames, *last])

    def missed(self, shots: Shots, with_dissolve: bool) -> list[int]:
        found = [s.start_frame for s in shots.shots]
        wanted = [(c, 0) for c in self.cuts] + [(self.fade, 5)]
        if with_dissolve:
            wanted.append((self.dissolve, 8))
        return [w for w, off in wanted if not any(abs(w - f) <= off for f in found)]


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip()


def source(
    count: int, *, rate: Fraction = RATE, size: tuple[int, int] = (WIDTH, HEIGHT), rotation: int = 0
) -> Source:
    duration = count / rate
    video = VideoStream(
        0, "h264", 1 / rate, *size, "yuv420p", rate, False, Fraction(0), duration, count,
        rotation=rotation,
    )  # fmt: skip
    return Source("a", Path("a.mp4"), "0" * 64, "mp4", Fraction(0), duration, video)


def context(device: str = "cpu") -> Any:
    def ask(asked: Any, rows: np.ndarray, source: Source) -> Any:
        return networks.ask(asked, rows, source.id, device)

    networks, progress = Pool(), Notes()
    return SimpleNamespace(
        device=device, allow_net=False, progress=progress, begin=progress.start, jobs=1, ask=ask,
        prepare=lambda asked: networks.begin(asked, device),
    )  # fmt: skip


def analysis_of(**params: Any) -> ShotDetection:
    (analysis,) = ShotsStage(**params).analyses()
    assert isinstance(analysis, ShotDetection)
    return analysis


def found_in(
    frames: list[np.ndarray],
    times: list[Fraction] | None = None,
    src: Source | None = None,
    at: Any = None,
    **params: Any,
) -> Shots:
    import cv2

    src = src or source(len(frames))
    analysis = analysis_of(**params)
    wish = analysis.wants(src)
    assert wish is not None
    listener = analysis.listener(src, at or context())
    for i, frame in enumerate(frames):
        if (frame.shape[1], frame.shape[0]) != wish.size:
            frame = cv2.resize(frame, wish.size, interpolation=cv2.INTER_AREA)
        listener.feed(Picture(times[i] if times else i / RATE, i, frame))
    shots = listener.finish()
    assert isinstance(shots, Shots)
    return shots


@pytest.fixture
def without_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.models import weights

    monkeypatch.setattr(weights, "find", lambda name: None)


@pytest.fixture
def with_weights() -> None:
    from smartcut.models import weights

    if weights.find("transnetv2") is None:
        pytest.skip("the weights of TransNet V2 are not here: smartcut models pull transnetv2")


# ------------------------------------------------------------------------------ PySceneDetect's


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip as a file that PySceneDetect reads by itself."""
    import cv2

    path = tmp_path_factory.mktemp("shots") / "clip.mp4"
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"mp4v"), float(RATE), (WIDTH, HEIGHT)
    )
    for frame in Clip().frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def decoded(path: Path) -> Iterator[np.ndarray]:
    import cv2

    capture = cv2.VideoCapture(str(path))
    while (read := capture.read())[0]:
        yield cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize("name", ["adaptive", "content", "hash", "histogram", "threshold"])
def test_the_same_cuts_as_pyscenedetect_finds_by_itself(name: str, film: Path) -> None:
    import scenedetect
    from scenedetect import detectors

    kinds: dict[str, Any] = {
        "adaptive": detectors.AdaptiveDetector,
        "content": detectors.ContentDetector,
        "hash": detectors.HashDetector,
        "histogram": detectors.HistogramDetector,
    }
    if name == "threshold":
        theirs = detectors.ThresholdDetector(
            min_scene_len="0.6s", add_final_scene=True, min_out_length="0.1s"
        )
    else:
        theirs = kinds[name](min_scene_len="0.6s")
    expected = [start.frame_num for start, _ in scenedetect.detect(str(film), theirs)][1:]
    ours = found_in(list(decoded(film)), detector=name, fades=False)
    assert [s.start_frame for s in ours.shots][1:] == expected
    assert len(expected) >= (1 if name == "threshold" else 3)


def test_the_score_of_a_frame_is_pyscenedetects_own_number(clip: Clip) -> None:
    import cv2
    from scenedetect import detectors

    from smartcut.boundaries.pyscenedetect import ContentDriver, TimecodeClock

    clock = TimecodeClock(source(60))
    ours = ContentDriver(detectors.ContentDetector(), clock)
    theirs = detectors.ContentDetector()
    for i, rgb in enumerate(clip.frames[:60]):
        ours.feed(rgb, i / RATE, i)
        theirs.process_frame(clock.at(i / RATE, i), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        assert ours.detector._frame_score == pytest.approx(theirs._frame_score, rel=1e-12)


@pytest.mark.parametrize(("low", "dark"), [(0, True), (255, False)])
def test_dips_are_those_of_pyscenedetects_detector_of_fades(low: int, dark: bool) -> None:
    from scenedetect.detectors import ThresholdDetector

    from smartcut.boundaries.pyscenedetect import MIN_OUT, TimecodeClock, find_dips

    levels = [100.0] * 10 + [low] * 2 + [90] * 5 + [low] * 8 + [120] * 5 + [low] * 3
    method = ThresholdDetector.Method.FLOOR if dark else ThresholdDetector.Method.CEILING
    clock = TimecodeClock(source(len(levels)))
    shortest = clock.length(MIN_OUT)
    level = 12 if dark else 243
    detector = ThresholdDetector(level, 0, method=method, min_out_length=shortest)
    theirs = []
    for i, value in enumerate(levels):
        out = detector.last_fade["frame"]
        if detector.process_frame(clock.at(i / RATE, i), np.array([value])):
            theirs.append(Dip(clock.index_of(out), i))
    ours = find_dips(np.array(levels), [i / RATE for i in range(len(levels))])
    assert ours == [*theirs, Dip(30, 33)]
    assert Dip(17, 25) in theirs


def test_another_threshold_reaches_the_detector(clip: Clip) -> None:
    strict = found_in(clip.frames, detector="content", threshold=250, fades=False)
    assert len(strict.shots) == 1


@pytest.mark.parametrize(
    ("size", "rotation", "expected"),
    [
        ((1920, 1080), 0, (256, 144)),
        ((1920, 1080), 90, (144, 256)),
        ((720, 1280), 0, (144, 256)),
        ((200, 100), 0, (200, 100)),
        ((480, 320), 0, (256, 171)),
    ],
)
def test_pictures_are_asked_for_as_pyscenedetect_shrinks_them(
    size: tuple[int, int], rotation: int, expected: tuple[int, int]
) -> None:
    from scenedetect.scene_manager import compute_downscale_factor

    src = source(10, size=size, rotation=rotation)
    assert effective_size(src) == expected
    upright = size[::-1] if rotation else size
    factor = compute_downscale_factor(max(upright))
    assert expected == (round(upright[0] / factor), round(upright[1] / factor))
    wish = Frames(expected, "rgb", "frame", averaged=False)
    assert analysis_of(detector="hash").wants(src) == wish
    assert analysis_of(detector="transnet").wants(src) == Frames((48, 27), "rgb", "frame")


def test_times_are_those_of_the_pictures_where_the_rate_varies(clip: Clip) -> None:
    frames = clip.frames[:74]
    times = [Fraction(0)]
    for i in range(1, len(frames)):
        times.append(times[-1] + Fraction(1 + (i % 3), 30))
    src = source(len(frames))
    assert src.video
    end = times[-1] + Fraction(1, 30)
    video = replace(src.video, timebase=Fraction(1, 30), duration=end, rate=len(frames) / end)
    shots = found_in(frames, times, replace(src, video=video, duration=end), detector="adaptive")
    assert [(s.start_frame, s.end_frame) for s in shots.shots] == [(0, 40), (40, 74)]
    assert [s.range for s in shots.shots] == [Range(Fraction(0), times[40]), Range(times[40], end)]


def test_shots_cover_everything_though_the_first_picture_comes_late(clip: Clip) -> None:
    frames = clip.frames[:60]
    src = source(60)
    assert src.video
    late = Fraction(1, 7)
    src = replace(src, video=replace(src.video, start=late))
    times = [late + i / RATE for i in range(60)]
    shots = found_in(frames, times, src, detector="adaptive").shots
    assert shots[0].range == Range(Fraction(0), late + 40 / RATE)
    assert shots[1].range == Range(late + 40 / RATE, late + 60 / RATE)


def test_a_short_shot_is_kept_only_where_that_is_asked() -> None:
    frames = as_bytes([*take(1, 30), *take(2, 8), *take(3, 30)])
    usual = found_in(frames, detector="adaptive").shots
    assert [s.start_frame for s in usual] == [0, 30]
    short = found_in(frames, detector="adaptive", min_length="0.2s").shots
    assert [s.start_frame for s in short] == [0, 30, 38]


def test_without_pictures_there_are_no_shots() -> None:
    src = source(10)
    silent = replace(src, video=None)
    assert analysis_of().wants(silent) is None
    assert analysis_of().empty(silent) == Shots(())
    assert analysis_of(detector="hash").listener(src, context()).finish() == Shots(())


# -------------------------------------------------------------------------------------- fades


def test_a_fade_is_one_boundary_and_is_called_so(clip: Clip) -> None:
    shots = found_in(clip.frames, detector="adaptive")
    assert clip.missed(shots, with_dissolve=False) == []
    assert [s.entry for s in shots.shots if abs(s.start_frame - clip.fade) < 20] == ["fade"]


def test_a_fade_without_a_cut_gets_a_boundary_at_its_darkest_middle() -> None:
    # Grey levels of one value: nothing for the adaptive detector to see.
    levels = [200] * 30 + list(range(200, 0, -10)) + [0] * 9 + list(range(0, 200, 10)) + [200] * 30
    frames = [np.full((HEIGHT, WIDTH, 3), v, np.uint8) for v in levels]
    assert len(found_in(frames, detector="adaptive", fades=False).shots) == 1
    (_, second) = found_in(frames, detector="adaptive").shots
    dark = [i for i, v in enumerate(levels) if v < 12]
    assert second.entry == "fade"
    assert abs(second.start_frame - (dark[0] + dark[-1] + 1) / 2) <= 1
    assert second.confidence == 1.0


def test_a_fade_through_white_counts_too() -> None:
    levels = [100] * 30 + list(range(100, 255, 8)) + [255] * 9 + list(range(255, 100, -8))
    frames = [np.full((HEIGHT, WIDTH, 3), v, np.uint8) for v in levels + [100] * 30]
    assert [s.entry for s in found_in(frames, detector="adaptive").shots] == ["start", "fade"]


def test_black_beside_a_hard_cut_and_at_the_ends_is_no_fade() -> None:
    black = [np.zeros((HEIGHT, WIDTH, 3), np.uint8)]
    grey = [np.full((HEIGHT, WIDTH, 3), 150, np.uint8)]
    slate = as_bytes([*grey * 30, *black * 30, *grey * 30])
    assert [(s.start_frame, s.entry) for s in found_in(slate, detector="adaptive").shots] == [
        (0, "start"), (30, "cut"), (60, "cut"),
    ]  # fmt: skip
    ramp = [np.full((HEIGHT, WIDTH, 3), v, np.uint8) for v in range(0, 200, 10)]
    ends = [*black * 20, *ramp, *ramp[::-1], *black * 20]
    assert len(found_in(ends, detector="adaptive").shots) == 1


def test_a_dark_picture_is_no_fade() -> None:
    levels = np.concatenate([np.full(20, 60.0), np.full(10, 8.0), np.full(20, 60.0)])
    dips = [Dip(20, 30)]
    never: Callable[[int], bool] = lambda frame: False  # noqa: E731
    plain, busy = np.full(50, 2.0), np.full(50, 25.0)
    assert [f.joins for f in rules.find_fades(dips, levels, plain, never, 50)] == [True]
    assert rules.find_fades(dips, levels, busy, never, 50) == []


def test_one_boundary_for_each_fade_lies_at_the_surest_hint() -> None:
    fade = rules.FadeDip(Dip(50, 60), 40, 75, joins=True)
    contrast = np.zeros(100)
    learned = [Boundary(45, "dissolve", 0.7), Boundary(70, "dissolve", 0.6), Boundary(90, "cut", 1)]
    hints = [Boundary(61, "cut", 0.3), Boundary(64, "cut", 0.4)]
    never: Callable[[int], bool] = lambda frame: False  # noqa: E731
    with_hint = rules.one_for_each_fade(learned, [fade], hints, contrast, never)
    assert [(b.frame, b.entry) for b in with_hint] == [(64, "fade"), (90, "cut")]
    without = rules.one_for_each_fade(learned, [fade], [], contrast, never)
    assert [(b.frame, b.entry) for b in without] == [(55, "fade"), (90, "cut")]
    at_the_end = replace(fade, joins=False)
    assert rules.one_for_each_fade(learned, [at_the_end], hints, contrast, never) == learned[2:]


# -------------------------------------------------------------------------------------- pure


def test_shots_leave_no_gap() -> None:
    times = [i / RATE for i in range(10)]
    boundaries = [Boundary(3, "cut", 0.9), Boundary(7, "dissolve", 0.6)]
    assert rules.to_shots(boundaries, times, Fraction(2, 5)).shots == (
        Shot(Range(Fraction(0), Fraction(3, 25)), 0, 3, "start", 1.0),
        Shot(Range(Fraction(3, 25), Fraction(7, 25)), 3, 7, "cut", 0.9),
        Shot(Range(Fraction(7, 25), Fraction(2, 5)), 7, 10, "dissolve", 0.6),
    )


@given(st.lists(st.tuples(st.integers(0, 199), st.floats(0, 1)), max_size=30), st.integers(0, 40))
def test_spaced_boundaries_are_apart_and_the_surest_stays(
    given_: list[tuple[int, float]], length: int
) -> None:
    times = [i / RATE for i in range(200)]
    boundaries = [Boundary(frame, "cut", sure) for frame, sure in given_]
    kept = rules.spaced(boundaries, times, length / RATE)
    marks = [0, *(b.frame for b in kept)]
    assert all(b - a >= max(length, 1) or length == 0 for a, b in pairwise(marks))
    eligible = [b for b in boundaries if b.frame and b.frame >= length]
    if eligible:
        assert max(b.confidence for b in eligible) == max(b.confidence for b in kept)


@given(st.lists(st.booleans(), min_size=1, max_size=400), st.sampled_from([30, 50]))
def test_windows_hold_every_doubt_and_never_overlap(mask: list[bool], length: int) -> None:
    marks = np.array(mask)
    found = doubt.windows(marks, length)
    assert all(0 <= a < z <= len(mask) and z - a <= length for a, z in found)
    assert all(z <= a for (_, z), (a, _) in pairwise(found))
    covered = {i for a, z in found for i in range(a, z)}
    for at in np.flatnonzero(marks):
        reach = range(max(at - doubt.PAD, 0), min(at + doubt.PAD + 1, len(mask)))
        assert covered.issuperset(reach)


def test_a_lone_doubt_costs_one_window_with_it_in_the_middle() -> None:
    mask = np.zeros(400, bool)
    mask[200] = True
    ((first, last),) = doubt.windows(mask, 50)
    assert last - first == 50
    assert abs((first + last) / 2 - 200) <= 1


def thumbnails_of(frames: list[np.ndarray]) -> Callable[[int, int], np.ndarray]:
    small = np.stack([thumbnail(f) for f in frames])
    return lambda first, last: small[first:last]


def test_a_dissolve_is_slow_and_a_pan_and_a_still_are_not() -> None:
    a, b = take(3, 80), take(4, 80)
    dissolve = as_bytes([*a[:28], *mixed(a[28:52], b[28:52], 24), *b[52:]])
    mask = doubt.slow_changes(80, thumbnails_of(dissolve), 10)
    assert mask[36:44].all()
    assert not mask[:20].any()
    assert not mask[60:].any()
    assert not doubt.slow_changes(80, thumbnails_of(as_bytes(a)), 10).any()
    assert not doubt.without_cuts(mask, [40], 20)[20:60].any()


def test_a_flash_takes_itself_back_and_a_cut_does_not(clip: Clip) -> None:
    measures = FrameMeasures()
    for frame in clip.frames:
        measures.add(thumbnail(frame))
    cuts = [*clip.cuts, clip.flash, clip.flash + 2]
    found = doubt.flashes(cuts, measures.steps, thumbnails_of(clip.frames), 8)
    assert found == [clip.flash, clip.flash + 2]


def test_thumbnails_come_back_from_memory_and_from_the_file(clip: Clip) -> None:
    small = [thumbnail(f) for f in clip.frames[:20]]
    for limit in (10_000_000, 10_000):
        store = ThumbnailStore(limit)
        for picture in small[:15]:
            store.add(picture)
        np.testing.assert_array_equal(store.read(3, 9), np.stack(small[3:9]))
        for picture in small[15:]:
            store.add(picture)
        np.testing.assert_array_equal(store.read(0, 20), np.stack(small))
        assert len(store) == 20
        store.close()


def test_learned_boundaries_follow_the_peak_and_know_a_dissolve_from_a_cut() -> None:
    chances = np.zeros((2, 60), np.float32)
    chances[0, [10, 11, 40]] = (0.6, 0.9, 0.8)
    chances[1, 11] = 0.9
    chances[1, 34:48] = 0.9
    steps = np.zeros(60)
    steps[12] = 50
    found = rules.learned_boundaries(chances, steps, rules.step_ratios(steps))
    assert [(b.frame, b.entry, b.confidence) for b in found] == [
        (12, "cut", pytest.approx(0.9)),
        (41, "dissolve", pytest.approx(0.8)),
    ]
    higher = rules.learned_boundaries(chances, steps, rules.step_ratios(steps), threshold=0.85)
    assert [b.frame for b in higher] == [12]


# ---------------------------------------------------------------------------------- parameters


def test_wrong_parameters_are_refused_with_the_reason() -> None:
    those = r"adaptive \| content \| hash \| histogram \| threshold \| transnet"
    with pytest.raises(ValidationError, match=f"goes with `detector: {those}`; auto takes none"):
        ShotsStage(threshold=3)
    with pytest.raises(ValidationError, match="at most 1"):
        ShotsStage(detector="hash", threshold=3)
    with pytest.raises(ValidationError, match="greater than 0"):
        ShotsStage(detector="hash", threshold=0)
    with pytest.raises(ValidationError, match="unknown detector 'hsah'; did you mean 'hash'"):
        ShotsStage(detector="hsah")
    with pytest.raises(ValidationError, match="Extra inputs"):
        ShotsStage(detecter="hash")  # type: ignore[call-arg]


def test_the_stage_hands_its_parameters_to_the_analysis() -> None:
    stage = ShotsStage(detector="content", threshold=30, min_length="1s", fades=False)
    assert stage.analyses() == (
        analysis_of(detector="content", threshold=30, min_length=Fraction(1), fades=False),
    )
    assert ShotsStage.gives == ("shots",)


def test_cheap_detectors_name_no_model() -> None:
    assert analysis_of(detector="content").model(context()) is None


def test_auto_without_weights_says_so_and_works_alone(without_weights: None, clip: Clip) -> None:
    at = context()
    shots = found_in(clip.frames, at=at, detector="auto")
    assert [s.start_frame for s in shots.shots] == [
        s.start_frame for s in found_in(clip.frames, detector="adaptive").shots
    ]
    assert ["smartcut models pull transnetv2" in note for note in at.progress.notes] == [True]
    assert analysis_of().model(at) is None


# ------------------------------------------------------------------------------------- network


@pytest.fixture(scope="module")
def tiny() -> Any:
    """The network with seeded random weights."""
    import torch

    from smartcut.models.transnet_network import TransNetV2

    torch.manual_seed(0)
    return TransNetV2().eval()


def test_network_has_the_size_of_the_published_one(tiny: Any) -> None:
    assert sum(p.numel() for p in tiny.parameters()) == 7_616_258
    assert len(tiny.state_dict()) == 90


def test_similarities_are_zero_outside_and_one_with_itself() -> None:
    import torch

    from smartcut.models.transnet_network import neighbour_similarities

    vectors = torch.nn.functional.normalize(torch.rand(1, 7, 4), dim=2)
    table = neighbour_similarities(vectors)
    assert table.shape == (1, 7, 101)
    assert torch.allclose(table[0, :, 50], torch.ones(7))
    assert torch.allclose(table[0, 2, 53], vectors[0, 2] @ vectors[0, 5])
    assert table[0, 0, :50].abs().max() == 0
    assert table[0, 6, 51:].abs().max() == 0


def test_histograms_count_eight_levels_of_each_colour() -> None:
    import torch

    from smartcut.models.transnet_network import colour_histograms

    pictures = torch.zeros(1, 1, 2, 2, 3, dtype=torch.uint8)
    pictures[0, 0, 0, 0] = torch.tensor([255, 32, 0])
    histogram = colour_histograms(pictures)[0, 0]
    assert histogram.nonzero().flatten().tolist() == [0, 7 * 64 + 8]
    assert histogram[0] == pytest.approx(3 / 10**0.5)


def test_every_frame_gets_two_numbers(tiny: Any) -> None:
    import torch

    pictures = torch.randint(0, 256, (1, 20, 27, 48, 3), dtype=torch.uint8)
    with torch.inference_mode():
        one, many = tiny(pictures)
    assert one.shape == many.shape == (1, 20)
    assert not torch.equal(one, many)


def test_asking_the_network_imports_no_torch() -> None:
    code = "import sys, smartcut.models.transnet; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_each_chance_belongs_to_its_frame_whatever_the_windows() -> None:
    import torch

    from smartcut.models import transnet, transnet_network

    seen: list[torch.Tensor] = []

    class Brightness(transnet_network.TransNetV2):
        """Answers with each frame's own brightness, and its negative."""

        def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            seen.append(pictures)
            level = pictures.float().mean(dim=(2, 3, 4)) / 32 - 2
            return level, -level

    levels = np.arange(170, dtype=np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (170, 27, 48, 3))

    def pictures(first: int, last: int) -> np.ndarray:
        assert 0 <= first < last <= 170
        return frames[first:last]

    network = Brightness()

    def ask(windows: np.ndarray) -> Future[np.ndarray]:
        answer: Future[np.ndarray] = Future()
        answer.set_result(network.chances(windows))
        return answer

    def predict(*args: Any, **kwargs: Any) -> np.ndarray:
        return transnet.predict(ask, pictures, 170, *args, **kwargs)

    expected = 1 / (1 + np.exp(-(levels / 32.0 - 2)))
    done: list[int] = []
    whole = predict(progress=done.append)
    np.testing.assert_allclose(whole, [expected, 1 - expected], atol=1e-6)
    assert done == [170]
    assert [w.shape[:2] for w in seen] == [(4, 100)]
    assert seen[0][0, :26, 0, 0, 0].tolist() == [0] * 26
    assert seen[0][3, 44:, 0, 0, 0].tolist() == [169] * 56
    parts = predict([(3, 40), (60, 170)], progress=done.append)
    assert done == [170, 147]
    np.testing.assert_array_equal(parts[:, 3:40], whole[:, 3:40])
    np.testing.assert_array_equal(parts[:, 60:], whole[:, 60:])
    assert not parts[:, [0, 1, 2, *range(40, 60)]].any()
    many = transnet.predict(ask, lambda a, b: frames[[9] * (b - a)], 1700, progress=done.append)
    assert done[2:] == [200 * i for i in range(1, 9)] + [1700]
    np.testing.assert_allclose(many, np.repeat(whole[:, 9:10], 1700, axis=1), atol=1e-6)


def test_weights_load_as_they_were_saved_and_damage_is_named(tiny: Any, tmp_path: Path) -> None:
    import torch

    from smartcut.models import transnet_network

    path = tmp_path / "weights.pth"
    torch.save(tiny.state_dict(), path)
    again = transnet_network.load(path)
    assert not again.training
    assert torch.equal(again.fc1.weight, tiny.fc1.weight)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelError, match="smartcut models pull transnetv2"):
        transnet_network.load(path)


@pytest.mark.weights
def test_auto_finds_everything_and_ignores_the_flash(with_weights: None, clip: Clip) -> None:
    shots = found_in(clip.frames, detector="auto")
    assert clip.missed(shots, with_dissolve=True) == []
    assert [s.entry for s in shots.shots] == [
        "start", "cut", "cut", "dissolve", "cut", "fade", "cut",
    ]  # fmt: skip
    assert all(0 < s.confidence <= 1 for s in shots.shots)


@pytest.mark.weights
def test_the_network_alone_finds_cuts_to_the_frame_and_the_dissolve(
    with_weights: None, clip: Clip
) -> None:
    found = found_in(clip.frames[:150], detector="transnet")
    assert found.engine.startswith(("torch ", "onnxruntime "))
    shots = found.shots
    assert [s.entry for s in shots] == ["start", "cut", "cut", "dissolve"]
    assert [s.start_frame for s in shots[:3]] == [0, 40, 74]
    assert abs(shots[3].start_frame - clip.dissolve) <= 8


@pytest.mark.weights
def test_auto_asks_the_network_only_where_there_is_doubt(
    with_weights: None, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcut.models import transnet

    asked = 0
    real = transnet.predict

    def counted(*args: Any, **kwargs: Any) -> np.ndarray:
        nonlocal asked
        answer = real(*args, **kwargs)
        asked += int(answer.any(axis=0).sum())
        return answer

    monkeypatch.setattr(transnet, "predict", counted)
    found_in(clip.frames, detector="auto")
    # One window for the dissolve, one for the flash, two for the fade.
    assert 0 < asked <= 4 * transnet.KEEP < len(clip.frames)
    asked = 0
    found_in(as_bytes([*take(1, 60), *take(2, 60)]), detector="auto")
    assert asked == 0


@pytest.mark.weights
def test_auto_names_its_model_and_where_it_asks_it(with_weights: None) -> None:
    from smartcut.models import weights

    digest = weights.digest("transnetv2")
    where_in_doubt = ("transnetv2 where adaptive is in doubt", digest)
    assert analysis_of().model(context()) == where_in_doubt
    assert analysis_of().model(context("cuda")) == ("transnetv2", digest)
    assert analysis_of(detector="transnet").model(context()) == ("transnetv2", digest)


@pytest.mark.gpu
@pytest.mark.weights
@pytest.mark.parametrize("detector", ["auto", "transnet"])
def test_a_gpu_finds_the_same(with_weights: None, clip: Clip, detector: str) -> None:
    shots = found_in(clip.frames, at=context("cuda"), detector=detector)
    assert clip.missed(shots, with_dissolve=True) == []
    assert len(shots.shots) == 7


# -------------------------------------------------------------------------------- from a file


def test_one_pass_over_a_file_gives_shots_and_signals(film: Path) -> None:
    from smartcut.annotation import Signal
    from smartcut.media.index import video_index
    from smartcut.media.listen import listen
    from smartcut.media.probe import probe
    from smartcut.stages.motion import MotionAnalysis
    from smartcut.stages.sharpness import SharpnessAnalysis

    src = probe(film)
    made = Clip()
    analyses = (analysis_of(detector="adaptive"), MotionAnalysis(), SharpnessAnalysis())
    wishes = []
    for analysis in analyses:
        wish = analysis.wants(src)
        assert wish is not None
        wishes.append((wish, analysis.listener(src, context())))
    listen(src, wishes, video_index(src))
    shots, motion, sharpness = (listener.finish() for _, listener in wishes)
    assert isinstance(shots, Shots)
    assert made.missed(shots, with_dissolve=False) == []
    assert shots.shots[0].range.start == 0
    assert shots.shots[-1].range.end == len(made.frames) / RATE
    assert all(a.range.end == b.range.start for a, b in pairwise(shots.shots))
    assert all(s.range.start == s.start_frame / RATE for s in shots.shots)
    assert isinstance(motion, Signal)
    assert isinstance(sharpness, Signal)
    assert motion.times() == tuple(i / RATE for i in range(len(made.frames)))
    assert sharpness.times()[:3] == (0, Fraction(1, 4), Fraction(1, 2))
    assert all(np.isfinite(motion.channel("motion")))
