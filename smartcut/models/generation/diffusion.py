"""Diffusion: clips are found behind noise, step by step.

Trained as DDPM (Ho et al. 2020) with the cosine schedule (Nichol & Dhariwal 2021) and the loss of
v = alpha noise - sigma clip (Salimans & Ho 2022); sampled by DDIM (Song et al. 2021), whose ``eta``
leads from no noise in the steps (0) to that of DDPM (1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models.generation.contract import (
    ClipBatch,
    Config,
    Generator,
    Given,
    SampleSettings,
    check_given,
)
from smartcut.models.generation.denoiser import (
    Denoiser,
    DenoiserConfig,
    error_of_unknown,
    guided,
    thinned,
    with_past,
)

_STEPS, _GUIDANCE = 50, 1.0
_OFFSET = 0.008
# The error of v is that of the clip / sigma. Where little noise is left to be taken away it would
# outweigh all else; from here on it counts no more (as in min-SNR, Hang et al. 2023).
_LEAST_SIGMA = 0.2
_STANDARD = SampleSettings()


class DiffusionConfig(DenoiserConfig):
    """How diffusion is built and sampled."""

    levels: int = Field(1000, ge=2)
    """Noise levels that are learned at, 1 to this; 0 is none."""
    eta: float = Field(0.0, ge=0, le=1)


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """The share of noise at each level: x = alpha clip + sigma noise, alpha² + sigma² = 1."""

    alpha_bar: Tensor
    """alpha², (levels + 1,); falls from 1."""

    @classmethod
    def cosine(cls, levels: int, device: torch.device | str = "cpu") -> Schedule:
        """alpha_bar(t) = cos²((t / levels + 0.008) / 1.008 * pi / 2), scaled to 1 at level 0."""
        t = torch.arange(levels + 1, dtype=torch.float64) / levels
        wave = torch.cos((t + _OFFSET) / (1 + _OFFSET) * math.pi / 2) ** 2
        # The last one would be 0, from which no clip can be had by division.
        return cls((wave / wave[0]).clamp_min(1e-5).float().to(device))

    def at(self, level: Tensor | int, like: Tensor) -> tuple[Tensor, Tensor]:
        """alpha and sigma of levels (N,) or of one, with as many dimensions as ``like``."""
        share = self.alpha_bar[level]
        share = share.view(-1, *[1] * (like.dim() - 1))
        return share.sqrt(), (1 - share).sqrt()

    def noised(self, clips: Tensor, noise: Tensor, level: Tensor | int) -> Tensor:
        """What is seen of clips at a level."""
        alpha, sigma = self.at(level, clips)
        return alpha * clips + sigma * noise

    def v_of(self, clips: Tensor, noise: Tensor, level: Tensor | int) -> Tensor:
        """v, of clips and noise."""
        alpha, sigma = self.at(level, clips)
        return alpha * noise - sigma * clips

    def clips_of_v(self, x: Tensor, v: Tensor, level: Tensor | int) -> Tensor:
        """Clips, of what is seen and v."""
        alpha, sigma = self.at(level, x)
        return alpha * x - sigma * v

    def noise_of_v(self, x: Tensor, v: Tensor, level: Tensor | int) -> Tensor:
        """Noise, of what is seen and v."""
        alpha, sigma = self.at(level, x)
        return sigma * x + alpha * v

    def noise_of_clips(self, x: Tensor, clips: Tensor, level: Tensor | int) -> Tensor:
        """Noise, of what is seen and clips; levels from 1."""
        alpha, sigma = self.at(level, x)
        return (x - alpha * clips) / sigma


class Diffusion(Generator):
    """The network, its schedule and the sampler."""

    family: ClassVar[str] = "diffusion"
    settings: ClassVar[type[Config]] = DiffusionConfig
    config: DiffusionConfig

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__(config)
        self.denoiser = Denoiser(config)

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """The mean square error of v, at levels drawn evenly; and that of the clip."""
        clips = batch.clips
        schedule = Schedule.cosine(self.config.levels, clips.device)
        level = torch.randint(
            1, self.config.levels + 1, (len(clips),), generator=random, device=clips.device
        )
        noise = torch.randn(clips.shape, generator=random, device=clips.device)
        given = thinned(batch, random)
        x = schedule.noised(clips, noise, level)
        guess = self.denoiser(x, level / self.config.levels, given)
        error = error_of_unknown(guess, clips, given)
        # v's error is the clip's, divided by sigma: v = (alpha x - clip) / sigma.
        sigma = schedule.at(level, error)[1].clamp_min(_LEAST_SIGMA)
        return {"loss": (error / sigma.square()).mean(), "error": error.mean()}

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = _STANDARD
    ) -> Tensor:
        """Clips found in ``steps`` (50) steps with ``guidance`` (1)."""
        check_given(self.config, given)
        steps = _STEPS if sampling.steps is None else sampling.steps
        scale = _GUIDANCE if sampling.guidance is None else sampling.guidance
        schedule = Schedule.cosine(self.config.levels, random.device)
        shape = (given.count, *self.config.clip)
        noise = torch.randn(shape, generator=random, device=random.device)

        def clean(x: Tensor, level: int) -> Tensor:
            share = torch.full((len(x),), level / self.config.levels, device=x.device)
            guess = guided(lambda asked: self.denoiser(x, share, asked), given, scale)
            return guess.clamp(-1, 1)

        found = unnoised(clean, schedule, noise, steps, self.config.eta, random)
        return with_past(found, given)


def levels_of(levels: int, steps: int) -> list[int]:
    """The levels a sampler visits, from the highest to 0, evenly.

    Raises ModelError for fewer than 1 step or more steps than levels.
    """
    if not 1 <= steps <= levels:
        raise ModelError(f"a sampler takes 1 to {levels} steps, not {steps}")
    return [round(levels * (steps - n) / steps) for n in range(steps + 1)]


def unnoised(
    clean: Callable[[Tensor, int], Tensor],
    schedule: Schedule,
    noise: Tensor,
    steps: int,
    eta: float,
    random: torch.Generator,
) -> Tensor:
    """DDIM: the clip that noise leads to; ``clean`` guesses clips from what is seen at a level."""
    visited = levels_of(len(schedule.alpha_bar) - 1, steps)
    x = noise
    for level, after in pairwise(visited):
        guess = clean(x, level)
        rest = schedule.noise_of_clips(x, guess, level)
        (alpha, sigma), (alpha2, sigma2) = schedule.at(level, x), schedule.at(after, x)
        fresh = eta * (sigma2 / sigma) * (1 - (alpha / alpha2).square()).clamp_min(0).sqrt()
        x = alpha2 * guess + (sigma2.square() - fresh.square()).clamp_min(0).sqrt() * rest
        if eta:
            more = torch.randn(x.shape, generator=random, device=random.device)
            x = x + fresh * more
    return x
