"""`excerpt`: a part of the film."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.excerpts import excerpt
from smartcut.stage import Context, Group, Stage
from smartcut.timebase import Range, SignedTimeParam

# A time may lie so far beyond the end, in seconds: other tools round to frames.
_SLACK = Fraction(1, 10)


class Excerpt(Stage):
    """Keeps a part of the film as it is by then, with all that lies over it and plays under it.

    Times are times of the film, where `trim` has those of each source. In Python it is a slice:
    `pipeline[3:10]`, `pipeline[:-2]`. A cut between two frames goes to the nearer one. One within a
    transition leaves the transition out, and a note says so.

    ```yaml
    - excerpt: {start: 3s, end: 10s}
    ```
    """

    name: ClassVar[str] = "excerpt"
    group: ClassVar[Group] = "choose"

    start: SignedTimeParam = Field(
        Fraction(0), description="Where it begins; below 0 from the end of the film."
    )
    end: SignedTimeParam | None = Field(
        None, description="Where it ends; below 0 from the end; left out, the end."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        lasts = cut.duration
        start, end = (self._time(time, lasts) for time in (self.start, self.end))
        if start >= end:
            raise StageError(
                f"`excerpt` of {float(start):g} to {float(end):g} s is empty: `start` must come "
                f"before `end`; the film lasts {float(lasts):.3f} s"
            )
        return excerpt(cut, Range(start, min(end, lasts)))

    def _time(self, time: Fraction | None, lasts: Fraction) -> Fraction:
        """A time of the film; raises StageError for one outside."""
        found = lasts if time is None else time if time >= 0 else lasts + time
        if not 0 <= found <= lasts + _SLACK:
            raise StageError(
                f"`excerpt`: {float(time or 0):g} s is outside of the film, which lasts "
                f"{float(lasts):.3f} s"
            )
        return found
