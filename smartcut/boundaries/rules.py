"""From boundaries, each with its own certainty, to shots that leave no gap; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from smartcut.annotation import Shot, Shots
from smartcut.boundaries.pyscenedetect import Dip
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

#: The learned detector's chance from which a frame counts as a transition.
LEARNED_THRESHOLD = 0.5
#: A transition that lasts as many frames is gradual.
GRADUAL = 5
#: A step to the next frame is a hard cut when it is so many times larger than those around it...
HARD_RATIO = 3.0
#: ... and changes the picture by so much (mean absolute difference, 0..255).
HARD_STEP = 8.0
#: Most contrast (standard deviation of luma) of a plain picture; a caption on black has 5.
PLAIN = 10.0
#: A slope of a fade changes the mean by one level at least over so many frames.
SLOPE = 3


@dataclass(frozen=True, slots=True)
class Boundary:
    """``frame`` is the first of a new shot."""

    frame: int
    entry: Literal["cut", "fade", "dissolve"]
    confidence: float


def is_hard(steps: np.ndarray, ratios: np.ndarray, frame: int) -> bool:
    """Whether the picture changes at once between ``frame - 1`` and ``frame``."""
    if not 0 < frame < len(steps):
        return False
    return bool(steps[frame] >= HARD_STEP and ratios[frame] >= HARD_RATIO)


def step_ratios(steps: np.ndarray) -> np.ndarray:
    """Each step over the mean of the two before and the two after it, at most 255.

    This is the measure of PySceneDetect's adaptive detector. ``steps[i]`` is the change from
    frame i - 1 to i; steps smaller than 1 around it count as 1.
    """
    import numpy as np

    padded = np.pad(np.asarray(steps, np.float64), 2, mode="edge")
    n = len(steps)
    around = (padded[:n] + padded[1 : n + 1] + padded[3 : n + 3] + padded[4 : n + 4]) / 4
    return np.minimum(np.asarray(steps) / np.maximum(around, 1.0), 255.0)


def cheap_boundaries(cuts: Iterable[int], ratios: np.ndarray) -> list[Boundary]:
    """Cuts with a confidence of r / (r + 3): a half where the adaptive detector would begin."""
    return [Boundary(c, "cut", _share(float(ratios[c]))) for c in cuts]


def _share(ratio: float) -> float:
    return round(ratio / (ratio + HARD_RATIO), 4)


def learned_boundaries(
    chances: np.ndarray, steps: np.ndarray, ratios: np.ndarray, threshold: float | None = None
) -> list[Boundary]:
    """A boundary after the peak of each run of frames above the threshold.

    ``chances`` is (2, n): the one-hot and the many-hot head of TransNet V2.
    """
    threshold = LEARNED_THRESHOLD if threshold is None else threshold
    one, many = chances
    found = []
    for first, last in runs(one >= threshold):
        peak = first + int(one[first:last].argmax())
        frame = peak + 1
        if frame >= len(one):
            continue
        gradual = transition_length(many, peak) >= GRADUAL and not is_hard(steps, ratios, frame)
        found.append(Boundary(frame, "dissolve" if gradual else "cut", round(float(one[peak]), 4)))
    return found


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Half-open index ranges where the mask is true."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def transition_length(many: np.ndarray, peak: int) -> int:
    """Frames in a row around the peak that the many-hot head calls a transition."""
    first = last = peak
    while first > 0 and many[first - 1] >= LEARNED_THRESHOLD:
        first -= 1
    while last + 1 < len(many) and many[last + 1] >= LEARNED_THRESHOLD:
        last += 1
    return last - first + 1


@dataclass(frozen=True, slots=True)
class FadeDip:
    """A dip with its slopes: frames ``first``..``last - 1``.

    ``joins`` tells a fade out and in again from a fade that begins or ends the source, and from
    one that has a hard cut on one side: only the first is a boundary of its own.
    """

    dip: Dip
    first: int
    last: int
    joins: bool


def find_fades(
    dips: Iterable[Dip],
    levels: np.ndarray,
    contrast: np.ndarray,
    hard: Callable[[int], bool],
    longest: int,
) -> list[FadeDip]:
    """The fades around the dips; a slope is followed for at most ``longest`` frames.

    ``levels`` and ``contrast`` are the mean of each frame and the standard deviation of its
    luma, 0..255. A dip that never gets plain is a dark or a bright picture, and no fade.
    """
    found = []
    for dip in dips:
        if contrast[dip.out : dip.back].min() > PLAIN:
            continue
        up = 1 if levels[dip.out : dip.back].mean() < 128 else -1
        rising = up * levels
        last = dip.back
        while last + SLOPE < len(rising) and last < dip.back + longest:
            if rising[last + SLOPE] - rising[last] < 1:
                break
            last += 1
        first = dip.out
        while first - SLOPE >= 0 and first > dip.out - longest:
            if rising[first - SLOPE] - rising[first] < 1:
                break
            first -= 1
        sides = (*range(dip.out - 1, dip.out + 2), *range(dip.back - 1, dip.back + 2))
        joins = dip.out > 0 and dip.back < len(levels) and not any(hard(f) for f in sides)
        first, last = max(first - SLOPE, 0), min(last + SLOPE, len(levels))
        found.append(FadeDip(dip, first, last, joins))
    return found


def with_fades(
    boundaries: Sequence[Boundary], fades: Sequence[FadeDip], contrast: np.ndarray
) -> list[Boundary]:
    """All boundaries, those within a fade called so, and one in the middle of a fade without any.

    ``contrast`` is the standard deviation of each frame's luma: the plainer the dark, the surer
    the fade.
    """
    found = {b.frame: b for b in boundaries}
    for fade in (f for f in fades if f.joins):
        inside = [b for b in boundaries if fade.first <= b.frame <= fade.last]
        for boundary in inside:
            found[boundary.frame] = replace(boundary, entry="fade")
        if not inside:
            middle = fade.dip.middle
            found[middle] = Boundary(middle, "fade", _plainness(fade, contrast))
    return [found[frame] for frame in sorted(found)]


def one_for_each_fade(
    boundaries: Sequence[Boundary],
    fades: Sequence[FadeDip],
    hints: Sequence[Boundary],
    contrast: np.ndarray,
    hard: Callable[[int], bool],
) -> list[Boundary]:
    """The boundaries, with what was found on the slopes of a fade replaced by one boundary.

    That one lies where the surest hint in the fade lies, else in the middle. A fade at the
    source's ends or beside a hard cut gets none; hard cuts always stay.
    """
    slopes = [b for f in fades for b in boundaries if f.first <= b.frame <= f.last]
    found = {b.frame: b for b in boundaries if b not in slopes or hard(b.frame)}
    for fade in (f for f in fades if f.joins):
        inside = [b for b in hints if fade.first <= b.frame <= fade.last]
        best = max(inside, key=lambda b: b.confidence, default=None)
        at = best.frame if best else fade.dip.middle
        found.setdefault(at, Boundary(at, "fade", _plainness(fade, contrast)))
    return [found[frame] for frame in sorted(found)]


def _plainness(fade: FadeDip, contrast: np.ndarray) -> float:
    plainest = float(contrast[fade.dip.out : fade.dip.back].min())
    return round(max(0.0, 1 - plainest / 64), 4)


def spaced(
    boundaries: Iterable[Boundary], times: Sequence[Fraction], min_length: Fraction
) -> list[Boundary]:
    """The boundaries at least ``min_length`` apart and from the start; the surer ones stay."""
    chosen: list[Boundary] = []
    for boundary in sorted(boundaries, key=lambda b: (-b.confidence, b.frame)):
        at = times[boundary.frame]
        if at - times[0] < min_length or boundary.frame == 0:
            continue
        if all(abs(at - times[other.frame]) >= min_length for other in chosen):
            chosen.append(boundary)
    return sorted(chosen, key=lambda b: b.frame)


def apart_from(
    fixed: Sequence[Boundary],
    boundaries: Sequence[Boundary],
    times: Sequence[Fraction],
    min_length: Fraction,
) -> list[Boundary]:
    """The boundaries at frames of ``fixed``, and the others at least ``min_length`` from those."""
    frames = {b.frame for b in fixed}
    marks = [times[frame] for frame in (0, *frames)]
    return [
        b
        for b in boundaries
        if b.frame in frames or all(abs(times[b.frame] - mark) >= min_length for mark in marks)
    ]


def to_shots(boundaries: Sequence[Boundary], times: Sequence[Fraction], end: Fraction) -> Shots:
    """Shots over [0, end): ``times`` are the frames' own, ``boundaries`` in order."""
    if not times:
        return Shots(())
    frames = [0, *(b.frame for b in boundaries), len(times)]
    starts = [Fraction(0), *(times[b.frame] for b in boundaries), end]
    shots = []
    for i in range(len(frames) - 1):
        shot = Shot(Range(starts[i], starts[i + 1]), frames[i], frames[i + 1], "start", 1.0)
        if i:
            entry = boundaries[i - 1]
            shot = replace(shot, entry=entry.entry, confidence=entry.confidence)
        shots.append(shot)
    return Shots(tuple(shots))
