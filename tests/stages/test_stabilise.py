"""`stabilise`: what shook moves evenly, shot by shot, and no edge is seen."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import smartcut as sc
from smartcut.annotation import Signal
from smartcut.stage import Picture
from smartcut.stages._calm_path import SHARED, WINDOW, calm_path
from smartcut.stages._camera import CameraAnalysis, CameraListener, moved
from smartcut.stages._steadying import covering, steadied

SIZE = (320, 180)
RATE = 30


def scene(seed: int) -> np.ndarray:
    """A gray texture, larger than the picture, with a white disc in its middle."""
    levels = (60, 110) if seed % 2 else (120, 180)
    rough = np.random.default_rng(seed).uniform(*levels, (60, 100)).astype(np.float32)
    picture = cv2.resize(rough, (600, 360), interpolation=cv2.INTER_CUBIC).clip(50, 200)
    cv2.circle(picture, (300, 180), 24, 255, -1, cv2.LINE_AA)
    return picture


def shaken(still: np.ndarray, numbers: range, strength: float = 1.0) -> list[np.ndarray]:
    """Pictures of a slow pan by a hand: three sines each way, and half a degree of roll."""
    pictures = []
    for n in numbers:
        t = n / RATE
        x = 2.2 * np.sin(2 * np.pi * 3.1 * t) + 1.6 * np.sin(2 * np.pi * 6.7 * t + 2) + 4 * t
        y = 2.0 * np.sin(2 * np.pi * 4.3 * t + 1) + 1.2 * np.sin(2 * np.pi * 5.3 * t)
        turn = np.deg2rad(0.4 * np.sin(2 * np.pi * 2.3 * t)) * strength
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        middle = np.array(SIZE) / 2 + np.array([x, y]) * strength
        move = np.column_stack([rotation, middle - rotation @ (300, 180)])
        pictures.append(cv2.warpAffine(still, move, SIZE, flags=cv2.INTER_CUBIC))
    return pictures


def write(path: Path, pictures: list[np.ndarray]) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.options = {"crf": "8", "preset": "veryfast", "g": "30"}
        for picture in pictures:
            gray = np.clip(picture, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.reformat(format="gray").to_ndarray() for f in container.decode(video=0)]


def disc(picture: np.ndarray) -> np.ndarray:
    """Where the middle of the white disc is, in pixels."""
    weight = np.clip(picture.astype(float) - 215, 0, None)
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


def shake(pictures: list[np.ndarray]) -> float:
    """Mean change of the disc's speed, in pixels a frame squared."""
    places = np.array([disc(picture) for picture in pictures])
    return float(np.linalg.norm(np.diff(places, n=2, axis=0), axis=1).mean())


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots of 45 pictures, the second one shaken less."""
    pictures = [*shaken(scene(1), range(45)), *shaken(scene(2), range(45, 90), 0.5)]
    return write(tmp_path_factory.mktemp("stabilise") / "hand.mp4", pictures)


def test_shake_goes_shot_by_shot_and_no_edge_is_seen(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    pipeline = (
        sc.open(film) | sc.shots(detector="content", threshold=10, min_length=0) | sc.stabilise()
    )
    result = pipeline.render(out, crf=8)
    before, after = read(film), read(out)
    assert len(after) == len(before) == 90
    for shot in (slice(0, 45), slice(45, 90)):
        assert shake(before[shot]) > 0.8
        assert shake(after[shot]) < shake(before[shot]) / 10
        # Nothing of one shot's path reaches into the other.
        assert np.abs(disc(after[shot][0]) - disc(before[shot][0])).max() < 8
    assert min(picture.min() for picture in after) > 22  # black where an edge is seen
    (note,) = [note for note in result.notes if note.startswith("stabilise: hand: 2 shots")]
    scales = [s for _, s in scales_of(result.cut)]
    assert len(scales) == 2
    assert 1 < scales[1] < scales[0] <= 1 / 0.9
    assert f"{100 * (1 - 1 / scales[0]):.1f} % of the sides lost at most" in note


def scales_of(cut: sc.Cut) -> list[tuple[F, float]]:
    (effect,) = cut.segments[0].effects
    assert effect.name == "move"
    return [(key.at, key.value) for key in dict(effect.params)["scale"].keys]  # type: ignore


def test_without_shots_a_path_begins_where_nothing_is_in_common(film: Path) -> None:
    shots = (
        sc.open(film) | sc.shots(detector="content", threshold=10, min_length=0) | sc.stabilise()
    )
    alone = sc.open(film) | sc.stabilise()
    assert scales_of(alone.cut()) == scales_of(shots.cut())


def test_a_narrow_crop_is_kept_to(tmp_path: Path) -> None:
    """There is not room enough: less shake goes, and still no edge is seen."""
    film, out = write(tmp_path / "wild.mp4", shaken(scene(3), range(40), 2.5)), tmp_path / "out.mp4"
    result = (sc.open(film) | sc.stabilise(crop=0.04)).render(out, crf=8)
    (effect,) = result.cut.segments[0].effects
    assert dict(effect.params)["scale"] == pytest.approx(1 / 0.96, abs=1e-3)
    after = read(out)
    assert shake(after) < shake(read(film))
    assert min(picture.min() for picture in after) > 22


def test_what_stands_still_is_copied(tmp_path: Path) -> None:
    film, out = tmp_path / "still.mp4", tmp_path / "out.mp4"
    write(film, shaken(scene(4), range(1)) * 30)
    (sc.open(film) | sc.stabilise()).render(out)
    rows = json.loads((tmp_path / "out.manifest.json").read_text())["intervals"]
    assert {row["how"] for row in rows} == {"copy"}


def test_only_chosen_segments_and_their_own_keys(film: Path) -> None:
    cut = (sc.open(film) | sc.split(by="length", length=1) | sc.stabilise(on=1)).cut()
    assert [len(s.effects) for s in cut.segments] == [0, 1, 0]
    (effect,) = cut.segments[1].effects
    times = [key.at for key in dict(effect.params)["x"].keys]  # type: ignore[union-attr]
    assert min(times) >= F(28, 30)
    assert max(times) <= F(62, 30)
    assert len(times) >= 30


# ---------------------------------------------------------------------------------- measuring


def test_motion_is_measured_to_a_twentieth_of_a_pixel_behind_things_that_move() -> None:
    still, pictures = cv2.resize(scene(5), None, fx=2, fy=2), []
    steps = [(0.0, 0.0, 0.0), (3.3, -1.7, 0.3), (-2.4, 4.1, -0.5), (0.7, 0.2, 0.1)]
    for number, (x, y, degrees) in enumerate(steps):
        turn = np.deg2rad(degrees)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        move = np.column_stack([rotation, np.array([320 + x, 180 + y]) - rotation @ (600, 360)])
        picture = cv2.warpAffine(still, move, (640, 360), flags=cv2.INTER_CUBIC)
        left = 60 + 30 * number
        picture[100:220, left : left + 120] = scene(6)[100:220, 100:220]
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    for (one, other), ((x0, y0, a0), (x1, y1, a1)) in zip(
        pairwise(pictures), pairwise(steps), strict=True
    ):
        x, y, turn, sure = moved(one, other)
        angle = np.deg2rad(a1 - a0)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        expected = np.array([x1, y1]) - rotation @ (x0, y0)
        assert np.abs(np.array([x, y]) * 360 - expected).max() < 0.05
        assert abs(turn - angle) * 320 < 0.1
        assert sure > 0.15
    plain = np.full((360, 640), 90, np.uint8)
    assert moved(pictures[0], plain) == moved(plain, plain) == (0, 0, 0, 0)


def test_parts_joined_are_the_whole() -> None:
    pictures = [np.clip(p, 0, 255).astype(np.uint8) for p in shaken(scene(7), range(9))]
    fed = [Picture(F(n, 30), n, p) for n, p in enumerate(pictures)]

    def heard(first: int, last: int) -> CameraListener:
        listener = CameraListener()
        for item in fed[first:last]:
            listener.feed(item)
        return listener

    analysis = CameraAnalysis()
    whole = heard(0, 9).finish()
    assert isinstance(whole, Signal)
    assert len(whole.pts) == len(whole.channel("x")) == 9
    parts = [analysis.part(heard(0, 5)), analysis.part(heard(4, 9))]
    assert analysis.join(parts) == whole


# ------------------------------------------------------------------------------------- paths

moves = st.lists(st.floats(-0.05, 0.05), min_size=3, max_size=60).map(np.array)


@settings(max_examples=40)
@given(moves, st.floats(0.01, 0.1))
def test_a_calm_path_is_within_reach_and_calmer(steps: np.ndarray, room: float) -> None:
    path = np.cumsum(steps)
    calm = calm_path(path, room)
    assert np.abs(calm - path).max() <= room + 1e-12
    assert np.abs(np.diff(calm, n=2)).sum() <= np.abs(np.diff(path, n=2)).sum() + 1e-9
    np.testing.assert_allclose(calm_path(path + 7, room), calm + 7, atol=1e-9)


def test_a_line_within_reach_is_straight_however_long() -> None:
    for count in (50, WINDOW, WINDOW + 1, 2 * WINDOW - SHARED + 37):
        t = np.arange(count)
        path = 0.002 * t + 0.02 * np.sin(t * 0.9)
        assert np.abs(np.diff(path, n=2)).max() > 0.01
        assert np.abs(np.diff(calm_path(path, 0.05), n=2)).max() < 3e-4


corrections = st.tuples(*[st.floats(-0.06, 0.06)] * 2, st.floats(-0.03, 0.03))


@given(corrections, st.sampled_from([16 / 9, 1.0, 9 / 16]))
def test_pictures_are_enlarged_as_little_as_fills_the_frame(
    correction: tuple[float, float, float], aspect: float
) -> None:
    x, y, turn = correction
    (scale,) = covering(*(np.array([v]) for v in correction), aspect)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    half = np.array([aspect / 2, 0.5])
    corners = half * np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])

    def outside(z: float) -> float:
        inside = (corners / z - (x, y)) @ rotation  # the inverse of a rotation is its transpose
        return float((np.abs(inside) - half).max())

    assert outside(scale) <= 1e-9
    assert scale == 1 or outside(scale * 0.999) > 0


@settings(max_examples=40)
@given(moves, moves, moves, st.floats(0.02, 0.3))
def test_no_more_is_lost_than_was_allowed(
    x: np.ndarray, y: np.ndarray, turn: np.ndarray, crop: float
) -> None:
    count = min(map(len, (x, y, turn)))
    found = steadied(x[:count], y[:count], turn[:count] / 2, 16 / 9, crop)
    assert 1 <= found.scale <= 1 / (1 - crop) + 1e-9
    assert covering(found.x, found.y, found.turn, 16 / 9).max() <= found.scale + 1e-3
