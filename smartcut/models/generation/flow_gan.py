"""A normalising flow that learns from an opponent and from its own likelihood together.

Grover et al. 2018, "Flow-GAN: combining maximum likelihood and adversarial learning": the flow of
:mod:`flow` makes clips that the opponent of :mod:`adversary` judges, while the likelihood of real
clips, which the flow knows exactly, keeps it from leaving any of them out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from smartcut.models.generation.adversary import (
    Discriminator,
    Loss,
    discriminator_loss,
    generator_loss,
    steepness,
    still,
    turn_of,
)
from smartcut.models.generation.contract import ClipBatch, Config, Given
from smartcut.models.generation.flow import FlowConfig, FlowModel, displayed
from smartcut.models.generation.volumes import joined


class FlowGanConfig(FlowConfig):
    """How the flow and its opponent are built, and how they learn."""

    likelihood: float = Field(1.0, ge=0)
    """Weight of the likelihood, in bits per dimension, beside the adversarial loss; 0: the game
    alone, from the start."""
    alone: float = Field(0.5, ge=0, lt=1)
    """Share of the training at first in which the likelihood alone is learned from."""
    loss: Loss = "non-saturating"
    weight: float = Field(0.1, ge=0)
    """Weight of the adversarial loss."""
    finest: int = Field(16, ge=4)
    """Channels of the opponent at the finest grid; they double as the size halves."""
    widest: int = Field(256, ge=4)
    """At most so many channels."""
    features: int = Field(128, ge=8)
    """Numbers that the opponent judges by."""
    r1: float = Field(0.1, ge=0)
    """Weight of the penalty on the opponent's gradient."""
    r1_every: int = Field(8, ge=1)
    """The penalty is taken once in so many steps, as many times as heavy."""


class FlowGan(FlowModel):
    """A flow with an opponent; it samples, and tells likelihoods, as a flow does."""

    family: ClassVar[str] = "flow-gan"
    settings: ClassVar[type[Config]] = FlowGanConfig
    config: FlowGanConfig

    def __init__(self, config: FlowGanConfig) -> None:
        super().__init__(config)
        self.discriminator = Discriminator(
            config, config.finest, config.widest, config.features, spectral=False
        )

    def phases(self, progress: float) -> tuple[str, ...]:
        """The flow alone at first, then both sides in turn."""
        if self.config.likelihood and progress < self.config.alone:
            return ("generator",)
        return "discriminator", "generator"

    def learning(self, phase: str) -> Iterable[nn.Parameter]:
        """The parameters of one side."""
        theirs = list(self.discriminator.parameters())
        if phase == "discriminator":
            return theirs
        known = set(theirs)
        return [p for p in self.parameters() if p not in known]

    def pace(self, phase: str) -> tuple[float, tuple[float, float]]:
        """The opponent has no momentum: what it opposes moves."""
        return 1.0, (0.0, 0.99) if phase == "discriminator" else (0.9, 0.99)

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """What the side makes small; and the bits per dimension, or the mean scores, in it."""
        config, given = self.config, batch.given
        if phase == "discriminator":
            return self._opposed(batch, random)
        bits = super().losses("loss", batch, random, progress)["loss"]
        loss = config.likelihood * bits
        found = {"bits": bits}
        if "discriminator" in self.phases(progress):
            with still(self.discriminator):
                score = self.discriminator(self._made(given, random), given)
            found["adversarial"] = generator_loss(config.loss, score)
            loss = loss + config.weight * found["adversarial"]
        return {"generator": loss, **found}

    def _opposed(self, batch: ClipBatch, random: torch.Generator) -> dict[str, Tensor]:
        config, given = self.config, batch.given
        with torch.no_grad():
            made = self._made(given, random)
        real_score = self.discriminator(batch.clips, given)
        made_score = self.discriminator(made, given)
        loss = discriminator_loss(config.loss, real_score, made_score)
        found = {"real_score": real_score.mean(), "made_score": made_score.mean()}
        if config.r1 and turn_of(config.r1_every, random):
            found["r1"] = steepness(self.discriminator, batch.clips, given)
            loss = loss + 0.5 * config.r1 * config.r1_every * found["r1"]
        return {"discriminator": loss, **found}

    def _made(self, given: Given, random: torch.Generator) -> Tensor:
        """Clips of latents as the likelihood has them, of temperature 1."""
        frames, *frame = self.config.clip
        shape = given.count, frames, math.prod(frame)
        latents = torch.randn(shape, generator=random, device=random.device)
        with torch.autocast(latents.device.type, enabled=False):
            return joined(given, displayed(self.decode(latents, given)))
