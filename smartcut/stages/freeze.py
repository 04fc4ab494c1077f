"""`freeze`: hold a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen
from smartcut.timebase import TimeParam
from smartcut.warp import Warp


class Freeze(Stage):
    """Holds the picture of a time for so long, then plays on; nothing is heard meanwhile.

    Every chosen segment that shows that time of its source holds it. What is before and after is
    copied where it can be.

    ```yaml
    - freeze: {at: 2s, duration: 3s}
    ```
    """

    name: ClassVar[str] = "freeze"
    hint: ClassVar[str] = "freeze: {at: 2s, duration: 1s}"

    at: TimeParam = Field(ge=0, description="Which picture, in source time.")
    duration: TimeParam = Field(Fraction(1), gt=0, description="For how long.")
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        those = chosen(self.on, len(cut.segments), self.name)
        segments = [
            part
            for i, segment in enumerate(cut.segments)
            for part in (self._held(segment) if i in those else (segment,))
        ]
        if len(segments) == len(cut.segments):
            raise StageError(
                f"`freeze` finds no picture to hold: no chosen segment shows {float(self.at):g} s "
                "of its source; `at` is a source time"
            )
        return cut.with_segments(tuple(segments))

    def _held(self, segment: Segment) -> Iterator[Segment]:
        """The segment in parts, the picture held between them."""
        if segment.source is None or not segment.range.contains(self.at):
            yield segment
            return
        when = segment.time_of(self.at)
        held = segment.retimed(Warp.frozen(when, self.duration))
        if when:
            yield segment.part(Fraction(0), when)
            held = replace(held, transition=None)
        yield held
        if when < segment.duration:
            yield replace(segment.part(when, segment.duration), transition=None)
