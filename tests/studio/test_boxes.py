"""Boxes around what lies over the picture are where it is drawn, before and after it is moved."""

from __future__ import annotations

import io
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smartcut.studio import Session
from smartcut.testing import write_bar_coded

BARE = "- trim: {start: 0s}"
TITLE = "- title: {text: Harbour at dawn, at: 0.2s, duration: 2s, position: bottom, fade: 0s}"


def seen(session: Session, of: Session) -> tuple[float, float, float, float]:
    """Middle and size of where two films differ at 1 s, in shares of the frame."""
    one, other = (
        np.asarray(Image.open(io.BytesIO(s.playback.frame(F(1), 180))).convert("L"), int)
        for s in (session, of)
    )
    rows, columns = np.nonzero(np.abs(one - other) > 40)
    height, width = one.shape
    left, right = columns.min() / width, (columns.max() + 1) / width
    top, bottom = rows.min() / height, (rows.max() + 1) / height
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def opened(folder: Path, stages: str, clip: Path) -> Session:
    path = folder / f"{len([*folder.iterdir()])}.yaml"
    path.write_text(f"stages:\n  {stages}\n  - render\n")
    return Session.open(path, [clip], folder / "out.mp4")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    write_bar_coded(path, frames=75, size=(320, 180), audio=None)
    return path


def test_a_title_is_where_its_box_is_and_goes_where_it_is_moved(tmp_path: Path, clip: Path) -> None:
    with opened(tmp_path, TITLE, clip) as session, opened(tmp_path, BARE, clip) as bare:
        (title,) = next(t for t in session.state()["tracks"] if t["role"] == "titles")["segments"]
        box = session.state()["boxes"][title["id"]]
        assert box["y"] > 0.75
        found = seen(session, bare)
        assert (box["x"], box["y"], box["w"], box["h"]) == pytest.approx(found, abs=0.03)

        match = {n: title[n] for n in ("id", "source", "start", "end")} | {"track": "titles"}
        wanted = {"x": 0.4, "y": 0.3}
        place = {n: round(v - box[f"home_{n}"] + 0.5, 4) for n, v in wanted.items()}
        session.edit({"set": {"segment": match, **place}})
        moved = session.state()["boxes"][title["id"]]
        assert (moved["x"], moved["y"]) == pytest.approx((0.4, 0.3), abs=0.01)
        assert (moved["w"], moved["h"]) == pytest.approx((box["w"], box["h"]), abs=0.01)
        assert seen(session, bare)[:2] == pytest.approx((0.4, 0.3), abs=0.03)


def test_an_overlay_in_a_corner_has_the_box_of_its_place(tmp_path: Path, clip: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (80, 40), (255, 0, 0)).save(logo)
    stage = f"- overlay: {{file: {logo}, position: top-right, margin: 0.1, width: 0.25}}"
    with opened(tmp_path, stage, clip) as session:
        (box,) = session.state()["boxes"].values()
    # 80 pixels wide and 40 high, 18 pixels from both edges.
    assert box["x"] == pytest.approx((320 - 18 - 40) / 320, abs=0.01)
    assert box["y"] == pytest.approx((18 + 20) / 180, abs=0.01)
    assert (box["w"], box["h"]) == pytest.approx((0.25, 40 / 180), abs=0.01)
    assert (box["home_x"], box["home_y"]) == pytest.approx((0.5, 0.5))


def test_captions_and_the_programme_have_none(tmp_path: Path, clip: Path) -> None:
    with opened(tmp_path, "- trim: {end: 1s}", clip) as session:
        assert session.state()["boxes"] == {}
