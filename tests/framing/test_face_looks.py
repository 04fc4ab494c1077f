"""Faces in pictures that do not change: the networks look once, and say the same each time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.models.faces.found import FaceNetwork
from smartcut.stage import Picture
from smartcut.stages import faces
from smartcut.stages.faces import BLAZE, CENTER, FaceDetection, FaceListener


def test_the_same_picture_is_looked_at_once(monkeypatch: Any, tmp_path: Path) -> None:
    looks = []

    def loaded(name: str, allow_net: bool) -> Any:
        def find(pixels: np.ndarray) -> np.ndarray:
            looks.append((name, int(pixels[0, 0, 0])))
            return np.array([[0.1, 0.2, 0.3, 0.5, pixels[0, 0, 0] / 10]])

        return FaceNetwork(find, "opencv" if name == BLAZE else "onnxruntime")

    monkeypatch.setattr(faces, "_loaded", loaded)
    listener = FaceListener(FaceDetection(), LocalContext(Cache(tmp_path), device="cpu"))
    shown = [1, 1, 1, 1, 1, 2, 1, 1, 1]
    for number, value in enumerate(shown):
        pixels = np.full((4, 6, 3), value, np.uint8)
        listener.feed(Picture(Fraction(number, 4), number, pixels))
    faces_found = listener.finish()
    assert faces_found.engine == "opencv and onnxruntime"
    found = faces_found.sightings
    assert [(s.at, s.score) for s in found if s.network == BLAZE] == [
        (at, pytest.approx(value / 10)) for at, value in enumerate(shown)
    ]
    assert [s.at for s in found if s.network == CENTER] == [0, 4, 8]
    assert looks == [(BLAZE, 1), (CENTER, 1), (BLAZE, 2), (BLAZE, 1), (CENTER, 1)]
