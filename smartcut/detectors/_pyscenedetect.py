"""What PySceneDetect's detectors have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.boundaries.rules import cheap_boundaries, step_ratios
from smartcut.detector import Boundary, DetectorBench, ShotDetector, Watch
from smartcut.source import Source
from smartcut.stage import Frames, Picture

if TYPE_CHECKING:
    from smartcut.boundaries.pyscenedetect import Driver, TimecodeClock


class SceneDetector(ShotDetector):
    """One of PySceneDetect's, which see every frame shrunk as they do themselves."""

    def wants(self, source: Source) -> Frames:
        from smartcut.boundaries.pyscenedetect import effective_size

        # PySceneDetect, too, interpolates between pixels of the full frame.
        return Frames(effective_size(source), "rgb", "frame", averaged=False)

    def open(self, bench: DetectorBench) -> DrivenWatch:
        return DrivenWatch(self, bench, bench.min_length)

    @abstractmethod
    def driver(self, shortest: Fraction, clock: TimecodeClock) -> Driver:
        """Its detector at work, with shots of ``shortest`` seconds at least."""

    def boundaries(self, cuts: Sequence[int], bench: DetectorBench) -> list[Boundary]:
        """What its cuts are: first frames of shots, in order."""
        return cheap_boundaries(cuts, step_ratios(bench.measures.steps))


class DrivenWatch(Watch):
    """Drives one of PySceneDetect's detectors."""

    keeps_length = True

    def __init__(self, detector: SceneDetector, bench: DetectorBench, shortest: Fraction) -> None:
        from smartcut.boundaries.pyscenedetect import TimecodeClock

        self._detector, self._bench = detector, bench
        self._driver = detector.driver(shortest, TimecodeClock(bench.source))

    def feed(self, picture: Picture) -> None:
        self._driver.feed(picture.pixels, picture.time, len(self._bench.times) - 1)

    def finish(self) -> list[Boundary]:
        return self._detector.boundaries(self._driver.finish(), self._bench)
