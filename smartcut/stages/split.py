"""`split`: divide segments at shots, sentences or a length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.annotation import Shots, Transcript
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.stage import Context, Group, Stage, Step
from smartcut.stages._copy_slack import (
    Sliding,
    copy_slack_field,
    sliding_cuts,
    steps_of_moves,
    with_moves,
)
from smartcut.timebase import Range, TimeParam


class Split(Stage):
    """Divides every segment where its shots or sentences begin, or every so many seconds.

    Where each part becomes a file (`render: {each: segment}`) and its picture is copied, it is
    divided within `copy_slack` where that can be done without encoding: in the pause before a
    sentence, and within a shot, where shots are known.

    ```yaml
    - split: {by: length, length: 10s}
    ```
    """

    name: ClassVar[str] = "split"
    group: ClassVar[Group] = "choose"

    by: Literal["shots", "sentences", "length"] = Field("shots", description="Where to divide.")
    length: TimeParam | None = Field(None, gt=0, description="Seconds, with `by: length`.")

    copy_slack: TimeParam = copy_slack_field()

    @model_validator(mode="after")
    def _length_given(self) -> Split:
        if (self.by == "length") != (self.length is not None):
            raise ValueError("`length` goes with `by: length`")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        slack = self.copy_slack if context.target.is_each else Fraction(0)
        sliding = sliding_cuts(cut, slack, context)
        segments: list[Segment] = []
        for segment in cut.segments:
            points = _slid(sorted(self._points(cut, segment)), segment, sliding)
            segments.extend(divided(segment, points))
        _show(cut, segments, sliding)
        return with_moves(self.name, cut.with_segments(tuple(segments)), sliding)

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        return made, steps_of_moves(self.name, cut, made)

    def _points(self, cut: Cut, segment: Segment) -> Iterable[Fraction]:
        if segment.source is None:
            return ()
        if self.by == "length":
            assert self.length is not None
            count = int(segment.range.duration / self.length)
            return [segment.range.start + self.length * i for i in range(1, count + 1)]
        if self.by == "shots":
            shots = cut.data(Shots, "shots", segment.source)
            if shots is None:
                raise StageError("`split` by shots needs them; add `- shots` before it")
            return [shot.range.start for shot in shots.shots]
        transcript = cut.data(Transcript, "transcript", segment.source)
        if transcript is None:
            raise StageError("`split` by sentences needs speech; add `- transcribe` before it")
        return [sentence.range.start for sentence in transcript.sentences]


def _slid(points: list[Fraction], segment: Segment, sliding: Sliding) -> list[Fraction]:
    """The points inside a segment, each where dividing costs least, in the same order."""
    own = sliding.get(segment.source or "")
    inside = [p for p in points if segment.range.start < p < segment.range.end]
    if own is None or not inside:
        return inside
    edges = [segment.range.start, *inside, segment.range.end]
    rooms = (
        Range((a + 2 * at) / 3, (2 * at + b) / 3)
        for a, at, b in zip(edges, inside, edges[2:], strict=False)
    )
    return [own.moved("division", at, room) for at, room in zip(inside, rooms, strict=True)]


def _show(cut: Cut, segments: Iterable[Segment], sliding: Sliding) -> None:
    for segment in segments:
        if (one := sliding.get(segment.source or "")) is not None:
            one.show(one.as_asked(segment.range), segment.range)


def divided(segment: Segment, points: Iterable[Fraction]) -> list[Segment]:
    """The segment in parts, in order; points outside it do not count."""
    if segment.source is None or not segment.duration:
        return [segment]
    warp = segment.as_warp
    inside = {t for p in points for t in warp.times_of(p)}
    edges = sorted({Fraction(0), *inside, segment.duration})
    return [
        replace(segment.part(a, b), transition=segment.transition if i == 0 else None)
        for i, (a, b) in enumerate(pairwise(edges))
    ]
