"""`title`: text over the picture for a while."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.colours import ColourParam
from smartcut.cut import Cut
from smartcut.drawers.text import Text
from smartcut.errors import StageError
from smartcut.looks import LookParam
from smartcut.render.captions.fonts import FontParam
from smartcut.stage import Context, Stage
from smartcut.stages._drawn import with_title
from smartcut.stages._styled import StyleParam
from smartcut.text_style import TextStyle
from smartcut.timebase import Range, TimeParam


class TitleStage(Stage):
    """Draws a text over the picture for some seconds, such as a film's title or a name.

    Several of them add up. Times are those of the cut as it is at this step: put it after the
    stages that choose, join or order segments. A title that would outlast the cut ends with it.
    Lines keep their breaks; one too long for the picture shrinks or is broken again. It takes the
    looks of captions, which `style` and its own parameters change. Only the frames that show it
    are encoded.

        - title: {text: Harbour, look: neon}

    ```yaml
    - title: {text: Summer at sea, at: 1s, duration: 3s, position: bottom}
    ```
    """

    name: ClassVar[str] = "title"

    text: str = Field(description="One line, or several.")
    at: TimeParam = Field(Fraction(0), description="When it appears, from the start of the cut.")
    duration: TimeParam = Field(Fraction(3), gt=0, description="How long it is to be seen.")
    position: Literal["top", "middle", "bottom"] = Field("middle", description="Where it stands.")
    size: float = Field(
        0.09, gt=0, le=0.5, description="Height of the letters, as a share of the picture's."
    )
    colour: ColourParam = Field("#ffffff", description="Of the letters: `#rrggbb` or `#rrggbbaa`.")
    outline: ColourParam = Field("#000000", description="Colour around the letters.")
    outline_width: float = Field(
        0.006, ge=0, le=0.05, description="A share of the picture's height; 0 leaves it out."
    )
    box: ColourParam | None = Field(
        None, description="Colour of a box behind the text, such as `#00000080`."
    )
    font: FontParam | None = Field(
        None, description="A font file (.ttf, .otf, .ttc); without it, Noto Sans of any script."
    )
    fade: TimeParam = Field(
        Fraction(1, 4), description="Seconds of fading in, and as many of fading out; 0 for none."
    )

    look: LookParam | None = Field(
        None, description="A look to begin with: a name, a .yaml file, or its keys."
    )
    style: StyleParam = Field(TextStyle(), description="What is otherwise than in that look.")

    @field_validator("text")
    @classmethod
    def _text(cls, value: str) -> str:
        lines = [" ".join(line.split()) for line in value.strip().splitlines()]
        if not lines:
            raise ValueError("the text is empty")
        return "\n".join(lines)

    @model_validator(mode="after")
    def _fade_fits(self) -> TitleStage:
        if 2 * self.fade > self.duration:
            raise ValueError(
                f"fading in and out takes {float(2 * self.fade):g} s, and the title is there for "
                f"{float(self.duration):g} s; give a longer `duration` or a shorter `fade`"
            )
        return self

    def drawer(self) -> Text:
        """What draws it."""
        own = {n: getattr(self, n) for n in TextStyle.model_fields if n in type(self).model_fields}
        if self.look is not None:
            kept = {"size", "position", *self.model_fields_set}
            look = self.look.style.model_dump()
            own = {**look, **{name: value for name, value in own.items() if name in kept}}
        given = self.style.model_dump(include=self.style.model_fields_set)
        return Text(text=self.text, fade=self.fade, **{**own, **given})

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.at >= cut.duration:
            raise StageError(
                f"the title {self.text!r} is to appear at {float(self.at):g} s, but the cut lasts "
                f"{float(cut.duration):.3f} s; give an earlier `at`"
            )
        shown = Range(self.at, min(self.at + self.duration, cut.duration))
        fade = min(self.fade, shown.duration / 2)
        return with_title(cut, self.drawer().model_copy(update={"fade": fade}), shown)
