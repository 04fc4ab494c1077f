"""Which windows are of one voice, and how each voice sounds; pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smartcut.diarising.clusters import FEWEST, voices_of
from smartcut.diarising.turns import WHOLE, FoundTurn, HeardVoices, centroids_of

#: Seconds of a window from which on it is clustered.
_CLUSTERED = 1.2


def voices_in(heard: HeardVoices, least: int = 1, most: int | None = None) -> np.ndarray:
    """int64 (N,): the voice of each window, -1 for windows that are too short to tell by."""
    lengths = np.diff(heard.windows, axis=1)[:, 0]
    told = lengths >= _CLUSTERED
    if told.sum() < FEWEST:
        told = np.ones(len(lengths), bool)
    labels = np.full(len(lengths), -1)
    times = heard.windows[told, 0] / WHOLE
    labels[told] = voices_of(heard.vectors[told], times, least, most)
    return labels


def count_of(turns: Sequence[FoundTurn]) -> int:
    """How many voices speak."""
    return len({turn.voice for turn in turns})


def centroids_in(heard: HeardVoices, turns: Sequence[FoundTurn]) -> np.ndarray:
    """float64 (K, D): how each voice sounds, by the windows within its turns."""
    starts = np.array([turn.start for turn in turns])
    middles = heard.windows.mean(axis=1)
    place = np.clip(np.searchsorted(starts, middles, side="right") - 1, 0, None)
    own = np.array([turn.voice for turn in turns])[place]
    lengths = np.diff(heard.windows, axis=1)[:, 0]
    shares = np.stack([(own == voice) * lengths for voice in range(own.max() + 1)])
    return centroids_of(shares, heard.vectors)
