"""Cuts by how much a perceptual hash changes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.detectors._pyscenedetect import SceneDetector

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class HashShots(SceneDetector):
    """PySceneDetect's hash detector: another perceptual hash."""

    name: ClassVar[str] = "hash"

    threshold: float = Field(0.35, gt=0, le=1, description="Share of the hash's bits that change.")

    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        from scenedetect.detectors import HashDetector

        from smartcut.boundaries.pyscenedetect import Driver

        return Driver(HashDetector(self.threshold, min_scene_len=clock.length(shortest)), clock)
