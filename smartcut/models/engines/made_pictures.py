"""Sixteen pictures with the statistics of photographs, on which engines are compared.

Each is a pile of dead leaves: shapes whose sizes follow a power law, laid over each other, which
gives edges, plain parts and details as scenes of things before things have (Lee, Mumford & Huang,
2001, "Occlusion Models for Natural Images"); shaded, with texture that falls off as 1/f, and as
sharp or soft as a lens leaves it. The same on every machine, and nobody's photographs.
"""

from __future__ import annotations

import numpy as np

from smartcut.once import once

_COUNT, _SIDE = 16, 224
# Leaves cover a picture so many times; the smallest of one, drawn between these, and the largest,
# as shares of the side: sizes fall off with their third power.
_COVER, _SMALLEST, _LARGEST = 6, (0.02, 0.3), 0.9
_SOFT = (0.0, 0.0, 0.8, 1.6)
_NOISE = 3.0


def made_pictures(side: int) -> np.ndarray:
    """uint8 RGB (16, side, side, 3)."""
    import cv2

    pictures = _pictures()
    if side == _SIDE:
        return pictures
    how = cv2.INTER_AREA if side < _SIDE else cv2.INTER_CUBIC
    return np.stack([cv2.resize(picture, (side, side), interpolation=how) for picture in pictures])


def made_film(frames: int, width: int, height: int) -> np.ndarray:
    """uint8 RGB (frames, height, width, 3): the pictures one after the other, each panned."""
    import cv2

    pictures = made_pictures(_SIDE)
    each = -(-frames // len(pictures))
    tall = _SIDE * height // width
    shown = []
    for at in range(frames):
        top = (at % each) * (_SIDE - tall) // each
        part = pictures[at // each][top : top + tall]
        shown.append(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
    return np.stack(shown)


@once
def _pictures() -> np.ndarray:
    found = [_picture(np.random.default_rng(number)) for number in range(_COUNT)]
    return np.stack(found)


def _picture(random: np.random.Generator) -> np.ndarray:
    """uint8 RGB (224, 224, 3)."""
    import cv2

    palette = _palette(random)
    canvas: np.ndarray = np.empty((_SIDE, _SIDE, 3), np.float32)
    canvas[:] = palette[0]
    least = _SIDE * np.exp(random.uniform(*np.log(_SMALLEST)))
    most = _SIDE * _LARGEST
    covered = 0.0
    while covered < _COVER * _SIDE**2:
        # drawn by the inverse of the distribution function of sizes
        size = (least**-2 - random.uniform() * (least**-2 - most**-2)) ** -0.5
        colour = palette[random.integers(len(palette))] + random.normal(0, 12, 3)
        cv2.fillPoly(canvas, [_leaf(random, size)], colour.tolist(), cv2.LINE_AA)
        covered += size**2 / 2
    texture = _texture(random)
    shade = 1 + 0.4 * _ramp(random)
    soft = _SOFT[random.integers(len(_SOFT))]
    canvas = canvas * shade[..., None] + texture[..., None] * random.uniform(4, 24)
    if soft:
        canvas = cv2.GaussianBlur(canvas, (0, 0), soft)
    canvas += random.normal(0, _NOISE, canvas.shape)
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def _palette(random: np.random.Generator) -> np.ndarray:
    """float64 (8, 3): colours around one, from gray to vivid, from dark to light."""
    light = 255 * random.beta(1.2, 1.2, (8, 1))
    hue = random.normal(0, 1, (1, 3)) + random.normal(0, 0.6, (8, 3))
    vivid = random.choice([0, 25, 50, 90])
    return np.asarray(np.clip(light + vivid * (hue - hue.mean(axis=1, keepdims=True)), 0, 255))


def _leaf(random: np.random.Generator, size: float) -> np.ndarray:
    """int32 (N, 2): the outline of a shape about ``size`` pixels across, anywhere."""
    corners = int(random.choice([3, 4, 5, 24]))
    angles = 2 * np.pi * (np.arange(corners) / corners + random.uniform())
    radii = size / 2 * (random.uniform(0.6, 1.0, corners) if corners < 24 else np.ones(corners))
    stretched = np.stack([np.cos(angles) * radii, np.sin(angles) * radii * random.uniform(0.3, 1)])
    turn = random.uniform(0, np.pi)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ stretched
    return np.rint(turned.T + random.uniform(0, _SIDE, 2)).astype(np.int32)


def _texture(random: np.random.Generator) -> np.ndarray:
    """float32 (224, 224) of spread 1, whose amplitude falls off as 1/f."""
    spectrum = np.fft.rfft2(random.normal(0, 1, (_SIDE, _SIDE)))
    down, across = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None]
    spectrum /= np.maximum(np.hypot(down, across), 1 / _SIDE)
    found = np.fft.irfft2(spectrum, (_SIDE, _SIDE))
    return np.asarray((found - found.mean()) / found.std(), np.float32)


def _ramp(random: np.random.Generator) -> np.ndarray:
    """float32 (224, 224), -1..1: light from one side."""
    angle = random.uniform(0, 2 * np.pi)
    down, across = np.mgrid[-1 : 1 : _SIDE * 1j, -1 : 1 : _SIDE * 1j]
    return np.asarray((np.cos(angle) * across + np.sin(angle) * down) / np.sqrt(2), np.float32)
