"""Pictures that cost an encoder and a decoder about what filmed pictures do.

Fractal noise that pans by quarters of a pixel, a patch that moves across it, another texture
every few seconds, and the frame's number as a bar code.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

WIDTH, HEIGHT = 1920, 1080
RATE = Fraction(30)
_MARGIN = 320
_TEXTURES = 5
_BITS = 16
_SHOT = (150, 330)
"""Shortest and longest shot, in frames."""


def shots(frames: int) -> list[int]:
    """The first frame of every shot of that many frames."""
    lengths = np.random.default_rng(11).integers(*_SHOT, size=frames // _SHOT[0] + 1)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return [int(x) for x in starts if x < frames]


def fractal(height: int, width: int, seed: int) -> np.ndarray:
    """float32 (height, width) around 0, with detail at five sizes."""
    import cv2

    random = np.random.default_rng(seed)
    sum_ = np.zeros((height, width), np.float32)
    for across, strength in ((8, 45), (16, 28), (40, 16), (120, 9), (400, 5)):
        grid = (max(2, height * across // HEIGHT), max(2, width * across // HEIGHT))
        noise = random.standard_normal(grid).astype(np.float32)
        sum_ += strength * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return sum_


@cache
def _texture(which: int) -> tuple[list[list[np.ndarray]], np.ndarray, np.ndarray]:
    """(luma shifted by quarters of a pixel: [down][across], both chroma planes)."""
    import cv2

    height, width = HEIGHT + _MARGIN, WIDTH + _MARGIN
    luma = np.clip(fractal(height, width, 10 * which) + 70 + 25 * which, 16, 235)
    shifted = []
    for down in range(4):
        row = []
        for across in range(4):
            matrix = np.array([[1, 0, across / 4], [0, 1, down / 4]], np.float32)
            moved = cv2.warpAffine(
                luma,
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT,
            )
            row.append(moved.astype(np.uint8))
        shifted.append(row)
    chroma = []
    for k in (1, 2):
        small = 0.3 * fractal(height // 2, width // 2, 10 * which + k)
        tint = 20 * ((which * (k + 1)) % 3 - 1)
        chroma.append(np.clip(small + 128 + tint, 16, 240).astype(np.uint8))
    return shifted, chroma[0], chroma[1]


def draw(frame: Any, number: int, shot: int) -> None:
    """Fill a yuv420p frame of WIDTH x HEIGHT with picture ``number``, which is in ``shot``."""
    shifted, *chroma = _texture(shot % _TEXTURES)
    reach = _MARGIN / 2
    x = round(4 * reach * (1 + np.sin(number / 83 + shot)))
    y = round(4 * reach * (1 + np.sin(number / 131 + 2 * shot)))
    luma = _plane(frame.planes[0])
    top, left = min(y // 4, _MARGIN), min(x // 4, _MARGIN)
    luma[:HEIGHT, :WIDTH] = shifted[y % 4][x % 4][top : top + HEIGHT, left : left + WIDTH]
    place = 200 + (number * 7) % 1300
    luma[700:1000, place : place + 400] = shifted[0][0][50:350, 1700:2100]
    _draw_bar_code(luma, number)
    for plane, values in zip(frame.planes[1:], chroma, strict=True):
        half = values[top // 2 : top // 2 + HEIGHT // 2, left // 2 : left // 2 + WIDTH // 2]
        _plane(plane)[: HEIGHT // 2, : WIDTH // 2] = half


def _plane(plane: Any) -> np.ndarray:
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)


def _draw_bar_code(luma: np.ndarray, number: int) -> None:
    """As :func:`smartcut.testing.picture` does, straight into the luma plane."""
    bits = [(number >> i) & 1 for i in range(_BITS)]
    bits.append(sum(bits) % 2)
    edges = np.linspace(0, WIDTH, len(bits) + 1).round().astype(int)
    band = slice(HEIGHT // 4, HEIGHT // 4 + HEIGHT // 3)
    for bit, (left, right) in zip(bits, pairwise(edges), strict=True):
        luma[band, left:right] = 235 if bit else 20
