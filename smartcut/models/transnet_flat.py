"""TransNet V2 with the same weights in fewer and larger steps, one window at a time.

A convolution in space is one of pictures; one in time is a product of each place with itself
before and after. The normalisation behind them is folded into the second.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.models.transnet import KEEP, MARGIN
from smartcut.models.transnet_network import (
    DILATIONS,
    Chances,
    DilatedCell,
    StackedCells,
    TransNetV2,
)

#: (T, C, H, W), the dilation, weights before, now and after, and what is added: (T, H, W, F).
ThroughTime = Callable[[Tensor, int, Tensor, Tensor], Tensor]


class FlatCell(nn.Module):
    """Four dilations side by side, of pictures (T, C, H, W): 4 x ``filters`` channels."""

    def __init__(self, cell: DilatedCell, how: ThroughTime) -> None:
        super().__init__()
        self.how = how
        norm = cell.bn
        assert norm.running_mean is not None
        assert norm.running_var is not None
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * gain
        self.space, self.time = nn.ParameterList(), nn.ParameterList()
        self.shift = nn.ParameterList(shift.chunk(len(DILATIONS)))
        for dilation, part in zip(DILATIONS, gain.chunk(len(DILATIONS)), strict=True):
            space, time = cell.get_submodule(f"Conv3D_{dilation}").layers  # type: ignore[misc]
            weight = space.weight[:, :, 0].contiguous(memory_format=torch.channels_last)
            self.space.append(weight)
            taps = time.weight[..., 0, 0].permute(0, 2, 1).flatten(1)  # before, now, after
            self.time.append(taps * part[:, None])

    def forward(self, x: Tensor) -> Tensor:
        parts = zip(DILATIONS, self.space, self.time, self.shift, strict=True)
        outs = [self.how(F.conv2d(x, s, padding=1), d, t, b) for d, s, t, b in parts]
        return torch.cat(outs, dim=-1).permute(0, 3, 1, 2)


def by_product(x: Tensor, dilation: int, taps: Tensor, shift: Tensor) -> Tensor:
    """(T, H, W, F): each place of (T, C, H, W) with itself ``dilation`` frames before and after.

    The faster way in torch, whose pictures have their channels last.
    """
    x = x.permute(0, 2, 3, 1)
    count, height, width, channels = x.shape
    flat = x.reshape(count, height * width, channels)
    padded = F.pad(flat, (0, 0, 0, 0, dilation, dilation))
    three = torch.cat([padded[:count], flat, padded[2 * dilation :]], dim=-1)
    return F.linear(three, taps, shift).reshape(count, height, width, len(shift))


def by_convolution(x: Tensor, dilation: int, taps: Tensor, shift: Tensor) -> Tensor:
    """The same by a convolution over frames and places: the faster way in ONNX Runtime."""
    count, channels, height, width = x.shape
    flat = x.transpose(0, 1).reshape(1, channels, count, height * width)
    weight = taps.reshape(len(shift), 3, channels).transpose(1, 2)[..., None]
    out = F.conv2d(flat, weight, shift, padding=(dilation, 0), dilation=(dilation, 1))
    return out.reshape(len(shift), count, height, width).permute(1, 2, 3, 0)


class FlatTransNet(nn.Module):
    """Chances (1, 2, 50) of the middle frames of a window (1, 100, 27, 48, 3), uint8."""

    def __init__(self, network: TransNetV2, how: ThroughTime) -> None:
        super().__init__()
        stacks = [m for m in network.modules() if isinstance(m, StackedCells)]
        cells = [
            FlatCell(m, how) for s in stacks for m in s.modules() if isinstance(m, DilatedCell)
        ]
        self.cells = nn.ModuleList(cells)
        self.rest = network
        del self.rest.SDDCNN

    def bfloat16(self) -> FlatTransNet:
        """The convolutions in bf16; what compares frames and decides stays as it is."""
        self.cells.bfloat16()
        return self

    def forward(self, windows: Tensor) -> Tensor:
        rest, maps = self.rest, []
        kind = next(self.cells.parameters()).dtype
        x = (windows[0].permute(0, 3, 1, 2).float() / 255).to(kind)
        for at in range(0, len(self.cells), 2):
            first = torch.relu(self.cells[at](x))
            x = F.avg_pool2d(first + torch.relu(self.cells[at + 1](first)), 2)
            maps.append(x.float().mean(dim=(2, 3)))
        spatial = x.float().permute(0, 2, 3, 1).flatten(1)[None]
        compared = rest.frame_sim_layer.of_means(torch.cat(maps, dim=1)[None])
        x = torch.cat([rest.color_hist_layer(windows), compared, spatial], dim=2)
        x = torch.relu(rest.fc1(x))
        heads = torch.stack([rest.cls_layer1(x)[..., 0], rest.cls_layer2(x)[..., 0]], dim=1)
        return heads.sigmoid()[:, :, MARGIN : MARGIN + KEEP]


def flat(chances: nn.Module, how: ThroughTime) -> FlatTransNet:
    """What stands for :class:`~smartcut.models.transnet_network.Chances`; that one is used up."""
    assert isinstance(chances, Chances)
    assert isinstance(chances.network, TransNetV2)
    return FlatTransNet(chances.network, how)
