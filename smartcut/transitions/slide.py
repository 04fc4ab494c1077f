"""`slide`: what comes slides over what goes, which stays where it is."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.image import Image
from smartcut.transition import Join, JoinBench, TransitionKind
from smartcut.transitions._direction import Direction, beside


class Slide(TransitionKind):
    """What comes slides over what goes, which stays where it is."""

    name: ClassVar[str] = "slide"

    direction: Direction = Field("left", description="Where it moves: `left` comes from the right.")

    def open(self, bench: JoinBench) -> Join:
        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            return beside(outgoing, incoming, self.direction, share, pushes=False)

        return join
