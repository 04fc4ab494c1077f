"""A variational autoencoder of clips: one latent vector for a clip, and a path between two clips.

Kingma & Welling 2014, with (2+1)D convolutions. The prior is a normal distribution that follows
from what is asked for and from past frames, as in Denton & Fergus 2018 ("Stochastic video
generation with a learned prior"); bare, it is the standard one at first. The spread of the pixels
is the one that explains a batch best (Rybkin et al. 2021, "sigma-VAE"), so that the weight of the
Kullback-Leibler divergence needs no search: it runs from 0 to ``beta`` over the first part of the
training (Bowman et al. 2016).
"""

from __future__ import annotations

import math
from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn

from smartcut.errors import ModelError
from smartcut.models.generation.conditions import Condition
from smartcut.models.generation.contract import (
    ClipBatch,
    Config,
    Generator,
    Given,
    SampleSettings,
    check_given,
)
from smartcut.models.generation.volumes import (
    Encoder,
    Past,
    VolumeDecoder,
    begun,
    grids,
    joined,
    widths,
)

_STANDARD = SampleSettings()
# Logarithms of variances stay within this: e^-10 is far below a level.
_LOG_VARIANCE = 10.0
# The least squared error that the spread of the pixels follows: a quarter of a level.
_LEAST_ERROR = (0.25 / 127.5) ** 2
_SAME = 1e-4


class VaeConfig(Config):
    """How a variational autoencoder is built, and how it learns. Any size from 8x8 is taken."""

    latent: int = Field(64, ge=1)
    """Numbers that a clip becomes."""
    finest: int = Field(16, ge=4)
    """Channels at the finest grid; they double as the size halves."""
    widest: int = Field(256, ge=4)
    """At most so many channels."""
    style: int = Field(128, ge=8)
    """Numbers that the decoder is led by."""
    beta: float = Field(1.0, ge=0)
    """Weight of the divergence from the prior; 1 is the evidence lower bound."""
    annealing: float = Field(0.3, ge=0, le=1)
    """Share of the training in which the weight rises."""
    free: float = Field(0.0, ge=0)
    """Nats of each latent number that cost nothing (Kingma et al. 2016, "free bits")."""
    unheeded: float = Field(0.1, ge=0, lt=1)
    """Share of the clips that are learned from without their class and prompt."""


class Normal(NamedTuple):
    """Normal distributions of independent numbers."""

    mean: Tensor
    log_variance: Tensor


