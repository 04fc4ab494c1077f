"""The path of a crop: where it stands at each time, so that it holds what it should and is calm.

Of all paths on a grid the best one is found by dynamic programming over place and speed: what it
leaves out costs, and so do moving and changing speed (both by their amount, so that a path stands,
or moves evenly, as in M. Grundmann, V. Kwatra and I. Essa, "Auto-directed video stabilization
with robust L1 optimal camera paths", CVPR 2011). Speed and acceleration are bounded. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

#: Places that the picture's side is divided into.
GRID = 160
#: A path is planned at steps of so many seconds.
STEP = Fraction(1, 8)
#: Points of the finished path for each step.
_FINER = 2
#: What moving by a place costs, and what changing the speed by a place a step does, where a place
#: too far from what is followed costs 1 each step.
_MOVING, _TURNING = 1.0, 4.0
#: What a place off the middle costs in the dead zone.
_CENTRED = 0.05
#: What each place costs by which it is cut off: more than any detour.
_OUTSIDE = 1000.0
#: What it costs to leave out all there is to see, and the middle share of a crop.
_HELD, _INNER = 40.0, 0.6
#: A speed is reached, or given up, in so many seconds.
_START = Fraction(1, 2)
#: Points nearer to a straight line than this share of the picture are left out.
_STRAIGHT = 0.0002
#: Steps that are planned at once: about ten minutes.
_MOST = 4800


@dataclass(frozen=True, slots=True)
class Calm:
    """How a path moves."""

    deadzone: float = 0.15
    """How far from the middle, as a share of the crop's side, is followed by no move."""
    smooth: Fraction = Fraction(1)
    """Seconds over which a move begins and ends."""
    max_speed: float = 0.6
    """Shares of the picture's side a second."""


def places(crop: float) -> np.ndarray:
    """float64 (P,): the middles at which a crop of that share of the side can stand."""
    room = max(0.0, 1 - crop)
    count = max(1, round(room * GRID)) + 1 if room > 1e-9 else 1
    return crop / 2 + np.linspace(0, room, count)


def following(
    near: np.ndarray, far: np.ndarray, crop: float, deadzone: float, margin: float = 0.1
) -> np.ndarray:
    """float64 (T, P): what each place costs where a stretch ``near``..``far`` is followed.

    Both are (T,), in shares of the side; NaN where there is nothing to follow. The stretch and
    ``margin`` of its length on either side are to be within the crop, as far as they fit.
    """
    middles = places(crop)[None, :]
    middle, half = (near + far)[:, None] / 2, (far - near)[:, None] / 2
    needed = np.minimum(half * (1 + 2 * margin), crop / 2)
    outside = np.maximum(np.abs(middles - middle) + needed - crop / 2, 0)
    # A place at the picture's edge may be the best there is.
    outside -= outside.min(axis=1, keepdims=True)
    away = np.abs(middles - middle)
    # Within the dead zone the middle is still the best place to stand.
    off = np.maximum(away - deadzone * crop, 0) + _CENTRED * away
    off -= off.min(axis=1, keepdims=True)
    costs = GRID * (off + _OUTSIDE * outside)
    return np.nan_to_num(costs, nan=0.0)


def holding(weights: np.ndarray, crop: float) -> np.ndarray:
    """float64 (T, P): what each place costs by the share of ``weights`` that it leaves out.

    ``weights`` (T, n) says how much there is to see in each of n even parts of the side. What is
    near the crop's edge counts half.
    """
    inner = shares_inside(weights, crop, _INNER * crop)
    return _HELD * (1 - (shares_inside(weights, crop) + inner) / 2)


def shares_inside(weights: np.ndarray, crop: float, within: float | None = None) -> np.ndarray:
    """float64 (T, P): the share of the weights inside the crop at each place; 1 where none are.

    ``within`` is the share of the side around the place that counts, without it the crop.
    """
    half = (crop if within is None else within) / 2
    sums = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights, axis=1)], axis=1)
    edges, middles = np.linspace(0, 1, weights.shape[1] + 1), places(crop)
    low = np.array([np.interp(middles - half, edges, row) for row in sums])
    high = np.array([np.interp(middles + half, edges, row) for row in sums])
    total = sums[:, -1:]
    return np.where(total > 0, (high - low) / np.maximum(total, 1e-12), 1.0)


