"""Lines in scenes that stand still: nearly all their frames are alike, so any line may be guessed.

Small pictures of a few frames of a run are compared with all frames around its guess, at all usual
speeds; where another line is clearly more alike, it is taken.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smartcut.conforming.descriptors import unit_rows, viewed
from smartcut.conforming.lines import Line
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources

# Speeds that are tried beside that of the guess.
_SPEEDS = (1.0, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0, 4.0)
# Frames of a run that are compared, seconds from the first to the last of them at most, and seconds
# of the source around them.
_FRAMES, _LONGEST, _AROUND = 24, 20.0, 8.0
# A line is clearly more alike, over a run of so many frames; half as long ones have to be twice as
# much.
_CLEARLY, _OVER = 0.001, 50
# Pictures that differ by less, in tones of 1/255, are of one still.
_STILL = 0.6


def over_a_still(film: FilmAndSources, run: Run) -> Line | None:
    """The line at the usual speed, or held, where nothing changes in its source; else None."""
    line = run.line
    assert line is not None
    thumbs = film.sources[line.source]
    first, last = film.seconds[[run.first, run.last - 1]]
    begins, ends = float(thumbs.seconds[0]), float(thumbs.seconds[-1])
    is_long = ends - begins >= last - first
    start = float(
        np.clip(line.at(np.array([first]))[0], begins, max(begins, ends - (last - first)))
    )
    one, other = thumbs.shown_at(np.array([start, start + (last - first)]), 0.0).tolist()
    pictures = np.asarray(thumbs.pictures[one : other + 1 : max(1, (other - one) // _FRAMES)])
    apart = np.abs(pictures.astype(np.float32) - pictures[0]).mean(axis=(1, 2)).max()
    if apart > _STILL:
        return None
    speed = 1.0 if is_long else 0.0
    return replace(line, start=float(thumbs.seconds[one]) - speed * first, speed=speed)


def nearby_line(film: FilmAndSources, run: Run) -> Line:
    """The run's line, or one of the same scene that its frames are clearly more alike to."""
    line = run.line
    assert line is not None
    still = over_a_still(film, run)
    if still is not None:
        return still
    middle, half = (run.first + run.last - 1) / 2, _LONGEST * film.thumbs.rate / 2
    ends = max(run.first, middle - half), min(run.last - 1, middle + half)
    numbers = np.unique(np.linspace(*ends, _FRAMES).round().astype(int))
    times = film.seconds[numbers]
    thumbs = film.sources[line.source]
    shown = line.at(times)
    wide = np.array([shown.min() - _AROUND, shown.max() + _AROUND])
    first, last = thumbs.shown_at(wide, 0.0)
    own = unit_rows(np.asarray(film.thumbs.pictures[numbers]))
    pictures = np.asarray(thumbs.pictures[first : last + 1])
    likeness = own @ unit_rows(viewed(pictures, line.window)).T
    seconds = thumbs.seconds[first : last + 1]
    early = film.early(line.source)

    def values(speed: float, starts: np.ndarray) -> np.ndarray:
        """The mean likeness of lines of that speed that begin at these times."""
        at = starts[:, None] + speed * (times - times[0])
        found = np.searchsorted(seconds, at + early, side="right") - 1
        outside = (found < 0) | (at > seconds[-1] + 1 / thumbs.rate)
        inside = likeness[np.arange(len(times)), np.clip(found, 0, len(seconds) - 1)]
        return np.asarray(np.where(outside, -1, inside).mean(axis=1))

    step = 0.5 / thumbs.rate
    near = shown[0] + step * np.arange(-2, 3)
    best = line, float(values(line.speed, near).max())
    for speed in dict.fromkeys((*_SPEEDS, line.speed)):
        film.tick()
        starts = np.arange(seconds[0], seconds[-1], step)
        tried = values(speed, starts)
        top = int(tried.argmax())
        if tried[top] > best[1] + _CLEARLY * _OVER / len(run):
            start = float(starts[top] - speed * times[0])
            best = replace(line, start=start, speed=speed), float(tried[top])
    return best[0]
