"""Transitions found between two lines whose tones the film changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from smartcut.conforming import mixing
from smartcut.conforming.lines import Line
from smartcut.conforming.path import Run
from smartcut.conforming.windows import PictureWindow

_FIRST, _COUNT, _FRAMES = 31, 29, 66


def _moving(seed: int) -> np.ndarray:
    """float32 (n, 36, 64) in 0..255: a texture that wanders."""
    noise = np.random.default_rng(seed).uniform(20, 235, (36, 64 + _FRAMES)).astype(np.float32)
    wide = cv2.GaussianBlur(noise, (0, 0), 2.0)
    wide = (wide - wide.mean()) * 3 + 110
    return np.stack([wide[:, k : k + 64] for k in range(_FRAMES)]).clip(0, 255)


def _film() -> tuple[Any, list[Run]]:
    """A dissolve into a graded shot, of which little is seen alone.

    It comes out of a dark and nearly plain one: each frame of it is the other shot in other tones.
    """
    one, other = 30 + 0.15 * (_moving(1) - 110), _moving(2)
    share = np.clip((np.arange(_FRAMES) - _FIRST + 1) / (_COUNT + 1), 0, 1)[:, None, None]
    shown = (1 - share) * one + share * (60 + 0.5 * other)
    shown += np.random.default_rng(3).normal(0, 1.0, shown.shape)
    views = [np.rint(one).astype(np.uint8), np.rint(other).astype(np.uint8)]
    film = SimpleNamespace(
        thumbs=SimpleNamespace(pictures=np.rint(shown.clip(0, 255)).astype(np.uint8), rate=25.0),
        views=lambda line, first, last: views[line.source][first:last],
        tick=lambda: None,
    )
    whole = PictureWindow(0.0, 0.0, 1.0, 1.0)
    lines = [Line(number, whole, 0.0, 1.0) for number in range(2)]
    return film, [Run(lines[0], 0, 46), Run(lines[1], 46, _FRAMES)]


def test_tones_follow_from_frames_outside_the_dissolve(monkeypatch: pytest.MonkeyPatch) -> None:
    film, runs = _film()
    found = mixing.blended(film, runs)
    assert [(run.first, run.last, run.blend) for run in found] == [
        (0, _FIRST + _COUNT, 0),
        (_FIRST, _FRAMES, _COUNT),
    ]
    monkeypatch.setattr(mixing, "_AGAIN", 1)
    assert mixing.blended(film, runs)[1].blend != _COUNT
