"""Batches of clips to learn from: which clips a step sees follows from the seed and its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models.generation import prompts
from smartcut.models.generation.contract import ClipBatch, Config, Given
from smartcut.models.generation.dataset import Dataset

# Share of the batches that are given their first frames, where a generator can be.
_CONTINUED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ClipBatches:
    """Clips in memory, uint8 (N, T, H, W, C), with their classes and prompts."""

    clips: np.ndarray
    labels: np.ndarray
    """int64 (N,)."""
    texts: np.ndarray | None
    """float32 (N, D)."""
    past: int = 0
    """At most so many first frames are given."""

    @classmethod
    def of(
        cls, data: Dataset, config: Config, *, held_back: bool = False, allow_net: bool = False
    ) -> ClipBatches:
        """The part of a set to learn from, or the part held back, as a configuration wants it.

        Raises ModelError where the set's clips are of another size, too short, or too few.
        """
        info = data.info
        if (info.height, info.width) != (
            config.height,
            config.width,
        ) or info.frames < config.frames:
            raise ModelError(
                f"{data.folder} holds clips of {info.frames} frames of {info.width}x{info.height}; "
                f"{config.frames} frames of {config.width}x{config.height} are wanted"
            )
        chosen = data.held_back()[1 if held_back else 0]
        if not len(chosen):
            raise ModelError(f"{data.folder} holds too few clips to hold any back; make more")
        clips = data.arrays()[chosen]
        if config.channels == 1:
            clips = np.rint(clips @ np.array([0.2126, 0.7152, 0.0722])).astype(np.uint8)[..., None]
        texts = None
        if config.tower:
            said = [data.captions[i] for i in chosen]
            texts = prompts.embed(said, config.tower, allow_net=allow_net)
        return cls(clips, np.array(data.label_of, np.int64)[chosen], texts, config.past)

    def __len__(self) -> int:
        return len(self.clips)

    def batch(self, config: Config, size: int, seed: int, number: int, device: str) -> ClipBatch:
        """The batch of that number: clips in an order drawn anew each time all were seen."""
        places = np.arange(number * size, (number + 1) * size)
        turns = places // len(self)
        orders = {
            t: np.random.default_rng((seed, 1, int(t))).permutation(len(self)) for t in set(turns)
        }
        chosen = np.array([orders[t][p % len(self)] for t, p in zip(turns, places, strict=True)])
        random = np.random.default_rng((seed, 2, number))
        first = int(random.integers(self.clips.shape[1] - config.frames + 1))
        clips = to_clips(self.clips[chosen, first : first + config.frames], device)
        past = None
        if self.past and random.random() < _CONTINUED:
            past = clips[:, : int(random.integers(1, self.past + 1))]
        return ClipBatch(clips, self._given(config, chosen, past, device))

    def whole(self, config: Config, device: str, count: int | None = None) -> ClipBatch:
        """The first ``count`` clips, from their first frame, with nothing of their past given."""
        chosen = np.arange(len(self))[:count]
        clips = to_clips(self.clips[chosen, : config.frames], device)
        return ClipBatch(clips, self._given(config, chosen, None, device))

    def _given(self, config: Config, chosen: np.ndarray, past: Tensor | None, device: str) -> Given:
        label = torch.from_numpy(self.labels[chosen]).to(device) if config.labels else None
        text = None if self.texts is None else torch.from_numpy(self.texts[chosen]).to(device)
        return Given(len(chosen), label, text, past)


def to_clips(pixels: np.ndarray, device: str = "cpu") -> Tensor:
    """float32 (N, T, C, H, W) in [-1, 1], of uint8 (N, T, H, W, C)."""
    found = torch.from_numpy(np.ascontiguousarray(pixels)).to(device)
    return found.permute(0, 1, 4, 2, 3).float().div_(127.5).sub_(1)


def to_pixels(clips: Tensor) -> np.ndarray:
    """uint8 (N, T, H, W, 3), of clips in [-1, 1]; gray becomes RGB."""
    levels = clips.float().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    found: np.ndarray = levels.permute(0, 1, 3, 4, 2).cpu().numpy()
    return np.repeat(found, 3, -1) if found.shape[-1] == 1 else found


def config_fields(data: Dataset, tower: str | None, past: int) -> dict[str, Any]:
    """The fields of a configuration that follow from a set."""
    info = data.info
    return {
        "frames": info.frames,
        "height": info.height,
        "width": info.width,
        "rate": info.rate,
        "labels": info.labels,
        "tower": tower,
        "text_size": prompts.SIZES[tower] if tower else 0,
        "past": past,
    }
