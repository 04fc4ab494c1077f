"""Reframing of films whose subjects move on known paths."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Faces
from smartcut.cut import Anchor, Cut
from smartcut.effect import checked
from smartcut.effects.window import Window
from smartcut.media.probe import probe
from tests.builders.drawn_faces import RATE, SIZE, Place, face, put_middle, room, shot, write_film

NETWORKS = pytest.mark.weights("blazeface", "centerface")


def window_of(cut: Cut, segment: int = 0) -> Window:
    (effect,) = (e for e in cut.segments[segment].effects if e.name == "window")
    window = checked(effect)
    assert isinstance(window, Window)
    return window


def corners(window: Window, frames: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """float64 (frames, 4): left, top, right and bottom of the crop, in pixels, at each frame."""
    found = []
    for number in range(frames):
        time = number / RATE
        now = window.at(time, time)
        inverse = np.linalg.inv(now.matrix(size))
        left, top, _ = inverse @ (0, 0, 1)
        right, bottom, _ = inverse @ (*now.size(size), 1)
        found.append((left, top, right, bottom))
    return np.array(found)


def inside(crops: np.ndarray, places: np.ndarray, half: tuple[float, float]) -> float:
    """The share of frames in which a box around each place (shares of the sides) is inside."""
    x, y = places[:, 0] * SIZE[0], places[:, 1] * SIZE[1]
    held = (x - half[0] >= crops[:, 0] - 1) & (x + half[0] <= crops[:, 2] + 1)
    held &= (y - half[1] >= crops[:, 1] - 1) & (y + half[1] <= crops[:, 3] + 1)
    return float(held.mean())


def along(place: Place, seconds: float) -> np.ndarray:
    return np.array([place(n / float(RATE)) for n in range(round(seconds * RATE))])


def acceleration(crops: np.ndarray) -> float:
    """The largest change of speed from frame to frame, in shares of the width a second squared."""
    left = crops[:, 0] / SIZE[0]
    return float(np.abs(np.diff(left, 2)).max() * float(RATE) ** 2)


def walk(t: float) -> tuple[float, float]:
    return 0.5 + 0.33 * math.sin(0.9 * t), 0.5 + 0.03 * math.sin(3 * t)


def stand(x: float) -> Place:
    return lambda t: (x, 0.5)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face that walks for 6 s, one that stands for 2 s, and two far apart for 2 s."""
    one, two = face(90), face(80)
    pictures = shot(1, 6, [(one, walk)])
    pictures += shot(2, 2, [(one, stand(0.8))])
    pictures += shot(3, 2, [(one, stand(0.25)), (two, stand(0.75))])
    return write_film(tmp_path_factory.mktemp("reframe") / "film.mp4", pictures)


@NETWORKS
def test_a_face_stays_inside_and_no_cut_is_panned_across(film: Path) -> None:
    cut = (sc.open(film) | sc.reframe(aspect="9:16", wide="none")).cut()
    faces = cut.data(Faces, "faces", "film")
    assert faces is not None
    assert len(faces.tracks()) == 4
    crops = corners(window_of(cut), 250)
    np.testing.assert_allclose(crops[:, 2] - crops[:, 0], 202)
    half = (45.0, 58.0)
    assert inside(crops[:150], along(walk, 6), half) >= 0.99
    assert inside(crops[150:200], along(stand(0.8), 2), half) == 1
    # Within each shot it is calm, and from one to the next it jumps at the cut.
    for first, last in ((0, 150), (150, 200), (200, 250)):
        assert acceleration(crops[first:last]) <= 2 * 0.6 / 0.5
    assert np.ptp(crops[150:200, 0]) == np.ptp(crops[200:, 0]) == 0
    assert abs(crops[150, 0] - crops[149, 0]) > 50


@NETWORKS
def test_what_no_crop_holds_is_divided_or_shown_whole(film: Path, tmp_path: Path) -> None:
    divided = (sc.open(film) | sc.reframe(aspect="9:16", wide="split")).cut()
    assert [t.role for t in divided.tracks] == ["programme", "overlay", "overlay"]
    halves = [track.segments[0] for track in divided.tracks[1:]]
    assert [half.at for half in halves] == [Anchor("film", Fraction(8))] * 2
    for half, x in zip(halves, (0.25, 0.75), strict=True):
        window = checked(half.effects[0])
        assert isinstance(window, Window)
        assert window.aspect == "9:8"
        crop = corners(window, 1)[0]
        assert crop[0] <= x * SIZE[0] - 40
        assert crop[2] >= x * SIZE[0] + 40

    blurred = sc.open(film) | sc.reframe(aspect="9:16", wide="blur")
    assert any("shown whole over a blurred copy" in note for note in blurred.cut().notes)
    picture = blurred.frame(9)
    assert picture.shape[:2] == (360, 202)
    # Both faces are there, small, over a soft and dark copy.
    small = room(3)[180, 10].astype(int)
    assert np.abs(picture[180, 3].astype(int) - small).max() < 30
    assert picture[10].mean() < 0.8 * room(3).mean()

    padded = sc.open(film) | sc.reframe(aspect="9:16", wide="pad")
    shown = padded.frame(9)
    assert shown[:100].max() < 12
    assert np.abs(shown[180, 3].astype(int) - small).max() < 30
    assert padded.frame(7)[:100].mean() > 40


