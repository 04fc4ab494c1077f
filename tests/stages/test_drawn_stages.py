"""Stages that draw: where things lie to the pixel, when they are there, and what is encoded."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError, StageError
from smartcut.testing import write_bar_coded

WIDTH, HEIGHT, RATE = 160, 96, F(25)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds in 4:4:4, so that edges lie on pixels."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    write_bar_coded(
        path, frames=100, rate=RATE, size=(WIDTH, HEIGHT), pixel_format="yuv444p", audio=None
    )
    return path


def shown(pipeline: Any, time: F | int) -> np.ndarray:
    """RGB of a frame as int."""
    found: np.ndarray = pipeline.frame(F(time)).astype(int)
    return found


def changed(one: np.ndarray, other: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what differs."""
    differs = np.abs(one - other).max(axis=2) > 2
    rows, columns = (np.flatnonzero(differs.any(axis=k)) for k in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize(("number", "edge"), [(0, 1.6), (24, 40), (49, 80), (99, 160)])
def test_a_progress_bar_has_grown_as_time_is_over(film: Path, number: int, edge: float) -> None:
    bar = sc.progress_bar(colour="#ff0000", background="#0000ff", thickness=1 / 12)
    picture = shown(sc.open(film) | bar, number / RATE)
    plain = shown(sc.open(film), number / RATE)
    assert np.array_equal(picture[:88], plain[:88])
    row = picture[92]
    assert np.abs(row[: int(edge)] - (255, 0, 0)).max(initial=0) <= 3
    assert np.abs(row[int(np.ceil(edge)) :] - (0, 0, 255)).max(initial=0) <= 3
    assert (picture[88:] == row).all()
    part = edge - int(edge)
    if part:
        assert np.abs(row[int(edge)] - np.array([255 * part, 0, 255 * (1 - part)])).max() <= 4


def test_a_progress_bar_follows_the_film_however_it_is_cut(film: Path, tmp_path: Path) -> None:
    bar = sc.progress_bar(colour="#ff0000", background="#00000000", position="top")
    later = sc.open(film) | bar | sc.trim(ranges=["1-2", "3-4"])
    for time, edge in ((0, 3.2), (1, 83.2), (F(49, 25), 160)):
        red = (shown(later, time)[0] - (255, 0, 0)).__abs__().max(axis=1) <= 3
        assert red.sum() == int(edge)
    out = tmp_path / "o.mkv"
    later.render(out, each="segment", codec="ffv1", pixel_format="yuv444p")
    for number in (1, 2):
        alone = sc.open(tmp_path / f"o-00{number}.mkv")
        ends = [shown(alone, time)[0] for time in (0, F(24, 25))]
        filled = [int((np.abs(e - (255, 0, 0)).max(axis=1) <= 4).sum()) for e in ends]
        assert filled == [6, 160]


def test_a_lower_third_lies_within_the_margins(film: Path) -> None:
    plain = shown(sc.open(film), 1)
    for side, title in (("left", "Ada"), ("right", "Ada Lovelace, countess of Lovelace")):
        stage = sc.lower_third(
            title=title, subtitle="Mathematician", side=side, background="#204060",
            accent="#ff0000", size=0.08,
        )  # fmt: skip
        picture = shown(sc.open(film) | stage, 1)
        left, top, right, bottom = changed(picture, plain)
        assert bottom == HEIGHT - 5  # 5 %
        assert (left if side == "left" else WIDTH - right) == 8
        assert left >= 8
        assert right <= WIDTH - 8
        box = picture[top:bottom, left:right]
        assert np.abs(box[:, :1] - (255, 0, 0)).max() <= 3
        assert np.abs(box[[0, -1], 2:] - (0x20, 0x40, 0x60)).max() <= 3
        assert (box.min(axis=2) > 230).any(), "letters"


def test_a_lower_third_stays_on_its_sentence_and_leaves_the_rest(
    film: Path, tmp_path: Path
) -> None:
    third = sc.lower_third(title="Ada", at=2, of="film", duration=1, fade=0)
    out = tmp_path / "out.mkv"
    (sc.open(film) | third | sc.trim(ranges=["1.2-4"])).render(out)
    rows = json.loads(out.with_name("out.manifest.json").read_text())["intervals"]
    told = [(r["start"], r["end"]) for r in rows if r["reason"] == "a lower third is drawn"]
    assert (told[0][0], told[-1][1]) == (0.8, 1.8)
    gone = sc.open(film) | third | sc.trim(ranges=["0-1.5"])
    assert np.array_equal(shown(gone, 1), shown(sc.open(film), 1))


def test_a_countdown_changes_once_a_second_and_ends_with_one(film: Path) -> None:
    count = sc.open(film) | sc.countdown(at=1, duration=2, outline_width=0, box="#000000")
    pictures = [shown(count, F(n, 25)) for n in (24, 25, 49, 50, 74, 75)]
    plain = [shown(sc.open(film), F(n, 25)) for n in (24, 25, 49, 50, 74, 75)]
    boxes = [changed(a, b) for a, b in zip(pictures[1:5], plain[1:5], strict=True)]
    assert boxes[0] == boxes[1]
    assert boxes[2] == boxes[3]
    left, top, right, bottom = boxes[0]
    assert left >= 16
    assert right <= 144
    inner = np.s_[top + 8 : bottom - 8, left + 8 : right - 8]  # the box has round corners
    two, one = pictures[1][inner], pictures[3][inner]
    assert np.array_equal(two, pictures[2][inner])
    assert not np.array_equal(two, one)
    for outside in (0, 5):
        assert np.array_equal(pictures[outside], plain[outside])
    drawn = (sc.open(film) | sc.countdown(duration=2)).cut().sources[-1]
    assert drawn.made is not None
    from smartcut.drawer import drawer_of

    timer = drawer_of(drawn.made)
    frames = [timer.seen(sc.Range(F(n, 25), F(n + 1, 25)), F(2)) for n in range(50)]
    assert [getattr(f, "number", None) for f in frames] == [2] * 25 + [1] * 25
    up = timer.model_copy(update={"count": "up", "format": "clock"})
    assert [getattr(up.seen(sc.Range(F(n), F(n)), F(90)), "number", None) for n in (0, 61)] == [
        0,
        61,
    ]


@pytest.mark.parametrize(("position", "corner"), [("top-left", (0, 0)), ("bottom-right", (1, 1))])
def test_a_watermark_lies_in_its_corner_half_clear(
    film: Path, tmp_path: Path, position: str, corner: tuple[int, int]
) -> None:
    from PIL import Image

    Image.new("RGB", (20, 10), (255, 0, 0)).save(tmp_path / "red.png")
    plain = shown(sc.open(film), 1)
    mark = sc.watermark(file=tmp_path / "red.png", position=position, width=0.125, opacity=0.5)
    picture = shown(sc.open(film) | mark, 1)
    box = changed(picture, plain)
    room = 5  # 5 % of 96
    x = (room, room + 20) if not corner[0] else (WIDTH - room - 20, WIDTH - room)
    y = (room, room + 10) if not corner[1] else (HEIGHT - room - 10, HEIGHT - room)
    assert box == (x[0], y[0], x[1], y[1])
    inside = np.s_[y[0] : y[1], x[0] : x[1]]
    assert np.abs(picture[inside] - (plain[inside] + (255, 0, 0)) / 2).max() <= 4
    text = sc.watermark(text="Ada", position=position, size=0.1)
    left, top, right, bottom = changed(shown(sc.open(film) | text, 1), plain)
    near = (
        (left <= 10, top <= 12) if not corner[0] else (right >= WIDTH - 10, bottom >= HEIGHT - 12)
    )
    assert all(near)
    assert left >= 8
    assert right <= WIDTH - 8


def test_a_watermark_is_there_for_the_whole_film(film: Path) -> None:
    marked = sc.open(film) | sc.watermark(text="Ada", opacity=1) | sc.trim(ranges=["0-1", "2-3"])
    cut = marked.cut()
    assert [s.at for t in cut.overlays for s in t.segments] == ["throughout"]
    plain = sc.open(film) | sc.trim(ranges=["0-1", "2-3"])
    for time in (0, F(49, 25)):
        assert changed(shown(marked, time), shown(plain, time))


def test_a_box_is_drawn_to_the_pixel_and_moves(film: Path) -> None:
    path = {"0s": 0.25, "2s": 0.75}
    box = {"x": path, "y": 0.5, "width": 0.125, "height": 0.25, "colour": "#ff0000"}
    drawn = sc.open(film) | sc.draw(use="shape", params=box, at=0, duration=3)
    for number in (0, 25, 50):
        picture, plain = (shown(p, F(number, 25)) for p in (drawn, sc.open(film)))
        left = round(160 * (0.25 + 0.01 * number)) - 10
        assert changed(picture, plain) == (left, 36, left + 20, 60)
        assert np.abs(picture[36:60, left : left + 20] - (255, 0, 0)).max() <= 3


def test_effects_work_on_what_is_drawn(film: Path) -> None:
    """A coloured frame is placed as any other picture is."""
    base = sc.open(film) | sc.draw(use="colour", params={"colour": "#ff0000"}, at=0, duration=2)
    placed = base | sc.place(position=(0.25, 0.5), width=0.25, track="overlay")
    plain = shown(sc.open(film), 1)
    assert changed(shown(placed, 1), plain) == (20, 36, 60, 60)
    faded = base | sc.fade(fade_in=2, fade_out=0, track="overlay")
    assert np.abs(shown(faded, 1) - (128, 0, 0)).max() <= 4


def test_mistakes_are_told(film: Path) -> None:
    base = sc.open(film)
    for stage, said in (
        ("draw: {use: shap}", "unknown drawer 'shap'; did you mean 'shape'"),
        ("draw: {use: shape, params: {from: box}}", "drawer 'shape': unknown parameter 'from'"),
        ("watermark: {}", "give a `file` or a `text`"),
        ("lower_third: {title: A, duration: 1s, fade: 0.6s}", "takes 1.2 s, and it is there for"),
        ("countdown: {duration: 0}", "duration"),
    ):
        with pytest.raises(PipelineError, match=said):
            sc.Pipeline.from_text(f"stages: [{{{stage}}}]")
    with pytest.raises(StageError, match=r"`progress_bar` begins at 9 s, but the cut lasts 4\.000"):
        (base | sc.progress_bar(at=9)).cut()
    with pytest.raises(StageError, match="`lower_third`: there is no source 'x'; sources: film"):
        (base | sc.lower_third(title="A", of="x")).cut()
