"""A written file at a glance: its sound as a waveform, its pictures as a strip."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np

from smartcut.cache import Cache
from smartcut.files import write_bytes
from smartcut.render.job import Rendering
from smartcut.render.pictures import Still, pixels_of

_COLUMNS, _ROWS = 1600, 240
#: Samples a second at which it is looked at.
RATE = 16_000
_BACKGROUND, _PEAKS, _LOUD = (22, 24, 29), (70, 110, 180), (140, 180, 240)
_TILES, _TILE_HEIGHT = 12, 120

Levels = tuple[np.ndarray, np.ndarray, np.ndarray]
"""float64: the lowest and the highest sample of each part, and its RMS."""


def waveform(rendering: Rendering, path: Path) -> None:
    """Write a PNG of the main sound track: from left to right its peaks, and its RMS within."""
    write_image(path, waveform_of(levels(rendering.output.path, _COLUMNS), _ROWS))


def waveform_of(levels: Levels, rows: int) -> np.ndarray:
    """uint8 RGB (rows, columns, 3): peaks, and the RMS within, around the middle."""
    low, high, loud = levels
    pixels = np.empty((rows, len(low), 3), np.uint8)
    pixels[:] = _BACKGROUND
    at = 1 - 2 * (np.arange(rows)[:, None] + 0.5) / rows
    line = 1 / rows
    pixels[(at >= np.minimum(low, 0) - line) & (at <= np.maximum(high, 0) + line)] = _PEAKS
    pixels[np.abs(at) <= loud] = _LOUD
    return pixels


def levels(path: Path, columns: int) -> Levels:
    """Those of a file's sound, all of its channels, for each of so many equal parts."""
    from smartcut.media.audio import samples
    from smartcut.media.probe import probe

    source = probe(path)
    assert source.audio is not None
    end = source.audio.start + source.audio.duration
    blocks = samples(source, RATE, source.audio.layout, Fraction(0), end)
    return levels_of(blocks, max(1, round(end * RATE)), columns)


def levels_of(blocks: Iterable[np.ndarray], total: int, columns: int) -> Levels:
    """Of float32 blocks (channels, n) that hold ``total`` samples, for each of so many parts."""
    low, high = np.zeros(columns), np.zeros(columns)
    squares, counts = np.zeros(columns), np.zeros(columns)
    first = 0
    for block in blocks:
        places = np.minimum((first + np.arange(block.shape[1])) * columns // total, columns - 1)
        np.minimum.at(low, places, block.min(axis=0))
        np.maximum.at(high, places, block.max(axis=0))
        np.add.at(squares, places, np.square(block).mean(axis=0))
        np.add.at(counts, places, 1)
        first += block.shape[1]
    return low, high, np.sqrt(squares / np.maximum(counts, 1))


def filmstrip(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG of pictures at equal distances, side by side."""
    frames = sum(len(span.stretch) for span in rendering.spans)
    count = min(_TILES, frames)
    step = rendering.duration / count
    stills = [Still(step * (k + Fraction(1, 2)), "") for k in range(count)]
    tiles = pixels_of(rendering, cache, stills, _TILE_HEIGHT)
    write_image(path, np.concatenate(tiles, axis=1))


def write_image(path: Path, pixels: np.ndarray) -> None:
    """Write uint8 RGB (height, width, 3) as the suffix says: .png, .jpg or .webp."""
    from PIL import Image

    stream = BytesIO()
    kind = {".png": "PNG", ".webp": "WEBP"}.get(path.suffix.lower(), "JPEG")
    Image.fromarray(pixels).save(stream, format=kind, quality=95)
    write_bytes(path, stream.getvalue())
