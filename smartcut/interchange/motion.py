"""Where a clip's picture is in the frame, as editing systems say it: place, size, turn, opacity.

All effects that only move pixels, and where a picture is placed, are one matrix at each moment,
whatever effects they are: the effects are asked, as a render asks them. That matrix is taken apart
into what an editor has: where the picture's middle is, how large it is, how far it is turned, and
how much of it is seen. Effects that say anything else are not of it.

Pixels of the source count from its left top corner, as it is shown: upright, of square pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import atan2, ceil, cos, degrees, hypot, radians, sin
from typing import Any

import numpy as np

from smartcut.algebra import by_time_shown
from smartcut.cut import Cut, Effect, Segment
from smartcut.errors import PipelineError
from smartcut.interchange.timecode import timeline_rate
from smartcut.params import Params, of_pairs
from smartcut.registry import find_class
from smartcut.source import Source

Size = tuple[int, int]
Sides = tuple[float, float]
EFFECTS = "smartcut.effects"
_USUAL = (1920, 1080)
# Pixels, degrees and shares: what differs by less is the same.
_CLOSE = 1e-4
#: A longer run of changing frames is not taken apart.
_MOST_FRAMES = 200_000


@dataclass(frozen=True, slots=True)
class MotionState:
    """Where a whole picture is at a moment, uncropped, in pixels of the frame."""

    x: float = 0.0
    """From the frame's middle to the picture's, to the right."""
    y: float = 0.0
    """Downwards."""
    scale_x: float = 1.0
    """Pixels of the frame for one of the source; below 0, mirrored."""
    scale_y: float = 1.0
    rotation: float = 0.0
    """Degrees, clockwise."""
    opacity: float = 1.0

    def matrix(self, size: Size, canvas: Size) -> np.ndarray:
        """float64 (3, 3): where a point of a picture of ``size`` goes in ``canvas``."""
        c, s = cos(radians(self.rotation)), sin(radians(self.rotation))
        turned = np.array([[c, -s], [s, c]]) @ np.diag([self.scale_x, self.scale_y])
        middle = np.array([canvas[0] / 2 + self.x, canvas[1] / 2 + self.y])
        result = np.eye(3)
        result[:2, :2] = turned
        result[:2, 2] = middle - turned @ np.array(size) / 2
        return result

    @property
    def numbers(self) -> tuple[float, ...]:
        return (self.x, self.y, self.scale_x, self.scale_y, self.rotation, self.opacity)


@dataclass(frozen=True, slots=True)
class ClipMotion:
    """Where a picture is over the time of its segment."""

    size: Size
    """Of the source's picture."""
    canvas: Size
    """Of the frame."""
    states: tuple[tuple[Fraction, MotionState], ...]
    """(segment time, state), with straight lines between; one for all of the time."""
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Pixels of the source taken away: left, top, right, bottom."""

    @property
    def first(self) -> MotionState:
        return self.states[0][1]

    @property
    def is_keyed(self) -> bool:
        return len(self.states) > 1

    @property
    def is_even(self) -> bool:
        """Whether it stays the same, and the picture is neither mirrored nor out of shape."""
        x, y = self.first.scale_x, self.first.scale_y
        return not self.is_keyed and x > 0 and abs(x - y) < _CLOSE

    @property
    def is_plain(self) -> bool:
        """Whether the picture is just fitted into the frame."""
        usual = fitted(self.size, self.canvas)
        return not self.is_keyed and not any(self.crop) and is_close(self.first, usual)


def fitted(size: Size, canvas: Size) -> MotionState:
    """The picture as large as fits into the frame, in its middle."""
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    return MotionState(scale_x=scale, scale_y=scale)


def is_close(one: MotionState, other: MotionState) -> bool:
    """Whether two states show the same."""
    return all(abs(a - b) < _CLOSE for a, b in zip(one.numbers, other.numbers, strict=True))


def canvas_of(cut: Cut) -> Size:
    """The size of the timeline's frame: its project's, or that of the source shown longest."""
    if cut.format is not None:
        return cut.format.size
    main = next((source for source in by_time_shown(cut) if source.video), None)
    if main is None or main.video is None:
        return _USUAL
    size = main.video.display_size
    for effect in next((s.effects for s in cut.segments if s.source == main.id), ()):
        moving = _moving(effect)
        if moving is not None and moving.is_constant and not moving.is_placement:
            size = moving.size(size)
    return size


def motion_of(
    segment: Segment, source: Source, canvas: Size, rate: Fraction
) -> tuple[ClipMotion | None, tuple[Effect, ...]]:
    """Where the segment's picture is, and the effects of which that tells nothing.

    None for a picture that is just fitted into the frame. States are taken at ``rate``.
    """
    if source.video is None or not segment.effects:
        return None, segment.effects
    found = {effect: _moving(effect) for effect in segment.effects}
    moving = [m for m in found.values() if m is not None]
    left = tuple(effect for effect, m in found.items() if m is None)
    size = source.video.display_size
    motion = _motion(moving, segment, size, canvas, rate) if moving else None
    if moving and motion is None:
        return None, segment.effects
    return (None if motion is None or motion.is_plain else motion), left


def unmoved(segment: Segment, cut: Cut, is_keyed: bool) -> tuple[Effect, ...]:
    """The effects of a segment that no motion tells of.

    ``is_keyed`` says whether it may change; else it has to be even.
    """
    source = next((s for s in cut.sources if s.id == segment.source), None)
    if source is None:
        return segment.effects
    motion, left = motion_of(segment, source, canvas_of(cut), timeline_rate(cut))
    if motion is not None and not (is_keyed or motion.is_even):
        return segment.effects
    return left


# ------------------------------------------------------------------------- effects that move


@dataclass(frozen=True, slots=True)
class _Moving:
    """An effect that moves pixels, as :class:`smartcut.effect.PictureEffect` has it."""

    effect: Effect
    made: Any
    is_placement: bool

    @property
    def is_constant(self) -> bool:
        return not self.made.curves

    def at(self, segment: Segment, time: Fraction) -> Any:
        """The effect at a time since the segment's beginning, with numbers."""
        clock = self.effect.clock
        return self.made.at(segment.source_at(time), time if clock is None else clock.at(time))

    def size(self, size: Size) -> Size:
        found: Size = self.made.size(size)
        return found


