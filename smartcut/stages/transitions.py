"""`transitions`: how one segment gives way to the next."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.cut import Cut, Segment, Transition
from smartcut.stage import Context, Stage
from smartcut.timebase import TimeParam, nearest


class Transitions(Stage):
    """Joins all segments by a dissolve, a fade through black or a morph, in which they overlap.

    The cut gets shorter by the overlaps; one is never longer than a third of either segment. A
    `morph` hides a jump cut, as in a talking head: what goes changes into what comes by pictures
    made between both. Keep it short, a quarter of a second or less.
    """

    name: ClassVar[str] = "transitions"

    kind: Literal["dissolve", "fade", "morph", "none"] = Field(
        "dissolve", description="The look of it."
    )
    duration: TimeParam = Field(
        Fraction(1, 2), gt=0, le=10, description="Seconds that segments overlap."
    )

    engine: Literal["auto", "rife", "flow"] = Field(
        "auto", description="With `morph`: what makes the pictures, as in `interpolate`."
    )

    @model_validator(mode="after")
    def _engine_goes_with_morph(self) -> Transitions:
        if self.engine != "auto" and self.kind != "morph":
            raise ValueError("`engine` goes with `kind: morph`")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        segments = cut.segments[:1]
        for segment in cut.segments[1:]:
            segments = (*segments, self._joined(segments[-1], segment))
        cut = cut.with_segments(segments)
        return self._morphed(cut, context) if self.kind == "morph" else cut

    def _joined(self, before: Segment, segment: Segment) -> Segment:
        if self.kind == "none":
            return replace(segment, transition=None)
        longest = min(before.duration, segment.duration) / 3
        return replace(segment, transition=Transition(self.kind, min(self.duration, longest)))

    def _morphed(self, cut: Cut, context: Context) -> Cut:
        """The cut with an engine chosen for its morphs."""
        from smartcut.stages._making import making

        videos = [v for s in cut.segments if s.source and (v := cut.source(s.source).video)]
        pictures = sum(nearest(s.overlap * (videos[0].rate if videos else 0)) for s in cut.segments)
        if not pictures:
            return cut
        params, reason = making(context, videos, pictures, engine=self.engine)
        segments = tuple(
            replace(s, transition=replace(s.transition, params=params)) if s.transition else s
            for s in cut.segments
        )
        return cut.with_segments(segments).with_note(f"transitions: {reason}")
