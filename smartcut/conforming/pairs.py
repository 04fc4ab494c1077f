"""Frames of a film beside those of the sources that they show, in colour and of a fair size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.ticks import Tick, untold
from smartcut.media.index import VideoIndex
from smartcut.media.reduce import Reducer
from smartcut.media.sparse import picked
from smartcut.source import Source
from smartcut.stage import Frames

#: Pixels of the shorter side.
SHORT = 216
# Moments whose pictures are held at once.
_TOGETHER = 64
# The share at both ends of a run that is left out, and seconds from which on it has two pairs.
_ENDS, _LONG = 0.15, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two pictures of one moment."""

    run: int
    """The place among the runs."""
    film: np.ndarray
    """uint8 (h, w, 3) RGB."""
    source: np.ndarray
    """uint8 (h, w, 3) RGB; of another size, perhaps."""


def pairs(
    looked: FilmAndSources, film: Source, sources: Sequence[Source], runs: Sequence[Run]
) -> Iterator[Pair]:
    """One or two pairs of each run that has a line; raises SourceError.

    Frames are taken soon after a key frame of the source, where they cost least to decode.
    """
    wanted = [
        _Moment(number, *one)
        for number, run in enumerate(runs)
        if run.line is not None
        for one in _moments(looked, run)
    ]
    for first in range(0, len(wanted), _TOGETHER):
        yield from _pairs_of(looked, film, sources, wanted[first : first + _TOGETHER])


class _Moment(NamedTuple):
    run: int
    source: int
    frame: int
    """The film's."""
    shown: int
    """The source's frame."""


def _pairs_of(
    looked: FilmAndSources, film: Source, sources: Sequence[Source], wanted: Sequence[_Moment]
) -> Iterator[Pair]:
    tick = looked.tick
    own = small_pictures(film, looked.thumbs.index, [one.frame for one in wanted], SHORT, tick)
    for place in sorted({one.source for one in wanted}):
        here = [one for one in wanted if one.source == place]
        index = looked.sources[place].index
        theirs = small_pictures(sources[place], index, [one.shown for one in here], SHORT, tick)
        yield from (Pair(one.run, own[one.frame], theirs[one.shown]) for one in here)


def _moments(looked: FilmAndSources, run: Run) -> list[tuple[int, int, int]]:
    """(source, frame of the film, frame of the source)."""
    assert run.line is not None
    ends = max(round(_ENDS * len(run)), min(run.blend, len(run) - 1))
    first, last = run.first + ends, max(run.last - round(_ENDS * len(run)), run.first + ends + 1)
    shown = looked.shown(run.line, first, last)
    index = looked.sources[run.line.source].index
    starts = np.flatnonzero(index.is_start)
    after = shown - starts[np.searchsorted(starts, shown, side="right") - 1]
    is_long = len(run) > _LONG * looked.thumbs.rate
    middle = len(shown) // 2 if is_long else len(shown)
    found = []
    for part in (slice(0, middle), slice(middle, len(shown))):
        if len(shown[part]):
            at = part.start + int(after[part].argmin())
            found.append((run.line.source, first + at, int(shown[at])))
    return found


def small_pictures(
    source: Source, index: VideoIndex, numbers: Sequence[int], short: int, tick: Tick = untold
) -> dict[int, np.ndarray]:
    """uint8 (h, w, 3) RGB, ``short`` pixels on the shorter side, by frame; SourceError: damaged."""
    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(Frames(short, "rgb"))]
    wanted = sorted(set(numbers))
    pictures = {}
    for number, frame in picked(source, index, wanted) if wanted else ():
        tick()
        pictures[number] = reducer(frame, keys)[0]
    return pictures
