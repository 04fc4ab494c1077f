"""Made pictures of many kinds, one a second, to try on them which need a network's look.

Each kind has a seed. The limits of near repeats were set on seeds 0 to 3; each has other textures,
text and colours, and from seed 1 on everything in them changes by half to twice as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Protocol

import numpy as np

SIZE = 224
_TEXT = "Grind them right before you brew because the aroma is gone within minutes and a burr"


class Maker(Protocol):
    """So many pictures, uint8 (224, 224, 3), of a seed."""

    def __call__(self, count: int, seed: int = 0) -> list[np.ndarray]: ...


@cache
def texture(seed: int, size: int = 480) -> np.ndarray:
    """A landscape of soft colours with detail at all sizes; read-only."""
    import cv2

    random = np.random.default_rng(seed)
    total = np.zeros((size, size, 3), np.float32)
    for octave in range(7):
        cells = 3 * 2**octave
        noise = random.normal(0, 1, (cells, cells, 3)).astype(np.float32)
        noise = 0.7 * noise.mean(axis=2, keepdims=True) + 0.3 * noise
        total += cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC) / 1.6**octave
    total = 128 + 48 * total / total.std()
    made = np.clip(total, 0, 255).astype(np.uint8)
    made.flags.writeable = False
    return made


def still(seed: int = 1) -> np.ndarray:
    return texture(seed)[:SIZE, :SIZE]


def _pace(seed: int) -> float:
    """How much changes, beside seed 0."""
    return float(2 ** np.random.default_rng(seed).uniform(-1, 1)) if seed else 1.0


def _own(seed: int, texture: int) -> int:
    """The number of a texture, which no other seed has."""
    return 20 * seed + texture


def _shifted(seed: int, x: float, y: float, scale: float = 1.0) -> np.ndarray:
    import cv2

    matrix = np.array([[scale, 0, -x], [0, scale, -y]], np.float32)
    return cv2.warpAffine(texture(seed), matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR)


def _clipped(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 255).astype(np.uint8)


def _noise(strength: float) -> Maker:
    def made(count: int, seed: int = 0) -> list[np.ndarray]:
        random = np.random.default_rng(_own(seed, 2))
        ground, sigma = still(_own(seed, 1)), strength * _pace(seed)
        return [_clipped(ground + random.normal(0, sigma, ground.shape)) for _ in range(count)]

    return made


def _flicker(count: int, seed: int = 0) -> list[np.ndarray]:
    ground, share = still(_own(seed, 1)), 0.04 * _pace(seed)
    return [_clipped(ground * (1 + share * (-1) ** i)) for i in range(count)]


def _slow_pan(count: int, seed: int = 0) -> list[np.ndarray]:
    return [_shifted(_own(seed, 3), 0.12 * _pace(seed) * i, 0) for i in range(count)]


def _pan(count: int, seed: int = 0) -> list[np.ndarray]:
    return [_shifted(_own(seed, 3), 6.0 * _pace(seed) * i % 200, 0) for i in range(count)]


def _zoom(count: int, seed: int = 0) -> list[np.ndarray]:
    return [_shifted(_own(seed, 4), 0, 0, 1 + 0.01 * _pace(seed) * i) for i in range(count)]


def _fade(count: int, seed: int = 0) -> list[np.ndarray]:
    return [_clipped(still(_own(seed, 1)) * (1 - i / count)) for i in range(count)]


def _small_object(count: int, seed: int = 0) -> list[np.ndarray]:
    import cv2

    made = []
    for i in range(count):
        picture = still(_own(seed, 1)).copy()
        at = 20 + int(13 * _pace(seed) * i) % 190
        cv2.circle(picture, (at, 100), round(9 * _pace(seed)), (230, 60, 40), -1, cv2.LINE_AA)
        made.append(picture)
    return made


def _hue(count: int, seed: int = 0) -> list[np.ndarray]:
    """Red and blue change places step by step, at equal luma."""
    towards = np.array([1, -0.299 / 0.587, 0], np.float32)
    return [
        _clipped(still(_own(seed, 1)) + 14 * _pace(seed) * (-1) ** i * towards)
        for i in range(count)
    ]


def _cuts(count: int, seed: int = 0) -> list[np.ndarray]:
    return [still(_own(seed, 5 + i % 3)) for i in range(count)]


def _action(count: int, seed: int = 0) -> list[np.ndarray]:
    """Shots of three seconds, in which everything moves."""
    shots = [_own(seed, 5 + i // 3 % 4) for i in range(count)]
    pace = _pace(seed)
    return [
        _shifted(shot, 31.0 * pace * i % 150, 17.0 * pace * i % 150) for i, shot in enumerate(shots)
    ]


def _talk(count: int, seed: int = 0) -> list[np.ndarray]:
    """A head that sways and speaks, before a still wall."""
    import cv2

    random = np.random.default_rng(_own(seed, 8))
    made = []
    for _ in range(count):
        picture = (0.4 * still(_own(seed, 9)) + 110).astype(np.uint8)
        x, y = (random.normal(0, 2 * _pace(seed), 2) * 256).astype(int)
        centre = (112 * 256 + int(x), 105 * 256 + int(y))
        cv2.ellipse(picture, (112, 235), (80, 75), 0, 0, 360, (50, 60, 110), -1, cv2.LINE_AA)
        cv2.ellipse(picture, centre, (38 * 256, 52 * 256), 0, 0, 360, (205, 160, 130), -1, 16, 8)
        for side in (-14, 14):
            eye = (centre[0] + side * 256, centre[1] - 12 * 256)
            cv2.ellipse(picture, eye, (5 * 256, 3 * 256), 0, 0, 360, (40, 30, 30), -1, 16, 8)
        mouth = (centre[0], centre[1] + 24 * 256)
        opened = int(random.uniform(1, 7) * 256)
        cv2.ellipse(picture, mouth, (12 * 256, opened), 0, 0, 360, (120, 50, 50), -1, 16, 8)
        made.append(_clipped(picture + random.normal(0, 3, picture.shape)))
    return made


def _page(seed: int, lines: int, last: int = 99) -> np.ndarray:
    import cv2

    picture = np.full((SIZE, SIZE, 3), 245, np.uint8)
    for line in range(lines):
        text = (_TEXT * 3)[11 * seed + 7 * line :][: 22 if line < lines - 1 else last]
        at = (10, 24 + 16 * line)
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (30, 30, 40), 1, cv2.LINE_AA)
    return picture


def _slides(count: int, seed: int = 0) -> list[np.ndarray]:
    """A new slide each ten seconds; between, only the coding's noise."""
    random = np.random.default_rng(_own(seed, 4))
    pages = [_page(seed, 3 + i % 4 * 3) for i in range(count // 10 + 1)]
    return [_clipped(pages[i // 10] + random.normal(0, 1, pages[0].shape)) for i in range(count)]


def _screen(count: int, seed: int = 0) -> list[np.ndarray]:
    """Someone types, eight letters a second, and then waits as long."""
    made = []
    for i in range(count):
        letters = round(8 * _pace(seed)) * (i // 10 * 5 + min(i % 10, 5))
        made.append(_page(seed, 1 + letters // 22 % 12, letters % 22))
    return made


def _text(count: int, seed: int = 0) -> list[np.ndarray]:
    return [_page(seed, 1 + i % 12) for i in range(count)]


def _cartoon(count: int, seed: int = 0) -> list[np.ndarray]:
    """Flat figures, of which one moves every other second."""
    import cv2

    made = []
    for i in range(count):
        picture = np.full((SIZE, SIZE, 3), np.roll((120, 190, 240), seed), np.uint8)
        cv2.rectangle(picture, (0, 160), (SIZE, SIZE), (90, 180, 80), -1)
        cv2.circle(picture, (40, 40), 22, (250, 220, 60), -1, cv2.LINE_AA)
        x = 40 + int(12 * _pace(seed)) * (i // 2) % 150
        cv2.rectangle(picture, (x, 120), (x + 36, 180), (200, 50, 60), -1)
        cv2.circle(picture, (x + 18, 105), 16, (250, 210, 170), -1, cv2.LINE_AA)
        made.append(picture)
    return made


KINDS: Mapping[str, Maker] = {
    "talk": _talk, "slides": _slides, "screen": _screen, "text": _text, "cartoon": _cartoon,
    "noise": _noise(2), "strong noise": _noise(6), "flicker": _flicker, "zoom": _zoom,
    "slow pan": _slow_pan, "pan": _pan,
    "fade": _fade, "small object": _small_object, "hue": _hue, "cuts": _cuts, "action": _action,
}  # fmt: skip
