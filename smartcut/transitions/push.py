"""`push`: what comes pushes what goes out of the picture."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.image import Image
from smartcut.transition import Join, JoinBench, TransitionKind
from smartcut.transitions._direction import Direction, beside


class Push(TransitionKind):
    """What comes pushes what goes out of the picture."""

    name: ClassVar[str] = "push"

    direction: Direction = Field("left", description="Where it moves: `left` comes from the right.")

    def open(self, bench: JoinBench) -> Join:
        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            return beside(outgoing, incoming, self.direction, share, pushes=True)

        return join
