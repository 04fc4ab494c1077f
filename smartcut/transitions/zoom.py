"""`zoom`: what goes grows and dissolves away."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.image import Image
from smartcut.transition import Join, JoinBench, TransitionKind


class ZoomThrough(TransitionKind):
    """What goes grows about its middle and dissolves into what comes."""

    name: ClassVar[str] = "zoom"

    scale: float = Field(2.0, gt=1, le=20, description="How large the outgoing picture grows.")

    def open(self, bench: JoinBench) -> Join:
        from smartcut.media.image import mixed
        from smartcut.media.resampling import resampled

        width, height = bench.size

        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            scale = 1 + (self.scale - 1) * share
            x, y = width / 2 * (1 - scale), height / 2 * (1 - scale)
            matrix = np.array([[scale, 0, x], [0, scale, y], [0, 0, 1.0]])
            return mixed(resampled(outgoing, matrix, bench.size), incoming, share)

        return join
