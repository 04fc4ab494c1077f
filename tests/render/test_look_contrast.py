"""Text stands out from what lies around it, whatever picture it is over (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from fractions import Fraction as F

import cv2
import numpy as np
import pytest

from smartcut.annotation import Word
from smartcut.colours import rgba
from smartcut.cut import Captions
from smartcut.looks import find_look, look_names
from smartcut.render.captions.fit import fitted
from smartcut.render.captions.picture import CaptionPainter
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

SIZE = (1920, 1080)
LEAST = 4.5
"""Of text of any size, at level AA."""
WORDS = tuple(
    Word(Range(F(k), F(k + 1)), text, is_strong=text == "never")
    for k, text in enumerate(["The", "harbour", "is", "never", "quiet"])
)


def luminance(srgb: np.ndarray) -> np.ndarray:
    """The relative luminance of WCAG, of colours in 0..255."""
    share = srgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    result: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return result


def contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 to 21."""
    high, low = np.maximum(one, other), np.minimum(one, other)
    return (high + 0.05) / (low + 0.05)


def backgrounds(height: int, width: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (height // 6 + 1, width // 6 + 1, 3)).astype(np.uint8)
    busy = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    shapes = {"bright": 255, "grey": 128, "dark": 0}
    return {
        "busy": busy,
        **{k: np.full((height, width, 3), v, np.uint8) for k, v in shapes.items()},
    }


def least_contrast(style: TextStyle) -> float:
    """The contrast that 95 % of what is around letters has to them at least, on any background.

    What is around them begins where no smoothed edge reaches, and ends within a thin outline.
    """
    found = fitted(WORDS, Captions(style=style), Range(F(0), F(6)), SIZE)
    painter = CaptionPainter(SIZE, found.captions.style)
    worst = 21.0
    for cue in found.cues:
        for time in (None, *(word.range.start + F(1, 2) for word in cue.words)):
            drawn = painter.paint(cue, time).rgba
            if drawn.size:
                worst = min(worst, _least(np.pad(drawn, ((8, 8), (8, 8), (0, 0))), style))
    return worst


def _least(drawn: np.ndarray, style: TextStyle) -> float:
    colours = {style.colour, style.highlight, style.past, style.emphasis_colour} - {None}
    masks = {}
    for colour in colours:
        near = np.abs(drawn[..., :3].astype(int) - rgba(colour or "")[:3]).max(axis=2) <= 2
        solid = (near & (drawn[..., 3] >= 250)).astype(np.uint8)
        # Letters alone: boxes of the same colour are larger than any stroke.
        large = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((31, 31), np.uint8))
        masks[colour] = solid & ~cv2.dilate(large, np.ones((3, 3), np.uint8))
    letters = np.maximum.reduce(list(masks.values()))
    worst = 21.0
    for colour, mask in masks.items():
        if not mask.any():
            continue
        ring = cv2.dilate(mask, _disc(4)) & ~cv2.dilate(letters, _disc(2))
        ring &= cv2.dilate(mask, _disc(4)) & ~cv2.dilate(letters & ~mask, _disc(5))
        own = luminance(np.array(rgba(colour or "")[:3], float))
        for below in backgrounds(*drawn.shape[:2]).values():
            alpha = drawn[..., 3:].astype(float) / 255
            seen = (below * (1 - alpha) + drawn[..., :3] * alpha)[ring.astype(bool)]
            worst = min(worst, float(np.percentile(contrast(own, luminance(seen)), 5)))
    return worst


def _disc(radius: int) -> np.ndarray:
    disc: np.ndarray = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return disc


QUICK = ("karaoke", "neon", "punch", "stickers", "typewriter")
LOOKS = [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in look_names()]


@pytest.mark.parametrize("name", LOOKS)
def test_text_stands_out_on_bright_dark_and_busy_pictures(name: str) -> None:
    assert least_contrast(find_look(name).style) >= LEAST


@pytest.mark.parametrize(
    "style",
    [
        TextStyle(colour="#ffffff", box="#00000060", outline_width=0),
        TextStyle(colour="#ffffff", outline_width=0),
        TextStyle(colour="#d0d0d0", outline="#808080", outline_width=0.006),
    ],
)
def test_what_is_hard_to_read_is_found(style: TextStyle) -> None:
    assert least_contrast(style) < LEAST