class Vae(Generator):
    """Encoder, prior and decoder."""

    family: ClassVar[str] = "vae"
    settings: ClassVar[type[Config]] = VaeConfig
    config: VaeConfig

    def __init__(self, config: VaeConfig) -> None:
        super().__init__(config)
        places = grids(config)
        sizes = widths(config.finest, len(places), config.widest)
        self.encoder = Encoder(config.channels, places, sizes, norm=True)
        self.posterior = nn.Linear(sizes[-1] * math.prod(places[-1]), 2 * config.latent)
        self.said = Condition(config, config.style)
        self.past = Past(config, places, sizes, config.style) if config.past else None
        self.prior = nn.Sequential(
            nn.Linear(config.style, config.style),
            nn.SiLU(),
            nn.Linear(config.style, 2 * config.latent),
        )
        self.style = nn.Sequential(
            nn.Linear(config.latent + config.style, config.style),
            nn.SiLU(),
            nn.Linear(config.style, config.style),
        )
        self.decoder = VolumeDecoder(config.channels, places, sizes, config.style)
        begun(self)
        for weights in self.prior[-1].parameters():
            nn.init.zeros_(weights)
        nn.init.normal_(self.posterior.weight, std=0.1 * self.posterior.in_features**-0.5)

    # -------------------------------------------------------------------------------- learning

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """The negative evidence lower bound in nats a value; its divergence in nats; PSNR in dB."""
        config, clips = self.config, batch.clips
        keep = torch.rand(len(clips), generator=random, device=clips.device) >= config.unheeded
        condition, features = self._condition(batch.given.dropped(keep))
        posterior = self._posterior(clips)
        made = self._decoded(self._drawn(posterior, random), condition, features).float()
        first = 0 if batch.given.past is None else batch.given.past.shape[1]
        error = (made[:, first:] - clips[:, first:]).square().mean()
        spread = error.clamp_min(_LEAST_ERROR)
        each = divergence(posterior, self._prior(condition)).mean(0)
        nats = each.clamp_min(config.free).sum()
        values = clips[0, first:].numel()
        # The gradient of log(error) / 2 is that of the error over twice its best variance.
        loss = 0.5 * spread.log() + self.weight(progress) * nats / values
        psnr = 10 * torch.log10(4 / spread.detach())
        return {"loss": loss, "nats": each.sum().detach(), "psnr": psnr}

    def weight(self, progress: float) -> float:
        """That of the divergence."""
        annealing = self.config.annealing
        risen = min(1.0, progress / annealing) if annealing else 1.0
        return self.config.beta * risen

    def _posterior(self, clips: Tensor) -> Normal:
        features = self.encoder(clips.transpose(1, 2))[-1]
        return _normal(self.posterior(features.flatten(1)))

    def _condition(self, given: Given) -> tuple[Tensor, list[Tensor] | None]:
        """A vector of all that is given, and features of past frames."""
        said = self.said(given)
        if self.past is None:
            return said, None
        features, vector = self.past(given.past, given.count)
        return said + vector, features

    def _prior(self, condition: Tensor) -> Normal:
        return _normal(self.prior(condition))

    def _decoded(self, latent: Tensor, condition: Tensor, features: list[Tensor] | None) -> Tensor:
        style = self.style(torch.cat([latent, condition], 1))
        found: Tensor = self.decoder(style, features).transpose(1, 2)
        return found

    @staticmethod
    def _drawn(normal: Normal, random: torch.Generator, temperature: float = 1.0) -> Tensor:
        noise = torch.randn(normal.mean.shape, generator=random, device=random.device)
        return normal.mean + temperature * (0.5 * normal.log_variance).exp() * noise

    # ---------------------------------------------------------------------------------- making

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = _STANDARD
    ) -> Tensor:
        """Clips of latents drawn from the prior; ``temperature`` scales their spread."""
        check_given(self.config, given)
        condition, features = self._condition(given)
        temperature = 1.0 if sampling.temperature is None else sampling.temperature
        latent = self._drawn(self._prior(condition), random, temperature)
        return joined(given, self._decoded(latent, condition, features).clamp(-1, 1))

    def encode(self, clips: Tensor) -> Tensor:
        """The means of the latents, (N, latent), of clips (N, T, C, H, W)."""
        if tuple(clips.shape[1:]) != self.config.clip:
            raise ModelError(
                f"clips {tuple(clips.shape)} do not fit these weights: "
                f"accepted are (N, {', '.join(map(str, self.config.clip))})"
            )
        return self._posterior(clips).mean

    def decode(self, latents: Tensor, given: Given | None = None) -> Tensor:
        """The clips of latents (N, latent); bare where nothing is given."""
        asked = given or Given(len(latents))
        check_given(self.config, asked)
        condition, features = self._condition(asked)
        return joined(asked, self._decoded(latents, condition, features).clamp(-1, 1))

    def between(self, first: Tensor, second: Tensor, steps: int) -> Tensor:
        """Clips (steps, T, C, H, W) on the way from one clip (T, C, H, W) to another.

        The way is an arc in the latent space (see :func:`arc`). What the autoencoder loses of the
        two clips fades out along it, and in, so that the way begins and ends at the very clips.
        Raises ModelError for fewer than two steps, and for clips of another size.
        """
        if steps < 2:
            raise ModelError(f"a way between two clips has at least 2 steps, not {steps}")
        start, end = self.encode(torch.stack([first, second]))
        shares = torch.linspace(0, 1, steps, device=start.device)
        clips = self.decode(arc(start, end, shares))
        lost, found = first - clips[0], second - clips[-1]
        share = shares[:, None, None, None, None]
        return (clips + (1 - share) * lost + share * found).clamp(-1, 1)

    def transition(self, first: Tensor, second: Tensor, frames: int) -> Tensor:
        """Pictures (frames, C, H, W) that lead from the end of one clip to the start of another.

        Clips are (T, C, H, W). The first picture is the last frame of the first clip, the last
        one the first frame of the second: they join what was shown before and what follows. In
        between, picture ``k`` is taken from the clip at that share of the way (:meth:`between`),
        at a time that runs from the clip's end to its start. Raises ModelError as there.
        """
        clips = self.between(first, second, frames)
        times = torch.linspace(self.config.frames - 1, 0, frames).round().long()
        return clips[torch.arange(frames), times]


def _normal(numbers: Tensor) -> Normal:
    mean, log_variance = numbers.float().chunk(2, 1)
    return Normal(mean, _LOG_VARIANCE * torch.tanh(log_variance / _LOG_VARIANCE))


def divergence(one: Normal, other: Normal) -> Tensor:
    """The Kullback-Leibler divergence of each number of one from the other, in nats."""
    apart = other.log_variance - one.log_variance
    square = (one.mean - other.mean).square()
    return 0.5 * (apart - 1 + (-apart).exp() + square * (-other.log_variance).exp())


def arc(start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    """(len(shares), D): the way from one vector to another along a great arc (Shoemake 1985).

    Lengths change evenly on the way. Vectors that point the same way, or right away from each
    other, are joined by a straight line. Shares 0 and 1 are the very ends.
    """
    share = shares[:, None]
    line = torch.lerp(start, end, share)
    lengths = start.norm(), end.norm()
    if float(min(lengths)) == 0:
        return line
    cosine = float((start @ end) / (lengths[0] * lengths[1]))
    angle = math.acos(max(-1.0, min(1.0, cosine)))
    if angle < _SAME or math.pi - angle < _SAME:
        return line
    across = ((1 - share) * angle).sin() * start / lengths[0]
    across = (across + (share * angle).sin() * end / lengths[1]) / math.sin(angle)
    found = across * torch.lerp(lengths[0], lengths[1], share)
    return torch.where(share == 0, start, torch.where(share == 1, end, found))
