"""`progress`: a bar that grows with time."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal, Self

from pydantic import Field

from smartcut.colours import ColourParam
from smartcut.curve import Animated
from smartcut.drawer import Draw, DrawBench, Drawer, Painted
from smartcut.timebase import Range


class ProgressDrawer(Drawer):
    """Draws a bar that has grown as far as time is over."""

    name: ClassVar[str] = "progress"

    share: Animated | None = Field(
        None, ge=0, le=1, description="How far it has grown; without it, as time is over."
    )
    position: Literal["bottom", "top"] = Field("bottom", description="At which edge it lies.")
    thickness: float = Field(0.012, gt=0, le=1, description="A share of the frame's height.")
    margin: float = Field(
        0.0, ge=0, lt=0.5, description="Distance from the edges, as a share of the shorter side."
    )
    colour: ColourParam = Field("#ffd54a", description="Of what is over.")
    background: ColourParam = Field("#00000060", description="Of what is to come.")

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        now = super().seen(shown, lasts)
        if now is None or self.share is not None:
            return now
        over = float(min(max(shown.end / lasts, Fraction(0)), Fraction(1))) if lasts else 1.0
        return now.changed(share=over)

    def open(self, bench: DrawBench) -> Draw:
        from smartcut.render import forms

        width, height = bench.size

        def draw(now: ProgressDrawer) -> Painted | None:
            room, thick = now.margin * min(bench.size), now.thickness * height
            top = room if now.position == "top" else height - room - thick
            left, right = room, width - room
            box = (left, round(top), right, round(top) + max(1, round(thick)))
            edge = left + (right - left) * (now.share or 0)
            pixels = forms.pixels_around(box, bench.size, 0)
            whole = forms.box_coverage(box, pixels)
            over = forms.box_coverage((left, box[1], edge, box[3]), pixels)
            return forms.painted([(whole - over, now.background), (over, now.colour)], *pixels[:2])

        return draw
