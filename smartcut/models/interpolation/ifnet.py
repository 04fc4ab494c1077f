"""IFNet, the network of RIFE, in plain torch: flow and a mask from coarse to fine, then a blend.

Zhewei Huang, Tianyuan Zhang, Wen Heng, Boxin Shi, Shuchang Zhou, "Real-Time Intermediate Flow
Estimation for Video Frame Interpolation", ECCV 2022, arXiv 2011.06294. Own code; it reads the
published weights of version 4.6.

Pictures are (B, 3, H, W), RGB in 0..1, float32, H and W multiples of ``ALIGN``. A flow is
(B, 4, H, W) in pixels: x and y from the wanted picture to the first, then to the second. The
mask is a logit: how much the first picture counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Each block sees the pictures shrunk by its scale.
SCALES = (8, 4, 2, 1)
#: Both sides of a picture must be multiples: the coarsest block halves its input twice.
ALIGN = 32
#: Features and input channels of the four blocks: two pictures and the step, later also the
#: mask and the flow.
FEATURES = (192, 128, 96, 64)
INPUTS = (7, 12, 12, 12)
SLOPE = 0.2

#: A block's convolutions, however computed: (B, inputs, h, w) to (B, 6, h, w).
BlockCall = Callable[[Tensor], Tensor]


class ResConv(nn.Module):
    """A convolution scaled by ``beta``, added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)
        self.beta = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.conv(x) * self.beta + x, SLOPE)


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1), nn.LeakyReLU(SLOPE))


class Block(nn.Module):
    """Six channels at its input's size: flow (4, over the scale), mask (1), one without use."""

    def __init__(self, inputs: int, features: int) -> None:
        super().__init__()
        half = features // 2
        self.conv0 = nn.Sequential(_halving(inputs, half), _halving(half, features))
        self.convblock = nn.Sequential(*(ResConv(features) for _ in range(8)))
        self.lastconv = nn.Sequential(nn.ConvTranspose2d(features, 24, 4, 2, 1), nn.PixelShuffle(2))

    def forward(self, x: Tensor) -> Tensor:
        return self.lastconv(self.convblock(self.conv0(x)))


class IFNet(nn.Module):
    """The blocks under the names of the published weights; :func:`between` puts them to work."""

    def __init__(self, features: Sequence[int] = FEATURES) -> None:
        super().__init__()
        for i, (inputs, width) in enumerate(zip(INPUTS, features, strict=True)):
            self.add_module(f"block{i}", Block(inputs, width))

    @property
    def blocks(self) -> list[Block]:
        return [self.get_submodule(f"block{i}") for i in range(len(SCALES))]  # type: ignore[misc]


def folded(block: Block) -> nn.Sequential:
    """The same function as plain convolutions: ``beta`` and the addition go into the weights.

    beta * (w x + b) + x = (beta * w + I) x + beta * b.
    """
    layers: list[nn.Module] = [layer for part in block.conv0 for layer in part]  # type: ignore[attr-defined]
    for part in block.convblock:
        assert isinstance(part, ResConv)
        channels = len(part.conv.weight)
        conv = nn.Conv2d(channels, channels, 3, 1, 1)
        beta = part.beta.detach().reshape(-1)
        each = torch.arange(channels)
        with torch.no_grad():
            conv.weight.copy_(part.conv.weight * beta[:, None, None, None])
            conv.weight[each, each, 1, 1] += 1
            conv.bias.copy_(part.conv.bias * beta)  # type: ignore[union-attr,operator]
        layers += [conv, nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, *block.lastconv)


def shrink(x: Tensor, scale: int) -> Tensor:
    """Bilinear, without smoothing first, as the network was trained."""
    if scale == 1:
        return x
    return F.interpolate(x, scale_factor=1 / scale, mode="bilinear", align_corners=False)


def enlarge(x: Tensor, scale: int) -> Tensor:
    """Bilinear."""
    if scale == 1:
        return x
    return F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    """The picture looked up at each pixel plus its flow (B, 2, H, W); the border repeats.

    Always in float32: half floats cannot tell neighbouring pixels of a wide picture apart.
    """
    height, width = picture.shape[-2:]
    x = torch.arange(width, device=flow.device, dtype=torch.float32)
    y = torch.arange(height, device=flow.device, dtype=torch.float32)
    across = (flow[:, 0] + x) * (2 / (width - 1)) - 1
    down = (flow[:, 1] + y[:, None]) * (2 / (height - 1)) - 1
    grid = torch.stack((across, down), -1)
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=True)


def swapped(flow: Tensor) -> Tensor:
    """The flow as it is when first and second picture change places."""
    return torch.cat((flow[:, 2:], flow[:, :2]), 1)


def between(
    blocks: Sequence[BlockCall], first: Tensor, second: Tensor, step: Tensor, ensemble: bool
) -> Tensor:
    """The pictures at ``step`` (B, 1, 1, 1) of the way from first to second, 0..1.

    With ``ensemble`` each block also sees the pictures swapped; both answers are averaged.
    """
    at = step.expand(-1, 1, *first.shape[-2:])
    one, two = first, second
    flow = mask = None
    for block, scale in zip(blocks, SCALES, strict=True):
        known = [one, two, at] if mask is None else [one, two, at, mask]
        delta, logit = _refine(block, known, flow, scale)
        if ensemble:
            known = [two, one, 1 - at] if mask is None else [two, one, 1 - at, -mask]
            back: Tensor | None = None if flow is None else swapped(flow)
            delta2, logit2 = _refine(block, known, back, scale)
            delta, logit = (delta + swapped(delta2)) / 2, (logit - logit2) / 2
        flow = delta if flow is None else flow + delta
        mask = logit if mask is None else mask + logit
        one, two = warp(first, flow[:, :2]), warp(second, flow[:, 2:])
    assert mask is not None
    share = torch.sigmoid(mask)
    return one * share + two * (1 - share)


def _refine(
    block: BlockCall, known: list[Tensor], flow: Tensor | None, scale: int
) -> tuple[Tensor, Tensor]:
    """What a block adds to flow and mask, at full size."""
    parts = [shrink(x, scale) for x in known]
    if flow is not None:
        parts.append(shrink(flow, scale) / scale)
    out = enlarge(block(torch.cat(parts, 1)), scale)
    return out[:, :4] * scale, out[:, 4:5]
