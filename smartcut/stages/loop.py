"""`loop`: play several times."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from smartcut.cut import Cut, Segment
from smartcut.stage import Context, Stage
from smartcut.stages._chosen import OnParam, chosen


class Loop(Stage):
    """Plays the whole cut several times, or each chosen segment several times in its place.

    ```yaml
    - loop: {times: 3}
    ```
    """

    name: ClassVar[str] = "loop"
    hint: ClassVar[str] = "loop: {times: 3}"

    times: int = Field(ge=2, le=1000, description="How often it plays in all.")
    on: OnParam = Field(
        "all",
        description="`all` (the cut as a whole), `first`, `last`, or the numbers of segments "
        "from 0.",
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.on == "all":
            return cut.with_segments(cut.segments * self.times)
        those = chosen(self.on, len(cut.segments), self.name)
        repeated = (self._repeated(s) if i in those else (s,) for i, s in enumerate(cut.segments))
        return cut.with_segments(tuple(s for several in repeated for s in several))

    def _repeated(self, segment: Segment) -> tuple[Segment, ...]:
        again = replace(segment, transition=None)
        return (segment, *(again,) * (self.times - 1))
