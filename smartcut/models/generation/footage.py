"""Clips to learn from, taken out of real video: where, how many of each file, and their pictures.

A clip lies within one shot, so no cut is learned. Its frames are those shown at each multiple of
1/rate after its start, the middle square of the picture, made small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.errors import SourceError
from smartcut.media.index import VideoIndex
from smartcut.media.reduce import Reducer
from smartcut.media.sparse import picked
from smartcut.models.generation.dataset import TrainingClip
from smartcut.source import Source
from smartcut.stage import Frames
from smartcut.text_input import read_text_input
from smartcut.timebase import Range

#: Files in a folder that are looked at.
SUFFIXES = (
    *(".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf"),
    *(".nut", ".ogv", ".ts", ".webm", ".wmv"),
)


@dataclass(frozen=True, slots=True)
class TrainingFootage:
    """A file, and where clips can start in it, in source time."""

    source: Source
    name: str
    caption: str
    starts: tuple[Fraction, ...]


def videos(folder: Path) -> list[Path]:
    """The folder's video files, at any depth, in order; hidden ones are left out."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def caption_of(path: Path) -> str:
    """What stands in the text file of the same name beside a video, else its name in words."""
    text = path.with_suffix(".txt")
    try:
        said = read_text_input(text).text if text.is_file() else ""
    except ValueError as error:
        raise SourceError(f"the caption {text} cannot be read: {error}") from error
    return " ".join(said.split()) or " ".join(path.stem.replace("_", " ").replace("-", " ").split())


def starts(shots: Sequence[Range], rate: Fraction, frames: int) -> tuple[Fraction, ...]:
    """Where clips can start: within one shot, and no two share more than half of their frames."""
    step = max(1, frames // 2) / rate
    last = (frames - 1) / rate
    found: list[Fraction] = []
    for shot in shots:
        # The last frame is shown before the shot ends.
        count = -(-(shot.duration - last) // step)
        found += [shot.start + n * step for n in range(max(0, int(count)))]
    return tuple(found)


def evenly(can: Sequence[int], wanted: int) -> list[int]:
    """How many to take of each, of as many as it can give: alike, the first ones more by one."""
    taken = [0] * len(can)
    while (left := wanted - sum(taken)) > 0:
        able = [i for i, most in enumerate(can) if taken[i] < most]
        if not able:
            break
        share = max(1, left // len(able))
        for i in able[:left]:
            taken[i] = min(can[i], taken[i] + share)
    return taken


def chosen(footage: Sequence[TrainingFootage], clips: int) -> list[TrainingFootage]:
    """The same with as many starts as are wanted, spread evenly over files and their length."""
    counts = evenly([len(item.starts) for item in footage], clips)
    return [
        TrainingFootage(item.source, item.name, item.caption, _spread(item.starts, count))
        for item, count in zip(footage, counts, strict=True)
        if count
    ]


def _spread(items: tuple[Fraction, ...], count: int) -> tuple[Fraction, ...]:
    return tuple(items[(2 * i + 1) * len(items) // (2 * count)] for i in range(count))


def taken(
    item: TrainingFootage, index: VideoIndex, *, size: int, frames: int, rate: Fraction
) -> Iterator[TrainingClip]:
    """The clips that start where the item says; raises SourceError where one cannot be decoded.

    Only the pictures that overlapping clips share are kept.
    """
    plans = [
        [index.frame_at(start + n / rate) for n in range(frames)] for start in sorted(item.starts)
    ]
    pictures: dict[int, np.ndarray] = {}
    for number, picture in squares(item.source, index, {n for plan in plans for n in plan}, size):
        pictures[number] = picture
        while plans and number == plans[0][-1]:
            plan = plans.pop(0)
            yield TrainingClip(np.stack([pictures[n] for n in plan]), item.caption, 0, item.name)
            first = plans[0][0] if plans else number
            pictures = {n: p for n, p in pictures.items() if n >= first}


def squares(
    source: Source, index: VideoIndex, numbers: set[int], size: int
) -> Iterator[tuple[int, np.ndarray]]:
    """(number, uint8 (size, size, 3)): the middle square of frames, as means of areas."""
    yield from filled(source, index, numbers, (size, size))


def filled(
    source: Source, index: VideoIndex, numbers: set[int], size: tuple[int, int]
) -> Iterator[tuple[int, np.ndarray]]:
    """(number, uint8 (H, W, 3)): frames that fill ``size``, (W, H); what stands out is cut off."""
    assert source.video is not None
    width, height = source.video.display_size
    scale = max(Fraction(size[0], width), Fraction(size[1], height))
    whole = max(size[0], round(width * scale)), max(size[1], round(height * scale))
    left, top = (whole[0] - size[0]) // 2, (whole[1] - size[1]) // 2
    reduced = Reducer(source.video)
    keys = [reduced.key(Frames(whole, "rgb"))]
    for number, frame in picked(source, index, sorted(numbers)):
        (picture,) = reduced(frame, keys)
        yield number, picture[top : top + size[1], left : left + size[0]].copy()
