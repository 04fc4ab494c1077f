"""Maps of pictures that can be undone, with the logarithm of how much they stretch space.

Each takes (N, C, H, W) and a condition of the same height and width, gives the outcome and the
logarithm of its Jacobian's absolute determinant, (N,), and has an ``inverse``. Together they are
Glow (Kingma & Dhariwal 2018, "Glow: generative flow with invertible 1x1 convolutions").
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

# A coupling scales by exp(-_STRETCH) to exp(_STRETCH): enough over several, and never unbounded.
_STRETCH = 2.0
_FAR_STRETCH = 5.0
_LEAST_SPREAD = 1e-3


class Bijection(nn.Module, ABC):
    """A map of (N, C, H, W) under a condition (N, D, H, W)."""

    @abstractmethod
    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """The outcome, and log |det| of the Jacobian, (N,)."""

    @abstractmethod
    def inverse(self, y: Tensor, condition: Tensor) -> Tensor:
        """What gives ``y`` under the condition."""


class Spread(Bijection):
    """A scale and shift of each channel, such that the first data have mean 0 and spread 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(channels, 1, 1))
        self.looking = False
        """While true, scale and shift are set from what passes through."""

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        if self.looking:
            with torch.no_grad():
                spread = x.std((0, 2, 3), correction=0).clamp_min(_LEAST_SPREAD)
                self.log_scale.copy_(-spread.log()[:, None, None])
                self.shift.copy_(-x.mean((0, 2, 3))[:, None, None])
        stretched = self.log_scale.sum() * (x.shape[2] * x.shape[3])
        return (x + self.shift) * self.log_scale.exp(), stretched.expand(len(x))

    def inverse(self, y: Tensor, condition: Tensor) -> Tensor:
        return y * (-self.log_scale).exp() - self.shift


class Mixing(Bijection):
    """An invertible 1x1 convolution, kept as P L (U + diag(s)), which starts as a rotation."""

    lower_mask: Tensor
    places: Tensor
    sign: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        rotation = torch.linalg.qr(torch.randn(channels, channels))[0]
        places, lower, upper = torch.linalg.lu(rotation)
        pivots = upper.diagonal()
        self.register_buffer("places", places)
        self.register_buffer("sign", pivots.sign())
        self.register_buffer("lower_mask", torch.ones(channels, channels).tril(-1), False)
        self.lower = nn.Parameter(lower)
        self.upper = nn.Parameter(upper.triu(1))
        self.log_pivots = nn.Parameter(pivots.abs().log())

    def _factors(self) -> tuple[Tensor, Tensor]:
        """L and U + diag(s)."""
        lower = self.lower * self.lower_mask + torch.eye(len(self.sign), device=self.sign.device)
        upper = self.upper * self.lower_mask.mT + torch.diag(self.sign * self.log_pivots.exp())
        return lower, upper

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        lower, upper = self._factors()
        weight = self.places @ lower @ upper
        stretched = self.log_pivots.sum() * (x.shape[2] * x.shape[3])
        return functional.conv2d(x, weight[:, :, None, None]), stretched.expand(len(x))

    def inverse(self, y: Tensor, condition: Tensor) -> Tensor:
        lower, upper = self._factors()
        half = torch.linalg.solve_triangular(lower, self.places.mT, upper=False, unitriangular=True)
        weight = torch.linalg.solve_triangular(upper, half, upper=True)
        return functional.conv2d(y, weight[:, :, None, None])


class Predictor(nn.Module):
    """A shift and log-scale for ``given`` channels from ``seen`` channels and the condition.

    Predicts 0 at first. May run in bf16; its outcome is float32. Log-scales stay between -stretch
    and stretch.
    """

    def __init__(
        self, seen: int, given: int, condition: int, hidden: int, stretch: float = _STRETCH
    ) -> None:
        super().__init__()
        self.stretch = stretch
        self.heed = nn.Conv2d(condition, hidden, 1)
        self.enter = nn.Conv2d(seen, hidden, 3, padding=1, bias=False) if seen else None
        self.within = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.leave = nn.Conv2d(hidden, 2 * given, 1)
        nn.init.zeros_(self.leave.weight)
        self.leave.bias = nn.Parameter(torch.zeros(2 * given))

    def forward(self, x: Tensor, condition: Tensor, *, in_bf16: bool) -> tuple[Tensor, Tensor]:
        with torch.autocast(condition.device.type, torch.bfloat16, enabled=in_bf16):
            h = self.heed(condition)
            if self.enter is not None:
                h = h + self.enter(x)
            h = functional.silu(h)
            h = h + functional.silu(self.within(h))
            shift, log_scale = self.leave(h).float().chunk(2, 1)
        return shift, self.stretch * torch.tanh(log_scale / self.stretch)


class Expected(Bijection):
    """All channels are scaled and shifted by what the condition alone says of them."""

    def __init__(self, channels: int, condition: int, hidden: int) -> None:
        super().__init__()
        self.predict = Predictor(0, channels, condition, hidden, _FAR_STRETCH)
        self.in_bf16 = False

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        shift, log_scale = self.predict(x, condition, in_bf16=self.in_bf16)
        return (x + shift) * log_scale.exp(), log_scale.sum((1, 2, 3))

    def inverse(self, y: Tensor, condition: Tensor) -> Tensor:
        shift, log_scale = self.predict(y, condition, in_bf16=self.in_bf16)
        return y * (-log_scale).exp() - shift


class Coupling(Bijection):
    """Half of the channels are scaled and shifted by what the other half says of them."""

    def __init__(self, channels: int, condition: int, hidden: int) -> None:
        super().__init__()
        self.seen = channels // 2
        self.predict = Predictor(self.seen, channels - self.seen, condition, hidden)
        self.in_bf16 = False
        """Whether the predictor runs in bf16."""

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        seen, other = x[:, : self.seen], x[:, self.seen :]
        shift, log_scale = self.predict(seen, condition, in_bf16=self.in_bf16)
        moved = (other + shift) * log_scale.exp()
        return torch.cat([seen, moved], 1), log_scale.sum((1, 2, 3))

    def inverse(self, y: Tensor, condition: Tensor) -> Tensor:
        seen, moved = y[:, : self.seen], y[:, self.seen :]
        shift, log_scale = self.predict(seen, condition, in_bf16=self.in_bf16)
        return torch.cat([seen, moved * (-log_scale).exp() - shift], 1)


def folded(x: Tensor, size: int) -> Tensor:
    """(N, C, H, W) as (N, C size², H / size, W / size): each square of pixels becomes a column."""
    return functional.pixel_unshuffle(x, size)


def unfolded(x: Tensor, size: int) -> Tensor:
    """The inverse of :func:`folded`."""
    return functional.pixel_shuffle(x, size)


def log_normal(z: Tensor) -> Tensor:
    """The log-density of a standard normal, (N,), of (N, ...)."""
    flat = z.flatten(1)
    return -0.5 * (flat.square().sum(1) + flat.shape[1] * math.log(2 * math.pi))
