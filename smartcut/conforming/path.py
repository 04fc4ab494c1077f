"""The cheapest way through a film: at each frame one line, or none that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.conforming.lines import Line
from smartcut.conforming.scoring import Scored
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.windows import PictureWindow

#: From this agreement on, a line explains a frame.
EXPLAINED = 0.55
# A difference that costs 1, what changing lines costs, and what a frame costs that none explains
# where one could, or that a line does not explain.
_UNIT, _CHANGE, _UNKNOWN = 0.02, 6.0, 8.0
# A frame costs no more than this under a line that explains it.
_MOST = 12.0


@dataclass(frozen=True, slots=True)
class Run:
    """Frames ``first`` to ``last`` - 1 of a film, and the line that explains them, if any does."""

    line: Line | None
    first: int
    last: int
    blend: int = 0
    """Frames at its beginning that also show the run before it."""
    transition: str | None = None
    fade_in: int = 0
    fade_out: int = 0
    """Frames over which it comes in from black, and goes out into it."""
    end: PictureWindow | None = None
    """The window at its end, where that moves; at its beginning it is that of the line."""

    def __len__(self) -> int:
        return self.last - self.first


def cheapest(lines: Sequence[Scored], frames: int, tick: Tick = untold) -> list[Run]:
    """The runs of the whole film, in order."""
    starts, ends = _events(lines, frames)
    active: set[int] = set()
    costs = np.full(len(lines) + 1, np.inf)
    costs[0] = 0.0
    steps: list[tuple[np.ndarray, np.ndarray]] = []
    for frame in range(frames):
        tick()
        active |= starts.get(frame, set())
        for number in ends.get(frame, ()):
            active.discard(number)
            costs[number + 1] = np.inf
        numbers = np.fromiter(sorted(active), np.int64, len(active))
        own = _costs([lines[n] for n in numbers.tolist()], frame)
        states = np.concatenate([[0], numbers + 1])
        best = int(costs.argmin())
        change = costs[best] + (_CHANGE if frame else 0.0)
        stays = costs[states] <= change
        came = np.where(stays, states, best)
        costs[states] = np.where(stays, costs[states], change) + own
        steps.append((states, came))
    return _runs(lines, steps, int(costs.argmin()))


def _events(
    lines: Sequence[Scored], frames: int
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    starts: dict[int, set[int]] = {}
    ends: dict[int, set[int]] = {}
    for number, line in enumerate(lines):
        starts.setdefault(max(line.first, 0), set()).add(number)
        ends.setdefault(min(line.last, frames), set()).add(number)
    return starts, ends


def _costs(lines: Sequence[Scored], frame: int) -> np.ndarray:
    """What the frame costs: unexplained first, then under each line."""
    if not lines:
        return np.zeros(1)
    agree = np.array([line.agreement[frame - line.first] for line in lines])
    differ = np.array([line.difference[frame - line.first] for line in lines])
    explains = agree >= EXPLAINED
    if not explains.any():
        return np.concatenate([[0.0], np.full(len(lines), _UNKNOWN)])
    least = differ[explains].min()
    own = np.minimum((differ - least) / _UNIT, _MOST)
    return np.concatenate([[_UNKNOWN], np.where(explains, np.maximum(own, 0), _UNKNOWN + _MOST)])


def _runs(
    lines: Sequence[Scored], steps: Sequence[tuple[np.ndarray, np.ndarray]], state: int
) -> list[Run]:
    runs: list[Run] = []
    last = len(steps)
    for frame in range(len(steps) - 1, -1, -1):
        states, came = steps[frame]
        before = int(came[np.flatnonzero(states == state)[0]])
        if before != state or frame == 0:
            runs.append(Run(lines[state - 1].line if state else None, frame, last))
            last = frame
        state = before
    return runs[::-1]