def _moving(effect: Effect) -> _Moving | None:
    """The effect, if it moves all of the picture, all of the time; None for any other."""
    try:
        kind = find_class(EFFECTS, effect.name, Params)
        made: Any = of_pairs(kind, effect.params)
    except (PipelineError, ValueError):
        return None
    moves = getattr(kind, "moves", None)
    if moves is None or effect.during is not None or made.amount != 1 or made.mask is not None:
        return None
    return _Moving(effect, made, moves == "in frame")


def _motion(
    moving: Sequence[_Moving], segment: Segment, size: Size, canvas: Size, rate: Fraction
) -> ClipMotion | None:
    """The motion that the effects are together; None where an editor's clip cannot say it."""
    crop = _cropped(moving, size)
    if crop is None:
        return None
    times = [Fraction(0)]
    if not all(one.is_constant for one in moving):
        count = ceil(segment.duration * rate)
        if count > _MOST_FRAMES:
            return None
        times = [Fraction(number) / rate for number in range(count)]
    states: list[tuple[Fraction, MotionState]] = []
    for time in times:
        matrix, opacity = _matrix(moving, segment, time, size, canvas)
        before = states[-1][1].rotation if states else 0.0
        state = taken_apart(matrix, size, canvas, opacity, before)
        if state is None:
            return None
        states.append((time, state))
    return ClipMotion(size, canvas, tuple(_bends(states)), crop)


def _cropped(moving: Sequence[_Moving], size: Size) -> tuple[int, int, int, int] | None:
    """What is taken away at the edges; None where that changes, or comes after another turn."""
    left = top = 0
    right, bottom = size
    is_straight = True
    now = size
    for one in moving:
        if one.is_placement:
            continue
        if not one.is_constant:
            if _resizes(one, now):
                return None
            is_straight = False
            continue
        matrix, after = one.made.matrix(now), one.size(now)
        is_moved = np.allclose(matrix[:2, :2], np.eye(2))
        if after != now and is_moved:
            if not is_straight:
                return None
            x, y = (round(-float(n)) for n in matrix[:2, 2])
            left, top = left + x, top + y
            right, bottom = left + after[0], top + after[1]
        elif not np.allclose(matrix, np.eye(3)):
            is_straight = False
        now = after
    return left, top, size[0] - right, size[1] - bottom


