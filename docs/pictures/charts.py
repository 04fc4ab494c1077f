"""Rows that pictures of stages are put together from: pictures, sound and numbers over time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

import smartcut as sc
from smartcut.cut import Segment

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_media"
HARBOUR, MATCH, SKY, MUSIC = (
    SAMPLES / name for name in ("harbour.mp4", "match.mp4", "sky.mp4", "music.m4a")
)
WIDTH, TILE = 720, (96, 54)
INK, GRAY, BLUE, ORANGE = "#202830", "#8a949c", "#2a7ab8", "#d9822b"
COLOURS = (BLUE, ORANGE, "#3f8f5f", "#8a5fb0")
#: Letters, in pixels.
SMALL = 12
#: What one picture may take, where it can.
MOST_BYTES = 10_000


def row(height: int, width: int = WIDTH) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), "white")
    return picture, ImageDraw.Draw(picture)


def stacked(*rows: Image.Image, gap: int = 4) -> Image.Image:
    """Rows one below the other, at the left."""
    height = sum(one.height + gap for one in rows) - gap
    whole = Image.new("RGB", (max(one.width for one in rows), height), "white")
    top = 0
    for one in rows:
        whole.paste(one, (0, top))
        top += one.height + gap
    return whole


def save(name: str, picture: Image.Image) -> None:
    """Write a picture, as good as goes into 10 kB; never worse than a quality of 45."""
    path = HERE / f"{name}.webp"
    path.parent.mkdir(exist_ok=True)
    for quality in range(75, 40, -5):
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(path, path.stat().st_size, flush=True)


def text_width(words: str) -> float:
    return row(1, 1)[1].textlength(words, font_size=SMALL)


def source_times(segment: Segment) -> tuple[str, ...]:
    """Which part of its source a segment shows and how fast, at length and shorter."""
    part = "-".join(f"{round(float(t), 1):g}" for t in (segment.range.start, segment.range.end))
    whole = f"{segment.source} {part} s"
    paced = (f"{whole}, {segment.pace}",) if segment.pace else ()
    return *paced, whole, f"{part} s", part


def source_name(segment: Segment) -> tuple[str, ...]:
    return (str(segment.source),)


def strip(
    film: Any, scale: float, label: Callable[[Segment], tuple[str, ...]] | None = source_times
) -> Image.Image:
    """The segments of a film, ``scale`` pixels a second: what they show, and what they are."""
    placed = list(film.cut().programme.placed())
    width = round(float(placed[-1][1].end) * scale)
    picture, draw = row(TILE[1] + (SMALL + 6 if label else 0), width)
    for number, (segment, place) in enumerate(placed):
        left, right = round(float(place.start) * scale), round(float(place.end) * scale)
        for x in range(left, right, TILE[0]):
            middle = min(x + TILE[0] / 2, (x + right) / 2)
            tile = Image.fromarray(film.frame(middle / scale)).resize(TILE)
            picture.paste(tile.crop((0, 0, min(TILE[0], right - x), TILE[1])), (x, 0))
        if number:
            draw.rectangle((left - 1, 0, left + 1, TILE[1]), "white")
        if label is None:
            continue
        draw.rectangle((left + 2, TILE[1], right - 2, TILE[1] + 2), COLOURS[number % 4])
        fitting = (words for words in label(segment) if text_width(words) < right - left - 4)
        draw.text((left + 3, TILE[1] + 2), next(fitting, ""), INK, font_size=SMALL)
    return picture


def heard(film: Any, width: int = WIDTH, height: int = 64) -> Image.Image:
    """The sound of a film, as the stage `waveform` draws it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heard.png"
        (film | sc.waveform(width=width, height=height)).run(output=path)
        return Image.open(path).convert("RGB")


def axis(marks: Sequence[tuple[float, str]], width: int = WIDTH) -> Image.Image:
    """Marks at shares of the width, with their names."""
    picture, draw = row(SMALL + 8, width)
    for share, words in marks:
        x = min(share * width, width - 1)
        draw.line((x, 0, x, 4), GRAY)
        inside = min(x, width - draw.textlength(words, font_size=SMALL))
        draw.text((inside, 4), words, GRAY, font_size=SMALL)
    return picture


def seconds(duration: float, every: float, width: int = WIDTH) -> Image.Image:
    """An axis of time."""
    count = int(duration / every) + 1
    return axis([(k * every / duration, f"{k * every:g} s") for k in range(count)], width)


def plot(
    times: Sequence[float],
    curves: dict[str, Sequence[float]],
    span: tuple[float, float],
    bounds: tuple[float, float] | None = None,
    unit: str = "",
    height: int = 84,
) -> Image.Image:
    """Numbers over time, or whatever ``times`` are; the least and the greatest are written."""
    known = np.concatenate([np.asarray(values, float) for values in curves.values()])
    low, high = bounds or (float(known.min()), float(known.max()))
    start, end = span
    big, draw = row(2 * height, 2 * WIDTH)
    for colour, values in zip(COLOURS, curves.values(), strict=False):
        x = (np.asarray(times, float) - start) / (end - start) * 2 * WIDTH
        level = np.clip((np.asarray(values, float) - low) / ((high - low) or 1), 0, 1)
        y = 2 * (height - 3) - level * 2 * (height - SMALL - 8)
        draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), colour, 4, "curve")
    picture = big.resize((WIDTH, height), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    draw.text((2, 0), f"{low:.3g} to {high:.3g} {unit}", GRAY, font_size=SMALL)
    right = float(WIDTH)
    for colour, name in reversed(list(zip(COLOURS, curves, strict=False))):
        right -= draw.textlength(name, font_size=SMALL) + 12
        draw.text((right, 0), name, colour, font_size=SMALL)
    return picture


def ranges(
    found: Sequence[tuple[float, float, str]], duration: float, colours: Sequence[str] = (BLUE,)
) -> Image.Image:
    """Boxes over time with their names."""
    picture, draw = row(SMALL + 8)
    for number, (start, end, name) in enumerate(found):
        left, right = start / duration * WIDTH, end / duration * WIDTH
        draw.rectangle((left + 1, 0, max(right - 1, left + 2), 3), colours[number % len(colours)])
        draw.text((left + 2, 4), name, INK, font_size=SMALL)
    return picture
