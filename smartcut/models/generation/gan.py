"""A generative adversarial network of clips, or of single pictures where clips have one frame.

Goodfellow et al. 2014; the generator leads residual (2+1)D convolutions by a style, which follows
from a latent of 100 numbers (Radford et al. 2016), class and prompt, and from past frames where
they are given. Its opponent is that of :mod:`adversary`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

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
from smartcut.models.generation.conditions import Condition
from smartcut.models.generation.contract import (
    ClipBatch,
    Config,
    Generator,
    Given,
    SampleSettings,
    check_given,
)
from smartcut.models.generation.volumes import Past, VolumeDecoder, begun, grids, joined, widths

_STANDARD = SampleSettings()


class GanConfig(Config):
    """How both sides are built, and how they learn. Any size from 8x8 is taken."""

    latent: int = Field(100, ge=1)
    """Numbers that a clip is made from."""
    finest: int = Field(16, ge=4)
    """Channels at the finest grid, of both sides; they double as the size halves."""
    widest: int = Field(256, ge=4)
    """At most so many channels."""
    style: int = Field(128, ge=8)
    """Numbers that the generator is led by."""
    loss: Loss = "non-saturating"
    smooth: Literal["r1", "spectral"] = "r1"
    """What keeps the discriminator smooth."""
    r1: float = Field(0.1, ge=0)
    """Weight of the penalty on the discriminator's gradient."""
    r1_every: int = Field(8, ge=1)
    """The penalty is taken once in so many steps, as many times as heavy (Karras et al. 2020)."""
    generator_share: float = Field(1.0, gt=0)
    """Share of the learning rate that the generator learns at."""
    discriminator_share: float = Field(1.0, gt=0)
    unheeded: float = Field(0.1, ge=0, lt=1)
    """Share of the clips that are learned from without their class and prompt."""


class Maker(nn.Module):
    """Clips from latents and what is given."""

    def __init__(self, config: GanConfig) -> None:
        super().__init__()
        places = grids(config)
        sizes = widths(config.finest, len(places), config.widest)
        self.said = Condition(config, config.style)
        self.past = Past(config, places, sizes, config.style) if config.past else None
        self.style = nn.Sequential(
            nn.Linear(config.latent + config.style, config.style),
            nn.LeakyReLU(0.2),
            nn.Linear(config.style, config.style),
            nn.LeakyReLU(0.2),
        )
        self.decoder = VolumeDecoder(config.channels, places, sizes, config.style)
        begun(self)

    def forward(self, latent: Tensor, given: Given) -> Tensor:
        condition, features = self.said(given), None
        if self.past is not None:
            features, vector = self.past(given.past, given.count)
            condition = condition + vector
        style = self.style(torch.cat([latent, condition], 1))
        made = torch.tanh(self.decoder(style, features).float()).transpose(1, 2)
        return joined(given, made)


class Gan(Generator):
    """A generator and its opponent."""

    family: ClassVar[str] = "gan"
    settings: ClassVar[type[Config]] = GanConfig
    config: GanConfig

    def __init__(self, config: GanConfig) -> None:
        super().__init__(config)
        self.maker = Maker(config)
        self.discriminator = Discriminator(
            config,
            config.finest,
            config.widest,
            config.style,
            spectral=config.smooth == "spectral",
        )

    def phases(self, progress: float) -> tuple[str, ...]:
        """One step of each side in turn."""
        return "discriminator", "generator"

    def learning(self, phase: str) -> Iterable[nn.Parameter]:
        """The parameters of one side."""
        side = self.discriminator if phase == "discriminator" else self.maker
        return side.parameters()

    def pace(self, phase: str) -> tuple[float, tuple[float, float]]:
        """No momentum: the other side moves what there is to descend (Karras et al. 2018)."""
        config = self.config
        generates = phase == "generator"
        share = config.generator_share if generates else config.discriminator_share
        return share, (0.0, 0.99)

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """What the side makes small, and the mean scores it saw."""
        keep = torch.rand(len(batch.clips), generator=random, device=batch.clips.device)
        given = batch.given.dropped(keep >= self.config.unheeded)
        latent = self._latent(given.count, random)
        if phase == "generator":
            with still(self.discriminator):
                score = self.discriminator(self.maker(latent, given), given)
            return {"generator": generator_loss(self.config.loss, score)}
        with torch.no_grad():
            made = self.maker(latent, given)
        real_score = self.discriminator(batch.clips, given)
        made_score = self.discriminator(made, given)
        loss = discriminator_loss(self.config.loss, real_score, made_score)
        found = {"real_score": real_score.mean(), "made_score": made_score.mean()}
        if self._penalised(random):
            found["r1"] = steepness(self.discriminator, batch.clips, given)
            loss = loss + 0.5 * self.config.r1 * self.config.r1_every * found["r1"]
        return {"discriminator": loss, **found}

    def _penalised(self, random: torch.Generator) -> bool:
        config = self.config
        return config.smooth == "r1" and config.r1 > 0 and turn_of(config.r1_every, random)

    def _latent(self, count: int, random: torch.Generator, temperature: float = 1.0) -> Tensor:
        shape = count, self.config.latent
        return temperature * torch.randn(shape, generator=random, device=random.device)

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = _STANDARD
    ) -> Tensor:
        """Clips of drawn latents; ``temperature`` scales their spread: less is likelier clips."""
        check_given(self.config, given)
        temperature = 1.0 if sampling.temperature is None else sampling.temperature
        made: Tensor = self.maker(self._latent(given.count, random, temperature), given)
        return made
