"""A transformer over the patches of all frames of a noisy clip; what flow matching and diffusion
share.

DiT (Peebles & Xie 2023) with attention over space and time at once. One projection for all blocks
turns noise level, class and prompt into scales, shifts and gates that start at 0 (adaLN-zero,
shared as in PixArt-alpha, Chen et al. 2024). It predicts the clip itself, which lies on far fewer
dimensions than noise does (Li & He 2025, "Back to basics"). Frames that are known are seen beside
the noisy ones, with a mask.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from smartcut.errors import ModelError
from smartcut.models.generation.conditions import Said
from smartcut.models.generation.contract import Batch, Config, Given

_DROPPED = 0.1
_FREQUENCIES = 128


class DenoiserConfig(Config):
    """How a denoiser is built. Height and width are multiples of ``patch``."""

    patch: int = Field(4, ge=1)
    """Pixels of a side of the squares that become tokens."""
    size: int = Field(192, ge=8)
    """Dimensions of a token."""
    depth: int = Field(6, ge=1)
    heads: int = Field(6, ge=1)

    @model_validator(mode="after")
    def _divides(self) -> DenoiserConfig:
        if self.height % self.patch or self.width % self.patch:
            raise ModelError(
                f"a denoiser of patch {self.patch} takes heights and widths that are multiples of "
                f"it, not {self.width}x{self.height}; use another size or patch"
            )
        if self.size % self.heads:
            raise ModelError(f"size {self.size} must be a multiple of heads {self.heads}")
        return self


class Block(nn.Module):
    """Attention over all tokens, then a layer for each; both scaled, shifted and gated."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.into = nn.Linear(size, 3 * size)
        self.query_norm = nn.RMSNorm(size // heads)
        self.key_norm = nn.RMSNorm(size // heads)
        self.out = nn.Linear(size, size)
        self.wide = nn.Linear(size, 4 * size)
        self.narrow = nn.Linear(4 * size, size)
        self.near = nn.Parameter(torch.zeros(3, 2, size))
        self.own = nn.Parameter(torch.zeros(6, size))
        """Added to the shared scales, shifts and gates."""

    def forward(self, x: Tensor, shared: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """Of (N, L, D) and (N, 6, D); L tokens lie on a grid of frames, rows and columns."""
        x = self._with_neighbours(x.unflatten(1, grid)).flatten(1, 3)
        scale, shift, gate, scale2, shift2, gate2 = (shared + self.own)[:, :, None].unbind(1)
        size = x.shape[-1:]
        h = functional.layer_norm(x, size) * (1 + scale) + shift
        x = x + gate * self._attended(h)
        h = functional.layer_norm(x, size) * (1 + scale2) + shift2
        return x + gate2 * self.narrow(functional.gelu(self.wide(h), approximate="tanh"))

    def _with_neighbours(self, x: Tensor) -> Tensor:
        """Each token with some of those before and after it in time, height and width.

        What is near matters most in video; attention alone takes long to find that out. A cheap
        form of the convolution that gives places in CPVT (Chu et al. 2023).
        """
        found = x.clone()
        for axis in (1, 2, 3):
            length = x.shape[axis] - 1
            before, after = self.near[axis - 1]
            first, rest = x.narrow(axis, 0, length), x.narrow(axis, 1, length)
            found.narrow(axis, 1, length).add_(first * before)
            found.narrow(axis, 0, length).add_(rest * after)
        return found

    def _attended(self, x: Tensor) -> Tensor:
        parts = self.into(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        query, key = self.query_norm(query).to(value.dtype), self.key_norm(key).to(value.dtype)
        found = functional.scaled_dot_product_attention(query, key, value)
        return self.out(found.transpose(1, 2).flatten(2))


class Denoiser(nn.Module):
    """The network: the clip that is guessed behind a noisy one."""

    frequencies: Tensor

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        size, self.patch = config.size, config.patch
        self.rows, self.columns = config.height // self.patch, config.width // self.patch
        seen = (2 * config.channels + 1) * self.patch**2
        self.enter = nn.Linear(seen, size)
        self.in_space = nn.Parameter(torch.randn(1, 1, self.rows * self.columns, size) * 0.1)
        self.in_time = nn.Parameter(torch.randn(1, config.frames, 1, size) * 0.1)
        self.register_buffer(
            "frequencies",
            torch.exp(-math.log(10_000) * torch.arange(_FREQUENCIES // 2) / (_FREQUENCIES // 2)),
            persistent=False,
        )
        self.level = nn.Sequential(nn.Linear(_FREQUENCIES, size), nn.SiLU(), nn.Linear(size, size))
        self.said = Said(config, size)
        self.shared = nn.Linear(size, 8 * size)
        self.blocks = nn.ModuleList(Block(size, config.heads) for _ in range(config.depth))
        self.leave = nn.Linear(size, config.channels * self.patch**2)
        nn.init.zeros_(self.shared.weight)
        nn.init.zeros_(self.shared.bias)
        nn.init.normal_(self.leave.weight, std=0.02)
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy: Tensor, level: Tensor, given: Given) -> Tensor:
        """(N, T, C, H, W) of the same, noise levels (N,) in [0, 1], and what is asked for."""
        known, mask = known_frames(given, noisy)
        x = self._tokens(torch.cat([noisy, known, mask.expand_as(noisy[:, :, :1])], 2))
        angle = 1000 * level[:, None] * self.frequencies
        about = self.level(torch.cat([angle.cos(), angle.sin()], 1)) + self.said(given)
        shared = self.shared(functional.silu(about)).unflatten(1, (8, -1))
        for block in self.blocks:
            x = block(x, shared[:, :6], (noisy.shape[1], self.rows, self.columns))
        scale, shift = shared[:, 6:, None].unbind(1)
        x = self.leave(functional.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift)
        return self._frames(x, noisy.shape[1]).float()

    def _tokens(self, x: Tensor) -> Tensor:
        """(N, T * rows * columns, D) of (N, T, C, H, W)."""
        count, frames = x.shape[:2]
        folded = functional.pixel_unshuffle(x.flatten(0, 1), self.patch).flatten(2).mT
        found = self.enter(folded).unflatten(0, (count, frames))
        return (found + self.in_space + self.in_time).flatten(1, 2)

    def _frames(self, x: Tensor, frames: int) -> Tensor:
        """The reverse of :meth:`_tokens`."""
        folded = x.unflatten(1, (frames, self.rows, self.columns)).flatten(0, 1)
        picture = functional.pixel_shuffle(folded.permute(0, 3, 1, 2), self.patch)
        return picture.unflatten(0, (-1, frames))


def known_frames(given: Given, like: Tensor) -> tuple[Tensor, Tensor]:
    """The frames that are given, as ``like``, 0 elsewhere; and (N, T, 1, 1, 1), 1 there."""
    known = torch.zeros_like(like)
    mask = like.new_zeros(*like.shape[:2], 1, 1, 1)
    if given.past is not None:
        known[:, : given.past.shape[1]] = given.past
        mask[:, : given.past.shape[1]] = 1
    return known, mask


def thinned(batch: Batch, random: torch.Generator) -> Given:
    """What is said of clips, at times left out, so that both ways are learned (Ho & Salimans)."""
    clips = batch.clips
    kept = torch.rand(len(clips), generator=random, device=clips.device) >= _DROPPED
    return batch.given.dropped(kept)


def error_of_unknown(guess: Tensor, truth: Tensor, given: Given) -> Tensor:
    """The mean square error of each clip's frames that are not given, (N,)."""
    past = 0 if given.past is None else given.past.shape[1]
    return (guess - truth)[:, past:].square().flatten(1).mean(1)


def guided(guess: Callable[[Given], Tensor], given: Given, scale: float) -> Tensor:
    """Away from what is guessed with nothing asked for (classifier-free guidance, Ho & Salimans
    2022): 1 is the guess itself, 0 the one without class and prompt.
    """
    if scale == 1 or (given.label is None and given.text is None):
        return guess(given)
    bare = guess(given.bare())
    return bare + scale * (guess(given) - bare)


def with_past(clips: Tensor, given: Given) -> Tensor:
    """Clips in [-1, 1] that start with the given frames, exactly."""
    shown = clips.clamp(-1, 1)
    if given.past is None:
        return shown
    return torch.cat([given.past, shown[:, given.past.shape[1] :]], 1)
