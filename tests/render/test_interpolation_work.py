"""At which size frames are made, how many, and how long that is said to take."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.media.probe import probe
from smartcut.models.interpolation import Gap
from smartcut.models.interpolation.blend import Blend
from smartcut.models.interpolation.choice import BEST_WITHIN, choose
from smartcut.models.interpolation.timing import seconds_a_picture
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "video.mp4"
    write_bar_coded(path, frames=16, size=(320, 180))
    return path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """(height, width, 3) of every picture that is made."""
    shapes: list[tuple[int, ...]] = []
    plain = Blend.make

    def make(self: Blend, gaps: Any) -> Any:
        found = plain(self, gaps)
        shapes.extend(picture.shape for group in found for picture in group)
        return found

    monkeypatch.setattr(Blend, "make", make)
    return shapes


def pictures(path: Path) -> list[np.ndarray]:
    import cv2

    film, found = cv2.VideoCapture(str(path)), []
    while (read := film.read())[0]:
        found.append(read[1].astype(np.float32))
    return found


@pytest.mark.parametrize(
    ("asked", "size", "expected"),
    [
        ({"resolution": "1280x720"}, (1280, 720), (180, 320, 3)),
        ({"resolution": "640x640"}, (640, 640), (320, 320, 3)),
        ({"resolution": "640x640", "fit": "crop"}, (640, 640), (180, 180, 3)),
        ({"resolution": "160x90"}, (160, 90), (90, 160, 3)),
        ({}, (320, 180), (180, 320, 3)),
    ],
)
@pytest.mark.parametrize("effect", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_frames_are_made_at_the_smaller_size_and_then_scaled(
    asked: dict[str, Any],
    size: tuple[int, int],
    expected: tuple[int, ...],
    effect: bool,
    video: Path,
    tmp_path: Path,
    made: list[tuple[int, ...]],
) -> None:
    out = tmp_path / "o.mp4"
    whole = sc.open(video) | sc.interpolate(factor=2, engine="blend", guard=0, cadence=False)
    if effect:
        whole = whole | sc.effects(use="MirrorX") | sc.effects(use="MirrorX")
    whole.render(out, crf=12, **asked)
    stream = probe(out).video
    assert stream is not None
    assert stream.display_size == size
    if not (effect and asked.get("fit")):  # the shape that an effect sees is its own affair
        assert set(made) == {expected}
    assert len(made) == 15
    plain = tmp_path / "plain.mp4"
    sc.open(video).render(plain, mode="encode", crf=12, **asked)
    for own, same in zip(pictures(out)[::2], pictures(plain), strict=True):
        assert np.abs(own - same).mean() < 4


def test_what_will_be_made_is_counted_at_the_output_s_rate(
    video: Path, tmp_path: Path, made: list[tuple[int, ...]]
) -> None:
    slow = sc.open(video) | sc.interpolate(speed="0.5", engine="blend", guard=0, cadence=False)
    for rate, expected in ((None, 16), (60, 48), (15, 0)):
        made.clear()
        result = slow.render(tmp_path / "o.mp4", fps=rate)
        note = next(n for n in result.notes if n.startswith("interpolate: "))
        if expected:
            assert f"for {expected} pictures of 320x180" in note
        else:
            assert note == "interpolate: every picture is there already; none is made"
        assert expected * 0.9 <= len(made) <= expected


def test_the_size_in_the_estimate_is_the_one_that_frames_are_made_at(
    video: Path, tmp_path: Path
) -> None:
    smooth = sc.open(video) | sc.interpolate(factor=2, engine="blend")
    for resolution, told in (("160x90", "160x90"), ("1280x720", "320x180"), ("90p", "160x90")):
        result = smooth.render(tmp_path / "o.mp4", resolution=resolution)
        assert any(f"16 pictures of {told} on" in note for note in result.notes)


class Slow:
    """An engine that takes a tenth of a second for a megapixel, by its own clock."""

    name = "flow"
    weights = None
    at_once = 2

    def __init__(self) -> None:
        self.now = 0.0
        self.sizes: list[tuple[int, ...]] = []

    def make(self, gaps: list[Gap]) -> list[list[np.ndarray]]:
        for gap in gaps:
            self.sizes.append(gap.first.shape)
            self.now += len(gap.steps) * gap.first.shape[0] * gap.first.shape[1] / 1e7
        return [[gap.first for _ in gap.steps] for gap in gaps]


@pytest.mark.parametrize("size", [(854, 480), (1920, 1080), (40, 30)])
def test_the_time_of_a_picture_is_measured_at_its_size(size: tuple[int, int]) -> None:
    engine = Slow()
    seconds = seconds_a_picture(engine, size, lambda: engine.now)  # type: ignore[arg-type]
    assert seconds == pytest.approx(size[0] * size[1] / 1e7, rel=0.01)
    assert max(h * w for h, w, _ in engine.sizes) <= 510_000


@pytest.mark.weights("rife-4.6")
def test_auto_goes_by_what_was_measured() -> None:
    def chosen(one: dict[str | None, float]) -> Any:
        return choose(
            "auto",
            None,
            device="cpu",
            size=(854, 480),
            pictures=100,
            cores=2,
            measure=lambda engine, tier: one[tier],
        )

    slow = BEST_WITHIN / 100 + 0.1
    best = chosen({"best": 0.5, "fast": 0.2, None: 0.1})
    assert (best.engine, best.tier, best.seconds) == ("rife", "best", 50.0)
    assert (
        "about 50 seconds for 100 pictures of 854x480 on 2 cores, as measured here" in best.reason
    )
    assert chosen({"best": slow, "fast": 0.2, None: 0.1}).tier == "fast"
    assert chosen({"best": 99.0, "fast": 98.0, None: 0.1}).engine == "flow"


def test_work_that_is_soon_done_is_not_measured() -> None:
    def measure(engine: str, tier: str | None) -> float:
        raise AssertionError("measured")

    found = choose(
        "flow", None, device="cpu", size=(320, 180), pictures=3, cores=2, measure=measure
    )
    assert not found.is_measured


def test_a_measurement_is_made_once_and_planning_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcut.models.interpolation import choice

    monkeypatch.setattr(choice, "MEASURED_FROM", 0.0)
    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=10, size=(160, 90), rate=F(10))
    smooth = sc.open(film) | sc.interpolate(factor=2, engine="blend")
    assert "as measured here" not in smooth.plan(output=tmp_path / "o.mp4").text()
    result = smooth.render(tmp_path / "o.mp4")
    assert any(note.endswith("as measured here") for note in result.notes)
    assert "as measured here" in smooth.plan(output=tmp_path / "o.mp4").text()
