"""Pictures between two pictures: the engines, under one contract.

===============  ====================================================================
``rife``         RIFE 4.6 (IFNet), a network; tiers ``fast`` and ``best``
``flow``         OpenCV's DIS optical flow, both ways, splatted; needs no weights
``blend``        a plain mix of both pictures
``minterpolate`` FFmpeg's motion-compensated filter, for comparison
===============  ====================================================================

Importing this package loads no network; :func:`load` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

EngineName = Literal["rife", "flow", "blend", "minterpolate"]
Tier = Literal["fast", "best"]


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Two pictures that follow each other, and when the ones between are wanted.

    ``first`` and ``second`` are RGB (H, W, 3) of one size, uint8 or uint16; ``steps`` lie
    strictly between 0 (the first picture) and 1 (the second).
    """

    first: np.ndarray
    second: np.ndarray
    steps: tuple[float, ...]


class Interpolator(Protocol):
    """Makes the pictures between two; the same gap always gives the same pictures."""

    name: EngineName
    weights: tuple[str, str] | None
    """(name, sha256) of the network's weights; None for an engine without."""
    at_once: int
    """How many pictures it makes best in one call: a batch on a GPU, else 1."""

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap, in the order of its steps, of the gap's own dtype."""


def load(
    name: EngineName,
    *,
    tier: Tier = "best",
    device: str = "cpu",
    allow_net: bool = False,
    file: Path | None = None,
) -> Interpolator:
    """The engine of that name, ready to work.

    ``device`` is ``cpu``, ``cuda`` or ``cuda:N``; ``file`` holds the user's own RIFE weights.
    Raises ModelError where weights are missing, damaged or of another network.
    """
    if name == "rife":
        from smartcut.models.interpolation.rife import load as load_rife

        return load_rife(tier=tier, device=device, allow_net=allow_net, file=file)
    if name == "flow":
        from smartcut.models.interpolation.flow import Flow

        return Flow()
    if name == "blend":
        from smartcut.models.interpolation.blend import Blend

        return Blend()
    from smartcut.models.interpolation.minterpolate import Minterpolate

    return Minterpolate()
