"""`generated`: how much of the film was made by an engine or a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.algebra import merged, resolved
from smartcut.constraint import Constraint, Offered
from smartcut.cut import Cut
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.render.records.made import intervals
from smartcut.render.records.provenance import Interval, read_tag
from smartcut.timebase import Range, exact, total


class GeneratedShare(Expectation):
    """How much of the film was generated or interpolated, as the file or its manifest says.

    ```yaml
    expect: {generated: 0.2}
    ```
    """

    name: ClassVar[str] = "generated"
    short: ClassVar[str] = "share"

    share: float = Field(0.0, ge=0, le=1, description="At most so much of the film's length.")
    media: Literal["picture", "sound"] = Field("picture", description="Which of both counts.")

    def check(self, film: FinishedFilm) -> Checked:
        rows = film.record.get("generated")
        tag = read_tag(film.source.metadata)
        made: tuple[Interval, ...] = tag.intervals if tag else intervals(rows or ())
        ranges = [one.range for one in made if one.media == self.media]
        return self._checked(ranges, film.source.duration)

    def foresee(self, cut: Cut) -> Checked | None:
        if self.media != "picture":
            return None
        made = {s.id for s in cut.sources if s.made is not None and not s.is_drawn}
        tracks = (track for track in resolved(cut).tracks if track.kind == "picture")
        placed = (pair for track in tracks for pair in track.placed())
        return self._checked([p for s, p in placed if s.source in made], cut.duration)

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        if self.media == "picture" and any(one.generated for one in offered):
            made = tuple(one.generated for one in offered)
            yield Constraint(self.name, used=made, share=exact(self.share))

    def _checked(self, ranges: list[Range], lasts: Fraction) -> Checked:
        joined = merged(ranges, Fraction(1, 1000))
        share = float(total(joined) / lasts) if lasts else 0.0
        told = f"{share:.0%} generated"
        if share <= self.share:
            return Checked(told)
        first = joined[0]
        why = f"{share:.1%} of it is generated, more than {self.share:.0%}"
        return Checked(told, (Miss(why, first.start, first.end),))
