"""Clips as rows of numbers, so that sets of clips can be compared; each way has a name.

``random-conv`` is a network of 3D convolutions with drawn weights. It needs no file and is the
same everywhere. It sees colour, edges, texture, noise and the motion of neighbouring frames, over
the whole clip; it knows nothing of what things are or where they are in the picture. Untrained
networks tell sets apart where trained ones know too little of what is shown (Naeem et al. 2020).
``efficientnet-lite0`` is what an ImageNet classifier says of the frames, and how that changes; it
needs its weights and knows everyday things. ``pixels`` is the clip itself, very small.

Figures on different features, or of different sizes of clips, cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from smartcut.errors import ModelError
from smartcut.models.generation.batches import to_clips
from smartcut.once import once

if TYPE_CHECKING:
    from smartcut.models.embedded_scorer import PictureClasses

RANDOM, CLASSES, PIXELS = "random-conv", "efficientnet-lite0", "pixels"
NAMES = (RANDOM, CLASSES, PIXELS)

_SEED = 20170608
_WIDTHS = (16, 24, 24)
_LEAST = 1e-2
_AT_ONCE = 16
_FRAMES = 4
_SIDE = 4
_KEPT = 64


def features(name: str, clips: np.ndarray, device: str = "cpu") -> np.ndarray:
    """float64 (N, D) of uint8 (N, T, H, W, 3), by one of :data:`NAMES`.

    Raises ModelError for an unknown name, and where weights are needed that are not at hand.
    """
    if name not in NAMES:
        raise ModelError(f"unknown features {name!r}; accepted: {', '.join(NAMES)}")
    if name == PIXELS:
        return _pixels(clips)
    parts = (clips[i : i + _AT_ONCE] for i in range(0, len(clips), _AT_ONCE))
    rows = _classes(parts, device) if name == CLASSES else _random(parts, device)
    return np.concatenate(list(rows)).astype(np.float64)


# ------------------------------------------------------------------------- drawn convolutions


def _random(parts: Iterator[np.ndarray], device: str) -> Iterator[np.ndarray]:
    kernels = [kernel.to(device) for kernel in _kernels()]
    with torch.no_grad():
        for part in parts:
            yield _through(kernels, to_clips(part, device)).cpu().numpy()


def _through(kernels: list[Tensor], clips: Tensor) -> Tensor:
    """(N, 6 + sum of widths): mean and spread of the colours, and how strong each map is.

    Strengths are logarithms of root mean squares: what is faint in all real clips, such as noise,
    counts where it is not.
    """
    maps = clips.transpose(1, 2)
    colours = maps.flatten(2)
    found = [colours.mean(2), colours.std(2, unbiased=False)]
    for number, kernel in enumerate(kernels):
        maps = functional.pad(maps, (1,) * 6, mode="replicate")
        stride = (2 if number else 1, 2, 2)
        maps = functional.relu(functional.conv3d(maps, kernel, stride=stride))
        found.append((maps.flatten(2).square().mean(2).sqrt() + _LEAST).log())
    return torch.cat(found, 1)


@lru_cache(maxsize=1)
def _kernels() -> list[Tensor]:
    """Normal, scaled to keep the size of what goes through (He et al. 2015).

    The first ones are 0 in sum over space and time, and so see no flat colour: brightness, which
    varies most, would hide the rest. RandomState's stream is frozen: any numpy draws the same.
    """
    random = np.random.RandomState(_SEED)
    found: list[Tensor] = []
    for before, width in zip((3, *_WIDTHS), _WIDTHS, strict=False):
        drawn = random.standard_normal((width, before, 3, 3, 3)) * np.sqrt(2 / (before * 27))
        if not found:
            drawn -= drawn.mean((2, 3, 4), keepdims=True)
        found.append(torch.from_numpy(drawn).float())
    return found


# ------------------------------------------------------------------------------- classifier


def _classes(parts: Iterator[np.ndarray], device: str) -> Iterator[np.ndarray]:
    network = _classifier(device)
    for part in parts:
        chosen = _spread(part)
        pictures = [_of_size(frame) for clip in chosen for frame in clip]
        rows = network.pictures(pictures).reshape(*chosen.shape[:2], -1) @ _projection()
        steps = np.abs(np.diff(rows, axis=1)).mean(1) if rows.shape[1] > 1 else rows[:, 0] * 0
        yield np.concatenate([rows.mean(1), steps], axis=1)


@once
def _classifier(device: str) -> PictureClasses:
    from smartcut.models import weights
    from smartcut.models.embedded_scorer import PictureClasses

    if weights.find(CLASSES) is None:
        raise ModelError(
            f"the features {CLASSES!r} need weights that are not here: smartcut models pull "
            f"{CLASSES}, or use {RANDOM!r}"
        )
    return PictureClasses(device)


def _projection() -> np.ndarray:
    """(1000, 64): fewer numbers than clips, or the Fréchet distance is mostly bias."""
    return np.random.RandomState(_SEED).standard_normal((1000, _KEPT)) / np.sqrt(_KEPT)


def _spread(clips: np.ndarray) -> np.ndarray:
    """At most a few frames of each clip, evenly spread."""
    return clips[:, np.unique(np.linspace(0, clips.shape[1] - 1, _FRAMES).round().astype(int))]


def _of_size(frame: np.ndarray) -> np.ndarray:
    """With a shorter side of 224, as the classifier takes it."""
    import cv2

    from smartcut.models.embedded_scorer import SIZE

    height, width = frame.shape[:2]
    scale = SIZE / min(height, width)
    size = max(SIZE, round(width * scale)), max(SIZE, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(frame, size, interpolation=how)


# ----------------------------------------------------------------------------------- pixels


def _pixels(clips: np.ndarray) -> np.ndarray:
    """A few frames of 4 x 4 pixels each, as means of areas, in [0, 1]."""
    import cv2

    chosen = _spread(clips)
    small = [
        [cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for frame in clip]
        for clip in chosen.astype(np.float32) / 255
    ]
    return np.asarray(small, np.float64).reshape(len(clips), -1)
