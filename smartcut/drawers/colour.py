"""`colour`: one colour all over the frame."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.colours import ColourParam, rgba
from smartcut.drawer import Draw, DrawBench, Drawer, Painted


class SolidColour(Drawer):
    """Fills the frame with a colour."""

    name: ClassVar[str] = "colour"

    colour: ColourParam = Field("#000000", description="`#rrggbb` or `#rrggbbaa`.")

    def open(self, bench: DrawBench) -> Draw:
        import numpy as np

        def draw(now: SolidColour) -> Painted:
            whole = np.empty((*bench.size[::-1], 4), np.uint8)
            whole[:] = rgba(now.colour)
            return Painted(whole)

        return draw
