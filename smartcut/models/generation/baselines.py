"""What a generator has to beat: three that learn next to nothing, under the same contract.

``mean-clip`` is the mean of the clips to learn from; ``copy-last-frame`` holds the last frame it is
given, or one that was learned from; ``pixel-gaussian`` draws each value by itself, from a normal
distribution with that value's mean and standard deviation, the latter not below what fits clips
that it was not taken from.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models.generation import measures
from smartcut.models.generation.batches import ClipBatches, to_clips
from smartcut.models.generation.contract import ClipBatch, Config, Generator, Given, SampleSettings
from smartcut.models.generation.sampling import STANDARD

# Still frames kept.
_STILLS = 512
# A value that changed little in training may well be another elsewhere: the least standard
# deviation is one of these, in levels, as fits this many clips best.
_LEAST_SPREADS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_TRIED_ON = 16


class Baseline(Generator):
    """One of them; :meth:`of` learns all there is to learn."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)

    @classmethod
    def of(cls, config: Config, data: ClipBatches) -> Self:
        """The baseline as it follows from clips to learn from."""
        raise NotImplementedError

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        raise ModelError(f"{self.family} learns nothing step by step")


def _with_past(clips: Tensor, given: Given) -> Tensor:
    if given.past is None:
        return clips
    return torch.cat([given.past, clips[:, given.past.shape[1] :]], dim=1)


class MeanClip(Baseline):
    family: ClassVar[str] = "mean-clip"
    clip: Tensor

    @classmethod
    def of(cls, config: Config, data: ClipBatches) -> Self:
        found = cls(config)
        mean, _ = moments(data.clips[:, : config.frames])
        found.register_buffer("clip", _in_range(mean))
        return found

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = STANDARD
    ) -> Tensor:
        return _with_past(self.clip.expand(given.count, *self.clip.shape), given)


class CopyLastFrame(Baseline):
    family: ClassVar[str] = "copy-last-frame"
    stills: Tensor

    @classmethod
    def of(cls, config: Config, data: ClipBatches) -> Self:
        found = cls(config)
        found.register_buffer("stills", to_clips(data.clips[:_STILLS, :1]))
        return found

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = STANDARD
    ) -> Tensor:
        if given.past is not None:
            last = given.past[:, -1:]
        else:
            places = torch.randint(
                len(self.stills), (given.count,), generator=random, device=random.device
            )
            last = self.stills[places]
        return _with_past(last.expand(-1, self.config.frames, -1, -1, -1), given)


class PixelGaussian(Baseline):
    family: ClassVar[str] = "pixel-gaussian"
    mean: Tensor
    spread: Tensor

    @classmethod
    def of(cls, config: Config, data: ClipBatches) -> Self:
        found = cls(config)
        clips = data.clips[:, : config.frames]
        mean, spread = moments(clips)
        found.register_buffer("mean", torch.from_numpy(mean))
        spread = np.maximum(spread, _least_spread(clips))
        found.register_buffer("spread", torch.from_numpy(spread))
        return found

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = STANDARD
    ) -> Tensor:
        shape = (given.count, *self.mean.shape)
        noise = torch.randn(shape, generator=random, device=random.device, dtype=torch.float64)
        levels = (self.mean + self.spread * noise).round().clamp(0, 255)
        clips = (levels / 127.5 - 1).float().permute(0, 1, 4, 2, 3)
        return _with_past(clips, given)

    def bits_per_dimension(self, clips: Tensor, given: Given, random: torch.Generator) -> Tensor:
        levels = clips.double().add(1).mul(127.5).round().permute(0, 1, 3, 4, 2)
        bits = measures.gaussian_bits(
            levels.cpu().numpy(), self.mean.cpu().numpy(), self.spread.cpu().numpy()
        )
        return torch.from_numpy(bits).to(clips.device)


def moments(clips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each value over uint8 clips, in levels, (T, H, W, C)."""
    mean = clips.mean(0, dtype=np.float64)
    square = np.zeros_like(mean)
    for clip in clips:
        square += np.square(clip - mean)
    return mean, np.sqrt(square / len(clips))


def _least_spread(clips: np.ndarray) -> float:
    """The bound on the deviations with which clips left out for it are likeliest."""
    left_out = clips[::4][:_TRIED_ON]
    rest = np.delete(clips, np.s_[: 4 * len(left_out) : 4], axis=0)
    if not len(rest):
        return _LEAST_SPREADS[0]
    mean, spread = moments(rest)
    return min(
        _LEAST_SPREADS,
        key=lambda least: measures.gaussian_bits(left_out, mean, np.maximum(spread, least)).mean(),
    )


def _in_range(levels: np.ndarray) -> Tensor:
    return torch.from_numpy(levels / 127.5 - 1).float().permute(0, 3, 1, 2)


BASELINES: dict[str, type[Baseline]] = {
    kind.family: kind for kind in (MeanClip, CopyLastFrame, PixelGaussian)
}
