"""Black bars, found and cropped; dark scenes are left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.media.probe import probe
from smartcut.spec_reading import parse_spec
from tests.builders.drawn_faces import room, write_film


def barred(picture: np.ndarray, rows: int = 0, columns: int = 0) -> np.ndarray:
    framed = picture.copy()
    if rows:
        framed[:rows] = framed[-rows:] = 0
    if columns:
        framed[:, :columns] = framed[:, -columns:] = 0
    return framed


def night() -> np.ndarray:
    """A lamp in the middle of black."""
    import cv2

    picture = np.zeros((360, 640, 3), np.uint8)
    cv2.circle(picture, (320, 180), 60, (250, 240, 200), -1)
    return cv2.GaussianBlur(picture, (0, 0), 9)


def cropped(cut: Cut, segment: int = 0) -> dict[str, str]:
    found = [e for e in cut.segments[segment].effects if e.name == "crop"]
    return {name: str(value) for effect in found for name, value in effect.params}


def test_bars_are_those_of_all_pictures_and_the_film_has_none(tmp_path: Path) -> None:
    bright, dark = barred(room(1), rows=45), barred(room(2) // 12, rows=45)
    path = write_film(tmp_path / "wide.mp4", [*[bright] * 30, *[dark] * 30, *[bright] * 15])
    spec = parse_spec("stages:\n  - crop: auto\n  - render: {mode: encode}\n")
    pipeline = sc.Pipeline(spec.steps)
    result = pipeline.run([path], tmp_path / "out.mp4")
    assert cropped(result.cut) == {"top": "46px", "bottom": "46px"}
    assert "crop: wide: top 46px, bottom 46px" in result.cut.notes
    video = probe(tmp_path / "out.mp4").video
    assert video is not None
    assert video.display_size == (640, 268)
    shown = sc.open(tmp_path / "out.mp4").frame(0)
    assert shown[:3].mean() > 40
    assert shown[-3:].mean() > 40


def test_pillars_too_and_for_each_segment_its_own(tmp_path: Path) -> None:
    old, new = barred(room(3), columns=80), room(4)
    path = write_film(tmp_path / "archive.mp4", [*[old] * 50, *[new] * 50])
    both = (sc.open(path) | sc.trim(ranges=["0s-2s", "2s-4s"]) | sc.crop(auto=True)).cut()
    assert cropped(both, 0) == {"left": "80px", "right": "80px"}
    assert cropped(both, 1) == {}
    # One segment over both has no bars in common.
    whole = (sc.open(path) | sc.crop(auto=True)).cut()
    assert cropped(whole) == {}
    assert "crop: archive: no black bars" in whole.notes


@pytest.mark.parametrize("around", [False, True])
def test_a_dark_scene_is_not_cropped(around: bool, tmp_path: Path) -> None:
    day = [room(5)] * 30 if around else []
    path = write_film(tmp_path / "night.mp4", [*day, *[night()] * 50])
    cut = (sc.open(path) | sc.crop(auto=True)).cut()
    assert cropped(cut) == {}
    alone = (sc.open(path) | sc.trim(start=f"{len(day) / 25}s") | sc.crop(auto=True)).cut()
    assert cropped(alone) == {}


def test_a_plain_crop_is_as_before_and_both_together_are_refused() -> None:
    with pytest.raises(PipelineError, match="leave out `left`"):
        sc.crop(auto=True, left=0.1)
    with pytest.raises(PipelineError, match="auto"):
        parse_spec("stages:\n  - crop: sideways\n")
    assert sc.crop(left=0.1).analyses() == ()
