"""`text`: a text, such as a title."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Self

from pydantic import Field

from smartcut.drawer import Draw, DrawBench, Painted
from smartcut.drawers._lettering import Lettering, painter
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.emphasis import in_capitals
from smartcut.render.captions.states import CardState, state_at
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

_ALWAYS = Range(Fraction(0), Fraction(1))


class Text(Lettering):
    """Draws a text. Lines keep their breaks; one too long shrinks or is broken again.

    Nobody speaks it, so that it comes as a whole where its style is animated.
    """

    name: ClassVar[str] = "text"
    version: ClassVar[int] = 2

    text: str = Field(description="One line, or several.")
    step: int | None = Field(
        None, ge=0, description="How many steps it has come; without it, as its animation has it."
    )

    @cached_property
    def style(self) -> TextStyle:
        whole = {"animate": "card", "reveal": "card"}
        return super().style.model_copy(update=whole)

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        now = super().seen(shown, lasts)
        if now is None or not self._comes or self.step is not None:
            return now
        step = state_at(self._cue(Range(Fraction(0), lasts)), self.style, shown).card
        if step not in self._stepped:
            self._stepped[step] = self.changed(step=step)
        return self._stepped[step] if now is self else now.changed(step=step)

    @cached_property
    def _stepped(self) -> dict[int | None, Self]:
        """The drawer at each step, where nothing else changes."""
        return {}

    @property
    def _comes(self) -> bool:
        return self.animation not in ("none", "fill")

    @property
    def is_steady(self) -> bool:
        return not (self._comes or self.fade or self._animated)

    def _cue(self, shown: Range) -> Cue:
        lines = tuple(in_capitals(line, self) for line in self.text.split("\n"))
        return Cue(shown, lines, ())

    def open(self, bench: DrawBench) -> Draw:
        painters = painter(bench)

        def draw(now: Text) -> Painted:
            return painters(now).painted(now._cue(_ALWAYS), CardState(card=now.step))

        return draw

    def check(self, bench: DrawBench) -> None:
        self.open(bench)(self)
