"""Pictures of a talk and of action, 720p at 25 a second, with the noise of a camera's sensor.

A talk is a person who sways, gestures and speaks, seen close or wide, and slides beside it. Action
is a ground that a camera pans across, fast, with things that cross it. What a picture shows
depends on its number and the film's seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import pi, sin

import numpy as np

from benchmarks.texture import fractal

WIDTH, HEIGHT = 1280, 720
RATE = Fraction(25)
_MARGIN = 640
_GRAIN = 1.6
_GRAINS = 16

Draw = Callable[[int], np.ndarray]
"""RGB (HEIGHT, WIDTH, 3), uint8, of the picture with that number."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of film: ``shot`` are the seconds of its shortest and its longest shot."""

    shot: tuple[float, float]
    pauses: tuple[float, ...]
    """Seconds without speech after each sentence, in turn."""
    draw: Callable[[int, int, int, float], np.ndarray]
    """The picture of (film's seed, shot, picture's number, loudness of the voice in 0..1)."""


def shots(kind: Kind, count: int, seed: int) -> list[int]:
    """The first picture of every shot of a film of so many pictures."""
    random = np.random.default_rng(seed)
    starts, at = [], 0
    while at < count:
        starts.append(at)
        at += round(float(random.uniform(*kind.shot)) * float(RATE))
    return starts


def drawn(kind: Kind, seed: int, loudness: Sequence[float] | np.ndarray) -> Draw:
    """The pictures of a film, one for each loudness of the voice."""
    starts = np.array(shots(kind, len(loudness), seed))

    def draw(number: int) -> np.ndarray:
        shot = int(np.searchsorted(starts, number, side="right")) - 1
        return _grained(kind.draw(seed, shot, number, float(loudness[number])), number)

    return draw


def _grained(picture: np.ndarray, number: int) -> np.ndarray:
    import cv2

    random = np.random.default_rng(number)
    x, y = random.integers(0, 64, 2)
    grain = _grains()[random.integers(_GRAINS)][y : y + HEIGHT, x : x + WIDTH]
    return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U))


@cache
def _grains() -> list[np.ndarray]:
    random = np.random.default_rng(3)
    size = (HEIGHT + 64, WIDTH + 64, 1)
    noises = (random.normal(0, _GRAIN, size).round() for _ in range(_GRAINS))
    return [np.repeat(noise.astype(np.int16), 3, axis=2) for noise in noises]


@cache
def _ground(which: int) -> np.ndarray:
    """RGB: a textured ground that is larger than a picture."""
    tint = np.random.default_rng(which).integers(60, 170, 3)
    light = fractal(HEIGHT + _MARGIN, WIDTH + _MARGIN, 10 * which)
    colour = fractal(HEIGHT + _MARGIN, WIDTH + _MARGIN, 10 * which + 1)
    planes = [light + share * colour + c for share, c in zip((0.4, 0.0, -0.4), tint, strict=True)]
    return np.asarray(np.clip(np.stack(planes, 2), 10, 240).astype(np.uint8))


# ------------------------------------------------------------------------------------------ talk


