"""Films with drawn faces at known places, that real networks see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

RATE = Fraction(25)
SIZE = (640, 360)

Place = Callable[[float], tuple[float, float]]
"""The middle of a face in shares of the picture, by the time in seconds."""


def face(width: int, *, is_asleep: bool = False) -> np.ndarray:
    """RGB (1.3 width, width, 3): a head with hair, with its eyes open or closed."""
    import cv2

    skin, dark = (215, 175, 150), (60, 40, 30)
    drawn = np.full((520, 400, 3), (70, 90, 120), np.uint8)
    cv2.rectangle(drawn, (150, 400), (250, 520), (190, 150, 125), -1)
    cv2.ellipse(drawn, (200, 240), (135, 180), 0, 0, 360, dark, -1)
    cv2.ellipse(drawn, (200, 270), (115, 155), 0, 0, 360, skin, -1)
    cv2.ellipse(drawn, (150, 300), (45, 60), 0, 0, 360, (225, 182, 158), -1)
    cv2.ellipse(drawn, (250, 300), (45, 60), 0, 0, 360, (205, 162, 138), -1)
    for x in (150, 250):
        if is_asleep:
            cv2.ellipse(drawn, (x, 240), (30, 8), 0, 0, 180, (80, 55, 45), 5)
        else:
            cv2.ellipse(drawn, (x, 240), (30, 16), 0, 0, 360, (245, 240, 235), -1)
            cv2.circle(drawn, (x, 240), 14, (70, 50, 40), -1)
            cv2.circle(drawn, (x, 240), 6, (10, 10, 10), -1)
            cv2.ellipse(drawn, (x, 240), (30, 16), 0, 180, 360, (80, 55, 45), 4)
        cv2.ellipse(drawn, (x, 215), (38, 14), 0, 190, 350, dark, 9)
    cv2.line(drawn, (195, 245), (185, 310), (190, 145, 120), 6)
    cv2.ellipse(drawn, (200, 312), (25, 12), 0, 0, 180, (175, 130, 108), 6)
    cv2.ellipse(drawn, (200, 360), (45, 14), 0, 0, 360, (165, 75, 75), -1)
    cv2.line(drawn, (155, 358), (245, 358), (110, 40, 40), 4)
    soft = cv2.GaussianBlur(drawn, (0, 0), 4)
    size = (width, round(width * 1.3))
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_AREA))


def room(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """RGB: a background with soft spots, another for each seed."""
    import cv2

    random = np.random.default_rng(seed)
    tint = random.integers(60, 150, 3)
    noise = random.integers(0, 256, (9, 16, 3)).astype(np.uint8)
    spots = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(0.25 * spots.astype(float) + 0.75 * tint, 0, 255).astype(np.uint8)


def put_middle(picture: np.ndarray, drawn: np.ndarray, middle: tuple[float, float]) -> None:
    """Draw something with its middle there; what lies outside the picture is cut off."""
    height, width = picture.shape[:2]
    left = round(middle[0] * width - drawn.shape[1] / 2)
    top = round(middle[1] * height - drawn.shape[0] / 2)
    right, bottom = min(left + drawn.shape[1], width), min(top + drawn.shape[0], height)
    x, y = max(left, 0), max(top, 0)
    picture[y:bottom, x:right] = drawn[y - top : bottom - top, x - left : right - left]


def shot(seed: int, seconds: float, things: Sequence[tuple[np.ndarray, Place]]) -> list[np.ndarray]:
    """Pictures of things that move over a background."""
    background, pictures = room(seed), []
    for number in range(round(seconds * RATE)):
        picture = background.copy()
        for drawn, place in things:
            put_middle(picture, drawn, place(number / float(RATE)))
        pictures.append(picture)
    return pictures


def write_film(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    """Write RGB pictures as a film of 25 frames a second."""
    import cv2

    height, width = pictures[0].shape[:2]
    code = cv2.VideoWriter_fourcc(*"mp4v")  # type: ignore[attr-defined]
    writer = cv2.VideoWriter(str(path), code, float(RATE), (width, height))
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path
