"""Shots of a film where no source says what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from smartcut.conforming.descriptors import agreement, block_likeness, normalised
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources

# Neighbours less alike than this are of two shots; so many are compared at once.
_ANOTHER, _TOGETHER = 0.3, 512


def shots(looked: FilmAndSources, run: Run) -> Iterator[Run]:
    """A run that no line explains, divided where its pictures change at once."""
    if run.line is not None or len(run) < 3:
        yield run
        return
    alike = []
    for first in range(run.first, run.last - 1, _TOGETHER):
        last = min(first + _TOGETHER + 1, run.last)
        rows = normalised(np.asarray(looked.thumbs.pictures[first:last]))
        alike.append(agreement(*block_likeness(rows[:-1], rows[1:])))
    changes = run.first + 1 + np.flatnonzero(np.concatenate(alike) < _ANOTHER)
    edges = [run.first, *(c for c in changes.tolist()), run.last]
    for first, last in pairwise(edges):
        if last > first:
            yield replace(run, first=first, last=last)
