"""`wipe`: an edge goes across the picture."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.image import Image
from smartcut.transition import Join, JoinBench, TransitionKind
from smartcut.transitions._direction import Direction, edge_shares


class Wipe(TransitionKind):
    """An edge goes across the picture, and what comes is behind it."""

    name: ClassVar[str] = "wipe"

    direction: Direction = Field("right", description="Where the edge goes.")
    feather: float = Field(
        0.0, ge=0, le=1, description="Breadth of the soft edge, a share of the picture's."
    )

    def open(self, bench: JoinBench) -> Join:
        from smartcut.media.image import mixed

        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            shares = edge_shares(bench.size, self.direction, share, self.feather)
            return mixed(outgoing, incoming, shares)

        return join
