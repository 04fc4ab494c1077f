"""What runs show in a film's frames, those whose window moves as well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.windows import PictureWindow, between


def run_views(film: FilmAndSources, run: Run, first: int, last: int) -> np.ndarray:
    """uint8 (n, h, w): what the run would show in frames ``first`` to ``last`` - 1.

    They may lie beyond the run: its window then goes on as it moved.
    """
    assert run.line is not None
    if run.end is None:
        return film.views(run.line, first, last)
    views = [
        film.views(replace(run.line, window=window_at(run, number)), number, number + 1)
        for number in range(first, last)
    ]
    return np.concatenate(views)


def window_at(run: Run, number: int) -> PictureWindow:
    """The window through which the run shows its source in a frame."""
    assert run.line is not None
    if run.end is None:
        return run.line.window
    share = (number - run.first) / max(run.last - 1 - run.first, 1)
    return between(run.line.window, run.end, share)


def reaching(run: Run, first: int, last: int) -> Run:
    """The run over other frames; what moves goes on as it did."""
    if run.end is None or run.line is None:
        return replace(run, first=first, last=last)
    line = replace(run.line, window=window_at(run, first))
    return replace(run, first=first, last=last, line=line, end=window_at(run, last - 1))
