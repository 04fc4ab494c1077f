"""`split_edit`: sound that changes before the picture does, or after it (J and L cuts)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from pydantic import Field, model_validator

from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.stage import Context, Group, Stage
from smartcut.stages._joins import JoinsParam, joins
from smartcut.timebase import TimeParam


class SplitEdit(Stage):
    """Lets the sound change before the picture, or after it: J and L cuts.

    With `lead`, what comes is heard before it is seen (a J cut); with `lag`, what goes is still
    heard when the next is seen (an L cut). The picture, and how long the film is, stay as they
    are. Sound moves as far as the sources have some, and to the middle of a segment at most.

    ```yaml
    - split_edit: {lead: 400ms}
    - split_edit: {lag: 1s, at: [2]}
    ```
    """

    name: ClassVar[str] = "split_edit"
    group: ClassVar[Group] = "sound"

    lead: TimeParam = Field(
        Fraction(0), ge=0, le=60, description="Seconds by which sound comes before its picture."
    )
    lag: TimeParam = Field(
        Fraction(0), ge=0, le=60, description="Seconds by which sound comes after its picture."
    )
    at: JoinsParam = Field(
        "all", description="`all`, or the numbers of joins: 1 is where the second segment comes in."
    )

    @model_validator(mode="after")
    def _is_one(self) -> SplitEdit:
        if bool(self.lead) == bool(self.lag):
            raise ValueError(
                "give `lead` (a J cut) or `lag` (an L cut): sound comes either before its picture "
                "or after it"
            )
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.render.sound.joins import leads

        those = joins(self.at, len(cut.segments), self.name)
        if not those:
            raise StageError("`split_edit`: the cut has no join; put it after what makes segments")
        lead = self.lead - self.lag
        segments = tuple(
            replace(segment, lead=lead) if number in those else segment
            for number, segment in enumerate(cut.segments)
        )
        cut = cut.with_segments(segments)
        found = leads(cut)
        short = [n for n in sorted(those) if found[n] != lead]
        if short:
            moved = ", ".join(f"{n}: {float(abs(found[n])):.3f} s" for n in short)
            cut = cut.with_note(
                f"split_edit: sound moves by less at some joins ({moved}): there is no more of it, "
                "or of the segment"
            )
        return cut
