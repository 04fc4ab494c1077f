"""A quarter turn of a whole film is what the file has players do: its packets are copied."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.cli import app
from smartcut.media.barcode import number_in
from smartcut.media.orientation import FROM_EXIF, combined, orientation_of, upright
from smartcut.media.probe import probe
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("turning") / "film.mp4"
    write_bar_coded(path, frames=50, rate=F(25), size=(160, 96), gop=10)
    return path


def intervals(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.with_suffix(".manifest.json").read_text())[
        "intervals"
    ]
    return found


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(video=0) if p.size]


def seen(path: Path) -> list[np.ndarray]:
    """The pictures as players show them: gray, turned as the file says."""
    pictures = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            pictures.append(
                upright(frame.reformat(format="gray").to_ndarray(), *orientation_of(frame))
            )
    return pictures


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_a_turned_film_is_copied(film: Path, tmp_path: Path, degrees: int, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    result = (sc.open(film) | sc.rotate(degrees=degrees)).render(out)
    assert {row["how"] for row in intervals(out)} == {"copy"}
    assert len(packets(out)) == len(packets(film)) == 50
    if suffix != ".mkv":  # which keeps them in another form
        assert packets(out) == packets(film)
    video = probe(out).video
    assert video is not None
    assert video.orientation == (degrees % 360, False)
    assert video.display_size == ((96, 160) if degrees % 180 else (160, 96))
    expected = [np.rot90(picture, -degrees // 90) for picture in seen(film)]
    assert all(np.array_equal(a, b) for a, b in zip(seen(out), expected, strict=True))
    told = f"all of film is turned by {degrees % 360} degrees; players do that to what is copied"
    assert told in result.notes


def test_opencv_and_probe_show_it_upright_and_plan_says_so(film: Path, tmp_path: Path) -> None:
    out, recipe = tmp_path / "out.mp4", tmp_path / "turn.yaml"
    recipe.write_text("stages:\n  - rotate: {degrees: 90}\n  - render\n")
    planned = CliRunner().invoke(app, ["plan", str(recipe), str(film), "-o", str(out)])
    assert planned.exit_code == 0, planned.output
    assert "turned by 90 degrees" in " ".join(planned.output.split())
    assert "nothing to decode or encode" in planned.output
    done = CliRunner().invoke(app, ["run", str(recipe), str(film), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "turned 90 degrees" in CliRunner().invoke(app, ["probe", str(out)]).output
    capture = cv2.VideoCapture(str(out))
    shown, picture = capture.read()
    capture.release()
    assert shown
    assert picture.shape[:2] == (160, 96)
    assert number_in(np.rot90(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))) == 0


def test_mirrored_twice_and_turned_back_is_the_film_itself(film: Path, tmp_path: Path) -> None:
    mirrored, out = tmp_path / "mirrored.mp4", tmp_path / "out.mp4"
    (sc.open(film) | sc.flip() | sc.rotate(degrees=90)).render(mirrored)
    assert {row["how"] for row in intervals(mirrored)} == {"copy"}
    expected = [np.rot90(picture[:, ::-1], -1) for picture in seen(film)]
    assert all(np.array_equal(a, b) for a, b in zip(seen(mirrored), expected, strict=True))
    (sc.open(mirrored) | sc.rotate(degrees=-90) | sc.flip()).render(out)
    assert probe(out).video.orientation == (0, False)  # type: ignore[union-attr]
    assert packets(out) == packets(film)
    upside = tmp_path / "upside.mp4"
    (sc.open(film) | sc.flip(axis="vertical")).render(upside)
    assert all(np.array_equal(a, b[::-1]) for a, b in zip(seen(upside), seen(film), strict=True))


def test_cuts_between_key_frames_encode_their_edges_alone(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.trim(ranges=["0.2-1.6"]) | sc.rotate(degrees=90)).render(out)
    rows = intervals(out)
    assert [row["frames"] for row in rows if row["how"] == "copy"] >= [20]
    assert [number_in(np.rot90(picture)) for picture in seen(out)] == list(range(5, 40))


@pytest.mark.parametrize(
    "more",
    [
        lambda: sc.crop(left=0.1),
        lambda: sc.rotate(degrees=12),
        lambda: sc.rotate(degrees=90, start=0.4, end=0.8),
        lambda: sc.flip(amount=0.5),
        lambda: sc.rotate(degrees={"0s": 0, "1s": 90}),
    ],
)
def test_with_anything_else_it_is_encoded(film: Path, tmp_path: Path, more: Any) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.rotate(degrees=90) | more()).render(out)
    assert {row["how"] for row in intervals(out)} == {"encode"}
    assert probe(out).video.orientation == (0, False)  # type: ignore[union-attr]


def test_a_part_of_it_alone_is_encoded(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.split(by="length", length=1) | sc.flip(on=1)).render(out)
    assert [row["how"] for row in intervals(out)] == ["copy", "encode"]
    expected = [p if n < 25 else p[:, ::-1] for n, p in enumerate(seen(film))]
    for shown, wanted in zip(seen(out), expected, strict=True):
        assert np.abs(shown.astype(int) - wanted).mean() < 4


def test_what_cannot_say_so_has_upright_pictures(film: Path, tmp_path: Path) -> None:
    """Also where it is the source that is turned already."""
    turned, out = tmp_path / "turned.mp4", tmp_path / "out.ts"
    (sc.open(film) | sc.rotate(degrees=90)).render(turned)
    for source, stages in ((film, [sc.rotate(degrees=90)]), (turned, [])):
        pipeline: Any = sc.open(source)
        for stage in stages:
            pipeline = pipeline | stage
        pipeline.render(out)
        assert {row["how"] for row in intervals(out)} == {"encode"}
        assert probe(out).video.display_size == (96, 160)  # type: ignore[union-attr]
        assert [number_in(np.rot90(picture)) for picture in seen(out)] == list(range(50))


def test_a_single_frame_is_upright(film: Path) -> None:
    picture = (sc.open(film) | sc.rotate(degrees=90)).frame(1)
    assert picture.shape[:2] == (160, 96)
    assert number_in(np.rot90(picture[..., 1])) == 25


def test_orientations_one_after_the_other() -> None:
    picture = np.arange(12).reshape(3, 4)
    for first in FROM_EXIF.values():
        for then in FROM_EXIF.values():
            expected = upright(upright(picture, *first), *then)
            assert np.array_equal(upright(picture, *combined(first, then)), expected)
