"""Which of several recordings is shown when: by who is heard loudest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

#: Seconds from one decision to the next.
STEP = Fraction(1, 10)
# dB below a recording's usual loud level under which nobody speaks there, and dB that count most.
_QUIET, _MOST = -20.0, 12.0


@dataclass(frozen=True, slots=True)
class ShownCamera:
    """A recording, and when it is shown in the event's time."""

    source: str
    range: Range


def by_loudness(levels: np.ndarray, there: np.ndarray, least: Fraction) -> np.ndarray:
    """int (steps,): which recording is shown at each step.

    ``levels`` (recordings, steps) are in dB, nan where nothing is known; ``there`` (recordings,
    steps) says which can be shown. A change has to pay for ``least`` seconds.
    """
    import numpy as np

    known = np.where(np.isnan(levels), -90.0, levels)
    heard = [row[row > -69] for row in known]
    usual = np.array([np.quantile(row, 0.9) if len(row) else 0.0 for row in heard])
    beside = known - usual[:, None]
    spoken = beside.max(axis=0) > _QUIET
    others = np.array([
        np.delete(beside, i, axis=0).max(axis=0) if len(beside) > 1 else beside[i] * 0
        for i in range(len(beside))
    ])  # fmt: skip
    gains = np.clip(beside - others, -_MOST, _MOST) * spoken
    gains = np.where(there, gains, -1e6)
    return _longest(gains, float(least / STEP))


def _longest(gains: np.ndarray, least: float) -> np.ndarray:
    """int (steps,): the rows of the highest sum, where each lasts ``least`` steps if it can."""
    import numpy as np

    cost = _MOST * least / 2
    best, came = gains[:, 0], []
    for column in gains.T[1:]:
        jump, to = best.max() - cost, int(best.argmax())
        came.append(np.where(best >= jump, np.arange(len(best)), to))
        best = np.maximum(best, jump) + column
    path = [int(best.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return _without_short(np.array(path[::-1]), gains, least)


def _without_short(path: np.ndarray, gains: np.ndarray, least: float) -> np.ndarray:
    """The same without those that are too short, which go to the one before where that is there."""
    import numpy as np

    path = path.copy()
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    for start, end in pairwise(edges):
        before = path[start - 1] if start else None
        if before is not None and end - start < least and (gains[before, start:end] > -1e5).all():
            path[start:end] = before
    return path


def runs(path: np.ndarray, names: Sequence[str], end: Fraction) -> list[ShownCamera]:
    """What is shown one after the other, until ``end``."""
    import numpy as np

    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist()]
    starts = [edge * STEP for edge in edges]
    ends = [*starts[1:], end]
    return [
        ShownCamera(names[int(path[edge])], Range(start, until))
        for edge, start, until in zip(edges, starts, ends, strict=True)
        if start < until
    ]
