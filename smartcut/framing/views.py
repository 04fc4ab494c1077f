"""How a shot is shown in another shape: one view after the other; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from smartcut.framing.path import (
    STEP,
    Calm,
    as_keys,
    best_path,
    following,
    holding,
    places,
    shares_inside,
    smoothed,
)
from smartcut.framing.subjects import Follow, SeenSubject, filled, followed, to_see
from smartcut.timebase import Range

How = Literal["followed", "blur", "pad", "split"]
Wide = Literal["split", "blur", "pad", "none"]
Track = tuple[tuple[Fraction, float], ...]
"""Times in source time, and the middle of a crop then, as a share of the side."""

#: A crop that holds less of what there is to see does not hold it.
_HOLDS = 0.8


@dataclass(frozen=True, slots=True)
class Frame:
    """A crop: the share of each side that it shows, and that which each half of it shows."""

    crop: tuple[float, float]
    half: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Path:
    """The middle of a crop over time."""

    x: Track
    y: Track


@dataclass(frozen=True, slots=True)
class FramedView:
    """What is shown during a stretch of source time."""

    shown: Range
    how: How
    path: Path
    halves: tuple[Path, ...] = ()
    """Of the two parts of a divided frame."""


@dataclass(frozen=True, slots=True)
class Framing:
    """What is asked for."""

    subject: Literal["auto", "face", "speaker", "motion"]
    wide: Wide | None
    calm: Calm


def views_of(
    shown: Range, seen: SeenSubject, frame: Frame, framing: Framing
) -> Iterator[FramedView]:
    """The views of a stretch of one shot, in order; ``seen`` has a step for each STEP of it."""
    for part in followed(seen, frame.crop, _subject(framing)):
        last = shown.end if part.last == seen.steps else shown.start + part.last * STEP
        stretch = Range(shown.start + part.first * STEP, last)
        yield _view(stretch, seen, part, frame, framing)


def _subject(framing: Framing) -> Literal["auto", "face", "speaker", "motion"]:
    """Where it was said what to show instead, nobody has to be chosen."""
    wants_all = framing.wide is not None and framing.wide != "none"
    return "face" if framing.subject == "auto" and wants_all else framing.subject


def _view(
    stretch: Range, seen: SeenSubject, part: Follow, frame: Frame, framing: Framing
) -> FramedView:
    if part.boxes is None:
        return _view_of_motion(stretch, seen, part, frame, framing)
    if not part.others or part.is_one:
        path = path_after(part.boxes, stretch.start, frame.crop, framing.calm)
        return FramedView(stretch, "followed", path)
    wide = framing.wide or ("blur" if framing.subject != "face" else "none")
    if wide == "none":
        boxes = filled(part.others[0])[part.first : part.last]
        return FramedView(
            stretch, "followed", path_after(boxes, stretch.start, frame.crop, framing.calm)
        )
    if wide != "split":
        return FramedView(stretch, wide, _still(stretch.start))
    pair = sorted(part.others[:2], key=lambda boxes: float(np.nanmean(boxes[:, [0, 2]])))
    halves = tuple(
        path_after(filled(boxes)[part.first : part.last], stretch.start, frame.half, framing.calm)
        for boxes in pair
    )
    return FramedView(stretch, "split", halves[0], halves)


def _view_of_motion(
    stretch: Range, seen: SeenSubject, part: Follow, frame: Frame, framing: Framing
) -> FramedView:
    maps = to_see(seen, framing.subject == "motion")[part.first : part.last]
    tracks, held = [], 1.0
    for axis, crop in enumerate(frame.crop):
        weights = maps.sum(axis=1 + axis)
        path = best_path(holding(weights, crop), crop, framing.calm)
        inside = shares_inside(weights, crop)
        at = np.searchsorted(places(crop) + 1e-9, path)
        held = min(held, float(inside[np.arange(len(path)), at].mean()))
        tracks.append(_track(path, stretch.start, framing.calm))
    gives_up = framing.subject == "auto" if framing.wide is None else framing.wide != "none"
    if held < _HOLDS and gives_up:
        return FramedView(
            stretch, "pad" if framing.wide == "pad" else "blur", _still(stretch.start)
        )
    return FramedView(stretch, "followed", Path(*tracks))


def path_after(boxes: np.ndarray, start: Fraction, crop: tuple[float, float], calm: Calm) -> Path:
    """The path of a crop that follows boxes (T, 4) from a time on."""
    tracks = []
    for axis, share in enumerate(crop):
        costs = following(boxes[:, axis], boxes[:, axis + 2], share, calm.deadzone)
        tracks.append(_track(best_path(costs, share, calm), start, calm))
    return Path(*tracks)


def _track(path: np.ndarray, start: Fraction, calm: Calm) -> Track:
    return tuple(as_keys(smoothed(path, calm.smooth), start))


def _still(start: Fraction) -> Path:
    return Path(((start, 0.5),), ((start, 0.5),))
