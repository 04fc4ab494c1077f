"""Pictures that follow from their neighbours: a shot carried on, or two shots led into each other.

Carrying on (``extend``) takes the motion between the last two frames by DIS optical flow (Kroeger
et al., ECCV 2016) and lets it die away, as if the camera and what it sees came to rest; it makes
nothing new, so a second or two is what it is good for. Leading (``bridge``) makes the pictures
between the last frame of one shot and the first of the next by an interpolation engine.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from smartcut.errors import ModelError
from smartcut.models.interpolation import Gap, load
from smartcut.models.makers import Brief

#: Seconds after which the speed of what moves has halved.
_HALVED = 0.35
# Flow is smoothed over this share of the height, so that edges stay in one piece.
_SMOOTH = 0.02


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3) for each frame; the engine is the parameter ``engine``."""
    if brief.past and brief.following:
        yield from _between(brief)
    elif brief.past:
        yield from _carried_on(brief)
    else:
        raise ModelError("there is no frame before to go on from")


def _between(brief: Brief) -> Iterator[np.ndarray]:
    engine = load(
        brief.params.get("engine", "flow"), device=brief.device, allow_net=brief.allow_net
    )
    count = brief.frames
    for at in range(0, count, 8):
        steps = tuple((i + 1) / (count + 1) for i in range(at, min(at + 8, count)))
        yield from engine.make([Gap(brief.past[-1], brief.following[0], steps)])[0]


def _carried_on(brief: Brief) -> Iterator[np.ndarray]:
    last = brief.past[-1]
    if len(brief.past) < 2:
        yield from (last for _ in range(brief.frames))
        return
    motion = _motion(brief.past[-2], last)
    height, width = last.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    kept = 0.5 ** (1 / (float(brief.rate) * _HALVED))
    passed = 0.0
    for number in range(brief.frames):
        passed += kept**number
        # Where a pixel came from, after motion that carries itself along: two steps of a fixed
        # point, as flow is known at the last frame and not at the one to be made.
        back = _at(motion, x - passed * motion[..., 0], y - passed * motion[..., 1])
        away = (x - passed * back[..., 0], y - passed * back[..., 1])
        yield cv2.remap(last, *away, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _motion(before: np.ndarray, last: np.ndarray) -> np.ndarray:
    """float32 (H, W, 2): pixels a frame, of what is seen in ``last``."""
    one, two = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (before, last))
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    motion = -dis.calc(two, one, None)
    return cv2.GaussianBlur(motion, (0, 0), max(1.0, last.shape[0] * _SMOOTH))


def _at(motion: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return cv2.remap(motion, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
