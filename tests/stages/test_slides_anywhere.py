"""Still pictures at the start, the end, between and over what plays."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.cut import Anchor, Cut
from smartcut.errors import PipelineError, StageError
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 4 s and two plain pictures, a red and a blue one."""
    import cv2

    folder = tmp_path_factory.mktemp("slides")
    write_bar_coded(folder / "film.mp4", frames=100, rate=F(25), size=(160, 90), gop=25)
    for name, colour in (("red", (40, 40, 200)), ("blue", (200, 40, 40))):
        cv2.imwrite(str(folder / f"{name}.png"), np.full((90, 160, 3), colour, np.uint8))
    return folder


def with_slides(
    place: Path, *names: str, ranges: tuple[str, ...] = ("0s-4s",), **given: object
) -> Cut:
    pictures = [str(place / f"{name}.png") for name in names]
    slides = sc.slides(pictures=pictures, seconds="1s", **given)
    return (sc.open(place / "film.mp4") | sc.trim(ranges=[*ranges]) | slides).cut()


def shown(cut: Cut) -> list[tuple[str, float, float]]:
    """Each segment: what it is called, and its range in timeline time."""
    return [(s.label, float(p.start), float(p.end)) for s, p in cut.programme.placed()]


def test_at_the_start_and_the_end(place: Path) -> None:
    film = ("film", 0.0, 4.0)
    assert shown(with_slides(place, "red")) == [film, ("red", 4.0, 5.0)]
    started = with_slides(place, "red", "blue", at="start")
    assert shown(started) == [("red", 0.0, 1.0), ("blue", 1.0, 2.0), ("film", 2.0, 6.0)]


def test_between_one_in_each_join(place: Path) -> None:
    ranges = ("0s-1s", "1s-2s", "2s-3s")
    cut = with_slides(place, "red", "blue", ranges=ranges, at="between")
    assert [label for label, _, _ in shown(cut)] == ["film", "red", "film", "blue", "film"]
    with pytest.raises(StageError, match="3 pictures for 2 joins"):
        with_slides(place, "red", "blue", "red", ranges=ranges, at="between")


def test_at_a_time_the_film_is_divided_and_goes_on(place: Path) -> None:
    cut = with_slides(place, "red", "blue", at="1.48s")
    assert shown(cut) == [
        ("film", 0.0, 1.48), ("red", 1.48, 2.48), ("blue", 2.48, 3.48), ("film", 3.48, 6.0),
    ]  # fmt: skip
    ranges = [s.range for s in cut.segments if s.source == "film"]
    assert ranges[0].end == ranges[1].start == F(37, 25)
    with pytest.raises(StageError, match=r"9 s is not in the cut, which lasts 4 s"):
        with_slides(place, "red", at="9s")


def test_over_the_film_which_stays_as_long_as_it_is(place: Path) -> None:
    pictures = [str(place / "red.png"), str(place / "blue.png")]
    stages = sc.open(place / "film.mp4") | sc.slides(
        pictures=pictures, seconds="1s", at="1s", over=True
    )
    cut = stages.cut()
    assert cut.duration == 4
    laid = [segment for track in cut.overlays for segment in track.segments]
    assert [one.at for one in laid] == [Anchor("film", F(1)), Anchor("film", F(2))]
    colours = [stages.frame(F(time)).reshape(-1, 3).mean(axis=0) for time in ("1.5", "2.5")]
    assert colours[0][0] > 150 > 80 > colours[0][2]
    assert colours[1][2] > 150 > 80 > colours[1][0]
    before = sc.open(place / "film.mp4").frame(F(1, 2))
    np.testing.assert_array_equal(stages.frame(F(1, 2)), before)


def test_what_does_not_go_together_is_refused(place: Path) -> None:
    with pytest.raises(PipelineError, match="`over` takes a time or `start`"):
        with_slides(place, "red", at="between", over=True)
    with pytest.raises(PipelineError, match="leave out `at`"):
        sc.slides(pictures=[str(place / "red.png")], seconds="voice", at="start")
    with pytest.raises(StageError, match="red.png` begins at 7 s, but the cut lasts 4"):
        with_slides(place, "red", at="7s", over=True)
