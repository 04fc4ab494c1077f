"""`trim`: keep chosen ranges of the sources."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator, model_validator

from smartcut.algebra import as_shown
from smartcut.cut import Cut, Segment
from smartcut.errors import PipelineError
from smartcut.interchange.timecode import frame_clock
from smartcut.source import Source
from smartcut.stage import Context, Group, Stage
from smartcut.timebase import FrameClock, Range, TimeParam, parse_time

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex


class Trim(Stage):
    """Keeps ranges of every source, joined in the order given.

    Times are source times: seconds, clock times, timecodes or frames (`30f-90f`: the 31st
    frame to the 90th, in every file). Where a file has a timecode of its own, that is meant. A cut
    between two frames goes to the nearer one. Effects and speeds that the pictures already have
    stay with them.

    ```yaml
    - trim: {ranges: [1:02-1:30, 2:10-2:25]}
    ```
    """

    name: ClassVar[str] = "trim"
    group: ClassVar[Group] = "choose"

    start: TimeParam | None = Field(None, description="Leave out what comes before.")
    end: TimeParam | None = Field(None, description="Leave out what comes after.")
    ranges: tuple[str, ...] = Field(
        (),
        description='Ranges to keep, as `"IN-OUT"`, `"IN-"` or `"-OUT"`; in the place of `start` '
        "and `end`.",
    )

    @field_validator("ranges", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> Trim:
        if self.ranges and (self.start is not None or self.end is not None):
            raise ValueError("give either `ranges`, or `start` and `end`")
        if not self.ranges and self.start is None and self.end is None:
            raise ValueError("needs `ranges`, or `start` or `end`")
        for text in self.ranges:
            _divided(text)
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        segments: list[Segment] = []
        for source in cut.footage:
            for kept in self._kept(source, context):
                segments += as_shown(cut, Segment(source.id, kept, label=source.id))
        return cut.with_segments(tuple(segments))

    def _kept(self, source: Source, context: Context) -> list[Range]:
        if self.ranges:
            clock = frame_clock(source, _Times(source, context))
            return [parse_range(text, clock, source.duration) for text in self.ranges]
        start = self.start or Fraction(0)
        end = source.duration if self.end is None else self.end
        return [_checked(start, end, source.duration, f"{start} to {end} s", Fraction(0))]


class _Times:
    """When the frames of a source start, looked up in its index where that is asked for."""

    def __init__(self, source: Source, context: Context) -> None:
        self._source, self._context = source, context

    @cached_property
    def _index(self) -> VideoIndex:
        from smartcut.media.index import video_index

        return video_index(self._source, self._context.cache)

    def __call__(self, number: int) -> Fraction:
        return self._index.time_of(number)


def _divided(text: str) -> tuple[str, str]:
    parts = re.split(r"\s*(?:-|\.\.)\s*", text.strip())
    if len(parts) != 2 or not any(parts):
        raise ValueError(
            f"{text!r} is not a range; write IN-OUT, such as 1.5-4 or 30f-90f, IN- for all from IN "
            "on, or -OUT for all up to OUT"
        )
    return parts[0], parts[1]


def parse_range(text: str, clock: FrameClock | None, duration: Fraction) -> Range:
    """The range that ``IN-OUT`` means; no IN is the start of the source, no OUT its end.

    ``clock`` is that of the source, for timecodes and frames. Raises PipelineError for what is
    reversed, empty or past the end by more than a frame.
    """
    try:
        start_text, end_text = _divided(text)
        start = parse_time(start_text, clock=clock) if start_text else Fraction(0)
        end = parse_time(end_text, clock=clock) if end_text else duration
    except ValueError as error:
        raise PipelineError(f"range {text!r}: {error}") from error
    return _checked(start, end, duration, text, 1 / clock.rate if clock else Fraction(1, 10))


def _checked(
    start: Fraction, end: Fraction, duration: Fraction, text: str, slack: Fraction
) -> Range:
    if start >= end:
        raise PipelineError(
            f"range {text!r} is empty or reversed: IN must be before OUT, as in 1.5-4"
        )
    if end > duration + slack or start >= duration:
        raise PipelineError(
            f"range {text!r} goes past the end of the source, which lasts {float(duration):.3f} s; "
            "without OUT (`10-`) a range goes to the end"
        )
    return Range(start, min(end, duration))
