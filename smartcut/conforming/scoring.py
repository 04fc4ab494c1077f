"""How well lines explain a film, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.conforming.descriptors import (
    agreement,
    block_likeness,
    difference,
    is_plain,
    normalised,
    viewed,
)
from smartcut.conforming.lines import Line
from smartcut.conforming.thumbs import Thumbs
from smartcut.conforming.ticks import Tick, untold

# Frames of the film that are looked at together.
_PART = 256
# Plain pictures whose tones differ by less, in 1/255, are alike.
_TONE = 30.0
# A source is plain where a film is, up to this spread: a codec levels what is nearly of one colour.
_NEARLY = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A line over a stretch of a film."""

    line: Line
    first: int
    agreement: np.ndarray
    """float32 (n,) in -1..1: whether frames ``first`` on are what the line says."""
    difference: np.ndarray
    """float32 (n,) in 0..1: how much they differ from it."""

    @property
    def last(self) -> int:
        """One past the last frame."""
        return self.first + len(self.agreement)


@dataclass(frozen=True, slots=True, eq=False)
class FilmAndSources:
    """A film and the sources that it may be made of."""

    thumbs: Thumbs
    sources: tuple[Thumbs, ...]
    tick: Tick = untold

    @property
    def seconds(self) -> np.ndarray:
        """float64 (n,): when each frame of the film begins."""
        return self.thumbs.seconds

    def early(self, source: int) -> float:
        """Seconds by which a renderer takes a source's frames to begin early: clocks round."""
        return 0.25 / max(self.thumbs.rate, self.sources[source].rate)

    def shown(self, line: Line, first: int, last: int) -> np.ndarray:
        """int64: the source's frames that the line shows in the film's frames."""
        self.tick()
        times = line.at(self.seconds[first:last])
        return self.sources[line.source].shown_at(times, self.early(line.source))

    def is_inside(self, line: Line, first: int, last: int) -> np.ndarray:
        """bool: the line lies within its source, at each of the film's frames."""
        thumbs = self.sources[line.source]
        times = line.at(self.seconds[first:last])
        step = 1.5 / thumbs.rate
        found: np.ndarray = (times > thumbs.seconds[0] - step) & (times < float(thumbs.index.end))
        return found

    def views(self, line: Line, first: int, last: int) -> np.ndarray:
        """uint8 (n, h, w): what the line would show in frames ``first`` to ``last`` - 1."""
        numbers = self.shown(line, first, last)
        different, which = np.unique(numbers, return_inverse=True)
        pictures = np.asarray(self.sources[line.source].pictures[different])
        found: np.ndarray = viewed(pictures, line.window)[which]
        return found


def scored(film: FilmAndSources, wanted: Sequence[tuple[Line, int, int]]) -> list[Scored]:
    """Each line over its frames of the film, (line, first, last)."""
    found = [
        (np.zeros(last - first, np.float32), np.ones(last - first, np.float32))
        for _, first, last in wanted
    ]
    begin = min((first for _, first, _ in wanted), default=0)
    end = max((last for _, _, last in wanted), default=0)
    for start in range(begin, end, _PART):
        stop = min(start + _PART, end)
        asked = [k for k, (_, first, last) in enumerate(wanted) if first < stop and last > start]
        if not asked:
            continue
        pictures = np.asarray(film.thumbs.pictures[start:stop])
        own = normalised(pictures)
        plain = is_plain(pictures)
        for k in asked:
            line, first, last = wanted[k]
            a, b = max(first, start), min(last, stop)
            part = slice(a - start, b - start)
            agree, differ = _compared(film, line, a, b, pictures[part], own[part], plain[part])
            found[k][0][a - first : b - first] = agree
            found[k][1][a - first : b - first] = differ
    return [
        Scored(line, first, agree, differ)
        for (line, first, _), (agree, differ) in zip(wanted, found, strict=True)
    ]


def _compared(
    film: FilmAndSources,
    line: Line,
    first: int,
    last: int,
    pictures: np.ndarray,
    own: np.ndarray,
    plain: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    views = film.views(line, first, last)
    likeness, weight = block_likeness(own, normalised(views))
    agree, differ = agreement(likeness, weight), difference(likeness, weight)
    if plain.any():
        tones = (pictures.mean(axis=(1, 2)), views.mean(axis=(1, 2)))
        same = plain & is_plain(views, _NEARLY) & (np.abs(tones[0] - tones[1]) < _TONE)
        agree = np.where(plain, same, agree)
        differ = np.where(plain, ~same, differ)
    inside = film.is_inside(line, first, last)
    return np.where(inside, agree, -1), np.where(inside, differ, 1)
