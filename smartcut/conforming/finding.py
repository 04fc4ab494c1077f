"""The way back from a film to the sources that it was cut from."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.fitting import fitted_line, merged, with_exact_changes
from smartcut.conforming.lines import Guess, Line, guesses
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.path import Run, cheapest
from smartcut.conforming.scoring import FilmAndSources, Scored, scored
from smartcut.conforming.search import hits
from smartcut.conforming.windows import PictureWindow, fitted
from smartcut.source import Source
from smartcut.timebase import Range

# Seconds between the film's frames that are looked for, and beyond a guess where it is tried.
_PROBES, _BEYOND = 0.2, 1.0
# Rounds of finding the way and making its lines exact.
_ROUNDS = 2


def found_runs(
    film: FilmAndSources, film_size: tuple[int, int], sizes: Sequence[tuple[int, int]]
) -> list[Run]:
    """The runs of the whole film; sizes are (width, height) of the film and of each source."""
    windows = [_windows(film_size, size) for size in sizes]
    every = list(dict.fromkeys(w for tried in windows for w in tried))
    names = {window: number for number, window in enumerate(every)}
    step = max(1, round(_PROBES * film.thumbs.rate))
    probes = np.arange(0, len(film.thumbs), step)
    pictures = np.asarray(film.thumbs.pictures[probes])
    probes = probes[~is_plain(pictures)]
    if len(probes) == 0:
        return [Run(None, 0, len(film.thumbs))]
    found = hits(film.thumbs.pictures, probes, film.sources, windows, names)
    lines = guesses(found, film.seconds, film.sources, every)
    runs = cheapest(_tried(film, lines), len(film.thumbs))
    for _ in range(_ROUNDS):
        runs = _refined(film, runs)
    return runs


def _windows(film: tuple[int, int], source: tuple[int, int]) -> list[PictureWindow]:
    straight = fitted(film, source)
    swapped = [PictureWindow(w.left, w.top, w.right, w.bottom, True) for w in straight]
    return [*straight, *swapped]


def _tried(film: FilmAndSources, lines: Sequence[Guess]) -> list[Scored]:
    """The guesses over the frames where they may hold."""
    more, total = round(_BEYOND * film.thumbs.rate), len(film.thumbs)
    wanted = [
        (guess.line, max(0, guess.first - more), min(total, guess.last + more)) for guess in lines
    ]
    return scored(film, wanted)


def _refined(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """Lines made exact, and the way found again among them."""
    exact = [Run(fitted_line(film, r), r.first, r.last) if r.line else r for r in runs]
    exact = merged(film, exact)
    known = [Guess(r.line, r.first, r.last, 1.0) for r in exact if r.line]
    again = cheapest(_tried(film, known), len(film.thumbs))
    return with_exact_changes(film, merged(film, again))


def parts(film: FilmAndSources, runs: Sequence[Run], sources: Sequence[Source]) -> list[FilmPart]:
    """The runs in exact times, with how sure they are."""
    index = film.thumbs.index
    found = []
    for run in runs:
        place = Range(index.time_of(run.first), index.time_of(run.last))
        if run.line is None:
            kind = _kind(np.asarray(film.thumbs.pictures[run.first : run.last]))
            found.append(FilmPart(run.first, run.last, place, kind=kind))
            continue
        (seen,) = scored(film, [(run.line, run.first, run.last)])
        found.append(
            FilmPart(
                run.first,
                run.last,
                place,
                source=sources[run.line.source].id,
                start=_exact_start(film, run, run.line),
                speed=_exact_speed(run.line.speed),
                window=run.line.window,
                confidence=float(np.clip(np.median(seen.agreement), 0, 1)),
            )
        )
    return found


def _exact_start(film: FilmAndSources, run: Run, line: Line) -> Fraction:
    """The source time of the run's first frame: that of a frame, where it is one."""
    thumbs = film.sources[line.source]
    time = float(line.at(film.seconds[[run.first]])[0])
    number = int(np.abs(thumbs.seconds - time).argmin())
    if abs(float(thumbs.seconds[number]) - time) < 1e-4:
        return thumbs.index.time_of(number)
    return Fraction(round(time * 1_000_000), 1_000_000)


def _exact_speed(speed: float) -> Fraction:
    return Fraction(speed).limit_denominator(1000)


def _kind(pictures: np.ndarray) -> str:
    """What unexplained pictures are: ``colour``, ``still`` or ``foreign``."""
    if is_plain(pictures).mean() > 0.5:
        return "colour"
    if len(pictures) > 2:
        moved = np.abs(np.diff(pictures.astype(np.int16), axis=0)).mean(axis=(1, 2))
        if np.percentile(moved, 90) < 0.5:
            return "still"
    return "foreign"
