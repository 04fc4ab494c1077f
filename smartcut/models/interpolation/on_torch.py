"""IFNet in torch: the plain network on the CPU, folded and in half precision on a GPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from smartcut.models.interpolation.ifnet import BlockCall, IFNet, between, folded
from smartcut.models.interpolation.tiling import tiles


class TiledBlock:
    """A block's convolutions on tiles of at most ``limit`` pixels; float32 in and out.

    Within, the dtype of the block's own weights, channels last.
    """

    def __init__(self, block: nn.Module, limit: int) -> None:
        self._block = block
        self._dtype = next(block.parameters()).dtype
        self._limit = limit

    def __call__(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        pieces = list(tiles(height, width, self._limit // len(x)))
        if len(pieces) == 1:
            return self._whole(x)
        out = x.new_empty(len(x), 6, height, width)
        for down, across in pieces:
            found = self._whole(x[..., down.read, across.read])
            out[..., down.keep, across.keep] = found[..., down.inner, across.inner]
        return out

    def _whole(self, x: Tensor) -> Tensor:
        if self._dtype != torch.float32:
            x = x.to(self._dtype, memory_format=torch.channels_last)
        return self._block(x).float()


class OnTorch:
    """Pictures by torch on ``device``, as many at once as are asked for."""

    def __init__(self, net: IFNet, device: str, tile: int) -> None:
        self.device = torch.device(device)
        self.blocks: list[BlockCall] = [
            TiledBlock(self._placed(net.get_submodule(f"block{i}")), tile) for i in range(4)
        ]

    def _placed(self, block: nn.Module) -> nn.Module:
        if self.device.type == "cpu":
            return block.eval()
        ready = folded(block).to(self.device, torch.float16)  # type: ignore[arg-type]
        return ready.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def at(
        self, pairs: Sequence[tuple[np.ndarray, np.ndarray, float]], ensemble: bool
    ) -> list[np.ndarray]:
        """See :class:`smartcut.models.interpolation.rife.Pictures`."""
        with torch.inference_mode():
            first = self._tensor([pair[0] for pair in pairs])
            second = self._tensor([pair[1] for pair in pairs])
            steps = torch.tensor([pair[2] for pair in pairs], device=self.device)
            found = between(self.blocks, first, second, steps.reshape(-1, 1, 1, 1), ensemble)
            return list(found.permute(0, 2, 3, 1).cpu().numpy())

    def _tensor(self, pictures: list[np.ndarray]) -> Tensor:
        x = torch.from_numpy(np.stack(pictures)).to(self.device)
        return x.permute(0, 3, 1, 2).contiguous()
