"""Clips to learn from: made-up ones are what their captions say, and sets come back as written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from smartcut.cli import app
from smartcut.errors import ModelError
from smartcut.models.generation import dataset
from smartcut.models.generation.bouncing import MOST, bouncing
from smartcut.models.generation.dataset import TrainingClip
from smartcut.models.generation.shapes import SHAPES, coverage, moving_digits, moving_shapes


def centre(frame: np.ndarray) -> tuple[float, float]:
    """Where the bright thing is, x and y."""
    light = frame.astype(float).max(-1) - 32
    light = np.clip(light, 0, None)
    y, x = np.mgrid[0 : len(frame), 0 : len(frame)]
    return float((x * light).sum() / light.sum()), float((y * light).sum() / light.sum())


def test_shapes_move_as_their_captions_say() -> None:
    clips = list(moving_shapes(40, 32, 4, seed=1))
    assert {c.label for c in clips} == {0, 1, 2}
    right = 0
    for clip in clips:
        assert clip.frames.shape == (4, 32, 32, 3)
        assert SHAPES[clip.label] in clip.caption
        (x0, y0), (x1, y1) = centre(clip.frames[0]), centre(clip.frames[1])
        if clip.caption.endswith(("right", "left")):
            assert abs(y1 - y0) < 0.3
            right += clip.caption.endswith("right") == (x1 > x0)
        else:
            assert abs(x1 - x0) < 0.3
            right += clip.caption.endswith("down") == (y1 > y0)
    assert right >= 34  # the others have just met an edge
    again = list(moving_shapes(40, 32, 4, seed=1))
    assert all(np.array_equal(a.frames, b.frames) for a, b in zip(clips, again, strict=True))
    assert not np.array_equal(clips[0].frames, next(moving_shapes(1, 32, 4, seed=2)).frames)


def test_shapes_cover_what_geometry_says() -> None:
    y, x = np.mgrid[0:64, 0:64] + 0.5 - 32
    assert coverage("circle", x, y, 20).sum() == pytest.approx(np.pi * 400, rel=0.005)
    assert coverage("square", x, y, 20).sum() == pytest.approx(34**2, rel=0.005)
    assert coverage("triangle", x, y, 20).sum() == pytest.approx(3 * np.sqrt(3) / 4 * 400, rel=0.01)
    with pytest.raises(ValueError, match="accepted: circle"):
        coverage("star", x, y, 3)


def test_digits_differ_and_stay_in_the_picture() -> None:
    drawn = [coverage(f"digit {d}", *np.mgrid[-16:16, -16:16][::-1] + 0.5, 14) for d in range(10)]
    for i in range(10):
        for j in range(i):
            assert np.abs(drawn[i] - drawn[j]).mean() > 0.02
    for clip in moving_digits(6, 32, 12, seed=3):
        lit = (clip.frames.max(-1) > 100).sum((1, 2))
        assert lit.min() > 0.3 * lit.max()  # none has left the picture
        assert np.abs(np.diff(clip.frames.astype(int), axis=0)).max() > 100


def test_balls_come_with_their_depth_motion_and_boxes() -> None:
    (clip,) = bouncing(1, 48, 3, seed=5, samples=8)
    assert clip.truth is not None
    frames, boxes, motion = clip.frames, clip.truth["boxes"], clip.truth["motion"]
    assert frames.shape == (3, 48, 48, 3)
    assert boxes.shape == (3, MOST, 4)
    seen = boxes[0, 0]
    assert (seen >= 0).all()
    left, top, right, bottom = seen.astype(int)
    depth = clip.truth["depth"][0].astype(float)
    inside = depth[(top + bottom) // 2, (left + right) // 2]
    assert 4 < inside < 9
    # the box of the next frame is where the motion of this one leads
    middle = motion[0, (top + bottom) // 2, (left + right) // 2].astype(float)
    shift = (boxes[1, 0] - boxes[0, 0]).reshape(2, 2).mean(0)
    assert shift == pytest.approx(middle, abs=1.0)
    assert np.abs(motion[-1]).max() < 1e-3
    assert "ball" in clip.caption


def test_a_set_comes_back_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "_SHARD", 100_000)
    folder = tmp_path / "sets" / "shapes"
    clips = list(moving_shapes(30, 32, 4, seed=1))
    made = dataset.write(folder, clips, kind="moving-shapes", rate=8.0, labels=SHAPES, seed=1)
    assert len(made.shards) > 1
    found = dataset.read(folder)
    assert found.info == made.info
    assert np.array_equal(found.arrays(), np.stack([c.frames for c in clips]))
    assert found.captions == tuple(c.caption for c in clips)
    learn, test = found.held_back(0.1)
    assert len(learn) + len(test) == 30
    assert len(test) == 3
    assert dataset.summary(found)["clips"] == 30
    assert [p.name for p in folder.parent.iterdir()] == ["shapes"]


def test_clips_of_one_source_are_never_divided(tmp_path: Path) -> None:
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    clips = [TrainingClip(frames, source=f"film {n // 5}") for n in range(50)]
    learn, test = dataset.write(tmp_path / "s", clips, kind="video", rate=25.0).held_back(0.2)
    films = [{f"film {n // 5}" for n in numbers} for numbers in (learn, test)]
    assert not films[0] & films[1]
    assert len(films[1]) == 2


def test_the_command_makes_sets_and_tells_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    asked = ["dataset", "make", "moving-digits", "-o", str(folder), "--clips", "3", "--size", "16"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(CliRunner().invoke(app, ["dataset", "info", str(folder)]).output)
    assert (told["kind"], told["clips"], told["frames"], told["width"]) == (
        "moving-digits", 3, 16, 16,
    )  # fmt: skip
    wrong = CliRunner().invoke(app, ["dataset", "make", "stars", "-o", str(tmp_path / "x")])
    assert "accepted: moving-shapes" in str(wrong.exception)


def test_damaged_and_foreign_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="smartcut dataset make"):
        dataset.read(tmp_path)
    (tmp_path / "other").mkdir()
    with pytest.raises(ModelError, match="is no dataset"):
        dataset.write(tmp_path / "other", moving_shapes(1, 16, 2, 0), kind="k", rate=8.0)
    with pytest.raises(ModelError, match="no clip to write"):
        dataset.write(tmp_path / "empty", [], kind="k", rate=8.0)
    assert [p.name for p in tmp_path.iterdir()] == ["other"]
    made = dataset.write(tmp_path / "s", moving_shapes(2, 16, 2, 0), kind="k", rate=8.0)
    shard = tmp_path / "s" / made.shards[0][0]
    shard.write_bytes(shard.read_bytes()[:-7] + b"changed")
    with pytest.raises(ModelError, match="was changed"):
        made.arrays()
    index = tmp_path / "s" / "dataset.json"
    index.write_text(json.dumps({"format": "another"}))
    with pytest.raises(ModelError, match="of format 'another'"):
        dataset.read(tmp_path / "s")
