"""`text`: a text, such as a title."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from smartcut.drawer import Draw, DrawBench, Painted
from smartcut.drawers._lettering import Lettering, painter
from smartcut.render.captions.cues import Cue
from smartcut.timebase import Range

_ALWAYS = Range(Fraction(0), Fraction(1))


class Text(Lettering):
    """Draws a text. Lines keep their breaks; one too long shrinks or is broken again."""

    name: ClassVar[str] = "text"

    text: str = Field(description="One line, or several.")

    def open(self, bench: DrawBench) -> Draw:
        painters = painter(bench)

        def draw(now: Text) -> Painted:
            return painters(now).paint(Cue(_ALWAYS, tuple(now.text.split("\n")), ()))

        return draw

    def check(self, bench: DrawBench) -> None:
        self.open(bench)(self)
