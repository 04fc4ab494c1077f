"""Captions as they are burned in, without a film."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from smartcut.drawer import Painted, merged
from smartcut.render.captions.fit import FittedCaptions
from smartcut.render.captions.picture import CaptionPainter
from smartcut.render.captions.states import state_at
from smartcut.timebase import Range


def captions_at(
    found: FittedCaptions,
    size: tuple[int, int],
    time: Fraction,
    lasts: Fraction,
    below: int | np.ndarray = 0,
) -> np.ndarray:
    """uint8 (height, width, 3): a frame shown from ``time`` on, over grey or over a picture."""
    frame = np.zeros((size[1], size[0], 3), np.float32) + below
    style = found.captions.style
    painter = CaptionPainter(size, style, found.captions.language)
    for cue in found.cues:
        if cue.range.start <= time < cue.range.end:
            state = state_at(cue, style, Range(time, time + lasts))
            lay(frame, merged(painter.pieces(cue, state)))
    return np.rint(frame).astype(np.uint8)


def lay(frame: np.ndarray, drawn: Painted) -> None:
    """Lay a picture with alpha over a float frame, in place."""
    x, y = max(drawn.x, 0), max(drawn.y, 0)
    own = drawn.rgba[y - drawn.y :, x - drawn.x :][: frame.shape[0] - y, : frame.shape[1] - x]
    box = frame[y : y + own.shape[0], x : x + own.shape[1]]
    alpha = own[..., 3:].astype(np.float32) / 255
    box[...] = box * (1 - alpha) + own[..., :3] * alpha
