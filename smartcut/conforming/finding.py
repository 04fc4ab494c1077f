"""The way back from a film to the sources that it was cut from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.aligning import aligned
from smartcut.conforming.colour import Grade, grade
from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.features import Recogniser, Sighting
from smartcut.conforming.fitting import fitted_line, merged, with_exact_changes
from smartcut.conforming.lines import Guess, guesses
from smartcut.conforming.mixing import blended
from smartcut.conforming.pairs import Pair
from smartcut.conforming.path import Run, cheapest
from smartcut.conforming.scoring import FilmAndSources, Scored, scored
from smartcut.conforming.search import Hits, hits, hits_near, joined
from smartcut.conforming.windows import PictureWindow, fitted

# Seconds between the film's frames that are looked for, and beyond a guess where it is tried.
_PROBES, _BEYOND = 0.2, 1.0
# Seconds of the film around a sighting that are looked for, and of the source around it.
_NEAR, _AROUND = 1.2, 7.0
Sizes = Sequence[tuple[int, int]]
Paired = Callable[[Sequence[Run]], Sequence[Pair]]


def found_runs(
    looked: FilmAndSources, film: tuple[int, int], sizes: Sizes, paired: Paired
) -> tuple[list[Run], Grade | None]:
    """The runs of the whole film, and what changed all its colours.

    ``film`` and ``sizes`` are (width, height) of the film and of each source; ``paired`` gives
    pictures of runs to look at closely.
    """
    probes = _probes(looked)
    if len(probes) == 0:
        return [Run(None, 0, len(looked.thumbs))], None
    lines = _tried(looked, _usual(looked, probes, film, sizes))
    runs = cheapest(lines, len(looked.thumbs))
    strange = _unexplained(looked, runs)
    if len(strange):
        lines += _tried(looked, _sighted(looked, probes, film, sizes, strange))
        runs = cheapest(lines, len(looked.thumbs))
    runs = _refined(looked, runs)
    beside = paired(runs)
    runs = aligned(runs, beside)
    graded = grade(runs, beside)
    return blended(looked, _refined(looked, runs)), graded


def _probes(looked: FilmAndSources) -> np.ndarray:
    """The film's frames that are looked for."""
    step = max(1, round(_PROBES * looked.thumbs.rate))
    probes = np.arange(0, len(looked.thumbs), step)
    return probes[~is_plain(np.asarray(looked.thumbs.pictures[probes]))]


def _usual(
    looked: FilmAndSources, probes: np.ndarray, film: tuple[int, int], sizes: Sizes
) -> list[Guess]:
    """Lines of whole pictures, as a film of that shape shows them."""
    windows = [_windows(film, size) for size in sizes]
    every = list(dict.fromkeys(w for tried in windows for w in tried))
    names = {window: number for number, window in enumerate(every)}
    found = hits(looked.thumbs.pictures, probes, looked.sources, windows, names)
    return guesses(found, looked.seconds, looked.sources, every)


def _windows(film: tuple[int, int], source: tuple[int, int]) -> list[PictureWindow]:
    straight = fitted(film, source)
    return [*straight, *(replace(window, mirrored=True) for window in straight)]


def _unexplained(looked: FilmAndSources, runs: Sequence[Run]) -> np.ndarray:
    """The places of the film's larger pictures in runs without a line."""
    numbers = looked.thumbs.large_numbers
    inside = np.zeros(len(numbers), bool)
    for run in runs:
        if run.line is None:
            inside |= (numbers >= run.first) & (numbers < run.last)
    places = np.flatnonzero(inside)
    plain = is_plain(np.asarray(looked.thumbs.pictures[numbers[places]]))
    return places[~plain]


def _sighted(
    looked: FilmAndSources,
    probes: np.ndarray,
    film: tuple[int, int],
    sizes: Sizes,
    places: np.ndarray,
) -> list[Guess]:
    """Lines of parts of pictures, found by their corners."""
    recogniser = Recogniser(looked.sources, sizes)
    groups = recogniser.chains(looked.thumbs, film, places.tolist())
    windows = [group[-1].window for group in groups]
    found = [_hits_of(looked, probes, group, name) for name, group in enumerate(groups)]
    return guesses(joined(found), looked.seconds, looked.sources, windows) if found else []


def _hits_of(
    looked: FilmAndSources, probes: np.ndarray, group: Sequence[Sighting], name: int
) -> Hits:
    """Frames that look like the film's, around where it was sighted."""
    thumbs = looked.sources[group[0].source]
    more = round(_NEAR * looked.thumbs.rate)
    near = (probes >= group[0].probe - more) & (probes <= group[-1].probe + more)
    those = [one.frame for one in group]
    around = round(_AROUND * thumbs.rate)
    frames = max(0, min(those) - around), min(len(thumbs), max(those) + around)
    return hits_near(
        looked.thumbs.pictures,
        probes[near],
        thumbs,
        group[0].source,
        group[-1].window,
        name,
        frames,
    )


def _tried(looked: FilmAndSources, lines: Sequence[Guess]) -> list[Scored]:
    """The guesses over the frames where they may hold."""
    more, total = round(_BEYOND * looked.thumbs.rate), len(looked.thumbs)
    wanted = [
        (guess.line, max(0, guess.first - more), min(total, guess.last + more)) for guess in lines
    ]
    return scored(looked, wanted)


def _refined(looked: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """Lines made exact, and the way found again among them."""
    exact = [replace(run, line=fitted_line(looked, run)) if run.line else run for run in runs]
    exact = merged(looked, exact)
    known = [Guess(run.line, run.first, run.last, 1.0) for run in exact if run.line]
    again = cheapest(_tried(looked, known), len(looked.thumbs))
    return with_exact_changes(looked, merged(looked, again))
