"""`speed`: faster, slower, and from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from smartcut.accepted import InWords
from smartcut.curve import Curve, read_curve
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.timebase import Range, TimeParam, exact
from smartcut.warp import Warp, passing

_SLOWEST, _FASTEST = Fraction(1, 1000), Fraction(1000)
_SPEEDS = f"{float(_SLOWEST):g} to {float(_FASTEST):g}, or keys such as {{0s: 1, 2s: 0.5}}"
# Steps of source time in which a changing speed counts as constant where no frames say.
_STEP = Fraction(1, 30)


def _factor(given: Any) -> Any:
    read = read_curve(given)
    if isinstance(read, Curve):
        if read.clock != "source":
            raise ValueError("the keys of a speed are in source time; leave `clock` out")
        values = [exact(key.value) for key in read.keys]
    else:
        try:
            read = exact(read)
        except (TypeError, ValueError, ZeroDivisionError):
            raise ValueError(f"{given!r} is no speed; accepted: {_SPEEDS}") from None
        values = [read]
    if not all(_SLOWEST <= value <= _FASTEST for value in values):
        raise ValueError(
            f"{given!r} is no speed; accepted: {_SPEEDS}; to hold a "
            "picture there is `freeze`, to play backwards `reverse`"
        )
    return read


class Speed(Stage):
    """Plays segments faster or slower, or from one speed to another, sound with the picture.

    Keys lie in source time (`{0s: 1, 2s: 0.5}`). Frames are left out or repeated; where slow parts
    are to have frames of their own, add `- interpolate: {fps: ...}` after it.

    ```yaml
    - speed: {factor: 2}
    - speed: {factor: {0s: 1, 2s: 0.5, ease: in-out}}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: ClassVar[str] = "speed"
    hint: ClassVar[str] = "speed: {factor: 2}"

    factor: Annotated[
        Fraction | Curve,
        BeforeValidator(_factor),
        WithJsonSchema(
            {"type": ["number", "string", "object", "array"], "examples": [2, {"0s": 1, "2s": 0.5}]}
        ),
        InWords("number or keys ({0s: 1, 2s: 0.5})"),
    ] = Field(description="How many times as fast: 2, 0.5, or keys such as `{0s: 1, 2s: 0.5}`.")
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )
    start: TimeParam | None = Field(
        None, alias="from", description="When it begins, in source time; `start` in Python."
    )
    end: TimeParam | None = Field(
        None, alias="to", description="When it ends, in source time; `end` in Python."
    )
    sound: Literal["stretched", "kept", "muted"] = Field(
        "stretched", description="`stretched` in its pitch, `kept` at its own speed, or `muted`."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Speed:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"`to` ({self.end} s) does not come after `from` ({self.start} s)")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        those = chosen(self.on, len(cut.segments), self.name)
        segments: list[Segment] = []
        for i, segment in enumerate(cut.segments):
            video = cut.source(segment.source).video if segment.source else None
            step = 1 / video.nominal_rate if video else _STEP
            segments += self._parts(segment, step) if i in those else [segment]
        if tuple(segments) == cut.segments:
            raise StageError("`speed` changes nothing: no chosen segment shows a source then")
        return cut.with_segments(tuple(segments))

    def _parts(self, segment: Segment, step: Fraction) -> Iterator[Segment]:
        """The segment, divided where the speed begins and ends."""
        seen = segment.range
        first = seen.start if self.start is None else self.start
        last = seen.end if self.end is None else self.end
        shown = Range(first, last).intersect(seen) if first < last else None
        if segment.source is None or shown is None:
            yield segment
            return
        times = {t for end in (shown.start, shown.end) for t in segment.as_warp.times_of(end)}
        edges = sorted({Fraction(0), *times, segment.duration})
        for start, end in pairwise(edges):
            part = segment.part(start, end)
            if start:
                part = replace(part, transition=None)
            inside = shown.contains(part.range.middle)
            yield self._changed(part, step) if inside else part

    def _changed(self, segment: Segment, step: Fraction) -> Segment:
        if isinstance(self.factor, Fraction):
            inner = Warp.steady(Fraction(0), segment.duration, self.factor)
        else:
            inner = passing(_paces(segment.as_warp, self.factor, step))
        return replace(segment.retimed(inner), sound=self.sound)


def _paces(warp: Warp, curve: Curve, step: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """(seconds of a segment, speed) as a curve has it, constant for a frame at a time."""
    for piece in warp.pieces:
        for one, other in pairwise(_steps(piece.first, piece.last, curve, step)):
            speed = exact(curve.at((one + other) / 2)).limit_denominator(1000)
            share = (other - one) / piece.slope if piece.slope else piece.end - piece.start
            yield share, max(speed, _SLOWEST)


def _steps(first: Fraction, last: Fraction, curve: Curve, step: Fraction) -> list[Fraction]:
    """Source times from ``first`` to ``last``: a step apart, and at the keys."""
    low, high = min(first, last), max(first, last)
    if low == high:
        return [first, last]
    begin, end = (curve.keys[i].at for i in (0, -1))
    changing = Range(low, high).intersect(Range(begin, end)) if end > begin else None
    inner = {key.at for key in curve.keys}
    if changing:
        count = -(-changing.duration // step)
        inner |= {changing.start + changing.duration * i / count for i in range(count)}
    times = sorted({low, high, *(t for t in inner if low < t < high)})
    return times if first < last else times[::-1]
