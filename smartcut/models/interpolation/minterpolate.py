"""FFmpeg's ``minterpolate`` as an engine, so that the others can be compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from smartcut.errors import ModelError
from smartcut.models.interpolation import EngineName, Gap

# Steps are taken to the nearest fraction with at most this denominator: each division of a gap is
# computed whole.
_FINEST = 60


class Minterpolate:
    """Motion by blocks (mci, the filter's defaults); RGB uint8 only.

    Steps are rounded to fractions k/m with m at most 60.
    """

    name: EngineName = "minterpolate"
    weights: tuple[str, str] | None = None
    at_once = 1

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """Raises ModelError for pictures of more than 8 bits."""
        return [_between(gap) for gap in gaps]


def _between(gap: Gap) -> list[np.ndarray]:
    from smartcut.media.minterpolate import between

    if gap.first.dtype != np.uint8:
        raise ModelError(
            f"the engine minterpolate makes 8-bit pictures only, these are {gap.first.dtype}; "
            "take rife, flow or blend, or make the video 8-bit first"
        )
    steps = [Fraction(step).limit_denominator(_FINEST) for step in gap.steps]
    return between(gap.first, gap.second, steps)
