"""How sure runs are, and which of them should be looked for once more.

Another take of one scene is like a film's pictures, but less so than the right one: where the rest
of the film agrees better with its sources, it is doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources, scored
from smartcut.conforming.viewing import window_at

# Frames of a run whose window moves that are compared.
_LOOKED = 24
# A run is doubted that lacks so many times what the film's usual one lacks of full confidence, or
# that has less than this.
_LACKS, _LEAST = 2.0, 0.8


def confidence(looked: FilmAndSources, run: Run) -> float:
    """The median agreement of its frames that no transition touches, 0..1."""
    line = run.line
    assert line is not None
    first = min(run.first + max(run.blend, run.fade_in), run.last - 1)
    last = max(run.last - run.fade_out, first + 1)
    if run.end is None:
        (seen,) = scored(looked, [(line, first, last)])
        return float(np.clip(np.median(seen.agreement), 0, 1))
    numbers = np.unique(np.linspace(first, last - 1, _LOOKED).round().astype(int)).tolist()
    lines = [replace(line, window=window_at(run, n)) for n in numbers]
    seen_at = scored(looked, [(one, n, n + 1) for one, n in zip(lines, numbers, strict=True)])
    return float(np.clip(np.median([one.agreement[0] for one in seen_at]), 0, 1))


def doubtful(looked: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs without a line, and those whose line agrees less with the film than is usual.

    They are given without their line.
    """
    sure = [confidence(looked, run) if run.line else 0.0 for run in runs]
    doubts = is_doubtful(sure, [len(run) for run in runs])
    return [replace(run, line=None) for run, one in zip(runs, doubts, strict=True) if one]


def is_doubtful(sure: Sequence[float], frames: Sequence[int]) -> list[bool]:
    """Whether each of the runs is, by how sure they are, in 0..1, and how long; 0 is unknown."""
    known = np.repeat(sure, frames)
    usual = float(np.median(known[known > 0])) if known.any() else 0.0
    least = max(1 - _LACKS * (1 - usual), _LEAST)
    return [one < least for one in sure]
