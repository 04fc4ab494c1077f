"""`timer`: seconds that are left, or that are over."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import ClassVar, Literal, Self

from pydantic import Field

from smartcut.drawer import Draw, DrawBench, Painted
from smartcut.drawers._lettering import Lettering, painter
from smartcut.render.captions.cues import Cue
from smartcut.timebase import Range

_ALWAYS = Range(Fraction(0), Fraction(1))
_CLOCK = 60


class Timer(Lettering):
    """Writes how many seconds are left, or are over."""

    name: ClassVar[str] = "timer"
    version: ClassVar[int] = 2

    count: Literal["down", "up"] = Field("down", description="What is left, or what is over.")
    format: Literal["auto", "seconds", "clock"] = Field(
        "auto", description="`7`, or `0:07`; auto takes a clock from a minute on."
    )
    number: int | None = Field(None, ge=0, description="The seconds; without it, as time is over.")

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        now = super().seen(shown, lasts)
        if now is None:
            return None
        clock = self.format == "clock" or (self.format == "auto" and lasts >= _CLOCK)
        number = self.number
        if number is None:
            left = max(lasts - shown.start, Fraction(0))
            number = math.ceil(left) if self.count == "down" else math.floor(shown.start)
        return now.changed(number=max(number, 0), format="clock" if clock else "seconds")

    def open(self, bench: DrawBench) -> Draw:
        painters = painter(bench)

        def draw(now: Timer) -> Painted:
            seconds = now.number or 0
            text = f"{seconds // 60}:{seconds % 60:02}" if now.format == "clock" else str(seconds)
            return painters(now).paint(Cue(_ALWAYS, (text,), ()))

        return draw

    def check(self, bench: DrawBench) -> None:
        self.open(bench)(self)
