"""Twelve wishes, each one line on a file of one's own, run as typed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smartcut.cli import main
from smartcut.media.loudness import LoudnessMeter
from smartcut.media.probe import probe
from smartcut.source import Source
from smartcut.testing import read_bar_codes, read_sound, write_bar_coded


def numbers(path: str) -> list[int]:
    return list(read_bar_codes(Path(path))[0])


def video(path: str) -> Source:
    found = probe(Path(path))
    assert found.video is not None
    return found


def size(path: str) -> tuple[int, int]:
    return video(path).video.display_size  # type: ignore[union-attr]


def loudness(path: str) -> float:
    _, sound = read_sound(Path(path))
    meter = LoudnessMeter(48_000, 1)
    meter.add(np.atleast_2d(sound).astype(np.float32))
    return meter.integrated


#: The wish, the line, and what has to be so afterwards.
WISHES: dict[str, tuple[str, Callable[[], bool]]] = {
    "take the silence out": (
        "smartcut tighten film.mp4 --margin 0.1s",
        lambda: 0.2 < video("film.tighten.mp4").duration < 2.5,
    ),
    "cut two parts out and join them": (
        "smartcut cut film.mp4 0.5-1 2-2.5 -o parts.mp4",
        lambda: numbers("parts.mp4") == [*range(15, 30), *range(60, 75)],
    ),
    "join two films by a dissolve": (
        "smartcut join film.mp4 other.mp4 --kind dissolve -o both.mp4",
        lambda: abs(video("both.mp4").duration - 3.67) < 0.1,
    ),
    "play it twice as fast": (
        "smartcut speed film.mp4 --factor 2",
        lambda: numbers("film.speed.mp4") == list(range(0, 90, 2)),
    ),
    "make it upright": (
        "smartcut reframe film.mp4 --aspect 9:16 --subject motion",
        lambda: size("film.reframe.mp4")[0] < size("film.reframe.mp4")[1],
    ),
    "put a logo in a corner": (
        "smartcut overlay film.mp4 --file logo.png --position top-right --width 0.15",
        lambda: _corner("film.overlay.mp4") == "red",
    ),
    "make it as loud as podcasts are": (
        "smartcut loudness film.mp4 --target -16",
        lambda: abs(loudness("film.loudness.mp4") + 16) < 0.5,
    ),
    "take the sound alone": (
        "smartcut audio film.mp4 -o film.mp3",
        lambda: probe(Path("film.mp3")).video is None,
    ),
    "make an animation of a part": (
        "smartcut gif film.mp4 --start 1 --end 2 --fps 10",
        lambda: numbers("film.gif.gif") == list(range(30, 60, 3)),
    ),
    "save a still picture": (
        "smartcut frame film.mp4 1.5 -o still.png",
        lambda: numbers("still.png") == [45],
    ),
    "make a film of photos": (
        "smartcut slideshow logo.png photo.jpg --seconds 0.5 -o show.mp4",
        lambda: abs(video("show.mp4").duration - 1) < 0.05,
    ),
    "turn a film that lies on its side": (
        "smartcut rotate film.mp4 --degrees 90",
        lambda: size("film.rotate.mp4") == (180, 320),
    ),
}


def _corner(path: str) -> str:
    import smartcut as sc

    red, green, _ = sc.open(path).frame(1.0)[12, 290].astype(int)
    return "red" if red > 180 and green < 80 else "other"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_bar_coded(folder / "film.mp4", size=(320, 180))
    write_bar_coded(folder / "other.mp4", size=(320, 180), frames=35)
    Image.new("RGB", (64, 64), "red").save(folder / "logo.png")
    Image.new("RGB", (320, 180), "blue").save(folder / "photo.jpg")
    return folder


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_is_one_line(
    wish: str, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, is_so = WISHES[wish]
    assert "\n" not in line
    assert len(line) <= 80
    for file in films.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert is_so()


def test_there_are_twelve() -> None:
    assert len(WISHES) == 12
