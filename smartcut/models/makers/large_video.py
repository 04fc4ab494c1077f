"""Pictures for the timeline by a large model of diffusers, enlarged and brought to its rate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from smartcut.models.generation.large import KINDS, load
from smartcut.models.makers import Brief
from smartcut.models.makers.trained import enlarged, shrunk

# Such models learn from about so many frames a second, and pictures of about this height.
_RATE = 16
_HEIGHT = 480


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3) for each frame; parameters ``model``, ``prompt``, ``steps``, ``guidance``.

    A shot that is carried on is given its last frame to begin with, which is not shown again.
    """
    params = brief.params
    model = load(str(params["model"]), device=brief.device, allow_net=brief.allow_net)
    size = _size(brief, KINDS[model.found.pipeline].multiple)
    image = shrunk(brief.past[-1], *size) if brief.kind == "extend" and brief.past else None
    rate = min(_RATE, float(brief.rate))
    first = 0 if image is None else 1
    clip = model.make(
        str(params.get("prompt") or ""),
        max(1, int(np.ceil(brief.frames / float(brief.rate) * rate))) + first,
        size,
        steps=int(params.get("steps") or 30),
        guidance=float(params.get("guidance") or 5.0),
        seed=brief.seed,
        image=image,
        rate=rate,
    )[first:]
    for number in range(brief.frames):
        shown = min(int(number / float(brief.rate) * rate), len(clip) - 1)
        yield enlarged(clip[shown], brief.width, brief.height)


def _size(brief: Brief, multiple: int) -> tuple[int, int]:
    """(width, height) near the timeline's shape that the model can make."""
    scale = min(1.0, _HEIGHT / min(brief.width, brief.height))
    width, height = (
        max(multiple, round(side * scale / multiple) * multiple)
        for side in (brief.width, brief.height)
    )
    return width, height
