"""A U-Net over noisy clips; what flow matching and diffusion share.

The picture is halved twice and brought back, as by Ronneberger et al. (2015) and Ho et al. (2020).
Convolutions go over space and over time apart, (2+1)D (Tran et al. 2018); at the coarsest grid all
places of all frames attend to each other. Noise level, class and prompt scale and shift each block.
It predicts the clip itself, which lies on far fewer dimensions than noise does (Li & He 2025, "Back
to basics"). Frames that are known are seen beside the noisy ones, with a mask.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from smartcut.errors import ModelError
from smartcut.models.generation.conditions import Condition
from smartcut.models.generation.contract import ClipBatch, Config, Given

_DROPPED = 0.1
_FREQUENCIES = 128
_GROUPS = 8
# The picture is so many times smaller, in each direction, where it is coarsest.
_COARSEST = 4


class DenoiserConfig(Config):
    """How a denoiser is built. Height and width are multiples of 4."""

    finest: int = Field(32, ge=8)
    """Channels at full size; twice and three times as many where the picture is halved. Of 8."""
    depth: int = Field(2, ge=1)
    """Blocks with attention at the coarsest grid."""
    heads: int = Field(4, ge=1)
    about: int = Field(128, ge=8)
    """Numbers that noise level, class and prompt become."""

    @model_validator(mode="after")
    def _divides(self) -> DenoiserConfig:
        if self.height % _COARSEST or self.width % _COARSEST:
            raise ModelError(
                f"a denoiser takes heights and widths that are multiples of {_COARSEST}, not "
                f"{self.width}x{self.height}"
            )
        if self.finest % _GROUPS or 3 * self.finest % self.heads:
            raise ModelError(
                f"finest {self.finest} must be a multiple of {_GROUPS}, and three times it one of "
                f"heads {self.heads}"
            )
        return self


class DenoiserBlock(nn.Module):
    """Space, time, and space again, added to what comes in; frames lie along the batch."""

    def __init__(self, channels: int, wanted: int, about: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(_GROUPS, channels)
        self.space = nn.Conv2d(channels, wanted, 3, padding=1)
        self.about = nn.Linear(about, 2 * wanted)
        self.norm2 = nn.GroupNorm(_GROUPS, wanted, affine=False)
        self.time = _silent(nn.Conv3d(wanted, wanted, (3, 1, 1), padding=(1, 0, 0)))
        self.space2 = _silent(nn.Conv2d(wanted, wanted, 3, padding=1))
        self.skip = nn.Conv2d(channels, wanted, 1) if channels != wanted else nn.Identity()

    def forward(self, x: Tensor, about: Tensor, frames: int) -> Tensor:
        """(N * T, D', H, W) of (N * T, D, H, W), told (N, A)."""
        h = self.space(functional.silu(self.norm(x)))
        scale, shift = self.about(about).repeat_interleave(frames, 0)[..., None, None].chunk(2, 1)
        h = functional.silu(self.norm2(h) * (1 + scale) + shift)
        clip = h.unflatten(0, (-1, frames)).transpose(1, 2)
        h = (clip + self.time(clip)).transpose(1, 2).flatten(0, 1)
        return self.skip(x) + self.space2(h)


class FrameAttention(nn.Module):
    """Every place of every frame looks at all others; added to what comes in."""

    def __init__(self, channels: int, heads: int, places: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(_GROUPS, channels)
        self.place = nn.Parameter(torch.randn(1, places, channels) * 0.1)
        self.into = nn.Linear(channels, 3 * channels)
        self.out = _silent(nn.Linear(channels, channels))

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """(N * T, D, H, W) of the same."""
        seen = self.norm(x).unflatten(0, (-1, frames)).permute(0, 1, 3, 4, 2)
        tokens = seen.flatten(1, 3) + self.place
        parts = self.into(tokens).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(*parts.unbind(0))
        found = self.out(found.transpose(1, 2).flatten(2)).unflatten(1, seen.shape[1:4])
        return x + found.permute(0, 1, 4, 2, 3).flatten(0, 1)


class Denoiser(nn.Module):
    """The network: the clip that is guessed behind a noisy one."""

    frequencies: Tensor

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        one, two, three = (n * config.finest for n in (1, 2, 3))
        about = config.about
        self.register_buffer(
            "frequencies",
            torch.exp(-math.log(10_000) * torch.arange(_FREQUENCIES // 2) / (_FREQUENCIES // 2)),
            persistent=False,
        )
        self.level = nn.Sequential(
            nn.Linear(_FREQUENCIES, about), nn.SiLU(), nn.Linear(about, about)
        )
        self.said = Condition(config, about)
        self.enter = nn.Conv2d(2 * config.channels + 1, one, 3, padding=1)
        self.in_time = nn.Parameter(torch.randn(1, config.frames, one, 1, 1) * 0.1)
        self.down = nn.ModuleList((DenoiserBlock(one, one, about), DenoiserBlock(two, two, about)))
        self.halve = nn.ModuleList((nn.Conv2d(one, two, 3, 2, 1), nn.Conv2d(two, three, 3, 2, 1)))
        places = config.frames * (config.height // _COARSEST) * (config.width // _COARSEST)
        self.coarse = nn.ModuleList(DenoiserBlock(three, three, about) for _ in range(config.depth))
        self.look = nn.ModuleList(
            FrameAttention(three, config.heads, places) for _ in range(config.depth)
        )
        self.up = nn.ModuleList(
            (DenoiserBlock(three + two, two, about), DenoiserBlock(two + one, one, about))
        )
        self.norm = nn.GroupNorm(_GROUPS, one)
        self.leave = nn.Conv2d(one, config.channels, 3, padding=1)
        nn.init.normal_(self.leave.weight, std=0.02)

    def forward(self, noisy: Tensor, level: Tensor, given: Given) -> Tensor:
        """(N, T, C, H, W) of the same, noise levels (N,) in [0, 1], and what is asked for."""
        frames = noisy.shape[1]
        known, mask = known_frames(given, noisy)
        seen = torch.cat([noisy, known, mask.expand_as(noisy[:, :, :1])], 2)
        angle = 1000 * level[:, None] * self.frequencies
        about = self.level(torch.cat([angle.cos(), angle.sin()], 1)) + self.said(given)
        about = functional.silu(about)
        x = self.enter(seen.flatten(0, 1))
        x = (x.unflatten(0, (-1, frames)) + self.in_time).flatten(0, 1)
        passed = []
        for block, halve in zip(self.down, self.halve, strict=True):
            x = block(x, about, frames)
            passed.append(x)
            x = halve(x)
        for block, look in zip(self.coarse, self.look, strict=True):
            x = look(block(x, about, frames), frames)
        for block in self.up:
            x = functional.interpolate(x, scale_factor=2.0)
            x = block(torch.cat([x, passed.pop()], 1), about, frames)
        return self.leave(functional.silu(self.norm(x))).unflatten(0, (-1, frames)).float()


def _silent(layer: nn.Conv2d | nn.Conv3d | nn.Linear) -> nn.Module:
    """The layer, at first without effect."""
    nn.init.zeros_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def known_frames(given: Given, like: Tensor) -> tuple[Tensor, Tensor]:
    """The frames that are given, as ``like``, 0 elsewhere; and (N, T, 1, 1, 1), 1 there."""
    known = torch.zeros_like(like)
    mask = like.new_zeros(*like.shape[:2], 1, 1, 1)
    if given.past is not None:
        known[:, : given.past.shape[1]] = given.past
        mask[:, : given.past.shape[1]] = 1
    return known, mask


def thinned(batch: ClipBatch, random: torch.Generator) -> Given:
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