@NETWORKS
def test_the_window_is_on_its_subject_in_what_was_cut_and_is_rendered(
    film: Path, tmp_path: Path
) -> None:
    stages = sc.open(film) | sc.trim(start="6.5s", end="7.5s") | sc.reframe(aspect="1:1")
    out = tmp_path / "out.mp4"
    stages.render(out, mode="encode")
    video = probe(out).video
    assert video is not None
    assert (video.display_size, video.frames) == ((360, 360), 25)
    frame = sc.open(out).frame(Fraction(1, 2))
    # The face of the second shot is in the middle third.
    skin = np.abs(frame.astype(int) - (215, 175, 150)).sum(axis=2) < 60
    assert 120 < np.flatnonzero(skin.any(axis=0)).mean() < 240


def ball(radius: int) -> np.ndarray:
    import cv2

    drawn = np.full((2 * radius, 2 * radius, 3), 90, np.uint8)
    cv2.circle(drawn, (radius, radius), radius, (240, 60, 40), -1)
    cv2.circle(drawn, (radius + 8, radius - 8), radius // 3, (250, 240, 240), -1)
    return drawn


def roll(t: float) -> tuple[float, float]:
    return 0.15 + 0.11 * t, 0.6


@pytest.mark.parametrize("moves", [False, True])
def test_what_moves_is_followed_whether_the_camera_moves_or_not(
    moves: bool, tmp_path: Path
) -> None:
    wide, drawn = room(4, (1000, 360)), ball(30)
    pictures = []
    for number in range(150):
        left = 2 * number if moves else 0
        picture = wide[:, left : left + SIZE[0]].copy()
        put_middle(picture, drawn, roll(number / float(RATE)))
        pictures.append(picture)
    path = write_film(tmp_path / "ball.mp4", pictures)
    cut = (sc.open(path) | sc.reframe(aspect="9:16", subject="motion")).cut()
    crops = corners(window_of(cut), 150)
    assert inside(crops, along(roll, 6), (30, 30)) >= 0.99
    assert acceleration(crops) <= 2 * 0.6 / 0.5


def test_a_point_is_held_and_bars_are_cropped(tmp_path: Path) -> None:
    picture = room(5)
    picture[:40] = picture[-40:] = 0
    path = write_film(tmp_path / "bars.mp4", [picture] * 25)
    cut = (sc.open(path) | sc.reframe(aspect="1:1", subject=(0.9, 0.5))).cut()
    crop, window = cut.segments[0].effects
    assert crop.params == (("top", "40px"), ("bottom", "40px"))
    assert dict(window.params) == {"aspect": "1:1", "x": 0.9, "y": 0.5}
    assert sc.open(path).frame(0).shape[:2] == (360, 640)
    shown = (sc.open(path) | sc.reframe(aspect="1:1", subject=(0.9, 0.5))).frame(0)
    assert shown.shape[:2] == (280, 280)
    assert shown[:4].mean() > 30


@pytest.mark.slow
def test_a_rendered_ball_on_a_known_path_stays_inside(tmp_path: Path) -> None:
    """Light and surfaces of the path tracer's scenes, with noise; the path is that of the scene."""
    pictures, boxes = traced(lambda t: 2.2 * math.sin(0.9 * t), seconds=4)
    path = write_film(tmp_path / "traced.mp4", pictures)
    cut = (sc.open(path) | sc.reframe(aspect="9:16", subject="motion")).cut()
    size = pictures[0].shape[1], pictures[0].shape[0]
    crops = corners(window_of(cut), len(pictures), size)
    held = (boxes[:, 0] >= crops[:, 0] - 1) & (boxes[:, 2] <= crops[:, 2] + 1)
    assert held.mean() >= 0.99


def traced(x: Callable[[float], float], seconds: float) -> tuple[list[np.ndarray], np.ndarray]:
    """Pictures of a lit ball whose middle is at ``x(t)`` metres, and its box in each."""
    from smartcut.models.tracing.path_tracer import geometry
    from smartcut.models.tracing.scene import Camera, Plane, Scene, Sphere
    from smartcut.models.tracing.truth import boxes_of

    random = np.random.default_rng(0)
    colours = np.array([(230, 60, 40), (60, 110, 230), (150, 140, 120), (90, 120, 170)])
    light = np.array([0.4, 0.8, 0.45])
    pictures, boxes = [], []
    camera = Camera((0.0, 1.2, 7.0), (0.0, 0.8, 0.0), view=36)
    for number in range(round(seconds * RATE)):
        ball = Sphere((x(number / float(RATE)), 0.5, 0.0), 0.5)
        post = Sphere((1.0, 0.3, -3.0), 0.3)
        seen = geometry(Scene((ball, post), (Plane((0.0, 0.0, 0.0)),)), camera, 160, 90, "cpu")
        shade = np.clip(seen.normal.numpy() @ light, 0.15, 1)[..., None]
        lit = colours[seen.thing.numpy()] * shade + random.normal(0, 3, (90, 160, 1))
        pictures.append(np.clip(lit, 0, 255).astype(np.uint8))
        boxes.append(boxes_of(seen, [range(1)])[0])
    return pictures, np.array(boxes)
