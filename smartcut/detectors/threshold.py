"""Fades through black."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.boundaries.pyscenedetect import BLACK, MIN_OUT
from smartcut.detector import Boundary, DetectorBench
from smartcut.detectors._pyscenedetect import SceneDetector

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class FadeShots(SceneDetector):
    """PySceneDetect's threshold detector: fades to black and in again, and no cuts."""

    name: ClassVar[str] = "threshold"
    finds_fades: ClassVar[bool] = True

    threshold: float = Field(
        BLACK, gt=0, le=255, description="Mean level below which it is black, 0..255."
    )

    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        from scenedetect.detectors import ThresholdDetector

        from smartcut.boundaries.pyscenedetect import FadeDriver

        shorter = clock.length(MIN_OUT)
        fades = ThresholdDetector(
            self.threshold, clock.length(shortest), add_final_scene=True, min_out_length=shorter
        )
        return FadeDriver(fades, clock)

    def boundaries(self, cuts: Sequence[int], bench: DetectorBench) -> list[Boundary]:
        return [Boundary(cut, "fade", 1.0) for cut in cuts]
