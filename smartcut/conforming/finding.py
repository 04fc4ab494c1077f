"""The way back from a film to the sources that it was cut from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.aligning import aligned, exact_window
from smartcut.conforming.colour import Grade, grade, sampled
from smartcut.conforming.cropping import Sighting, sightings
from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.doubt import doubtful
from smartcut.conforming.fading import faded
from smartcut.conforming.fitting import (
    common_speed,
    fitted_line,
    merged,
    with_exact_changes,
)
from smartcut.conforming.lines import Guess, guesses
from smartcut.conforming.mixing import blended
from smartcut.conforming.moving import moved
from smartcut.conforming.pairs import Pair
from smartcut.conforming.path import Run, cheapest
from smartcut.conforming.scoring import FilmAndSources, Scored, scored
from smartcut.conforming.search import Hits, hits, hits_near, joined
from smartcut.conforming.shots import shots
from smartcut.conforming.standing import nearby_line
from smartcut.conforming.windows import PictureWindow, fitted

# Seconds between the film's frames that are looked for, and beyond a guess where it is tried.
_PROBES, _BEYOND = 0.2, 1.0
# Seconds of the film around a sighting that are looked for, and of the source around it.
_NEAR, _AROUND = 1.2, 7.0
# Seconds between frames of a shot that parts of pictures are looked for in.
_SIGHTINGS = 1.0
# Such frames of a shot at least, and views of sources that each is laid over: in the first look,
# and in the next one at what is doubtful still. The frames lie so many apart at least.
_LOOKS, _APART = ((2, 5), (8, 20)), 3
Sizes = Sequence[tuple[int, int]]
Paired = Callable[[Sequence[Run]], Iterable[Pair]]


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
    runs = cheapest(lines, len(looked.thumbs), looked.tick)
    for least, most in _LOOKS:
        strange = probed(looked, doubtful(looked, runs), least)
        if len(strange):
            lines += _tried(looked, _sighted(looked, probes, film, sizes, strange, most))
            runs = cheapest(lines, len(looked.thumbs), looked.tick)
    runs = [replace(run, line=nearby_line(looked, run)) if run.line else run for run in runs]
    runs = _refined(looked, runs)
    runs, graded = _looked_closely(runs, paired)
    return faded(looked, blended(looked, moved(looked, _refined(looked, runs)))), graded


def _looked_closely(runs: Sequence[Run], paired: Paired) -> tuple[list[Run], Grade | None]:
    """The runs with exact windows, and what changed all their colours."""
    windows: dict[int, list[PictureWindow]] = {}
    colours = []
    for pair in paired(runs):
        line = runs[pair.run].line
        assert line is not None
        exact = exact_window(pair.film, pair.source, line.window)
        if exact is not None:
            windows.setdefault(pair.run, []).append(exact)
        colours.append(sampled(pair, exact or line.window, 2 * len(runs)))
    return aligned(runs, windows), grade(colours)


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
    found = hits(looked.thumbs.pictures, probes, looked.sources, windows, names, looked.tick)
    return guesses(found, looked.seconds, looked.sources, every, looked.tick)


def _windows(film: tuple[int, int], source: tuple[int, int]) -> list[PictureWindow]:
    straight = fitted(film, source)
    return [*straight, *(replace(window, mirrored=True) for window in straight)]


def probed(looked: FilmAndSources, runs: Sequence[Run], least: int) -> np.ndarray:
    """Some frames of every shot in runs without a line: ``least`` or more of one long enough."""
    found: list[int] = []
    every = max(1, round(_SIGHTINGS * looked.thumbs.rate))
    for shot in (shot for run in runs for shot in shots(looked, run)):
        ends = min(len(shot) // 5, every // 2)
        count = max(2 + (len(shot) - 2 * ends) // every, min(least, len(shot) // _APART))
        places = np.linspace(shot.first + ends, shot.last - 1 - ends, count)
        found.extend(dict.fromkeys(places.round().astype(int).tolist()))
    numbers = np.array(found, np.int64)
    return numbers[~is_plain(np.asarray(looked.thumbs.pictures[numbers]))]


def _sighted(
    looked: FilmAndSources,
    probes: np.ndarray,
    film: tuple[int, int],
    sizes: Sizes,
    numbers: np.ndarray,
    most: int,
) -> list[Guess]:
    """Lines of parts of pictures."""
    seen = list(sightings(looked.thumbs, numbers, film, looked.sources, sizes, most, looked.tick))
    windows = [one.window for one in seen]
    found = [_hits_of(looked, probes, one, name) for name, one in enumerate(seen)]
    if not found:
        return []
    return guesses(joined(found), looked.seconds, looked.sources, windows, looked.tick)


def _hits_of(looked: FilmAndSources, probes: np.ndarray, seen: Sighting, name: int) -> Hits:
    """Frames that look like the film's, around where it was sighted."""
    looked.tick()
    thumbs = looked.sources[seen.source]
    more = round(_NEAR * looked.thumbs.rate)
    near = (probes >= seen.probe - more) & (probes <= seen.probe + more)
    around = round(_AROUND * thumbs.rate)
    frames = max(0, seen.frame - around), min(len(thumbs), seen.frame + around)
    pictures = looked.thumbs.pictures
    return hits_near(pictures, probes[near], thumbs, seen.source, seen.window, name, frames)


def _tried(looked: FilmAndSources, lines: Sequence[Guess]) -> list[Scored]:
    """The guesses over the frames where they may hold."""
    more, total = round(_BEYOND * looked.thumbs.rate), len(looked.thumbs)
    wanted = [
        (guess.line, max(0, guess.first - more), min(total, guess.last + more)) for guess in lines
    ]
    return scored(looked, wanted)


def _refined(looked: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """Lines made exact, and the way found again among them."""
    exact = _fitted(looked, runs, None)
    common = common_speed(looked, exact)
    if common is not None:
        exact = _fitted(looked, exact, common)
    exact = merged(looked, exact)
    known = [Guess(run.line, run.first, run.last, 1.0) for run in exact if run.line]
    again = cheapest(_tried(looked, known), len(looked.thumbs), looked.tick)
    return with_exact_changes(looked, merged(looked, again))


def _fitted(looked: FilmAndSources, runs: Sequence[Run], common: float | None) -> list[Run]:
    return [
        replace(run, line=fitted_line(looked, run, common)) if run.line else run for run in runs
    ]
