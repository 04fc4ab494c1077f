"""The engines that make pictures for the timeline, each behind one function.

================  ==================================================================
``path-tracer``   physically based rendering of a scene (``backgrounds``)
``trained``       a generator's weights file, of any family (``trained``)
``diffusers``     a large model by name or folder (``large``)
``flow``          motion carried on by optical flow, or pictures between two by it
``rife``          pictures between two by RIFE
``blend``         a plain mix of two pictures
``camera-move``   a still picture through a moving camera (``camera_move``)
``volume``        a stack of slices, looked through and turned (``volume``)
================  ==================================================================
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from smartcut.errors import ModelError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """What is to be made. ``past`` and ``following`` hold uint8 (H, W, 3) RGB pictures."""

    kind: str
    width: int
    height: int
    rate: Fraction
    frames: int
    seed: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    past: tuple[np.ndarray, ...] = ()
    """The frames that come right before, in order, as many as there are and are looked at."""
    following: tuple[np.ndarray, ...] = ()
    """The frames that come right after."""
    device: str = "cpu"
    allow_net: bool = False


#: How many frames before and after what is made an engine looks at, at most.
AROUND = 32

_MAKERS = {
    "path-tracer": "backgrounds",
    "trained": "trained",
    "diffusers": "large_video",
    "flow": "continuing",
    "rife": "continuing",
    "blend": "continuing",
    "camera-move": "camera_move",
    "volume": "volume",
}


def make(engine: str, brief: Brief) -> Iterator[np.ndarray]:
    """``brief.frames`` pictures, uint8 (H, W, 3) RGB; raises ModelError."""
    if engine not in _MAKERS:
        raise ModelError(f"unknown engine {engine!r}; accepted: {', '.join(_MAKERS)}")
    module = importlib.import_module(f"smartcut.models.makers.{_MAKERS[engine]}")
    maker: Callable[[Brief], Iterator[np.ndarray]] = module.make
    return maker(brief)
