"""Cuts by how much the picture changes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.detectors._pyscenedetect import SceneDetector

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class ContentShots(SceneDetector):
    """PySceneDetect's content detector: a large change of hue, saturation and value."""

    name: ClassVar[str] = "content"

    threshold: float = Field(27.0, gt=0, le=255, description="Mean change of a pixel, 0..255.")

    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        from scenedetect.detectors import ContentDetector

        from smartcut.boundaries.pyscenedetect import ContentDriver

        return ContentDriver(ContentDetector(self.threshold, clock.length(shortest)), clock)
