"""Pictures of a scene by the path tracer, for the timeline.

Scenes in which only the camera moves, slowly, are soft: they are traced small and a dozen times a
second, and frames between are mixed from their neighbours. Scenes in which things move are traced
for every frame.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch

from smartcut.models.generation.bouncing import displayed
from smartcut.models.makers import Brief
from smartcut.models.tracing.path_tracer import render
from smartcut.models.tracing.scenes import setting
from smartcut.models.tracing.setting import SceneSetting

# Frames traced a second where only the camera moves.
_TRACED = 12


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3) for each frame; parameters ``scene``, ``detail`` and ``samples``.

    ``detail`` is the share of the height that is traced; ``samples`` are paths a traced pixel.
    Raises ModelError for an unknown scene.
    """
    shown = setting(str(brief.params.get("scene", "bokeh")), brief.seed)
    every = 1 if shown.moves else max(1, round(float(brief.rate) / _TRACED))
    before = after = np.zeros(0, np.uint8)
    for number in range(brief.frames):
        if number % every == 0:
            before = after if number and every > 1 else _traced(brief, shown, number)
            after = _traced(brief, shown, number + every) if every > 1 else before
        share = number % every / every
        yield cv2.addWeighted(before, 1 - share, after, share, 0)


def _traced(brief: Brief, shown: SceneSetting, number: int) -> np.ndarray:
    """The frame of that number, enlarged."""
    detail = float(brief.params.get("detail", 0.15))
    height = min(brief.height, max(18, round(brief.height * detail)))
    width = min(brief.width, max(18, round(height * brief.width / brief.height)))
    # one pattern of chance for all frames: noise stays where it is, and does not flicker
    seen = render(
        shown.scene_at(number / float(brief.rate)),
        shown.path.at(number / max(1, brief.frames - 1)),
        width,
        height,
        samples=int(brief.params.get("samples", 16)),
        bounces=3,
        seed=brief.seed,
        device=brief.device,
    )
    radiance = seen.radiance.cpu().numpy()
    if (width, height) != (brief.width, brief.height):
        radiance = cv2.GaussianBlur(radiance, (0, 0), 1.1)
        size = (brief.width, brief.height)
        radiance = cv2.resize(radiance, size, interpolation=cv2.INTER_CUBIC)
    return displayed(torch.from_numpy(radiance))
