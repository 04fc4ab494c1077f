"""Frames as grids of whole numbers, and back: a small autoencoder with finite scalar quantisation.

Mentzer, Minnen, Agustsson, Tschannen: "Finite Scalar Quantization: VQ-VAE Made Simple", 2023.
Each place of a coarse grid gets a few numbers, each rounded to one of a few levels; together they
are digits of one whole number, the token. There is no codebook to learn and none to collapse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

# How much further than usual the numbers before rounding spread at first.
_SPREAD = 2.5
# Numbers further out than this pass almost no gradients; they are drawn back with this weight.
_FAR, _BACK = 2.0, 0.1


class Levels(nn.Module):
    """Numbers rounded to levels that lie evenly in [-1, 1]; the last axis holds one for each."""

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.count = math.prod(levels)
        bases = [math.prod(levels[:i]) for i in range(len(levels))]
        self.register_buffer("steps", torch.tensor(levels) - 1, persistent=False)
        self.register_buffer("bases", torch.tensor(bases), persistent=False)
        self.steps: Tensor
        self.bases: Tensor

    def forward(self, free: Tensor) -> Tensor:
        """Levels in [-1, 1], of any numbers (..., D); gradients pass the rounding as if not there.

        The straight-through estimator of Bengio, Léonard & Courville (2013).
        """
        share = free.float().tanh().add(1).mul(self.steps / 2)
        rounded = share + (share.round() - share).detach()
        return rounded * 2 / self.steps - 1

    def to_tokens(self, values: Tensor) -> Tensor:
        """int64 (...), of levels (..., D)."""
        digits = values.add(1).mul(self.steps / 2).round().long()
        return (digits * self.bases).sum(-1)

    def to_values(self, tokens: Tensor) -> Tensor:
        """Levels in [-1, 1] (..., D), of int64 tokens (...) from 0 to ``count`` - 1."""
        digits = tokens[..., None] // self.bases % (self.steps + 1)
        return digits * 2 / self.steps - 1

    def spelt(self) -> Tensor:
        """float32 (count, sum of levels): ones where a token has that level of that number."""
        tokens = torch.arange(self.count)[:, None]
        digits = tokens // self.bases % (self.steps + 1)
        parts = [
            functional.one_hot(digits[:, i], int(step) + 1) for i, step in enumerate(self.steps)
        ]
        return torch.cat(parts, 1).float()


class Tokenizer(nn.Module):
    """An autoencoder of single frames; ``scale`` pixels a side, a power of two, become one place.

    ``width`` is the number of channels at the coarsest grid.
    """

    def __init__(self, channels: int, scale: int, width: int, levels: Sequence[int]) -> None:
        super().__init__()
        self.levels = Levels(levels)
        halvings = int(math.log2(scale))
        widths = [max(16, width >> (halvings - 1 - i)) for i in range(halvings)]
        down: list[nn.Module] = []
        before = channels
        for after in widths:
            down += [nn.Conv2d(before, after, 4, 2, 1), nn.GELU()]
            before = after
        down += [_Residual(before), _Residual(before), nn.GroupNorm(1, before)]
        # Begin near the outermost levels too: all places use few tokens first, and more as needed.
        last = nn.Conv2d(before, len(levels), 1)
        with torch.no_grad():
            last.weight.mul_(_SPREAD)
        self.encoder = nn.Sequential(*down, last)
        up: list[nn.Module] = [
            nn.Conv2d(len(levels), before, 3, 1, 1),
            _Residual(before),
            _Residual(before),
        ]
        for after in [*widths[-2::-1], channels]:
            up += [nn.GELU(), nn.Conv2d(before, after * 4, 3, 1, 1), nn.PixelShuffle(2)]
            before = after
        self.decoder = nn.Sequential(*up)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(frames (N, C, H, W) as they come back, levels (N, h, w, D), what to add to the loss).

        What is added keeps the numbers from running off to where rounding passes no gradient.
        """
        free = self.encoder(frames).movedim(1, -1)
        values = self.levels(free)
        return (
            self._decoded(values),
            values,
            _BACK * (free.float().abs() - _FAR).relu().square().mean(),
        )

    def encode(self, clips: Tensor) -> Tensor:
        """Tokens int64 (N, T * h * w), frame by frame and row by row, of clips (N, T, C, H, W)."""
        values = self.levels(self.encoder(clips.flatten(0, 1)).movedim(1, -1))
        return self.levels.to_tokens(values).reshape(len(clips), -1)

    def decode(self, tokens: Tensor, height: int, width: int) -> Tensor:
        """Clips (N, T, C, H, W) in [-1, 1], of tokens (N, T * height * width)."""
        values = self.levels.to_values(tokens.reshape(-1, height, width))
        frames = self._decoded(values).clamp(-1, 1)
        return frames.unflatten(0, (len(tokens), -1))

    def _decoded(self, values: Tensor) -> Tensor:
        found: Tensor = self.decoder(values.movedim(-1, 1))
        return found


class _Residual(nn.Module):
    """Two convolutions whose sum with the input goes on."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        self.first = nn.Conv2d(width, width, 3, 1, 1)
        self.second = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = x + self.second(functional.gelu(self.first(self.norm(x))))
        return found
