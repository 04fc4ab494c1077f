"""Frames of a conformed film beside what they show of their sources, laid over each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from smartcut.cache import Cache
from smartcut.conforming.pairs import small_pictures
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.conforming.windows import PictureWindow, between
from smartcut.media.index import VideoIndex, video_index
from smartcut.source import Source

# Moments whose pictures are held at once.
_TOGETHER = 48


@dataclass(frozen=True, slots=True, eq=False)
class LaidOver:
    """A frame of a film, and the source's picture as the film shows it; of one size."""

    part: int
    """The place among the film's parts."""
    frame: int
    """Of the film."""
    film: np.ndarray
    """uint8 (h, w, 3) RGB."""
    source: np.ndarray
    """The same; black where the film shows nothing of the source."""
    inside: np.ndarray
    """bool (h, w): where the film shows the source's picture."""


class _Moment(NamedTuple):
    part: int
    frame: int
    shown: int
    """The frame of the source."""


def shown_frame(part: FilmPart, time: Fraction, index: VideoIndex, rate: Fraction) -> int:
    """The frame of the part's source that a film shows at a time; ``rate`` is the faster one's."""
    at = part.start + part.speed * (time - part.place.start)
    return index.frame_at(at + 1 / (4 * rate))  # clocks round


def laid_over(
    found: Conformed, wanted: Mapping[int, Sequence[int]], short: int, cache: Cache
) -> Iterator[LaidOver]:
    """Frames of parts that have a source, ``short`` pixels on the shorter side; raises SourceError.

    ``wanted`` are numbers of frames of the film, by the place of their part; the answer goes by
    source, in the order of their frames.
    """
    own = video_index(found.film, cache)
    for source in found.sources:
        index = video_index(source, cache)
        moments = list(_moments(found, wanted, source, own, index))
        for first in range(0, len(moments), _TOGETHER):
            here = moments[first : first + _TOGETHER]
            films = small_pictures(found.film, own, [one.frame for one in here], short)
            theirs = small_pictures(source, index, [one.shown for one in here], short)
            for one in here:
                window = window_at(found.parts[one.part], one.frame)
                film = films[one.frame]
                shown, inside = _seen_through(window, theirs[one.shown], film.shape[1::-1])
                yield LaidOver(one.part, one.frame, film, shown, inside)


def _moments(
    found: Conformed,
    wanted: Mapping[int, Sequence[int]],
    source: Source,
    own: VideoIndex,
    index: VideoIndex,
) -> Iterator[_Moment]:
    assert source.video is not None
    assert found.film.video is not None
    rate = max(source.video.rate, found.film.video.rate)
    for place, frames in wanted.items():
        part = found.parts[place]
        if part.source == source.id:
            for frame in frames:
                at = own.time_of(frame)
                yield _Moment(place, frame, shown_frame(part, at, index, rate))


def window_at(part: FilmPart, frame: int) -> PictureWindow:
    """The window through which a frame of the film shows the part's source."""
    if part.end is None:
        return part.window
    return between(part.window, part.end, (frame - part.first) / max(part.last - 1 - part.first, 1))


def _seen_through(
    window: PictureWindow, picture: np.ndarray, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """A source's picture at (width, height) of the film, and where that shows it."""
    import cv2

    matrix = window.to_source(picture.shape[1::-1], size)
    scale = matrix[0, 0] * matrix[1, 1]
    how = (cv2.INTER_AREA if abs(scale) > 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(picture, matrix, size, flags=how)
    whole = np.full(picture.shape[:2], 255, np.uint8)
    inside = cv2.warpAffine(whole, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return shown, np.asarray(inside > 250)
