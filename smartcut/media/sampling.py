"""Which frames answer a wish, and what decoding only those costs; pure.

Costs are counted in frames of an ordinary pass through the whole file. They were measured on
1080p H.264 and need only be near: on both sides of the limit the two ways cost about the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.media.index import VideoIndex
from smartcut.stage import Frames

# A key frame holds more than others, and the frames after it do not keep the decoder busy.
KEY_COST = 4.0
# Of frames on the way to a wanted one, those that no other refers to are skipped.
BETWEEN_COST = 0.65
# Frames near the asked times are taken only where that saves at least a quarter.
_SAVES = 0.75


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding ``wanted`` frames takes: ``runs`` from a key frame, of ``frames`` in all."""

    runs: int
    frames: int
    wanted: int
    bases: int = 0
    """Of the frames, those in runs of which no B picture is decoded."""

    @property
    def total(self) -> float:
        """In ordinary frames."""
        whole = max(self.wanted - self.runs, 0)
        between = max(self.frames - self.bases - self.runs - whole, 0)
        return KEY_COST * self.runs + max(whole, self.bases) + BETWEEN_COST * between


@dataclass(frozen=True, slots=True)
class Run:
    """Packets to decode, from a frame where decoding can start: places in the file's order."""

    first: int
    last: int
    wanted: frozenset[int]
    """The numbers of the frames that are decoded for."""
    is_base: bool
    """None of them needs a B picture, so none is decoded."""


def runs(numbers: np.ndarray, index: VideoIndex) -> np.ndarray:
    """int64 (R, 2): the packets to decode for the frames with these rising ``numbers``.

    First and last place in the file's order of packets, each run from a frame where decoding can
    start; runs neither overlap nor touch.
    """
    if not len(numbers):
        return np.zeros((0, 2), np.int64)
    position = index.position
    starts = np.flatnonzero(index.is_start)
    first = position[starts[np.searchsorted(starts, numbers, side="right") - 1]]
    last = position[numbers]
    order = np.lexsort((last, first))
    first, last = first[order], np.maximum.accumulate(last[order])
    fresh = np.concatenate([[True], first[1:] > last[:-1] + 1])
    ends = np.append(np.flatnonzero(fresh)[1:] - 1, len(last) - 1)
    return np.stack([first[fresh], last[ends]], axis=1)


def sparse_runs(numbers: Sequence[int], index: VideoIndex) -> list[Run]:
    """The same, with what is wanted of each."""
    rising = np.asarray(numbers, np.int64)
    found = runs(rising, index)
    of_run = np.searchsorted(found[:, 0], index.position[rising], side="right") - 1
    parts = (
        np.split(rising, np.searchsorted(of_run, np.arange(1, len(found)))) if len(found) else []
    )
    return [  # without runs the only part is empty, and is not looked at
        Run(first, last, frozenset(part.tolist()), _are_base(part, index))
        for (first, last), part in zip(found.tolist(), parts, strict=False)
    ]


def _are_base(numbers: np.ndarray, index: VideoIndex) -> bool:
    return index.is_base is not None and bool(index.is_base[numbers].all())


def cost_of(numbers: np.ndarray, index: VideoIndex) -> Cost:
    """What decoding only these frames takes."""
    found = sparse_runs(numbers.tolist(), index)
    frames = bases = 0
    for run in found:
        if run.is_base and index.is_base is not None:
            alone = int(index.is_base[index.order[run.first : run.last + 1]].sum())
            frames, bases = frames + alone, bases + alone - 1  # the key frame counts by itself
        else:
            frames += run.last - run.first + 1
    return Cost(len(found), frames, len(numbers), bases)


@dataclass(frozen=True, eq=False)
class Sampling:
    """The frames that answer a wish for a rate: ``numbers[k]`` at the time k / rate."""

    first: int
    """The first k."""
    numbers: np.ndarray
    near: int
    """How many of them are frames near the time, not those shown then."""
    within: Fraction
    """How far those may lie from the time, in seconds."""
    are_keys: bool = True
    """Those are key frames; else frames before the time that need no B picture."""


def sampled(wish: Frames, index: VideoIndex) -> Sampling:
    """The frames for a wish for a rate, whatever else is decoded at the same time.

    Each is the frame shown at the asked time; or, if the wish allows it and if that saves at
    least a quarter of the cost, the nearest key frame, or the last frame that needs no B picture:
    whichever of the two is cheaper for all. That one is never further off than ``wish.within``,
    nor than the next asked time; and a key frame never lies after the time if it came early,
    because encoders put such key frames at cuts.
    """
    assert isinstance(wish.every, Fraction)
    rate = wish.every
    first = max(0, int(-(-index.time_of(0) * rate // 1)))
    exact, k = [], first
    while (time := k / rate) < index.end:
        exact.append(index.frame_at(time))
        k += 1
    numbers = np.array(exact, np.int64)
    within = min(wish.within, 1 / rate)
    if within > 0 and len(exact):
        others = [
            _nearest(numbers, first, rate, within, index),
            _before(numbers, first, rate, within, index),
        ]
        costs = [cost_of(np.unique(other), index).total for other in others]
        best = costs.index(min(costs))
        if costs[best] <= _SAVES * min(cost_of(np.unique(numbers), index).total, len(index)):
            near = others[best]
            return Sampling(first, near, int((near != numbers).sum()), within, best == 0)
    return Sampling(first, numbers, 0, within)


def _before(
    exact: np.ndarray, first: int, rate: Fraction, within: Fraction, index: VideoIndex
) -> np.ndarray:
    """For each time the last frame that needs no B picture, if it is near, else the exact one."""
    if index.is_base is None:
        return exact
    base = np.flatnonzero(index.is_base)
    before = base[np.searchsorted(base, exact, side="right") - 1]
    is_near = [
        (first + k) / rate - index.time_of(number) <= within
        for k, number in enumerate(before.tolist())
    ]
    return np.where(is_near, before, exact)


def _nearest(
    exact: np.ndarray, first: int, rate: Fraction, within: Fraction, index: VideoIndex
) -> np.ndarray:
    """For each time the nearest key frame that may stand for it, else the exact frame."""
    starts = np.flatnonzero(index.is_start)
    longest = int(np.diff(starts).max(initial=0))
    found = exact.copy()
    for i, number in enumerate(exact.tolist()):
        time = (first + i) / rate
        at = int(np.searchsorted(starts, number, side="right")) - 1
        before = int(starts[at])
        best = time - index.time_of(before)
        if before == number or best <= within:
            found[i] = before
        if before == number or at + 1 == len(starts):
            continue
        after = int(starts[at + 1])
        is_regular = after - before >= longest
        distance = index.time_of(after) - time
        if is_regular and distance <= within and distance < best:
            found[i] = after
    return found


def wanted_frames(wish: Frames, index: VideoIndex) -> Iterator[tuple[int, Fraction]]:
    """(frame number, time to report) of every picture that the wish is to get, in order."""
    if wish.every == "frame":
        yield from ((n, index.time_of(n)) for n in range(len(index)))
    elif wish.every == "key":
        yield from ((int(n), index.time_of(int(n))) for n in np.flatnonzero(index.is_start))
    else:
        found = sampled(wish, index)
        only = set(wish.only)
        for k, number in enumerate(found.numbers.tolist(), found.first):
            if not only or k in only:
                yield number, k / wish.every
