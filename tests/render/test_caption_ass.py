"""ASS files of looks, drawn by libass, beside the same captions burned in."""

from __future__ import annotations

import subprocess
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.interchange.subtitles.reading import read_subtitles
from smartcut.looks import find_look, look_names
from smartcut.render.captions.files import to_ass
from smartcut.render.captions.fit import fitted
from smartcut.render.captions.fonts import faces
from smartcut.text_style import TextStyle
from smartcut.timebase import Range
from tests.builders.captions import captions_at

SIZE, RATE, FRAMES = (640, 360), 25, 60
GREY = 90
TEXT = "The harbour lies quiet before the first boats leave"


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(Range(F(i, 4), F(i + 1, 4)), one, is_strong=one == "quiet")
        for i, one in enumerate(text.split())
    )


def drawn_by_libass(text: str, folder: Path) -> np.ndarray:
    """uint8 (frames, height, width, 3) over grey."""
    import imageio_ffmpeg

    (folder / "a.ass").write_text(text, encoding="utf-8")
    fonts = faces(None)[0].path.parent
    width, height = SIZE
    grey = f"color=0x{GREY:02x}{GREY:02x}{GREY:02x}:s={width}x{height}:r={RATE}"
    source = f"{grey}:d={FRAMES / RATE},format=rgb24"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source]
    command += ["-vf", f"ass=a.ass:fontsdir={fonts}", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=folder)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """The share that two pictures have in common of what is seen in either, but for a pixel."""
    import cv2

    seen = [np.abs(p.astype(int) - GREY).max(axis=2) > 50 for p in (one, other)]
    if not seen[0].any() and not seen[1].any():
        return 1.0
    near = [cv2.dilate(s.astype(np.uint8), np.ones((3, 3))).astype(bool) for s in seen]
    missed = (seen[0] & ~near[1]).sum() + (seen[1] & ~near[0]).sum()
    return 1 - missed / max((seen[0] | seen[1]).sum(), 1)


USUAL = ("karaoke", "pop", "stickers")
LOOKS = [
    pytest.param(name, marks=[] if name in USUAL else pytest.mark.slow) for name in look_names()
]


@pytest.mark.parametrize("name", LOOKS)
def test_libass_draws_what_is_burned_in(name: str, tmp_path: Path) -> None:
    # Players choose the regular weight of a font that has many.
    own = {"weight": 400, "emphasis_colour": "#ff4040"}
    style = find_look(name).style.model_copy(update=own)
    found = fitted(spoken(TEXT), Captions(style=style), Range(F(0), F(5, 2)), SIZE)
    frames = drawn_by_libass(to_ass(found.cues, found.captions.style, SIZE), tmp_path)
    for number in (5, 10, 23, 31, 48):
        burned = captions_at(found, SIZE, F(number, RATE), F(1, RATE), GREY)
        assert _alike(burned, frames[number]) > 0.9, number
        assert np.abs(burned.astype(int) - frames[number]).mean() < 3.5, number


def test_other_scripts_have_their_font_and_size(tmp_path: Path) -> None:
    style = TextStyle(weight=400)
    found = fitted(spoken("مرحبا بكم في قناتنا"), Captions(style=style), Range(F(0), F(2)), SIZE)
    text = to_ass(found.cues, style, SIZE)
    assert r"\fnNoto Sans Arabic\fs" in text
    burned = captions_at(found, SIZE, F(1, 2), F(1, RATE), GREY)
    assert _alike(burned, drawn_by_libass(text, tmp_path)[12]) > 0.9


@pytest.mark.parametrize("name", ["clean", "news", "stickers", "pop", "karaoke"])
def test_what_is_drawn_word_by_word_is_read_again_as_it_was(name: str, tmp_path: Path) -> None:
    style = find_look(name).style
    found = fitted(spoken(TEXT), Captions(style=style), Range(F(0), F(5, 2)), SIZE)
    path = tmp_path / "a.ass"
    path.write_text(to_ass(found.cues, found.captions.style, SIZE), encoding="utf-8")
    read = read_subtitles(path, F(3)).cues
    assert [cue.lines for cue in read] == [cue.lines for cue in found.cues]
    for one, other in zip(read, found.cues, strict=True):
        assert one.end is not None
        assert abs(one.start - other.range.start) <= F(1, 100)
        assert abs(one.end - other.range.end) <= F(1, 100)
