"""Cuts that stand out among the frames around them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.detectors._pyscenedetect import SceneDetector

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class AdaptiveShots(SceneDetector):
    """PySceneDetect's adaptive detector: a change that stands out among those around it."""

    name: ClassVar[str] = "adaptive"

    threshold: float = Field(
        3.0, gt=0, description="How many times as large as its neighbours a change is."
    )

    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        from scenedetect.detectors import AdaptiveDetector

        from smartcut.boundaries.pyscenedetect import ContentDriver

        return ContentDriver(AdaptiveDetector(self.threshold, clock.length(shortest)), clock)
