"""Slow zooms and pans over a source: windows that move along a run, from one place to another.

Through windows that stand, such a stretch is found as several runs of one source in which time goes
on. They are one run, where the windows found in its frames move evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.aligning import laid_over
from smartcut.conforming.descriptors import agreement, block_likeness, normalised
from smartcut.conforming.doubt import confidence
from smartcut.conforming.lines import Line
from smartcut.conforming.path import EXPLAINED, Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.standing import over_a_still
from smartcut.conforming.viewing import reaching, run_views, window_at
from smartcut.conforming.windows import PictureWindow

# Frames of a run in which its window is looked for, and those that have to show one.
_FRAMES, _SEEN = 16, 6
# Edges move when they do so by this share of the picture, and evenly when they lie this near to
# their line; a moving one is this many times nearer to it than to one that stands.
_MOVES, _EVEN, _BETTER = 0.02, 0.012, 3.0
# The share of the windows that have to be right.
_RIGHT = 0.75
# Seconds between two runs in which nothing is found, at most, and of a run that may move.
_BETWEEN, _SHORTEST = 1.6, 0.6
# Times that windows are found again, from those of an even move through them.
_AGAIN = 2
# Pictures differing by less, in tones of 1/255, show one moment.
_SAME = 2.0


def moved(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs, those joined and marked over which a window moves."""
    found: list[Run] = []
    k = 0
    while k < len(runs):
        longest = _chain(film, runs, k)
        for end in range(longest, k, -1):
            if runs[end - 1].line is None:
                continue
            moving = _moving(film, runs[k:end])
            if moving is not None and confidence(film, moving) >= EXPLAINED:
                rest = runs[end] if end < len(runs) else None
                found, grown, later = _grown(film, found, moving, rest)
                still = over_a_still(film, grown)
                found.append(replace(grown, line=still) if still else grown)
                if later is not None and later is not rest:
                    found.extend([later] if len(later) else [])
                    end += 1
                k = end
                break
        else:
            found.append(runs[k])
            k += 1
    return found


def _chain(film: FilmAndSources, runs: Sequence[Run], first: int) -> int:
    """One past the last run in which the time of the first goes on."""
    end, known = first + 1, runs[first]
    if known.line is None:
        return end
    for k in range(first + 1, len(runs)):
        run = runs[k]
        if run.blend:
            return end
        if run.line is None:
            if len(run) > _BETWEEN * film.thumbs.rate:
                return end
            continue
        if not _goes_on(film, known, run):
            return end
        known, end = run, k + 1
    return end