def talk(seed: int, shot: int, number: int, loudness: float) -> np.ndarray:
    """Close, a slide with the speaker in its corner, wide: one after the other."""
    view = ("close", "slide", "wide")[shot % 3]
    if view == "close":
        picture = _room(seed).copy()
        _put(picture, _person(seed, 440, number, loudness), 0.46, number, seed)
    elif view == "wide":
        picture = _room(seed + 1).copy()
        picture[120:520, 640:1180] = _slide(seed, shot // 3, 540, 400)
        _put(picture, _person(seed, 300, number, loudness), 0.22, number, seed)
    else:
        picture = np.full((HEIGHT, WIDTH, 3), 24, np.uint8)
        picture[40:600, 60:960] = _slide(seed, shot // 3, 900, 560)
        small = _room(seed)[:320, 300:580].copy()
        _put(small, _person(seed, 200, number, loudness), 0.5, number, seed)
        picture[360:680, 980:1260] = small
    return picture


@cache
def _room(seed: int) -> np.ndarray:
    import cv2

    blurred = cv2.GaussianBlur(_ground(seed % 5)[:HEIGHT, :WIDTH], (0, 0), 5)
    return np.asarray((blurred * 0.6).astype(np.uint8))


@cache
def _slide(seed: int, which: int, width: int, height: int) -> np.ndarray:
    """A title and lines of words."""
    from PIL import Image, ImageDraw, ImageFont

    random = np.random.default_rng([seed, which])
    letters = "etaoinshrdlucmfwypvbg"
    image = Image.new("RGB", (width, height), tuple(map(int, random.integers(215, 250, 3))))
    pen = ImageDraw.Draw(image)
    for line in range(int(random.integers(4, 9))):
        size = height // (9 if line == 0 else 16)
        words = ["".join(random.choice(list(letters), random.integers(2, 9))) for _ in range(5)]
        place = (width // 14, height // 14 + (line + (line > 0)) * height // 12)
        font = ImageFont.load_default(size)
        pen.text(place, " ".join(words), font=font, fill=(30, 30, 60))
    return np.asarray(image)


def _person(seed: int, width: int, number: int, loudness: float) -> tuple[np.ndarray, np.ndarray]:
    """(RGB, opacity in 0..1 (H, W, 1)) of somebody who speaks that loud."""
    import cv2

    body, opacity = _body(seed, width)
    drawn = body.copy()
    unit = width / 400
    middle = (round(200 * unit), round(250 * unit))
    open_ = round((3 + 22 * loudness) * unit)
    cv2.ellipse(drawn, middle, (round(30 * unit), open_), 0, 0, 360, (110, 45, 45), -1, cv2.LINE_AA)
    blinks = number % 97 < 4
    for x in (160, 240):
        eye = (round(x * unit), round(165 * unit))
        size = (round(15 * unit), max(1, round((2 if blinks else 9) * unit)))
        cv2.ellipse(drawn, eye, size, 0, 0, 360, (35, 25, 20), -1, cv2.LINE_AA)
    # A hand comes up for two seconds of every eight.
    up = max(0.0, sin(2 * pi * (number + 31 * seed) / (8 * float(RATE))) - 0.7) / 0.3
    if up:
        hand = (round(330 * unit), round((560 - 190 * up) * unit))
        cv2.circle(drawn, hand, round(42 * unit), (200, 160, 135), -1, cv2.LINE_AA)
        opacity = opacity.copy()
        cv2.circle(opacity, hand, round(42 * unit), 1.0, -1, cv2.LINE_AA)
    return drawn, opacity


@cache
def _body(seed: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Head and shoulders without eyes and mouth."""
    import cv2

    height, unit = round(width * 1.7), width / 400
    cloth = _ground((seed + 3) % 5)[:height, :width] // 2 + 30
    drawn, opacity = cloth.copy(), np.zeros((height, width), np.float32)

    def ellipse(middle: tuple[int, int], size: tuple[int, int], colour: tuple[int, ...]) -> None:
        at = (round(middle[0] * unit), round(middle[1] * unit))
        across = (round(size[0] * unit), round(size[1] * unit))
        cv2.ellipse(drawn, at, across, 0, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(opacity, at, across, 0, 0, 360, 1.0, -1, cv2.LINE_AA)

    cv2.ellipse(
        opacity, (width // 2, round(620 * unit)), (round(190 * unit), round(270 * unit)),
        0, 0, 360, 1.0, -1, cv2.LINE_AA,
    )  # fmt: skip
    ellipse((200, 165), (112, 150), (60, 42, 32))
    ellipse((200, 190), (98, 132), (214, 174, 148))
    ellipse((200, 350), (44, 60), (190, 150, 125))
    ellipse((200, 215), (14, 26), (200, 156, 130))
    return cv2.GaussianBlur(drawn, (0, 0), 1.2), cv2.GaussianBlur(opacity, (0, 0), 1.5)


def _put(
    picture: np.ndarray,
    person: tuple[np.ndarray, np.ndarray],
    middle: float,
    number: int,
    seed: int,
) -> None:
    """Lay somebody who sways a little over the picture, standing on its lower edge."""
    import cv2

    drawn, opacity = person
    height, width = drawn.shape[:2]
    t = (number + 17 * seed) / float(RATE)
    swing = width / 60
    x = picture.shape[1] * middle - width / 2 + swing * (sin(0.9 * t) + 0.5 * sin(2.3 * t))
    y = picture.shape[0] - 0.93 * height + swing * 0.3 * sin(1.7 * t)
    angle = 0.02 * sin(0.6 * t)
    moved = np.array([[1, -angle, x + angle * height], [angle, 1, y]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    over = cv2.warpAffine(drawn, moved, size, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(opacity, moved, size)[..., None]
    picture[:] = (picture + (over - picture.astype(np.float32)) * share).astype(np.uint8)


# ---------------------------------------------------------------------------------------- action


def action(seed: int, shot: int, number: int, loudness: float) -> np.ndarray:
    """A pan at 5 to 20 pixels a picture with a shake of the hand; balls and a runner cross it."""
    import cv2

    random = np.random.default_rng([seed, shot])
    speed, phase = random.uniform(5, 20) / (_MARGIN / 2), random.uniform(0, 6)
    reach, zoom = _MARGIN / 2, 1 + 0.2 * sin(number / 40 + phase)
    x = reach * (1 + sin(speed * number + phase)) + 3 * sin(2.1 * number)
    y = reach * (1 + sin(0.6 * speed * number + 2 * phase)) + 3 * sin(1.7 * number)
    matrix = np.array([[zoom, 0, x / 2], [0, zoom, y / 2]], np.float32)
    ground = _ground((seed + shot) % 5)
    if shot % 2:
        ground = ground[:, ::-1]
    picture = cv2.warpAffine(
        np.ascontiguousarray(ground), matrix, (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT,
    )  # fmt: skip
    for _ in range(4):
        across, size, start = random.uniform(9, 30), random.integers(20, 120), random.integers(2000)
        colour = tuple(map(int, random.integers(20, 240, 3)))
        at = (int((start + across * number) % (WIDTH + 400)) - 200, int(random.integers(HEIGHT)))
        at = (at[0], at[1] + round(60 * abs(sin(number / 7))))
        cv2.circle(picture, at, int(size), colour, -1, cv2.LINE_AA)
    return np.asarray(picture)


KINDS = {
    "talk": Kind((6.0, 14.0), (0.25, 0.6, 1.2, 2.5), talk),
    "action": Kind((1.2, 4.0), (1.5, 4.0, 2.5, 6.0), action),
}
