"""Films in Python: parts, sums, cuts that are gone on from, and what is rendered of them."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.json import cut_to_json
from smartcut.media.barcode import number_in
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    tmp_path = tmp_path_factory.mktemp("media")
    a, b = tmp_path / "a.mp4", tmp_path / "b.mp4"
    write_bar_coded(a, frames=150, rate=F(25), size=(160, 96), gop=25)
    write_bar_coded(b, frames=320, rate=F(25), size=(160, 96), gop=25)
    return a, b


def numbers(film: Any, **options: Any) -> list[int]:
    return [number_in(rgb.mean(axis=2)) for _, rgb in film.frames(**options)]


def test_parts_added_up_are_those_frames_in_arrays_and_in_the_file(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    a, b = files
    film = sc.open(a)[3:5] + sc.open(b)[9:12]
    wanted = [*range(75, 125), *range(225, 300)]
    told: list[tuple[str, float, float | None]] = []
    result = film.render(tmp_path / "out.mp4", progress=lambda *step: told.append(step))
    assert read_bar_codes(tmp_path / "out.mp4")[0] == wanted
    assert numbers(film) == wanted
    assert [t for t, _ in film.frames(every=1)] == [0, 1, 2, 3, 4]
    assert numbers(film, fps=5) == wanted[::5]
    assert result.cut.duration == 5
    ends = {label: (done, total) for label, done, total in told if total is not None}
    assert ends  # pictures and sound are made side by side: either may be told of last
    assert all(done == total for done, total in ends.values())
    frame = film.frame(1.0)
    assert (frame.shape, frame.dtype) == ((96, 160, 3), np.uint8)
    assert number_in(frame.mean(axis=2)) == 100
    sound = film.audio(rate=16000)
    assert (sound.shape[1], sound.dtype) == (80_000, np.float32)


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (slice(1, 2), range(25, 50)),
        (slice("0:01.2", "1.6s"), range(30, 40)),
        (slice(-1, None), range(125, 150)),
        (slice(None, -5.0), range(25)),
        (slice("-1.2", -1), range(120, 125)),
        (slice(F(1, 3), F(2, 3)), range(8, 17)),
        (slice(None, None), range(150)),
    ],
)
def test_slices_are_exact(files: tuple[Path, Path], part: slice, wanted: range) -> None:
    assert numbers(sc.open(files[0])[part]) == list(wanted)


def test_a_slice_of_a_slice_and_of_what_is_faster(files: tuple[Path, Path]) -> None:
    film = (sc.open(files[0])[1:5] | sc.speed(factor=2))[0.5:1.5]
    assert numbers(film) == list(range(50, 100, 2))
    assert numbers(film[0.2:0.4]) == list(range(60, 70, 2))


def test_slices_that_make_no_sense_are_refused(files: tuple[Path, Path]) -> None:
    film = sc.open(files[0])
    with pytest.raises(PipelineError, match=r"has no step; given: 2; .* sc\.speed\(factor=2\)"):
        film[::2]
    with pytest.raises(TypeError, match=r"the picture of one time is film\.frame\(time\)"):
        film[2]  # type: ignore[index]
    with pytest.raises(TypeError, match=r"a film is not a list"):
        list(film)
    with pytest.raises(PipelineError, match=r"film\[3:1\] is empty"):
        film[3:1]
    with pytest.raises(PipelineError, match="the start of a slice: 'soon' is not a time"):
        film["soon":]  # type: ignore[misc]
    with pytest.raises(StageError, match=r"9 s is outside of the film, which lasts 6\.000 s"):
        film[3:9].cut()
    with pytest.raises(StageError, match=r"-9 s is outside of the film, which lasts 6\.000 s"):
        film[-9:].cut()


def test_sums_are_flat_and_take_files_cuts_and_lists(files: tuple[Path, Path]) -> None:
    a, b = files
    one, other = sc.open(a)[:1], sc.open(b)[1:2]
    wanted = [*range(25), *range(25, 50), *range(25)]
    for film in (one + other + one, sc.concat(one, other, one), sc.concat([one, other, one])):
        assert len(film.inputs) == 3
        assert numbers(film) == wanted
    assert numbers(sum([one, other])) == wanted[:50]
    assert numbers(one.cut() + other) == wanted[:50]
    assert len(numbers(one + b)) == 25 + 320
    with pytest.raises(TypeError):
        one + 3
    with pytest.raises(PipelineError, match="leave `render` out"):
        from smartcut.stages.render import Render

        sc.concat(one | Render(), other)


def test_a_cut_goes_on_as_itself_as_its_file_and_as_its_json(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    cut = (sc.open(files[0]) | sc.trim(ranges=["1-2", "3-4"]) | sc.shots(detector="content")).cut()
    saved = tmp_path / "cut.json"
    saved.write_text(cut_to_json(cut))
    wanted = [*range(45, 50), *range(75, 80)]
    for film in (sc.open(cut), sc.open(saved), sc.open(cut_to_json(cut)), cut):
        assert numbers(film[0.8:1.2]) == wanted
    assert number_in(cut.frame(1.0).mean(axis=2)) == 75
    assert (cut | sc.split(by="shots")).cut().duration == 2  # which needs the shots
    flipped = (cut | sc.flip()).frame(0)[:, ::-1]
    assert np.abs(flipped.astype(int) - cut.frame(0)).mean() < 2


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="42 cannot be opened; accepted: a media file, a cut"):
        sc.open(42)  # type: ignore[arg-type]
    with pytest.raises(PipelineError, match="open\\(\\) needs at least one file"):
        sc.open()