def _goes_on(film: FilmAndSources, before: Run, after: Run) -> bool:
    """Whether both lines show the same moments of one source, at their join."""
    one, other = before.line, after.line
    assert one is not None
    assert other is not None
    if one.source != other.source or one.window.mirrored != other.window.mirrored:
        return False
    frames = np.array([before.last - 1, (before.last + after.first) // 2, after.first])
    shown = [np.concatenate([film.shown(line, f, f + 1) for f in frames]) for line in (one, other)]
    if np.abs(shown[0] - shown[1]).max() <= 2:
        return True
    pictures = film.sources[one.source].pictures
    first, second = (np.asarray(pictures[numbers]).astype(np.float32) for numbers in shown)
    return bool(np.abs(first - second).mean(axis=(1, 2)).max() < _SAME)


def _moving(film: FilmAndSources, runs: Sequence[Run]) -> Run | None:
    """The runs as one whose window moves; None where it does not do so evenly."""
    whole = replace(runs[0], last=runs[-1].last, fade_out=runs[-1].fade_out)
    alone = whole.first + whole.blend
    if whole.last - alone < _SHORTEST * film.thumbs.rate:
        return None
    numbers = np.unique(np.linspace(alone, whole.last - 1, _FRAMES).round().astype(int))
    longest = _typical(runs)
    moving = _evenly(film, whole, longest, numbers, [_nearest(runs, n) for n in numbers.tolist()])
    for _ in range(_AGAIN):  # from where it is by now, windows are found that lay too far away
        if moving is not None and moving.line is not None:
            line = moving.line
            near = [replace(line, window=window_at(moving, n)) for n in numbers.tolist()]
            moving = _evenly(film, whole, longest, numbers, near) or moving
    return moving


def _grown(
    film: FilmAndSources, before: list[Run], run: Run, after: Run | None
) -> tuple[list[Run], Run, Run | None]:
    """The run with those frames beside it, of runs without a line, that it explains as it goes on.

    The answer is all of what is before, the run, and what is left after it.
    """
    last = before[-1] if before else None
    if last is not None and last.line is None:
        count = _explained(film, run, last.first, last.last, from_end=True)
        run = reaching(run, run.first - count, run.last)
        left = replace(last, last=last.last - count)
        before = [*before[:-1], left] if len(left) else before[:-1]
    if after is not None and after.line is None:
        count = _explained(film, run, after.first, after.last, from_end=False)
        run = reaching(run, run.first, run.last + count)
        after = replace(after, first=after.first + count) if count else after
    return before, run, after


def _explained(film: FilmAndSources, run: Run, first: int, last: int, *, from_end: bool) -> int:
    """How many frames next to a run, of those from ``first`` to ``last`` - 1, it explains."""
    most = round(_BETWEEN * film.thumbs.rate)
    first, last = (max(first, last - most), last) if from_end else (first, min(last, first + most))
    own = normalised(np.asarray(film.thumbs.pictures[first:last]))
    alike = block_likeness(own, normalised(run_views(film, run, first, last)))
    explains = agreement(*alike) >= EXPLAINED
    if from_end:
        explains = explains[::-1]
    return len(explains) if explains.all() else int(np.argmin(explains))


def _evenly(
    film: FilmAndSources, whole: Run, longest: Run, numbers: np.ndarray, near: Sequence[Line]
) -> Run | None:
    """The run ``whole`` with the windows found from ``near``, lines of its frames ``numbers``."""
    found = [_window_at(film, line, n) for line, n in zip(near, numbers.tolist(), strict=True)]
    seen = [(n, w) for n, w in zip(numbers.tolist(), found, strict=True) if w is not None]
    if len(seen) < _SEEN:
        return None
    places = np.array([n for n, _ in seen], float)
    edges = np.array([(w.left, w.top, w.right, w.bottom) for _, w in seen])
    ends = even_move(places, edges, np.array([whole.first, whole.last - 1], float))
    if ends is None:
        return None
    assert longest.line is not None
    start, end = (
        PictureWindow(left, top, right, bottom, longest.line.window.mirrored)
        for left, top, right, bottom in ends.tolist()
    )
    return replace(whole, line=replace(longest.line, window=start), end=end)


def _typical(runs: Sequence[Run]) -> Run:
    """The longest run of the median speed: a window that stands leads astray to both sides."""
    known = [(run.line.speed, run) for run in runs if run.line is not None]
    speeds = np.repeat([speed for speed, _ in known], [len(run) for _, run in known])
    usual = np.sort(speeds)[len(speeds) // 2]
    return max((run for speed, run in known if speed == usual), key=len)


def _nearest(runs: Sequence[Run], number: int) -> Line:
    """The line of the run nearest to a frame of the film."""
    known = [run for run in runs if run.line is not None]
    nearest = min(known, key=lambda run: max(run.first - number, number - run.last + 1, 0))
    assert nearest.line is not None
    return nearest.line


def _window_at(film: FilmAndSources, line: Line, number: int) -> PictureWindow | None:
    """The window near that of a line through which a frame of the film shows its source."""
    source = film.sources[line.source]
    picture = np.asarray(film.thumbs.pictures[number])
    own = np.ascontiguousarray(picture[:, ::-1]) if line.window.mirrored else picture
    theirs = np.asarray(source.pictures[film.shown(line, number, number + 1)[0]])
    return laid_over(own, theirs, replace(line.window, mirrored=False))


def even_move(places: np.ndarray, edges: np.ndarray, at: np.ndarray) -> np.ndarray | None:
    """The edges at two places, where they move evenly; None where they stand, or jump.

    ``edges`` are float64 (n, 4) in shares at ``places``; up to a quarter of them may be wrong. Even
    is what moves the enlarged picture evenly, see :func:`windows.between`.
    """
    there = _enlarged(edges)
    kept = np.ones(len(places), bool)
    for _ in range(3):
        slopes = np.polyfit(places[kept], there[kept], 1)
        apart = np.abs(_edges(np.outer(places, slopes[0]) + slopes[1]) - edges).max(axis=1)
        kept = apart <= max(_EVEN / 2, float(np.quantile(apart, _RIGHT)))
    found = _edges(np.outer(at, slopes[0]) + slopes[1])
    off = float(apart[kept].max())
    stands = np.abs(edges[kept] - np.median(edges, axis=0)).max()
    moves = np.abs(found[1] - found[0]).max() >= _MOVES
    is_even = off <= _EVEN and stands > _BETTER * off
    return found if moves and is_even else None


def _enlarged(edges: np.ndarray) -> np.ndarray:
    """(enlargement across and down, shift across and down) of the picture, float64 (n, 4)."""
    sizes = edges[:, 2:] - edges[:, :2]
    return np.concatenate([1 / sizes, edges[:, :2] / sizes], axis=1)


def _edges(enlarged: np.ndarray) -> np.ndarray:
    corner = enlarged[:, 2:] / enlarged[:, :2]
    return np.concatenate([corner, corner + 1 / enlarged[:, :2]], axis=1)
