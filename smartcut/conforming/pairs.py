"""Frames of a film beside those of the sources that they show, in colour and of a fair size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.media.reduce import Reducer
from smartcut.media.sparse import picked
from smartcut.source import Source
from smartcut.stage import Frames

#: Pixels of the shorter side.
SHORT = 216
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
) -> list[Pair]:
    """One or two pairs of each run that has a line; raises SourceError.

    Frames are taken soon after a key frame of the source, where they cost least to decode.
    """
    wanted = [
        (number, *one)
        for number, run in enumerate(runs)
        if run.line is not None
        for one in _moments(looked, run)
    ]
    own = _pictures(film, looked.thumbs.index, [frame for _, _, frame, _ in wanted])
    found: list[Pair] = []
    for place, source in enumerate(sources):
        here = [one for one in wanted if one[1] == place]
        index = looked.sources[place].index
        theirs = _pictures(source, index, [number for _, _, _, number in here])
        found.extend(Pair(run, own[frame], theirs[number]) for run, _, frame, number in here)
    return sorted(found, key=lambda pair: pair.run)


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


def _pictures(source: Source, index: object, numbers: Sequence[int]) -> dict[int, np.ndarray]:
    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(Frames(SHORT, "rgb"))]
    wanted = sorted(set(numbers))
    found = picked(source, index, wanted)  # type: ignore[arg-type]
    return {number: reducer(frame, keys)[0] for number, frame in found} if wanted else {}
