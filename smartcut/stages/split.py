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
from smartcut.stage import Context, Group, Stage
from smartcut.timebase import TimeParam


class Split(Stage):
    """Divides every segment where its shots or sentences begin, or every so many seconds.

    ```yaml
    - split: {by: length, length: 10s}
    ```
    """

    name: ClassVar[str] = "split"
    group: ClassVar[Group] = "choose"

    by: Literal["shots", "sentences", "length"] = Field("shots", description="Where to divide.")
    length: TimeParam | None = Field(None, gt=0, description="Seconds, with `by: length`.")

    @model_validator(mode="after")
    def _length_given(self) -> Split:
        if (self.by == "length") != (self.length is not None):
            raise ValueError("`length` goes with `by: length`")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        segments: list[Segment] = []
        for segment in cut.segments:
            segments.extend(divided(segment, self._points(cut, segment)))
        return cut.with_segments(tuple(segments))

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
