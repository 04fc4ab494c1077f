"""Which frames answer a wish, and what decoding only those costs; pure.

Costs are counted in frames of an ordinary pass through the whole file. They were measured on
1080p H.264 and need only be near: on both sides of the limit the two ways cost about the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from smartcut.media.index import VideoIndex
from smartcut.stage import Frames

# A key frame holds more than others, and the frames after it do not keep the decoder busy.
KEY_COST = 4.0
# Of frames on the way to a wanted one, those that no other refers to are skipped.
BETWEEN_COST = 0.65
# Key frames near the asked times are taken only where that saves at least a quarter.
_SAVES = 0.75


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding ``wanted`` frames takes: ``runs`` from a key frame, of ``frames`` in all."""

    runs: int
    frames: int
    wanted: int

    @property
    def total(self) -> float:
        """In ordinary frames."""
        whole = max(self.wanted - self.runs, 0)
        between = self.frames - self.runs - whole
        return KEY_COST * self.runs + whole + BETWEEN_COST * between


def runs(numbers: np.ndarray, index: VideoIndex) -> np.ndarray:
    """int64 (R, 2): the packets to decode for the frames with these rising ``numbers``.

    First and last place in the file's order of packets, each run from a frame where decoding can
    start; runs neither overlap nor touch.
    """
    if not len(numbers):
        return np.zeros((0, 2), np.int64)
    position = np.empty_like(index.order)
    position[index.order] = np.arange(len(index))
    starts = np.flatnonzero(index.is_start)
    first = position[starts[np.searchsorted(starts, numbers, side="right") - 1]]
    last = position[numbers]
    order = np.lexsort((last, first))
    first, last = first[order], np.maximum.accumulate(last[order])
    fresh = np.concatenate([[True], first[1:] > last[:-1] + 1])
    ends = np.append(np.flatnonzero(fresh)[1:] - 1, len(last) - 1)
    return np.stack([first[fresh], last[ends]], axis=1)


def cost_of(numbers: np.ndarray, index: VideoIndex) -> Cost:
    """What decoding only these frames takes."""
    found = runs(numbers, index)
    return Cost(len(found), int((found[:, 1] - found[:, 0] + 1).sum()), len(numbers))


@dataclass(frozen=True, eq=False)
class Sampling:
    """The frames that answer a wish for a rate: ``numbers[k]`` at the time k / rate."""

    first: int
    """The first k."""
    numbers: np.ndarray
    near: int
    """How many of them are key frames near the time, not the frames shown then."""
    within: Fraction
    """How far those may lie from the time, in seconds."""


def sampled(wish: Frames, index: VideoIndex) -> Sampling:
    """The frames for a wish for a rate, whatever else is decoded at the same time.

    Each is the frame shown at the asked time; or, if the wish allows it and if that saves at
    least a quarter of the cost, the nearest key frame. That one is never further off than
    ``wish.within``, nor than the next asked time; and it never lies after the time if it came
    early, because encoders put such key frames at cuts.
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
        near = _nearest(numbers, first, rate, within, index)
        cost = min(cost_of(np.unique(numbers), index).total, len(index))
        if cost_of(np.unique(near), index).total <= _SAVES * cost:
            return Sampling(first, near, int((near != numbers).sum()), within)
    return Sampling(first, numbers, 0, within)


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
