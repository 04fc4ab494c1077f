"""`reverse`: play backwards."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.cut import Cut, Segment
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.warp import Warp


class Reverse(Stage):
    """Plays the cut backwards, sound included, or chosen segments of it where they are.

    Twice gives what was there before. What plays backwards is encoded; the rest is copied where it
    can be.

    ```yaml
    - reverse: {on: last}
    ```
    """

    name: ClassVar[str] = "reverse"

    on: OnParam = Field(
        "all",
        description="`all` (the last segment then comes first), `first`, `last`, or the numbers "
        "of segments from 0.",
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        those = chosen(self.on, len(cut.segments), self.name)
        segments = tuple(_reversed(s) if i in those else s for i, s in enumerate(cut.segments))
        return cut.with_segments(_turned(segments) if self.on == "all" else segments)


def _reversed(segment: Segment) -> Segment:
    if segment.source is None or not segment.duration:
        return segment
    return segment.retimed(Warp.steady(Fraction(0), segment.duration).reversed())


def _turned(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments from the last to the first; a transition stays between the same two."""
    comes_in = [None, *(segment.transition for segment in segments[:0:-1])]
    pairs = zip(segments[::-1], comes_in, strict=True)
    return tuple(replace(segment, transition=transition) for segment, transition in pairs)
