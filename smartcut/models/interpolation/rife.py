"""The ``rife`` engine: RIFE 4.6 on the CPU or a GPU, for pictures of any size.

Tier ``fast`` asks the network once a picture; ``best`` also with the pictures swapped, and
averages (an ensemble; twice the time, 0.3 to 0.7 dB better).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from smartcut.cache import file_sha256
from smartcut.models import weights
from smartcut.models.interpolation import EngineName, Gap, Tier
from smartcut.models.interpolation.ifnet import ALIGN, BlockCall, between, folded
from smartcut.models.interpolation.rife_weights import read

MODEL = "rife-4.6"


class Rife:
    """An :class:`~smartcut.models.interpolation.Interpolator`; use :func:`load`."""

    name: EngineName = "rife"

    def __init__(
        self,
        blocks: Sequence[BlockCall],
        *,
        tier: Tier,
        device: str = "cpu",
        at_once: int = 1,
        weights: tuple[str, str] | None = None,
    ) -> None:
        self.blocks = list(blocks)
        self.tier = tier
        self.device = torch.device(device)
        self.at_once = at_once
        self.weights = weights

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap, in the order of its steps, of the gap's own dtype."""
        made: list[list[np.ndarray]] = []
        with torch.inference_mode():
            for gap in gaps:
                one, two = self._tensor(gap.first), self._tensor(gap.second)
                made.append([self._picture(one, two, step, gap) for step in gap.steps])
        return made

    def _tensor(self, picture: np.ndarray) -> Tensor:
        """(1, 3, H, W) in 0..1, padded right and bottom with zeros to the network's stride."""
        height, width = picture.shape[:2]
        x = torch.from_numpy(np.ascontiguousarray(picture)).to(self.device)
        x = x.permute(2, 0, 1)[None].float() / float(np.iinfo(picture.dtype).max)
        return F.pad(x, (0, -width % ALIGN, 0, -height % ALIGN))

    def _picture(self, one: Tensor, two: Tensor, step: float, gap: Gap) -> np.ndarray:
        height, width = gap.first.shape[:2]
        at = torch.full((1, 1, 1, 1), step, device=self.device)
        found = between(self.blocks, one, two, at, self.tier == "best")
        top = float(np.iinfo(gap.first.dtype).max)
        found = (found[0, :, :height, :width] * top).round_().clamp_(0, top)
        return found.permute(1, 2, 0).cpu().numpy().astype(gap.first.dtype)


def load(
    *, tier: Tier = "best", device: str = "cpu", allow_net: bool = False, file: Path | None = None
) -> Rife:
    """The engine with the published weights, or the user's own from ``file``.

    ``device`` is ``cpu``, ``cuda`` or ``cuda:N``. Raises ModelError where the weights are
    missing, damaged, or those of another network.
    """
    if file is None:
        file = weights.path(MODEL, allow_net=allow_net)
        known = (MODEL, weights.digest(MODEL))
    else:
        known = (f"{MODEL} ({file.name})", file_sha256(file))
    net = read(file)
    blocks: list[BlockCall] = [folded(block).to(device).eval() for block in net.blocks]
    return Rife(blocks, tier=tier, device=device, weights=known)
