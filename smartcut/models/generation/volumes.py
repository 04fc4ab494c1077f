"""Networks over clips as volumes of time, height and width, on grids that halve step by step.

Convolutions are in two factors, over space and then over time (Tran et al. 2018, "A closer look at
spatiotemporal convolutions"): less than half of the work of a cube. Volumes are (N, C, T, H, W);
clips, as everywhere, (N, T, C, H, W). Any size is taken: halves are rounded up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from smartcut.models.generation.contract import Config, Given

VolumeGrid = tuple[int, int, int]
Wrap = Callable[[nn.Module], nn.Module]
# The shorter side of the coarsest grid, and the frames below which time is not halved any more.
_COARSEST, _FEWEST = 4, 4
_LEAK = 0.2
_GROUPS = 8


def grids(config: Config) -> list[VolumeGrid]:
    """(frames, rows, columns) from the clip's own to the coarsest."""
    found = [(config.frames, config.height, config.width)]
    while min(found[-1][1:]) > _COARSEST:
        frames, rows, columns = found[-1]
        found.append(
            (frames if frames < _FEWEST else -(-frames // 2), -(-rows // 2), -(-columns // 2))
        )
    return found


def widths(finest: int, count: int, most: int) -> list[int]:
    """Channels at each grid: twice as many at half the size, up to ``most``."""
    return [min(finest * 2**k, max(most, finest)) for k in range(count)]


def unwrapped(module: nn.Module) -> nn.Module:
    """The module itself."""
    return module


def begun(network: nn.Module) -> None:
    """Draw the weights so that what goes through keeps its spread (He et al. 2015)."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d | nn.Linear):
            nn.init.kaiming_normal_(module.weight, _LEAK)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class Convolution(nn.Sequential):
    """3x3 over space, then 3 over time; over space alone for single pictures.

    ``halves``: whether time and space are halved.
    """

    def __init__(
        self,
        before: int,
        after: int,
        *,
        moving: bool,
        halves: tuple[bool, bool] = (False, False),
        wrap: Wrap = unwrapped,
    ) -> None:
        time, space = (2 if h else 1 for h in halves)
        parts = [wrap(nn.Conv3d(before, after, (1, 3, 3), (1, space, space), (0, 1, 1)))]
        if moving:
            over_time = nn.Conv3d(after, after, (3, 1, 1), (time, 1, 1), (1, 0, 0))
            parts.append(wrap(over_time))
        super().__init__(*parts)


class Down(nn.Module):
    """A residual step from one grid to the next coarser one."""

    def __init__(
        self,
        before: int,
        after: int,
        grid: VolumeGrid,
        coarser: VolumeGrid,
        *,
        norm: bool,
        wrap: Wrap,
    ) -> None:
        super().__init__()
        moving = grid[0] > 1
        halves = (coarser[0] < grid[0], coarser[1:] != grid[1:])
        self.coarser = coarser
        self.norm = nn.GroupNorm(_groups(before), before) if norm else None
        self.first = Convolution(before, after, moving=moving, halves=halves, wrap=wrap)
        self.second = Convolution(after, after, moving=moving, wrap=wrap)
        self.skip = wrap(nn.Conv3d(before, after, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.norm is None else self.norm(x)
        h = self.first(functional.leaky_relu(h, _LEAK))
        h = self.second(functional.leaky_relu(h, _LEAK))
        skipped: Tensor = self.skip(functional.adaptive_avg_pool3d(x, self.coarser))
        # Sums of two are brought back to the spread of one.
        return (h + skipped) * 0.5**0.5


class Encoder(nn.Module):
    """Features of volumes at every grid, the finest first."""

    def __init__(
        self,
        channels: int,
        places: Sequence[VolumeGrid],
        sizes: Sequence[int],
        *,
        norm: bool,
        wrap: Wrap = unwrapped,
    ) -> None:
        super().__init__()
        self.enter = Convolution(channels, sizes[0], moving=places[0][0] > 1, wrap=wrap)
        steps = zip(sizes[:-1], sizes[1:], places[:-1], places[1:], strict=True)
        self.steps = nn.ModuleList(
            Down(before, after, grid, coarser, norm=norm, wrap=wrap)
            for before, after, grid, coarser in steps
        )

    def forward(self, volume: Tensor) -> list[Tensor]:
        found = [self.enter(volume)]
        for step in self.steps:
            found.append(step(found[-1]))
        return found


class Modulated(nn.Module):
    """Normalised features, with a scale and shift of each channel that follow from a style.

    Perez et al. 2018, "FiLM"; the scale starts at 1 and the shift at 0.
    """

    def __init__(self, channels: int, style: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(_groups(channels), channels, affine=False)
        self.style = nn.Linear(style, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.style(style)[:, :, None, None, None].chunk(2, 1)
        return functional.leaky_relu(self.norm(x) * (1 + scale) + shift, _LEAK)


class Up(nn.Module):
    """A residual step from one grid to the next finer one, under a style."""

    def __init__(self, before: int, after: int, finer: VolumeGrid, style: int) -> None:
        super().__init__()
        moving = finer[0] > 1
        self.finer = finer
        self.heed = Modulated(before, style)
        self.first = Convolution(before, after, moving=moving)
        self.heed_again = Modulated(after, style)
        self.second = Convolution(after, after, moving=moving)
        self.skip = nn.Conv3d(before, after, 1, bias=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        h = self._enlarged(self.first(self.heed(x, style)))
        h = self.second(self.heed_again(h, style))
        return (h + self._enlarged(self.skip(x))) * 0.5**0.5

    def _enlarged(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, self.finer, mode="nearest")


class VolumeDecoder(nn.Module):
    """Volumes of pixel values, not yet in range, from a style and from features of past frames."""

    def __init__(
        self, channels: int, places: Sequence[VolumeGrid], sizes: Sequence[int], style: int
    ) -> None:
        super().__init__()
        self.coarsest = (sizes[-1], *places[-1])
        frames, rows, columns = places[-1]
        self.enter = nn.Linear(style, sizes[-1] * frames * rows * columns)
        steps = zip(sizes[:0:-1], sizes[-2::-1], places[-2::-1], strict=True)
        self.steps = nn.ModuleList(
            Up(before, after, finer, style) for before, after, finer in steps
        )
        self.heed = Modulated(sizes[0], style)
        self.leave = Convolution(sizes[0], channels, moving=places[0][0] > 1)

    def forward(self, style: Tensor, past: list[Tensor] | None) -> Tensor:
        x = self.enter(style).unflatten(1, self.coarsest)
        if past is not None:
            x = x + past[-1]
        for number, step in enumerate(self.steps):
            x = step(x, style)
            if past is not None:
                x = x + past[-2 - number]
        found: Tensor = self.leave(self.heed(x, style))
        return found


class Past(nn.Module):
    """Features of past frames at every grid, and as one vector."""

    def __init__(
        self, config: Config, places: Sequence[VolumeGrid], sizes: Sequence[int], size: int
    ) -> None:
        super().__init__()
        self.frames = config.frames
        self.size = size
        self.encoder = Encoder(config.channels + 1, places, sizes, norm=True)
        self.vector = nn.Linear(sizes[-1], size)

    def forward(self, past: Tensor | None, count: int) -> tuple[list[Tensor] | None, Tensor]:
        """Of past frames (N, P, C, H, W); no features and zeros where there are none."""
        if past is None:
            return None, self.vector.weight.new_zeros(count, self.size)
        found = self.encoder(held(past, self.frames))
        return found, self.vector(found[-1].mean((2, 3, 4)))


def held(past: Tensor, frames: int) -> Tensor:
    """(N, C + 1, T, H, W): past frames, the last one held; and 1 where a frame is truly given."""
    given = past.shape[1]
    shown = torch.cat([past, past[:, -1:].expand(-1, frames - given, -1, -1, -1)], 1)
    known = (torch.arange(frames, device=past.device) < given).to(past.dtype)
    known = known[None, :, None, None, None].expand(len(past), -1, 1, *past.shape[3:])
    return torch.cat([shown, known], 2).transpose(1, 2)


def joined(given: Given, clips: Tensor) -> Tensor:
    """The clips with the past frames that are given in the place of their first ones."""
    if given.past is None:
        return clips
    return torch.cat([given.past, clips[:, given.past.shape[1] :]], 1)


def _groups(channels: int) -> int:
    """At most 8 groups that divide the channels."""
    return next(n for n in range(min(_GROUPS, channels), 0, -1) if channels % n == 0)
