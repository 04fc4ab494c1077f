"""A normalising flow for clips, with exact likelihood: Glow for each frame, given those before it.

p(clip) = product over t of p(frame t | the ``history`` frames before it), as in VideoFlow (Kumar
et al. 2020), where each factor is a Glow (Kingma & Dhariwal 2018) whose couplings see the frames
before. So what follows any number of given frames has an exact likelihood too, all frames learn in
one pass, and they are made one after the other. 8-bit levels are dequantised by uniform noise
(Theis et al. 2016).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import torch
from pydantic import Field, model_validator
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
from smartcut.models.generation.invertible import (
    Bijection,
    Coupling,
    Expected,
    Mixing,
    Predictor,
    Spread,
    folded,
    log_normal,
    unfolded,
)

_TEMPERATURE = 1.0
_DROPPED = 0.1
# Layers that look at the frames before.
_LOOKING = 3
_LN2 = math.log(2)
# Share of the training in which the noise over the clips fades.
_NOISY = 0.6
_STANDARD = SampleSettings()


class FlowConfig(Config):
    """How a flow is built. Height and width are multiples of ``patch`` * 2 ** (levels - 1)."""

    patch: int = Field(4, ge=2)
    """Pixels of a side of the squares that are folded into channels first."""
    levels: int = Field(2, ge=1)
    """Sizes it works at, each half of the one before; half of the channels leave in between."""
    depth: int = Field(6, ge=1)
    """Couplings of each level."""
    hidden: int = Field(96, ge=1)
    history: int = Field(2, ge=1)
    """How many frames before a frame it depends on."""
    start_noise: float = Field(0.1, ge=0)
    """Spread of the noise laid over clips when training starts; it fades within its first 60 %."""

    @model_validator(mode="after")
    def _divides(self) -> FlowConfig:
        unit = self.patch * 2 ** (self.levels - 1)
        if self.height % unit or self.width % unit:
            raise ModelError(
                f"a flow of patch {self.patch} and {self.levels} levels takes heights and widths "
                f"that are multiples of {unit}, not {self.width}x{self.height}; "
                "use another size, or fewer levels"
            )
        return self


class FlowLevel(nn.Module):
    """Couplings at one size; then, but for the last, half of the channels leave as normal ones."""

    def __init__(self, channels: int, condition: int, config: FlowConfig, *, last: bool) -> None:
        super().__init__()
        self.steps = nn.ModuleList([Spread(channels), Expected(channels, condition, config.hidden)])
        for _ in range(config.depth):
            self.steps.append(Spread(channels))
            self.steps.append(Mixing(channels))
            self.steps.append(Coupling(channels, condition, config.hidden))
        self.stays = channels if last else channels // 2
        leaving = channels - self.stays
        self.of_leaving = (
            Predictor(self.stays, leaving, condition, config.hidden) if leaving else None
        )

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """What goes on, what leaves, and the log-determinant."""
        stretched = x.new_zeros(len(x))
        for step in self.steps:
            x, more = step(x, condition)
            stretched = stretched + more
        if self.of_leaving is None:
            return x, None, stretched
        stays, leaves = x[:, : self.stays], x[:, self.stays :]
        shift, log_scale = self.of_leaving(stays, condition, in_bf16=False)
        return stays, (leaves + shift) * log_scale.exp(), stretched + log_scale.sum((1, 2, 3))

    def inverse(self, y: Tensor, left: Tensor | None, condition: Tensor) -> Tensor:
        if self.of_leaving is not None and left is not None:
            shift, log_scale = self.of_leaving(y, condition, in_bf16=False)
            y = torch.cat([y, left * (-log_scale).exp() - shift], 1)
        for step in reversed(self.steps):
            y = cast("Bijection", step).inverse(y, condition)
        return y


class Before(nn.Module):
    """What the frames before, the class and the prompt say, as features at each level's size."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        hidden, patch = config.hidden, config.patch
        seen = config.history * (config.channels * patch**2 + 1)
        self.patch = patch
        self.said = Condition(config, hidden)
        self.enter = nn.Conv2d(seen, hidden, 3, padding=1)
        self.within = nn.ModuleList(
            nn.Conv2d(hidden, hidden, 3, padding=1) for _ in range(_LOOKING)
        )
        self.places = nn.Parameter(
            torch.randn(1, hidden, config.height // patch, config.width // patch) * 0.02
        )
        self.down = nn.ModuleList(
            nn.Conv2d(hidden, hidden, 3, 2, 1) for _ in range(config.levels - 1)
        )

    def forward(self, frames: Tensor, known: Tensor, given: Given, each: int) -> list[Tensor]:
        """``frames``: (N * each, history * C, H, W); ``known``: (N * each, history), 0 or 1."""
        x = folded(frames, self.patch)
        flags = known[:, :, None, None].expand(-1, -1, *x.shape[2:])
        said = self.said(given).repeat_interleave(each, 0)
        h = self.enter(torch.cat([x, flags], 1)) + said[:, :, None, None] + self.places
        h = nn.functional.silu(h)
        for layer in self.within:
            h = h + nn.functional.silu(layer(h))
        found = [h]
        for down in self.down:
            found.append(nn.functional.silu(down(found[-1])))
        return found


class FlowModel(Generator):
    """The flow. On continuous clips, (N, T, C, H, W) in [-1, 1) by :meth:`dequantised`, it is a
    bijection to latents (N, T, C * H * W), standard normal: :meth:`encode` and :meth:`decode`.
    """

    family: ClassVar[str] = "flow"
    settings: ClassVar[type[Config]] = FlowConfig
    config: FlowConfig

    def __init__(self, config: FlowConfig) -> None:
        super().__init__(config)
        self.before = Before(config)
        self.levels = nn.ModuleList()
        channels = config.channels * config.patch**2
        for number in range(config.levels):
            last = number + 1 == config.levels
            self.levels.append(FlowLevel(channels, config.hidden, config, last=last))
            channels = channels // 2 * 4

    # ------------------------------------------------------------------------- the bijection

    def encode(self, clips: Tensor, given: Given) -> tuple[Tensor, Tensor]:
        """Latents (N, T, D) of continuous clips, and the log-determinant of each frame, (N, T)."""
        count, frames = clips.shape[:2]
        seen, known = self._histories(clips)
        conditions = self.before(seen, known, given, frames)
        latents, stretched = self._frame(clips.flatten(0, 1).float(), conditions)
        return latents.view(count, frames, -1), stretched.view(count, frames)

    def decode(self, latents: Tensor, given: Given) -> Tensor:
        """Continuous clips of latents; where past frames are given, they take the first places.

        Can be differentiated with respect to the latents and the weights.
        """
        shown: list[Tensor] = [] if given.past is None else list(given.past.unbind(1))
        for number in range(len(shown), latents.shape[1]):
            last = shown[-self.config.history :]
            lacking = self.config.history - len(last)
            blank = latents.new_zeros(len(latents), *self.config.clip[1:])
            frames = torch.cat([*[blank] * lacking, *last], 1)
            known = latents.new_ones(len(latents), self.config.history)
            known[:, :lacking] = 0
            conditions = self.before(frames, known, given, 1)
            # Beyond the range there are no clips; a frame that goes there would lead on astray.
            shown.append(self._frame_back(latents[:, number], conditions).clamp(-1, 1))
        return torch.stack(shown, 1)

    def _histories(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """The frames before each frame, oldest first, blank before the start; and which are known.

        (N * T, history * C, H, W) and (N * T, history).
        """
        count, frames = clips.shape[:2]
        history = self.config.history
        padded = torch.cat([clips.new_zeros(count, history, *clips.shape[2:]), clips], 1)
        seen = torch.stack([padded[:, k : k + frames] for k in range(history)], 2)
        places = torch.arange(frames, device=clips.device)[:, None]
        known = (places + torch.arange(history, device=clips.device) >= history).float()
        known = known.expand(count, frames, history).flatten(0, 1)
        return seen.flatten(2, 3).flatten(0, 1), known

    def _frame(self, frames: Tensor, conditions: list[Tensor]) -> tuple[Tensor, Tensor]:
        x, size, parts = frames, self.config.patch, []
        stretched = x.new_zeros(len(x))
        for level, condition in zip(self.levels, conditions, strict=True):
            x, left, more = level(folded(x, size), condition)
            stretched, size = stretched + more, 2
            if left is not None:
                parts.append(left.flatten(1))
        return torch.cat([*parts, x.flatten(1)], 1), stretched

    def _frame_back(self, latents: Tensor, conditions: list[Tensor]) -> Tensor:
        sizes = [(c.shape[2], c.shape[3]) for c in conditions]
        parts, at = [], 0
        for level, (height, width) in zip(self.levels, sizes, strict=True):
            channels = self._leaving(level)
            parts.append(latents[:, at : at + channels * height * width])
            at += channels * height * width
        x: Tensor | None = None
        for number in reversed(range(len(sizes))):
            level, size = cast("FlowLevel", self.levels[number]), sizes[number]
            part = parts[number].unflatten(1, (-1, *size))
            y, left = (part, None) if x is None else (x, part)
            x = level.inverse(y, left, conditions[number])
            x = unfolded(x, 2 if number else self.config.patch)
        assert x is not None
        return x

    @staticmethod
    def _leaving(level: Any) -> int:
        """Channels that end in the latents at a level."""
        channels = int(level.steps[0].shift.shape[0])
        return channels if level.of_leaving is None else channels - int(level.stays)

    # ------------------------------------------------------------------------- the contract

    def prepare(self, clips: Tensor) -> None:
        """Set the spreads from some clips."""
        spreads = [m for m in self.modules() if isinstance(m, Spread)]
        random = torch.Generator(clips.device).manual_seed(0)
        for spread in spreads:
            spread.looking = True
        self.encode(dequantised(clips, random), Given(len(clips)))
        for spread in spreads:
            spread.looking = False

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """Bits per dimension of whole clips; past frames need not be set apart to be learned.

        Noise is laid over them at first: where most pixels are alike, a likelihood to one level is
        all about those, and what differs is learned late.
        """
        in_bf16 = torch.is_autocast_enabled(batch.clips.device.type)
        for module in self.modules():
            if isinstance(module, (Coupling, Expected)):
                module.in_bf16 = in_bf16
        keep = torch.rand(len(batch.clips), generator=random, device=batch.clips.device) > _DROPPED
        given = batch.given.dropped(keep)
        noise = self.config.start_noise * max(0.0, 1 - progress / _NOISY) ** 2
        with torch.autocast(batch.clips.device.type, enabled=False):
            return {"loss": self._bits(batch.clips, given, random, noise).mean()}

    def bits_per_dimension(self, clips: Tensor, given: Given, random: torch.Generator) -> Tensor:
        """Of the frames that follow the given ones, (N,); see :class:`Generator`."""
        check_given(self.config, given)
        bits = self._bits(clips, given, random)
        return bits[:, 0 if given.past is None else given.past.shape[1] :].mean(1)

    def _bits(
        self, clips: Tensor, given: Given, random: torch.Generator, noise: float = 0.0
    ) -> Tensor:
        """Bits per dimension of each frame, (N, T); with noise of that spread over the clips."""
        seen = dequantised(clips, random)
        if noise:
            more = torch.randn(seen.shape, generator=random, device=seen.device)
            seen = seen + noise * more
        latents, stretched = self.encode(seen, given)
        size = latents.shape[2]
        density = log_normal(latents.flatten(0, 1)).view_as(stretched) + stretched
        # A level is 1/128 wide.
        return -density / (size * _LN2) + 7

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = _STANDARD
    ) -> Tensor:
        """Clips of latents of the given temperature (1 where none is given)."""
        check_given(self.config, given)
        frames, *frame = self.config.clip
        spread = _TEMPERATURE if sampling.temperature is None else sampling.temperature
        latents = spread * torch.randn(
            given.count, frames, math.prod(frame), generator=random, device=random.device
        )
        clips = self.decode(latents, given)
        past = 0 if given.past is None else given.past.shape[1]
        made = displayed(clips[:, past:])
        return made if given.past is None else torch.cat([given.past, made], 1)


def dequantised(clips: Tensor, random: torch.Generator) -> Tensor:
    """Continuous clips: (level + uniform noise) / 128 - 1, for the 8-bit levels of clips."""
    levels = clips.float().add(1).mul(127.5).round()
    noise = torch.rand(clips.shape, generator=random, device=clips.device)
    return (levels + noise) / 128 - 1


def displayed(clips: Tensor) -> Tensor:
    """Clips of continuous ones: each level stands at the middle of its range."""
    return ((clips + 1) * 128 - 0.5).div(127.5).sub(1).clamp(-1, 1)
