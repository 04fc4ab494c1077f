"""`lower_third`: who is speaking, at the lower edge of the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.colours import ColourParam
from smartcut.cut import Cut
from smartcut.render.captions.fonts import FontParam
from smartcut.stage import Context, Stage
from smartcut.stages._drawn import connected_above
from smartcut.timebase import TimeParam


class LowerThirdStage(Stage):
    """Names who is speaking: a title and a subtitle in a box at the lower edge.

    It is connected to what the programme shows at `at`, and stays on its sentence wherever that
    is cut, moved or slowed. The box lies within what every screen shows (EBU R 95, 5 %).
    Only the frames that show it are encoded.

        - lower_third: {title: Ada Lovelace, subtitle: Mathematician, at: 12.4s, of: interview}

    ```yaml
    - lower_third: {title: Ada Lovelace, subtitle: Mathematician, at: 2s}
    ```
    """

    name: ClassVar[str] = "lower_third"

    title: str = Field(min_length=1, description="The first line, such as a name.")
    subtitle: str | None = Field(None, description="The second line, smaller.")
    at: TimeParam = Field(
        Fraction(0), description="When it begins, in timeline time; with `of`, in that source's."
    )
    of: str | None = Field(None, description="The name of the source whose time `at` is.")
    duration: TimeParam = Field(Fraction(5), gt=0, description="How long it is to be seen.")
    side: Literal["left", "right"] = Field("left", description="Where the box lies.")
    size: float = Field(
        0.05, gt=0, le=0.2, description="Height of the title's letters, a share of the frame's."
    )
    margin: float = Field(
        0.05, ge=0, le=0.3, description="Kept free along every edge, as a share of it."
    )
    colour: ColourParam = Field("#ffffff", description="Of the letters.")
    background: ColourParam = Field("#101418d0", description="Of the box.")
    accent: ColourParam = Field("#ffd54a", description="Of the bar.")
    font: FontParam | None = Field(
        None, description="A font file; without it, Noto Sans of any script."
    )
    fade: TimeParam = Field(Fraction(1, 4), description="Seconds of coming in, and of going.")

    @model_validator(mode="after")
    def _fade_fits(self) -> LowerThirdStage:
        if 2 * self.fade > self.duration:
            raise ValueError(
                f"fading in and out takes {float(2 * self.fade):g} s, and it is there for "
                f"{float(self.duration):g} s; give a longer `duration` or a shorter `fade`"
            )
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.drawers.lower_third import LowerThird

        names = set(LowerThird.model_fields) & set(type(self).model_fields)
        drawer = LowerThird(**{name: getattr(self, name) for name in names})
        return connected_above(cut, self.name, "lower third", drawer, self, role="titles")
