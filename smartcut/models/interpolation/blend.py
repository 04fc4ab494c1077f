"""The plain mix of two pictures: the simplest engine, and the baseline of all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smartcut.models.interpolation import EngineName, Gap


class Blend:
    """``(1 - t) * first + t * second``, rounded."""

    name: EngineName = "blend"
    weights: tuple[str, str] | None = None
    at_once = 1

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        return [[_mixed(gap, step) for step in gap.steps] for gap in gaps]


def _mixed(gap: Gap, step: float) -> np.ndarray:
    first, second = gap.first.astype(np.float32), gap.second.astype(np.float32)
    return np.rint(first + (second - first) * np.float32(step)).astype(gap.first.dtype)
