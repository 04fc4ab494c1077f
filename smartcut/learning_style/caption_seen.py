"""What lies over the pictures of a conformed film: each frame beside the picture beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.cache import Cache
from smartcut.conforming.beside import LaidOver, laid_over
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.media.index import video_index

#: Pixels of the shorter side, and moments of a film, at most.
SHORT, MOST = 360, 18
# Moments of each part, at most one in so many seconds.
_EVERY = 0.7
# A signal differs that is off by so many spreads of the others, and by that many levels.
_SPREADS, _LEVELS = 6.0, 24.0
# Around each pixel that differs this share does, in a square of so many parts of the height.
_DENSE, _AROUND = 0.12, 24
# The share of the picture that captions cover at least.
_COVERS = 0.003


@dataclass(frozen=True, slots=True, eq=False)
class SeenMoment:
    """A frame of a film, and how it would be without what lies over it."""

    time: Fraction
    """Seconds of the film, when the frame is shown, and how long it is."""
    lasts: Fraction
    film: np.ndarray
    """uint8 (h, w, 3) RGB."""
    below: np.ndarray
    """The same, of the source in the colours of the film."""
    differs: np.ndarray
    """bool (h, w): where something lies over it."""
    limit: float
    """By how many levels it differs there, at least."""
    bare: float
    """Levels by which it differs there in all, and of how many pixels."""
    count: int

    @property
    def is_covered(self) -> bool:
        return self.count > _COVERS * self.differs.size


def moments_of(found: Conformed, cache: Cache) -> tuple[SeenMoment, ...]:
    """Moments all over the film at which a source is shown alone, in the order of time."""
    assert found.film.video is not None
    wanted = _wanted(found)
    size = found.film.video.display_size
    index = video_index(found.film, cache)
    lasts = 1 / found.film.video.rate
    moments = [
        moment_of(one, index.time_of(one.frame), lasts)
        for one in laid_over(found, wanted, min(SHORT, *size), cache)
    ]
    return tuple(sorted(moments, key=lambda one: one.time))


def _wanted(found: Conformed) -> dict[int, list[int]]:
    """Frames of parts, at most :data:`MOST` of all, evenly."""
    every = [
        (place, frame)
        for place, part in enumerate(found.parts)
        if part.source is not None
        for frame in _frames(part)
    ]
    count = min(MOST, len(every))
    chosen = [every[k * len(every) // count] for k in range(count)]
    wanted: dict[int, list[int]] = {}
    for place, frame in chosen:
        wanted.setdefault(place, []).append(frame)
    return wanted


def _frames(part: FilmPart) -> Iterator[int]:
    first, last = part.first + max(part.blend, part.fade_in), part.last - part.fade_out
    seconds = float(part.place.duration) * (last - first) / (part.last - part.first)
    count = max(1, int(seconds / _EVERY))
    for k in range(count):
        if last > first:
            yield first + (2 * k + 1) * (last - first) // (2 * count)


def moment_of(one: LaidOver, time: Fraction, lasts: Fraction) -> SeenMoment:
    """The moment of two pictures: the source's in the film's colours, and where both differ."""
    import cv2

    film = one.film.astype(np.float32)
    below = coloured(film, one.source.astype(np.float32), one.inside)
    off = apart(film, below)
    spread = 1.4826 * float(np.median(off[one.inside])) if one.inside.any() else 0.0
    limit = max(_SPREADS * spread, _LEVELS)
    differs = (off > limit) & one.inside
    side = max(3, len(film) // _AROUND)
    dense = cv2.blur(differs.astype(np.float32), (side, side)) > _DENSE
    seen = differs & dense
    bare = float(np.abs(film - below)[seen].sum())
    plain = np.rint(below).astype(np.uint8)
    return SeenMoment(time, lasts, one.film, plain, seen, limit, bare, int(seen.sum()))


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float32 (h, w): by how much the channel differs that differs most."""
    red, green, blue = np.moveaxis(np.abs(one - other), 2, 0)
    found: np.ndarray = np.maximum(np.maximum(red, green), blue)
    return found


def coloured(film: np.ndarray, source: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The source's picture in the film's colours: an affine map, fitted where most pixels agree."""
    import cv2

    step = max(1, len(film) // 90)
    smooth = [cv2.GaussianBlur(one, (0, 0), 1.0)[::step, ::step] for one in (film, source)]
    kept = inside[::step, ::step]
    if kept.sum() < 40:
        return source
    own, theirs = (one[kept].astype(np.float64) for one in smooth)
    rows = np.column_stack([theirs, np.ones(len(theirs))])
    used = np.ones(len(own), bool)
    for _ in range(5):
        matrix, *_ = np.linalg.lstsq(rows[used], own[used], rcond=None)
        off = np.abs(rows @ matrix - own).max(axis=1)
        used = off <= max(3 * float(np.median(off)), 2.0)
    shown = source @ matrix[:3].astype(np.float32) + matrix[3].astype(np.float32)
    return np.asarray(np.clip(shown, 0, 255), np.float32)
