"""The opponent of generators that learn from a game, and what each side makes small.

Goodfellow et al. 2014, with the non-saturating loss of that paper or the hinge loss (Lim & Ye
2017). The opponent is kept smooth by a penalty on its gradient at real clips (R1, Mescheder et al.
2018) or by weights of spectral norm 1 (Miyato et al. 2018). It is conditioned on class and prompt
by a projection (Miyato & Koyama 2018), and sees how alike the clips of a batch are (Karras et al.
2018), so that a generator that makes one clip only is found out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from smartcut.models.generation.conditions import Condition
from smartcut.models.generation.contract import Config, Given
from smartcut.models.generation.volumes import (
    Convolution,
    Encoder,
    begun,
    grids,
    held,
    unwrapped,
    widths,
)

Loss = Literal["non-saturating", "hinge"]
_LEAK = 0.2
_GROUP = 4
# Below this the square root's gradient would be too steep.
_LEAST_VARIANCE = 1e-8


class Discriminator(nn.Module):
    """Scores (N,): how real clips look, under what was asked for."""

    def __init__(
        self, config: Config, finest: int, widest: int, size: int, *, spectral: bool
    ) -> None:
        super().__init__()
        wrap = spectral_norm if spectral else unwrapped
        places = grids(config)
        sizes = widths(finest, len(places), widest)
        self.encoder = Encoder(config.channels + 1, places, sizes, norm=False, wrap=wrap)
        self.together = Convolution(sizes[-1] + 1, sizes[-1], moving=places[-1][0] > 1, wrap=wrap)
        self.features = wrap(nn.Linear(sizes[-1] * math.prod(places[-1]), size))
        self.score = wrap(nn.Linear(size, 1))
        self.said = Condition(config, size)
        if not spectral:
            begun(self)

    def forward(self, clips: Tensor, given: Given) -> Tensor:
        """Of clips (N, T, C, H, W) that begin with the past frames, where some are given."""
        x = self.encoder(_marked(clips, given))[-1]
        x = functional.leaky_relu(self.together(_with_unlikeness(x)), _LEAK)
        h = functional.leaky_relu(self.features(x.flatten(1)), _LEAK)
        asked = (self.said(given) * h).sum(1) / math.sqrt(h.shape[1])
        found: Tensor = self.score(h)[:, 0] + asked
        return found


def _marked(clips: Tensor, given: Given) -> Tensor:
    """(N, C + 1, T, H, W): clips, and 1 where a frame was given rather than made."""
    if given.past is not None:
        known = held(given.past, clips.shape[1])[:, -1:]
    else:
        known = torch.zeros_like(clips[:, :, :1]).transpose(1, 2)
    return torch.cat([clips.transpose(1, 2), known], 1)


def _with_unlikeness(x: Tensor) -> Tensor:
    """With one more channel: the mean spread of the features over a group of clips."""
    count = len(x)
    group = next(n for n in range(min(_GROUP, count), 0, -1) if count % n == 0)
    exact = x.to(torch.promote_types(x.dtype, torch.float32))
    parts = exact.view(group, count // group, *x.shape[1:])
    spread = (parts.var(0, correction=0) + _LEAST_VARIANCE).sqrt().mean((1, 2, 3, 4))
    more = spread.repeat(group)[:, None, None, None, None].expand(-1, 1, *x.shape[2:])
    return torch.cat([x, more.to(x.dtype)], 1)


def discriminator_loss(kind: Loss, real: Tensor, made: Tensor) -> Tensor:
    """What the opponent makes small, of its scores of real and made clips."""
    if kind == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + made).mean()
    return functional.softplus(-real).mean() + functional.softplus(made).mean()


def generator_loss(kind: Loss, made: Tensor) -> Tensor:
    """What the generator makes small, of the scores of what it made."""
    return -made.mean() if kind == "hinge" else functional.softplus(-made).mean()


def steepness(discriminator: nn.Module, clips: Tensor, given: Given) -> Tensor:
    """The mean squared length of the score's gradient at clips; R1 is half of it, weighted."""
    at = clips.detach().requires_grad_()
    with torch.autocast(clips.device.type, enabled=False), torch.enable_grad():
        scores = discriminator(at, given)
        (slope,) = torch.autograd.grad(scores.sum(), at, create_graph=True)
    return slope.square().flatten(1).sum(1).mean()


def turn_of(every: int, random: torch.Generator) -> bool:
    """Whether it is the turn of what is done once in ``every`` steps on average.

    Drawn, not counted: what a step does follows from its own chance alone.
    """
    return int(torch.randint(every, (1,), generator=random, device=random.device)) == 0


@contextmanager
def still(module: nn.Module) -> Iterator[None]:
    """The weights are not learned through what is computed within."""
    learned = [p for p in module.parameters() if p.requires_grad]
    for parameter in learned:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learned:
            parameter.requires_grad_(True)
