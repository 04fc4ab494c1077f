"""Sheets of looks: ``python -m tests.builders.look_sheets`` draws those that tests compare with.

A sheet has a row for each of some texts, and beside each other a wide picture and an upright one,
cut down to where captions stand.
"""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.looks import find_look, look_names
from smartcut.render.captions.fit import fitted
from smartcut.timebase import Range
from tests.builders.captions import captions_at

FOLDER = Path(__file__).parents[1] / "render" / "look_sheets"
SIZES = ((480, 270), (270, 480))
HEIGHT = 108
GREY = 96
TEXTS: dict[str, tuple[str, ...]] = {
    "en": ("The", "harbour", "lies", "very", "quiet"),
    "ar": ("مرحبا", "بكم", "في", "قناتنا", "اليوم"),
    "hi": ("नमस्ते", "दोस्तों", "आज", "हम", "सीखेंगे"),
    "emoji": ("So", "good", "🔥", "love", "❤"),
    "ja": ("今日は", "港が", "とても", "静か", "です"),
}


def cell(name: str, language: str, size: tuple[int, int]) -> np.ndarray:
    """uint8 (HEIGHT, width, 3): a text in a look, while its second word comes."""
    words = tuple(Word(Range(F(k, 3), F(k + 1, 3)), t) for k, t in enumerate(TEXTS[language]))
    style = find_look(name).style
    found = fitted(
        words, Captions(style=style, language=language), Range(F(0), words[-1].range.end), size
    )
    first = found.cues[0]
    time = first.words[min(1, len(first.words) - 1)].range.start + F(1, 5)
    frame = captions_at(found, size, time, F(1, 25), GREY)
    top = size[1] - HEIGHT if style.position == "bottom" else (size[1] - HEIGHT) // 2
    return frame[top : top + HEIGHT]


def cells(name: str, language: str) -> np.ndarray:
    """The wide picture and the upright one."""
    return np.hstack([cell(name, language, size) for size in SIZES])


def sheet_of(name: str) -> np.ndarray:
    return np.vstack([cells(name, language) for language in TEXTS])


def main() -> None:
    from PIL import Image

    FOLDER.mkdir(exist_ok=True)
    for name in look_names():
        Image.fromarray(sheet_of(name)).save(FOLDER / f"{name}.webp", lossless=True, method=6)


if __name__ == "__main__":
    main()
