"""Effects that put a picture where an editing system's clip has it; see :mod:`.motion`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from smartcut.curve import Curve, Key
from smartcut.cut import Effect, Segment
from smartcut.errors import PipelineError
from smartcut.interchange.motion import EFFECTS, ClipMotion, MotionState, Size, fitted, is_close
from smartcut.once import once
from smartcut.params import Params
from smartcut.registry import find_class, modules
from smartcut.source import Value

#: The effect that puts a picture somewhere in the frame.
_PLACE = "place"
_CLOSE = 1e-4
_SMALLEST = 1e-4
# Decimals of numbers that are read: pixels to a hundred-thousandth of the frame and better.
_DIGITS = 9

Clock = Literal["source", "segment"]


@once
def otio_of_effect(name: str) -> str | None:
    """The schema under which OpenTimelineIO knows an effect; None where it knows none."""
    try:
        found: str | None = getattr(find_class(EFFECTS, name, Params), "otio", None)
    except PipelineError:
        return None
    return found


@once
def effect_of_schema(schema: str) -> str:
    """The effect that OpenTimelineIO knows under that schema; raises PipelineError."""
    for name in modules(EFFECTS):
        try:
            kind = find_class(EFFECTS, name, Params)
        except PipelineError:
            continue  # asking for it tells what is wrong
        if getattr(kind, "otio", None) == schema:
            return name
    raise PipelineError(f"no effect is installed that does what {schema} does")


def with_motion(segment: Segment, motion: ClipMotion | None) -> tuple[Segment, str]:
    """The segment with effects that put its picture there, and what cannot be said of it.

    Times of states count from where the segment begins to be shown.
    """
    if motion is None or motion.is_plain:
        return segment, ""
    effects, left = effects_of(motion, segment.source_at, _clock(segment))
    return replace(segment, effects=(*segment.effects, *effects)), left


def _clock(segment: Segment) -> Clock:
    return "source" if segment.warp is None else "segment"


def effects_of(
    motion: ClipMotion, on_source: Callable[[Fraction], Fraction], clock: Clock = "source"
) -> tuple[tuple[Effect, ...], str]:
    """The effects, and what they do not show; ``on_source`` gives the source time of a state."""
    left, top, right, bottom = motion.crop
    size = motion.size[0] - left - right, motion.size[1] - top - bottom
    states = [_of_rest(state, motion, size) for _, state in motion.states]
    times = [on_source(t) if clock == "source" else t for t, _ in motion.states]
    keyed = _KeyTimes(times, clock)
    rotations = [state.rotation for state in states]
    after = size[::-1] if _is_quarter(rotations) else size
    placed, loss = _turned(states)
    effects = [*_cropping(motion), *_mirroring(states[0]), *_turning(rotations, keyed)]
    usual = fitted(after, motion.canvas)
    if not all(is_close(replace(state, rotation=0.0), usual) for state in placed):
        effects.append(_placing(placed, after, motion.canvas, keyed))
    return tuple(effects), loss


@dataclass(frozen=True, slots=True)
class _KeyTimes:
    """When the states are, on the clock of the curves that are made of them."""

    times: Sequence[Fraction]
    clock: Clock

    def value(self, numbers: Sequence[float]) -> Value:
        """The number of each state as one number, or as a curve."""
        rounded = [round(number, _DIGITS) for number in numbers]
        if len({*rounded}) == 1:
            return rounded[0]
        keys = (Key(time, value) for time, value in zip(self.times, rounded, strict=True))
        return Curve(tuple(keys), self.clock)


def _cropping(motion: ClipMotion) -> Iterator[Effect]:
    if any(motion.crop):
        sides = zip(("left", "top", "right", "bottom"), motion.crop, strict=True)
        given = tuple((side, f"{count}px") for side, count in sides if count)
        yield _effect(effect_of_schema("VideoCrop"), given)


def _mirroring(state: MotionState) -> Iterator[Effect]:
    for number, axis in ((state.scale_x, "horizontal"), (state.scale_y, "vertical")):
        if number < 0:
            yield _effect(effect_of_schema("VideoFlip"), (("axis", axis),))


def _turning(rotations: Sequence[float], keyed: _KeyTimes) -> Iterator[Effect]:
    if any(abs(rotation) > _CLOSE for rotation in rotations):
        yield _effect(effect_of_schema("VideoRotate"), (("degrees", keyed.value(rotations)),))


def _placing(states: Sequence[MotionState], size: Size, canvas: Size, keyed: _KeyTimes) -> Effect:
    """The effect that puts a picture of that size where the states have it."""
    position = (
        keyed.value([0.5 + state.x / canvas[0] for state in states]),
        keyed.value([0.5 + state.y / canvas[1] for state in states]),
    )
    width = keyed.value([state.scale_x * size[0] / canvas[0] for state in states])
    height = keyed.value([state.scale_y * size[1] / canvas[1] for state in states])
    opacity = keyed.value([state.opacity for state in states])
    given: list[tuple[str, Value]] = [("position", position), ("width", width)]
    given.append(("height", height))
    return _effect(_PLACE, (*given, *([] if opacity == 1 else [("opacity", opacity)])))


def _effect(name: str, given: tuple[tuple[str, Value], ...]) -> Effect:
    kind: Any = find_class(EFFECTS, name, Params)
    return Effect(name, given, version=kind.version)


def _of_rest(state: MotionState, motion: ClipMotion, size: Size) -> MotionState:
    """The state of what is left of the picture when it is cropped."""
    left, top, _, _ = motion.crop
    matrix = state.matrix(motion.size, motion.canvas)
    x, y, _ = matrix @ (left + size[0] / 2, top + size[1] / 2, 1)
    return replace(state, x=float(x) - motion.canvas[0] / 2, y=float(y) - motion.canvas[1] / 2)


def _is_quarter(rotations: Sequence[float]) -> bool:
    """Whether it is turned by 90 or 270 degrees, all of the time."""
    quarters = {round(rotation / 90, 4) for rotation in rotations}
    return len(quarters) == 1 and next(iter(quarters)) % 2 == 1


def _turned(states: Sequence[MotionState]) -> tuple[list[MotionState], str]:
    """The states as scales of the turned picture, unmirrored, and what is not shown of them."""
    is_quarter = _is_quarter([state.rotation for state in states])
    result, loss = [], ""
    for state in states:
        x, y = max(abs(state.scale_x), _SMALLEST), max(abs(state.scale_y), _SMALLEST)
        is_straight = abs(state.rotation / 90 - round(state.rotation / 90)) < _CLOSE
        if not (is_straight or abs(x - y) < _CLOSE):
            loss = "a picture that is turned and out of shape keeps its shape"
            x = y = (x * y) ** 0.5
        x, y = (y, x) if is_quarter else (x, y)
        result.append(replace(state, scale_x=x, scale_y=y))
    return result, loss
