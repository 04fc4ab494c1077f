"""Contact sheets of clips: a row for each clip, its frames from left to right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.files import write_bytes
from smartcut.models.generation.batches import to_pixels

ROWS = 8
_GAP = 2


def sheet(pixels: np.ndarray, columns: int = 8) -> np.ndarray:
    """uint8 (h, w, 3): of clips (N, T, H, W, 3), at most ``columns`` frames evenly spread."""
    chosen = np.unique(np.linspace(0, pixels.shape[1] - 1, columns).round().astype(int))
    count, height, width = len(pixels), *pixels.shape[2:4]
    size = (count * (height + _GAP) + _GAP, len(chosen) * (width + _GAP) + _GAP, 3)
    found = np.full(size, 255, np.uint8)
    for i, clip in enumerate(pixels):
        for j, number in enumerate(chosen):
            top, left = _GAP + i * (height + _GAP), _GAP + j * (width + _GAP)
            found[top : top + height, left : left + width] = clip[number]
    return found


def write(path: Path, clips: Tensor) -> None:
    """Write clips in [-1, 1] as a PNG; raises ModelError where that fails."""
    import cv2

    done, data = cv2.imencode(".png", sheet(to_pixels(clips))[..., ::-1])
    if not done:
        raise ModelError(f"{path}: the picture cannot be encoded")
    write_bytes(path, data.tobytes())
