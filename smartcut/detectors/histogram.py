"""Cuts by how much the brightness changes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.detectors._pyscenedetect import SceneDetector

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class HistogramShots(SceneDetector):
    """PySceneDetect's histogram detector: another histogram of the brightness."""

    name: ClassVar[str] = "histogram"

    threshold: float = Field(0.2, gt=0, le=1, description="Least difference of the two histograms.")

    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        from scenedetect.detectors import HistogramDetector

        from smartcut.boundaries.pyscenedetect import Driver

        return Driver(
            HistogramDetector(self.threshold, min_scene_len=clock.length(shortest)), clock
        )
