"""`countdown`: the seconds that are left, in figures."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.colours import ColourParam
from smartcut.cut import Cut
from smartcut.drawers.timer import Timer
from smartcut.render.captions.fonts import FontParam
from smartcut.stage import Context, Stage
from smartcut.stages._drawn import connected_above
from smartcut.timebase import TimeParam


class Countdown(Stage):
    """Counts the seconds down, or up, in figures over the picture.

    The last second is 1; what changes once a second is drawn once a second. It lies within what
    every screen shows for certain of text (EBU R 95, 10 %).

        - countdown: {at: 0s, duration: 5s}

    ```yaml
    - countdown: {at: 0s, duration: 5s}
    ```
    """

    name: ClassVar[str] = "countdown"

    at: TimeParam = Field(
        Fraction(0), description="When it begins, in timeline time; with `of`, in that source's."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam = Field(Fraction(5), gt=0, description="The seconds to count.")
    count: Literal["down", "up"] = Field("down", description="What is left, or what is over.")
    format: Literal["auto", "seconds", "clock"] = Field(
        "auto", description="`7`, or `0:07`; auto takes a clock from a minute on."
    )
    position: Literal["top", "middle", "bottom"] = Field("middle", description="Where it stands.")
    align: Literal["left", "centre", "right"] = Field("centre", description="On which side.")
    size: float = Field(
        0.3, gt=0, le=0.5, description="Height of the figures, as a share of the picture's."
    )
    margin: float = Field(0.1, ge=0, le=0.4, description="Kept free along every edge.")
    colour: ColourParam = Field("#ffffff", description="Of the figures.")
    outline: ColourParam = Field("#000000", description="Colour around them.")
    outline_width: float = Field(
        0.008, ge=0, le=0.05, description="A share of the picture's height; 0 leaves it out."
    )
    box: ColourParam | None = Field(
        None, description="Colour of a box behind the figures, such as `#00000080`."
    )
    font: FontParam | None = Field(
        None, description="A font file; without it, Noto Sans of any script."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        names = set(Timer.model_fields) & set(type(self).model_fields)
        timer = Timer(**{name: getattr(self, name) for name in names})
        return connected_above(cut, self.name, "countdown", timer, self, role="titles")
