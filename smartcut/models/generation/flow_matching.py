"""Flow matching: a velocity field that carries noise to clips along straight lines.

Rectified flow (Liu et al. 2023) is conditional flow matching (Lipman et al. 2023) with
x_t = (1 - t) noise + t clip, whose velocity is clip - noise. Times are drawn logit-normal (Esser
et al. 2024). The network guesses the clip; its velocity is (guess - x_t) / (1 - t).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

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

_STEPS, _GUIDANCE = 25, 1.0
# Nearer to the end than this the velocity is that of this distance; else errors grow without bound.
_NEAREST = 0.05
_STANDARD = SampleSettings()


class FlowMatchingConfig(DenoiserConfig):
    """How flow matching is built and solved."""

    time_mean: float = -0.8
    """Mean of the logit of the times that are learned at; below 0: nearer to noise."""
    time_spread: float = Field(1.0, gt=0)
    solver: Literal["euler", "heun"] = "heun"


class FlowMatching(Generator):
    """The field and its solver."""

    family: ClassVar[str] = "flow-matching"
    settings: ClassVar[type[Config]] = FlowMatchingConfig
    config: FlowMatchingConfig

    def __init__(self, config: FlowMatchingConfig) -> None:
        super().__init__(config)
        self.denoiser = Denoiser(config)

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """The mean square error of the velocity."""
        clips = batch.clips
        logit = torch.randn(len(clips), generator=random, device=clips.device)
        time = torch.sigmoid(self.config.time_mean + self.config.time_spread * logit)
        noise = torch.randn(clips.shape, generator=random, device=clips.device)
        given = thinned(batch, random)
        guess = self.denoiser(between(noise, clips, time), time, given)
        error = error_of_unknown(guess, clips, given)
        return {
            "loss": (error / (1 - time).clamp_min(_NEAREST).square()).mean(),
            "error": error.mean(),
        }

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = _STANDARD
    ) -> Tensor:
        """Clips that noise is carried to in ``steps`` (25) steps, with ``guidance`` (1)."""
        check_given(self.config, given)
        steps = _STEPS if sampling.steps is None else sampling.steps
        scale = _GUIDANCE if sampling.guidance is None else sampling.guidance
        shape = (given.count, *self.config.clip)
        noise = torch.randn(shape, generator=random, device=random.device)

        def velocity(x: Tensor, time: float) -> Tensor:
            level = torch.full((len(x),), time, device=x.device)
            guess = guided(lambda asked: self.denoiser(x, level, asked), given, scale)
            return (guess - x) / max(1 - time, _NEAREST)

        return with_past(carried(velocity, noise, steps, heun=self.config.solver == "heun"), given)


def between(noise: Tensor, clips: Tensor, time: Tensor) -> Tensor:
    """The points at times (N,) on the straight lines from noise to clips."""
    t = time.view(-1, *[1] * (clips.dim() - 1))
    return (1 - t) * noise + t * clips


def carried(
    velocity: Callable[[Tensor, float], Tensor], start: Tensor, steps: int, *, heun: bool
) -> Tensor:
    """Where points are at time 1 that start at 0 and follow a field, by Euler's or Heun's rule.

    The last step is always Euler's, as the field is not asked for at time 1.
    """
    if steps < 1:
        raise ModelError(f"a sampler takes at least 1 step, not {steps}")
    x = start
    for number in range(steps):
        time, after = number / steps, (number + 1) / steps
        slope = velocity(x, time)
        if heun and number + 1 < steps:
            ahead = velocity(x + (after - time) * slope, after)
            slope = (slope + ahead) / 2
        x = x + (after - time) * slope
    return x
