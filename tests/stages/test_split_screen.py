"""Pictures side by side: where their cells lie to the pixel, when they play, what is heard."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import resolved
from smartcut.effect import to_effect
from smartcut.effects.cell import Cell
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.stages.split_screen import SplitScreen
from smartcut.testing import write_bar_coded

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 180, 20), (20, 20, 220), (235, 235, 235)
SIZE = (64, 48)


def solid(path: Path, *colours: tuple[int, int, int], size: tuple[int, int] = SIZE) -> Path:
    """A second of each colour, ten pictures a second."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        for number in range(10 * len(colours)):
            picture = np.full((size[1], size[0], 3), colours[number // 10], np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    return [
        solid(folder / "a.mkv", RED, WHITE),
        solid(folder / "b.mkv", GREEN, GREEN),
        solid(folder / "c.mkv", BLUE),
    ]


def shown(pipeline: Any, time: F | float) -> np.ndarray:
    found: np.ndarray = pipeline.frame(F(str(time))).astype(int)
    return found


def fills(picture: np.ndarray, box: tuple[int, int, int, int], colour: tuple[int, ...]) -> bool:
    left, top, right, bottom = box
    return int(np.abs(picture[top:bottom, left:right] - colour).max()) <= 4


def test_two_lie_side_by_side_at_the_same_time(films: list[Path]) -> None:
    both = sc.open(*films[:2]) | sc.split_screen()
    assert both.cut().duration == 2
    for time, left in ((0, RED), (1.5, WHITE)):
        picture = shown(both, time)
        assert picture.shape == (48, 64, 3)
        assert fills(picture, (0, 0, 32, 48), left)
        assert fills(picture, (32, 0, 64, 48), GREEN)


def test_a_grid_has_gaps_margins_and_a_background(films: list[Path]) -> None:
    stage = sc.split_screen(layout="2x2", gap=4 / 48, margin=6 / 48, background="#ff00ff")
    grid = sc.open(*films) | stage
    picture = shown(grid, 0)
    # 64 wide: 6 kept free, (64 - 12 - 4) / 2 = 24 for each; 48 high: (48 - 12 - 4) / 2 = 16
    boxes = [((6, 6, 30, 22), RED), ((34, 6, 58, 22), GREEN), ((6, 26, 30, 42), BLUE)]
    rest = np.ones((48, 64), bool)
    for (left, top, right, bottom), colour in boxes:
        assert fills(picture, (left, top, right, bottom), colour)
        rest[top:bottom, left:right] = False
    assert np.abs(picture[rest] - (255, 0, 255)).max() <= 4
    later = shown(grid, 1.5)  # the third is over
    assert fills(later, (6, 26, 30, 42), (255, 0, 255))
    assert fills(later, (6, 6, 30, 22), WHITE)


@pytest.mark.parametrize("fit", ["fill", "whole"])
def test_pictures_fill_their_cells_or_are_seen_whole(
    films: list[Path], tmp_path: Path, fit: str
) -> None:
    wide = tmp_path / "wide.mkv"
    solid(wide, BLUE, size=(128, 32))
    boxes = [[0, 0, 0.5, 1], [0.5, 0.25, 0.5, 0.5]]
    picture = shown(
        sc.open(films[0], wide) | sc.split_screen(layout=boxes, fit=fit, background="#808080"), 0
    )
    grey = (128, 128, 128)
    if fit == "fill":
        assert fills(picture, (0, 0, 32, 48), RED)
        assert fills(picture, (32, 12, 64, 36), BLUE)
    else:
        assert fills(picture, (0, 12, 32, 36), RED)  # 4:3 in 32 x 48
        assert fills(picture, (32, 20, 64, 28), BLUE)  # 4:1 in 32 x 24
        assert fills(picture, (0, 0, 32, 11), grey)
        assert fills(picture, (32, 12, 64, 19), grey)
    assert fills(picture, (32, 0, 64, 11), grey)


def test_it_stays_together_when_it_is_cut(films: list[Path]) -> None:
    both = sc.open(*films[:2]) | sc.split_screen(ends="shortest")
    cut = both.cut()
    part = cut.segments[0].part(F(1), F(2))
    moved = cut.with_segments((part,))
    assert cut_from_json(cut_to_json(moved)) == moved
    layers = [s for t in resolved(moved).overlays for s in t.segments]
    assert [(s.source, s.range, s.at) for s in layers] == [
        ("a", sc.Range(F(1), F(2)), 0), ("b", sc.Range(F(1), F(2)), 0)
    ]  # fmt: skip


def test_segments_keep_their_effects_and_files_come_after(films: list[Path]) -> None:
    stages = sc.open(films[1]) | sc.fade(fade_in=2, fade_out=0) | sc.split_screen(files=films[:1])
    cut = stages.cut()
    assert [e.name for e in cut.overlays[0].segments[0].effects] == ["fade", "cell"]
    picture = shown(stages, 1)
    assert fills(picture, (0, 0, 32, 48), (10, 90, 10))
    assert fills(picture, (32, 0, 64, 48), WHITE)


@pytest.mark.parametrize(("sound", "count"), [("first", 1), ("all", 2), ("none", 0), (1, 1)])
def test_what_is_heard(tmp_path: Path, sound: Any, count: int) -> None:
    files = [tmp_path / f"{n}.mp4" for n in "ab"]
    for file in files:
        write_bar_coded(file, frames=30, rate=F(25), size=(64, 48))
    out = tmp_path / "out.mp4"
    result = (sc.open(*files) | sc.split_screen(sound=sound)).render(out)
    tracks = result.cut.sounds
    assert [t.segments[0].source for t in tracks] == (["b"] if sound == 1 else ["a", "b"][:count])
    manifest = json.loads(out.with_name("out.manifest.json").read_text())
    assert len(manifest["settings"]["sounds"]) == bool(count)
    assert manifest["generated"] == []


def test_layouts_have_room_for_all(films: list[Path]) -> None:
    def boxes(layout: Any, count: int) -> list[tuple[float, ...]]:
        return [tuple(round(v, 3) for v in b) for b in SplitScreen(layout=layout).boxes(count)]

    assert boxes("auto", 2) == [(0, 0, 0.5, 1), (0.5, 0, 0.5, 1)]
    assert boxes("stacked", 2) == [(0, 0, 1, 0.5), (0, 0.5, 1, 0.5)]
    assert boxes("auto", 3)[2] == (0.25, 0.5, 0.5, 0.5)
    assert boxes("3x1", 3)[1] == (0.333, 0, 0.333, 1)
    assert boxes("main-left", 3) == [
        (0, 0, 0.667, 1), (0.667, 0, 0.333, 0.5), (0.667, 0.5, 0.333, 0.5)
    ]  # fmt: skip
    assert boxes("main-top", 2) == [(0, 0, 1, 0.667), (0, 0.667, 1, 0.333)]
    with pytest.raises(StageError, match="has 3 pictures for a layout of 2"):
        (sc.open(*films) | sc.split_screen(layout="2x1")).cut()
    with pytest.raises(StageError, match="needs two pictures or more, and has 1"):
        (sc.open(films[0]) | sc.split_screen()).cut()
    with pytest.raises(StageError, match="the segments 0, 2 do not follow each other"):
        (sc.open(*films) | sc.split_screen(on=[0, 2])).cut()
    with pytest.raises(PipelineError, match=r"\[0\.5, 0, 0\.6, 1\] does not lie in the frame"):
        sc.split_screen(layout=[[0, 0, 0.5, 1], [0.5, 0, 0.6, 1]])
    with pytest.raises(StageError, match=r"there is no cell 5; cells: 0\.\.1"):
        (sc.open(*films[:2]) | sc.split_screen(sound=5)).cut()


def test_a_cell_of_the_programme_has_black_around_it(films: list[Path]) -> None:
    cell = to_effect(Cell(x=0.25, y=0.25, width=0.5, height=0.5))
    base = sc.open(films[0])
    picture = shown(base | sc.cell(x=0.25, y=0.25, width=0.5, height=0.5), 0)
    assert cell.name == "cell"
    assert fills(picture, (16, 12, 48, 36), RED)
    assert fills(picture, (0, 0, 64, 12), (0, 0, 0))
    assert fills(picture, (48, 0, 64, 48), (0, 0, 0))


def test_a_picture_in_a_picture_lies_within_the_margins(films: list[Path]) -> None:
    small = sc.picture_in_picture(file=films[2], position="top-left", width=0.25, margin=0.0625)
    pipeline = sc.open(films[0]) | small
    picture = shown(pipeline, 0.5)
    assert fills(picture, (3, 3, 19, 15), BLUE)
    assert fills(picture, (20, 0, 64, 48), RED)
    assert fills(shown(pipeline, 1.5), (0, 0, 64, 48), WHITE)
