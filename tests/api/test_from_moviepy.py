"""What MoviePy's guide shows is done here by the lines that docs/from-moviepy.md has, compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.media.barcode import number_in
from smartcut.testing import write_bar_coded

PAGE = Path(__file__).parents[2] / "docs" / "from-moviepy.md"
# What differs from MoviePy, which takes pictures by an FFmpeg program of its own, in steps of 255.
_OFF = 4.0

Pair = tuple[str, str, str]


def pairs() -> list[Pair]:
    """(how it is compared, MoviePy's lines, ours) of each example."""
    blocks = re.split(r"^```python\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    texts, code = blocks[::2], blocks[1::2]
    compared = [re.search(r"Compared: (\w+)\.", text) for text in texts[:-1:2]]
    how = [match[1] if match else "" for match in compared]
    return list(zip(how, code[::2], code[1::2], strict=True))


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moviepy")
    for name in ("my_video.mp4", "other.mp4"):
        options = {"crf": "8", "preset": "veryfast"}
        write_bar_coded(
            folder / name, frames=100, rate=F(25), size=(160, 96), gop=25, options=options
        )
    picture = np.linspace(0, 255, 96 * 160 * 3).reshape(96, 160, 3).astype(np.uint8)
    for name in ("picture.png", "other.png"):
        Image.fromarray(picture).save(folder / name)
    logo = np.zeros((48, 80, 4), np.uint8)
    logo[8:40, 16:64] = (250, 120, 30, 255)
    Image.fromarray(logo).save(folder / "logo.png")
    sc.open(folder / "my_video.mp4").render(folder / "music.wav")
    return folder


def test_each_example_says_what_is_compared() -> None:
    found = [how for how, *_ in pairs()]
    assert len(found) >= 25
    assert set(found[:-1]) == {"frames", "pixels", "samples", "duration"}
    assert found.count("duration") < len(found) / 2


def ours(media: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.chdir(media)
    values: dict[str, Any] = {}
    films = []
    for _, _, code in pairs():
        exec(compile(code, str(PAGE), "exec"), values)
        films.append(values["film"])
    return films


def test_every_line_of_ours_runs(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for film in ours(media, monkeypatch):
        assert film.cut().duration > 0
    assert (media / "a.gif").stat().st_size
    assert len(list(media.glob("frame-*.png"))) == 2


@pytest.mark.slow
def test_every_example_shows_what_moviepy_shows(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("moviepy")
    films = ours(media, monkeypatch)
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for (how, theirs, code), film in zip(pairs(), films, strict=True):
        exec(compile(theirs, str(PAGE), "exec"), values)
        if how:
            wrong += [f"{said}: {code}" for said in differences(how, film, values["clip"])]
    assert not wrong, "\n".join(wrong)


def differences(how: str, film: Any, clip: Any) -> Iterator[str]:
    """What the film shows otherwise than MoviePy's clip, where that is compared."""
    lasts = float(film.cut().duration)
    if abs(lasts - clip.duration) > 0.05:
        yield f"{lasts} s, not {clip.duration} s"
    if how == "samples":
        heard, made = film.audio(rate=clip.fps), clip.to_soundarray(fps=clip.fps).T
        if heard.shape != made.shape or np.abs(heard - made).max() > 1e-4:
            yield f"{heard.shape} samples that differ from {made.shape}"
        return
    times = (n / 25 for n in (0, round(lasts * 12), round(lasts * 25) - 2))
    for time in times if how != "duration" else ():
        got, wanted = film.frame(time), np.asarray(clip.get_frame(time)).astype(int)
        if got.shape != wanted.shape:
            yield f"{got.shape}, not {wanted.shape}"
            continue
        if how == "frames":
            numbers = [number_in(rgb.mean(axis=2)) for rgb in (got, wanted)]
            if numbers[0] != numbers[1]:
                yield f"at {time}, frame {numbers[0]}, not {numbers[1]}"
        elif (off := np.abs(got - wanted).mean()) > _OFF:
            yield f"at {time}, {off:.1f} steps off"