def best_path(costs: np.ndarray, crop: float, calm: Calm) -> np.ndarray:
    """float64 (T,): the middles of the cheapest path through costs (T, P), at steps of STEP."""
    grid = places(crop)
    if len(grid) == 1:
        return np.full(len(costs), grid[0])
    spacing = grid[1] - grid[0]
    fastest = max(1, round(calm.max_speed * float(STEP) / spacing))
    found: list[np.ndarray] = []
    state: tuple[int, int] | None = None
    for first in range(0, len(costs), _MOST):
        part, state = _planned(costs[first : first + _MOST], fastest, state)
        found.append(part)
    return np.asarray(grid[np.concatenate(found)], np.float64)


def _planned(
    costs: np.ndarray, fastest: int, state: tuple[int, int] | None
) -> tuple[np.ndarray, tuple[int, int]]:
    """(places (T,), (place, speed) at the end), going on from a ``state`` before the first."""
    count = costs.shape[1]
    speeds = np.arange(-fastest, fastest + 1)
    change = np.abs(speeds[:, None] - speeds[None, :])  # (new, old)
    turning = np.where(
        change <= max(1, round(fastest * float(STEP / _START))), _TURNING * change, np.inf
    )
    moving = _MOVING * np.abs(speeds)
    came = np.arange(count)[:, None] - speeds[None, :]  # (place, speed): where from
    is_there = (came >= 0) & (came < count)
    came = np.clip(came, 0, count - 1)
    best = np.full((count, len(speeds)), np.inf)
    if state is None:
        best[:] = costs[0][:, None]
        start = 1
    else:
        best[state] = 0
        start = 0
    before = np.zeros((len(costs), count, len(speeds)), np.int16)
    for step in range(start, len(costs)):
        options = best[:, None, :] + turning[None, :, :]  # (place, new speed, old speed)
        old = options.argmin(axis=2)
        cheapest = np.take_along_axis(options, old[:, :, None], axis=2)[:, :, 0]
        row = np.arange(len(speeds))[None, :]
        best = np.where(is_there, cheapest[came, row] + moving, np.inf) + costs[step][:, None]
        before[step] = old[came, row]
    end = divmod(int(best.argmin()), len(speeds))
    found = [end[0]]
    place, speed = end
    for step in range(len(costs) - 1, 0, -1):
        place, speed = int(came[place, speed]), int(before[step, place, speed])
        found.append(place)
    return np.array(found[::-1]), end


def smoothed(path: np.ndarray, smooth: Fraction) -> np.ndarray:
    """float64 (2 T - 1,): the path at twice as many points, its turns rounded."""
    count = len(path)
    fine = np.interp(np.arange((count - 1) * _FINER + 1) / _FINER, np.arange(count), path)
    half = round(smooth / STEP * _FINER / 2)
    if half < 1 or len(fine) < 2:
        return fine
    kernel = np.concatenate([np.arange(1, half + 1), np.arange(half - 1, 0, -1)]).astype(float)
    reach = len(kernel) // 2
    # Beyond its ends a path goes on as it came, so that an even move stays what it is.
    index = np.arange(-reach, len(fine) + reach)
    inside = np.clip(index, 0, len(fine) - 1)
    mirrored = np.clip(2 * inside - index, 0, len(fine) - 1)
    padded = 2 * fine[inside] - fine[mirrored]
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def as_keys(path: np.ndarray, start: Fraction) -> Iterator[tuple[Fraction, float]]:
    """(time, middle) of the points that are needed to draw a smoothed path by straight lines."""
    for i in _needed(path):
        yield start + i * STEP / _FINER, round(float(path[i]), 5)


def _needed(path: np.ndarray) -> list[int]:
    """The points that a line through them is near to all others (Douglas and Peucker, 1973)."""
    kept = {0, len(path) - 1}
    waiting = [(0, len(path) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        index = np.arange(first, last + 1)
        line = np.interp(index, [first, last], [path[first], path[last]])
        off = np.abs(path[first : last + 1] - line)
        worst = int(off.argmax())
        if off[worst] > _STRAIGHT:
            kept.add(first + worst)
            waiting += [(first, first + worst), (first + worst, last)]
    found = sorted(kept)
    return found[:1] if np.ptp(path) <= _STRAIGHT else found
