"""A written file at a glance: its sound as a waveform, its pictures as a strip."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np

from smartcut.cache import Cache
from smartcut.files import write_bytes
from smartcut.render.job import Rendering
from smartcut.render.pictures import Still, pixels_of

_COLUMNS, _ROWS = 1600, 240
_RATE = 16_000
_BACKGROUND, _PEAKS, _LOUD = (22, 24, 29), (70, 110, 180), (140, 180, 240)
_TILES, _TILE_HEIGHT = 12, 120


def waveform(rendering: Rendering, path: Path) -> None:
    """Write a PNG of the main sound track: from left to right its peaks, and its RMS within."""
    from PIL import Image

    low, high, loud = levels(rendering.output.path, _COLUMNS)
    pixels = np.empty((_ROWS, _COLUMNS, 3), np.uint8)
    pixels[:] = _BACKGROUND
    at = 1 - 2 * (np.arange(_ROWS)[:, None] + 0.5) / _ROWS
    line = 1 / _ROWS
    pixels[(at >= np.minimum(low, 0) - line) & (at <= np.maximum(high, 0) + line)] = _PEAKS
    pixels[np.abs(at) <= loud] = _LOUD
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    write_bytes(path, stream.getvalue())


def levels(path: Path, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(lowest, highest, RMS) of all channels of a file's sound, for each of so many equal parts."""
    from smartcut.media.audio import samples
    from smartcut.media.probe import probe

    source = probe(path)
    assert source.audio is not None
    end = source.audio.start + source.audio.duration
    total = max(1, round(end * _RATE))
    low, high = np.zeros(columns), np.zeros(columns)
    squares, counts = np.zeros(columns), np.zeros(columns)
    first = 0
    for block in samples(source, _RATE, source.audio.layout, Fraction(0), end):
        places = np.minimum((first + np.arange(block.shape[1])) * columns // total, columns - 1)
        np.minimum.at(low, places, block.min(axis=0))
        np.maximum.at(high, places, block.max(axis=0))
        np.add.at(squares, places, np.square(block).mean(axis=0))
        np.add.at(counts, places, 1)
        first += block.shape[1]
    return low, high, np.sqrt(squares / np.maximum(counts, 1))


def filmstrip(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG of pictures at equal distances, side by side."""
    from PIL import Image

    frames = sum(len(span.stretch) for span in rendering.spans)
    count = min(_TILES, frames)
    step = rendering.duration / count
    stills = [Still(step * (k + Fraction(1, 2)), "") for k in range(count)]
    tiles = pixels_of(rendering, cache, stills, _TILE_HEIGHT)
    stream = BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(stream, format="PNG")
    write_bytes(path, stream.getvalue())
