"""From windows of speech and their vectors to who speaks when; pure.

Every frame of 50 ms is told by the windows over it, the nearest middle counting most. The path of
the highest sum is taken (Viterbi 1967): a change of speaker costs less where the sound is quieter,
and least between two stretches of speech.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

#: Seconds from one decision to the next, and from one level to the next.
FRAME, LEVEL = 0.05, 0.01
#: Seconds of a whole window.
WHOLE = 1.6
#: What a change of speaker costs, as a difference of cosines during a second...
_CHANGE = 0.06
#: ... and the share of it that is left at a pause.
_AT_PAUSE = 0.3
#: dB by which the sound falls in a gap that is as good as a pause.
_DIP = 25.0
#: A window counts for a voice where this share of it is that voice's.
_PURE = 0.8
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class HeardVoices:
    """What is known of the speech in a recording, or in several one after the other; seconds."""

    stretches: np.ndarray
    """float64 (S, 2): where somebody speaks, in order."""
    windows: np.ndarray
    """float64 (N, 2): where the voice was looked at, in order."""
    vectors: np.ndarray
    """float32 (N, D), rows of length 1."""
    levels: np.ndarray
    """float32 (L,): dB of every 10 ms."""


@dataclass(frozen=True, slots=True)
class FoundTurn:
    """Seconds, and the number of a voice."""

    start: float
    end: float
    voice: int


def joined(
    recordings: Sequence[HeardVoices], lengths: Sequence[float]
) -> tuple[HeardVoices, list[float]]:
    """Recordings of so many seconds as one, and where each begins in it."""
    starts = [0.0]
    for length in lengths:  # on whole levels, and a pause between
        starts.append(np.ceil(starts[-1] + length) + 1)
    levels = []
    for one, start, end in zip(recordings, starts[:-1], starts[1:], strict=True):
        room = round((end - start) / LEVEL)
        own = one.levels[:room]
        levels.append(np.concatenate([own, np.full(room - len(own), -100.0, np.float32)]))
    moved = [(r.stretches + at, r.windows + at) for r, at in zip(recordings, starts, strict=False)]
    whole = HeardVoices(
        np.concatenate([s for s, _ in moved]),
        np.concatenate([w for _, w in moved]),
        np.concatenate([r.vectors for r in recordings]),
        np.concatenate(levels),
    )
    return whole, starts[:-1]


def turns_of(heard: HeardVoices, labels: np.ndarray) -> list[FoundTurn]:
    """Who speaks in each stretch, divided where the speaker changes.

    ``labels`` (N,) are the voices of the windows, -1 for windows that are of none.
    """
    voices = int(labels.max(initial=-1)) + 1
    if not voices or not len(heard.stretches):
        return []
    looks = [_Look.at(heard, start, end) for start, end in heard.stretches.tolist()]
    costs = np.concatenate([look.costs for look in looks])
    shares = np.stack([labels == voice for voice in range(voices)]).astype(np.float64)
    path = np.zeros(len(costs), np.int64)
    for _ in range(_ROUNDS):
        near = heard.vectors @ centroids_of(shares, heard.vectors).T
        gains = np.concatenate([look.weights @ near[look.first : look.last] for look in looks])
        path = best_path(gains * FRAME, costs)
        shares = _shares_again(heard, looks, path, shares)
    return list(_divided(looks, path))


def centroids_of(shares: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """float64 (K, D), rows of length 1: the means of (N, D) by shares (K, N)."""
    sums = shares @ vectors
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9))


def best_path(gains: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """int64 (T,): the columns of (T, K) of the highest sum, less ``costs`` (T,) of changes."""
    best = gains[0].copy()
    came = np.zeros(gains.shape, np.int64)
    own = np.arange(gains.shape[1])
    for t in range(1, len(gains)):
        leave, to = best.max() - costs[t], int(best.argmax())
        came[t] = np.where(best >= leave, own, to)
        best = np.maximum(best, leave) + gains[t]
    path = np.zeros(len(gains), np.int64)
    path[-1] = int(best.argmax())
    for t in range(len(gains) - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    return path


@dataclass(frozen=True, slots=True)
class _Look:
    """A stretch of speech in frames, and the windows ``first`` to ``last`` - 1 that tell of it."""

    start: float
    end: float
    first: int
    last: int
    weights: np.ndarray
    """float64 (T, last - first), rows adding up to 1."""
    costs: np.ndarray
    """float64 (T,): of a change of speaker before each frame."""

    @classmethod
    def at(cls, heard: HeardVoices, start: float, end: float) -> _Look:
        count = max(1, round((end - start) / FRAME))
        times = start + (np.arange(count) + 0.5) * (end - start) / count
        first = int(np.searchsorted(heard.windows[:, 0], start - WHOLE))
        last = max(first + 1, int(np.searchsorted(heard.windows[:, 0], end)))
        first, last = min(first, len(heard.windows) - 1), min(last, len(heard.windows))
        weights = _weights(heard.windows[first:last], times)
        return cls(start, end, first, last, weights, _costs(heard.levels, times))


def _weights(windows: np.ndarray, times: np.ndarray) -> np.ndarray:
    middles, halves = windows.mean(axis=1), np.diff(windows, axis=1)[:, 0] / 2
    near = 1 - np.abs(times[:, None] - middles) / halves
    found = np.where(near > 0, near + 0.02, 0.0)
    # Where sound goes on past what the detector took for speech, the nearest window tells.
    nearest = near == near.max(axis=1, keepdims=True)
    found = np.where(found.any(axis=1, keepdims=True), found, nearest.astype(float))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _costs(levels: np.ndarray, times: np.ndarray) -> np.ndarray:
    loud = np.array([_levels(levels, t, 1.0).max(initial=-100.0) for t in times])
    edges = times - FRAME / 2
    quiet = np.array([_levels(levels, t, FRAME / 2).min(initial=0.0) for t in edges])
    pause = np.clip((loud - quiet) / _DIP, 0, 1)
    pause[0] = 1
    return np.asarray(_CHANGE * (1 - pause * (1 - _AT_PAUSE)))


def _levels(levels: np.ndarray, time: float, reach: float) -> np.ndarray:
    first = max(0, int((time - reach) / LEVEL))
    return levels[first : int((time + reach) / LEVEL) + 1]


def _shares_again(
    heard: HeardVoices, looks: Sequence[_Look], path: np.ndarray, before: np.ndarray
) -> np.ndarray:
    """How much each window counts for each voice: as far as it is of one, and by its length."""
    belongs, at = np.zeros_like(before), 0
    for look in looks:
        own = path[at : at + len(look.costs)]
        at += len(look.costs)
        for voice in np.unique(own):
            belongs[voice, look.first : look.last] += look.weights[own == voice].sum(axis=0)
    belongs /= np.maximum(belongs.sum(axis=0), 1e-9)
    lengths = np.minimum(np.diff(heard.windows, axis=1)[:, 0] / WHOLE, 1)
    found = np.where(belongs >= _PURE, belongs, 0.0) * lengths
    return np.where(found.any(axis=1, keepdims=True), found, before)


def _divided(looks: Sequence[_Look], path: np.ndarray) -> Iterator[FoundTurn]:
    at = 0
    for look in looks:
        count = len(look.costs)
        own, at = path[at : at + count], at + count
        step = (look.end - look.start) / count
        edges = [0, *(np.flatnonzero(np.diff(own)) + 1).tolist(), count]
        for first, last in pairwise(edges):
            end = look.end if last == count else look.start + last * step
            yield FoundTurn(look.start + first * step, end, int(own[first]))
