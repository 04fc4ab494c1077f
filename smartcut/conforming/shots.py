"""Shots of a film where no source says what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from smartcut.conforming.descriptors import block_likeness, is_plain, normalised
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources

# Neighbours less alike than this are of two shots, where they are at most so much of what those
# before and those after them are: fast movement makes all of a shot unlike. So many are compared at
# once.
_ANOTHER, _SHARE, _TOGETHER = 0.5, 0.5, 512
# Neighbours before and after a pair that it is measured by.
_AROUND = 4
# Neighbours of one colour each are of one shot below this, in tones of 1/255.
_TONES = 8.0
# Blocks count from this weight on.
_COUNTS = 0.3


def shots(looked: FilmAndSources, run: Run) -> Iterator[Run]:
    """A run that no line explains, divided where its pictures change at once."""
    if run.line is not None or len(run) < 3:
        yield run
        return
    alike = []
    for first in range(run.first, run.last - 1, _TOGETHER):
        last = min(first + _TOGETHER + 1, run.last)
        alike.append(_alike(np.asarray(looked.thumbs.pictures[first:last])))
    changes = run.first + 1 + np.flatnonzero(is_change(np.concatenate(alike)))
    edges = [run.first, *(c for c in changes.tolist()), run.last]
    for first, last in pairwise(edges):
        if last > first:
            yield replace(run, first=first, last=last)


def is_change(alike: np.ndarray) -> np.ndarray:
    """bool (n,): whether a shot ends, by how alike neighbours are, float64 (n,)."""
    padded = np.pad(alike.astype(float), _AROUND, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1)
    before = np.median(around[:, :_AROUND], axis=1)
    after = np.median(around[:, _AROUND + 1 :], axis=1)
    usual = np.maximum(np.minimum(before, after), 0)
    return np.asarray((alike < _ANOTHER) & (alike < _SHARE * usual))


def _alike(pictures: np.ndarray) -> np.ndarray:
    """float64 (n - 1,): how alike neighbours are in the middle one of their blocks.

    Captions, which stay or go in some blocks, leave that one as it is. Neighbours of one colour
    each are alike by their tones.
    """
    rows, plain = normalised(pictures), is_plain(pictures)
    likeness, weight = block_likeness(rows[:-1], rows[1:])
    counts = weight > _COUNTS
    counts[~counts.any(axis=1)] = True
    found = np.nanmedian(np.where(counts, likeness, np.nan), axis=1)
    tones = pictures.mean(axis=(1, 2))
    both = plain[:-1] & plain[1:]
    return np.asarray(np.where(both, np.abs(np.diff(tones)) < _TONES, found))