def _resizes(one: _Moving, size: Size) -> bool:
    """Whether a changing effect changes the size of pictures."""
    times = sorted({key.at for curve in one.made.curves for key in curve.keys})
    return any(one.made.at(t, t).size(size) != size for t in times)


def _matrix(
    moving: Sequence[_Moving], segment: Segment, time: Fraction, size: Size, canvas: Size
) -> tuple[np.ndarray, float]:
    """Where points of the source go in the frame, and how opaque they are."""
    is_placed = any(one.is_placement for one in moving)
    resized = [n for n, one in enumerate(moving) if not one.is_placement and one.is_constant]
    last = max((n for n in resized if _changes(moving, n, size)), default=-1)
    now: Sides = size
    matrix, opacity = np.eye(3), 1.0
    if last < 0 and not is_placed:
        matrix, now = _fit(now, canvas)
    for number, one in enumerate(moving):
        made = one.at(segment, time)
        if one.is_placement:
            matrix, now = made.matrix(now, canvas) @ matrix, canvas
            opacity *= made.opacity
        else:
            matrix, now = made.matrix(now) @ matrix, made.size(now)
        if number == last and not is_placed:
            fit, now = _fit(now, canvas)
            matrix = fit @ matrix
    if not is_placed:
        moved = np.eye(3)
        moved[:2, 2] = (np.array(canvas) - now) / 2
        matrix = moved @ matrix
    return matrix, opacity


def _changes(moving: Sequence[_Moving], number: int, size: Size) -> bool:
    """Whether the effect of that number changes the size of pictures."""
    for one in moving[:number]:
        size = size if one.is_placement or not one.is_constant else one.size(size)
    return moving[number].size(size) != size


def _fit(size: Sides, canvas: Size) -> tuple[np.ndarray, Sides]:
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    return np.diag([scale, scale, 1.0]), (size[0] * scale, size[1] * scale)


def taken_apart(
    matrix: np.ndarray, size: Size, canvas: Size, opacity: float = 1.0, before: float = 0.0
) -> MotionState | None:
    """The state of a matrix; None for one that slants. ``before`` is the rotation to go on from."""
    (a, b), (c, d) = matrix[:2, :2]
    scale_x, scale_y = hypot(a, c), hypot(b, d)
    if not scale_x or not scale_y or abs(a * b + c * d) > _CLOSE * scale_x * scale_y:
        return None
    rotation = degrees(atan2(c, a))
    if a * d - b * c < 0:  # mirrored: left to right, or, turned less, top to bottom
        upside = abs(rotation) <= 90
        scale_x, scale_y = (scale_x, -scale_y) if upside else (-scale_x, scale_y)
        rotation = rotation if upside else degrees(atan2(-c, -a))
    rotation += 360 * round((before - rotation) / 360)
    middle = matrix @ np.array([size[0] / 2, size[1] / 2, 1])
    x, y = (float(m - side / 2) for m, side in zip(middle[:2], canvas, strict=True))
    return MotionState(x, y, float(scale_x), float(scale_y), float(rotation) + 0.0, float(opacity))


def _bends(
    states: Sequence[tuple[Fraction, MotionState]],
) -> Iterator[tuple[Fraction, MotionState]]:
    """The states without those on a straight line between their neighbours."""
    if all(is_close(state, states[0][1]) for _, state in states):
        yield states[0]
        return
    rows = [state.numbers for _, state in states]
    for number, item in enumerate(states):
        is_end = number in (0, len(states) - 1)
        if is_end or any(
            abs(rows[number - 1][i] - 2 * here + rows[number + 1][i]) > _CLOSE / 100
            for i, here in enumerate(rows[number])
        ):
            yield item
