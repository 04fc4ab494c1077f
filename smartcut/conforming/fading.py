"""Fades from and to black: how much of a run's pictures a film shows, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.descriptors import is_plain
from smartcut.conforming.mixing import BLACK
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.tones import toned
from smartcut.conforming.viewing import reaching, run_views

# Seconds of the longest fade, and frames of the shortest.
_LONGEST, _SHORTEST = 4.0, 4
# A fade leaves this share at most of what full pictures would leave, and they that much a frame.
_LEFT, _NEEDED = 0.1, 0.02
# The mean tone of black, in 1/255, at most.
_DARK = 40.0


def faded(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs with how long they come in from black and go out into it.

    Black frames beside them that belong to a fade become theirs.
    """
    found: list[Run] = []
    for run in runs:
        if run.line is None or run.blend:
            found.append(run)
            continue
        before = found.pop() if found else None
        found += _with_fade_in(film, before, run)
    for k, run in enumerate(found):
        after = found[k + 1] if k + 1 < len(found) else None
        if run.line is not None and not (after and after.blend):
            found[k : k + 2] = _with_fade_out(film, run, after)
    return [run for run in found if len(run)]


def _with_fade_in(film: FilmAndSources, before: Run | None, run: Run) -> list[Run]:
    room = _dark(film, before, from_end=True) if before else 0
    longest = round(_LONGEST * film.thumbs.rate)
    first, last = run.first - room, min(run.last, run.first + longest)
    ramp = ramp_of(_shares(film, run, first, last), room, 0, film.tick)
    those = [before] if before else []
    if ramp is None:
        return [*those, run]
    start, count = ramp
    run = replace(reaching(run, first + start, run.last), fade_in=count)
    return [*(replace(one, last=run.first) for one in those), run]


def _with_fade_out(film: FilmAndSources, run: Run, after: Run | None) -> list[Run]:
    room = _dark(film, after, from_end=False) if after else 0
    longest = round(_LONGEST * film.thumbs.rate)
    alone = run.first + max(run.blend, run.fade_in)
    first, last = max(alone, run.last - longest), run.last + room
    ramp = ramp_of(_shares(film, run, first, last)[::-1], room, 1, film.tick)
    those = [after] if after else []
    if ramp is None:
        return [run, *those]
    start, count = ramp
    run = replace(reaching(run, run.first, last - start), fade_out=count)
    return [run, *(replace(one, first=run.last) for one in those)]


def _dark(film: FilmAndSources, run: Run, *, from_end: bool) -> int:
    """Frames without a line that are nearly black, at the end or at the beginning of a run."""
    if run.line is not None:
        return 0
    longest = min(len(run), round(_LONGEST * film.thumbs.rate))
    part = (
        slice(run.last - longest, run.last) if from_end else slice(run.first, run.first + longest)
    )
    pictures = np.asarray(film.thumbs.pictures[part])
    dark = pictures.mean(axis=(1, 2)) < _DARK
    if from_end:
        dark = dark[::-1]
    return longest if dark.all() else int(np.argmin(dark))


def _shares(film: FilmAndSources, run: Run, first: int, last: int) -> np.ndarray:
    """float64 (n,): how much of the run's pictures frames ``first`` to ``last`` - 1 show, 0..1."""
    assert run.line is not None
    tones = toned(film, run)
    kept = ~tones.covered
    own = np.asarray(film.thumbs.pictures[first:last])[:, kept].astype(np.float64) / 255 - BLACK
    views = run_views(film, run, first, last)
    seen = tones(views)[:, kept].astype(np.float64) - BLACK
    inside = film.is_inside(run.line, first, last) & ~is_plain(views)
    shares = (own * seen).sum(axis=1) / np.maximum((seen * seen).sum(axis=1), 1e-9)
    return np.asarray(
        np.where(inside, np.clip(shares, 0, 1.2), np.where(own.mean(axis=1) < 0.02, 0, 1))
    )


def ramp_of(
    shares: np.ndarray, room: int, lead: int, tick: Tick = untold
) -> tuple[int, int] | None:
    """(start, count) of the even rise from 0 to 1 that shares have at their beginning.

    Frame ``start`` + k has the share (k + ``lead``) / ``count``; it begins among the first
    ``room`` + 1 frames. None where they do not rise so.
    """
    best: tuple[float, int, int] | None = None
    frames = np.arange(len(shares))
    for start in range(min(room + 1, len(shares))):
        tick()
        for count in range(_SHORTEST, len(shares) - start + 1):
            wanted = np.clip((frames - start + lead) / count, 0, 1)
            left = float(((shares - wanted) ** 2).sum())
            if best is None or left < best[0]:
                best = left, start, count
    if best is None:
        return None
    left, start, count = best
    inside = shares[start : start + count]
    plain = float(((inside - 1) ** 2).sum())
    beside = float(((inside - np.clip((np.arange(len(inside)) + lead) / count, 0, 1)) ** 2).sum())
    is_fade = plain > _NEEDED * count and beside < _LEFT * plain
    return (start, count) if is_fade else None
