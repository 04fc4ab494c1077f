"""`transitions`: how one segment gives way to the next."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.cut import Cut, Segment, Transition
from smartcut.stage import Context, Stage
from smartcut.timebase import TimeParam


class Transitions(Stage):
    """Joins all segments by a dissolve, or a fade through black; segments overlap meanwhile.

    The cut gets shorter by the overlaps; one is never longer than a third of either segment.
    """

    name: ClassVar[str] = "transitions"

    kind: Literal["dissolve", "fade", "none"] = Field("dissolve", description="The look of it.")
    duration: TimeParam = Field(
        Fraction(1, 2), gt=0, le=10, description="Seconds that segments overlap."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        segments = cut.segments[:1]
        for segment in cut.segments[1:]:
            segments = (*segments, self._joined(segments[-1], segment))
        return cut.with_segments(segments)

    def _joined(self, before: Segment, segment: Segment) -> Segment:
        if self.kind == "none":
            return replace(segment, transition=None)
        longest = min(before.duration, segment.duration) / 3
        return replace(segment, transition=Transition(self.kind, min(self.duration, longest)))
