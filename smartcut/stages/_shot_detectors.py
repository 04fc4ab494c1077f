"""PySceneDetect's detectors, fed with pictures that were decoded for everybody.

PySceneDetect (https://scenedetect.com, BSD licence) names the cuts; times are exact, so frames of
varying length are treated as long as they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, Any

from smartcut.cut import Source
from smartcut.timebase import to_ticks

if TYPE_CHECKING:
    import numpy as np

#: Each detector's own threshold, as PySceneDetect 0.7 has it.
THRESHOLDS = {"adaptive": 3.0, "content": 27.0, "threshold": 12.0, "hash": 0.35, "histogram": 0.2}
#: PySceneDetect shrinks the longer side of the picture to this.
EFFECTIVE_SIZE = 256
#: A dip under the threshold counts as a fade from this length on (the command line's default).
MIN_OUT = Fraction(1, 10)


def effective_size(source: Source) -> tuple[int, int]:
    """(width, height) at which PySceneDetect looks at this source by default."""
    video = source.video
    assert video is not None
    width, height = video.width, video.height
    if video.rotation in (90, 270):
        width, height = height, width
    factor = max(Fraction(max(width, height), EFFECTIVE_SIZE), Fraction(1))
    return max(1, round(width / factor)), max(1, round(height / factor))


@dataclass(frozen=True, slots=True)
class Dip:
    """Frames ``out``..``back - 1`` lie beyond the threshold: black, or white."""

    out: int
    back: int

    @property
    def middle(self) -> int:
        """The frame half-way, as PySceneDetect rounds it."""
        return self.out + round((self.back - self.out) * 0.5)


class Driver:
    """Drives one detector object frame by frame, and numbers the frames itself."""

    def __init__(self, detector: Any, clock: Clock) -> None:
        self.detector = detector
        self.clock = clock
        self.cuts: list[int] = []

    def feed(self, bgr: np.ndarray, time: Fraction, index: int) -> None:
        for cut in self.detector.process_frame(self.clock.at(time, index), bgr):
            self.cuts.append(self.clock.index_of(cut))

    def finish(self) -> list[int]:
        """First frames of the shots after the first, in order."""
        if self.clock.last is not None:
            for cut in self.detector.post_process(self.clock.last):
                self.cuts.append(self.clock.index_of(cut))
        return sorted({cut for cut in self.cuts if cut > 0})


class DipDriver(Driver):
    """Drives a ThresholdDetector, and keeps where the picture was lost and came back."""

    def __init__(self, detector: Any, clock: Clock) -> None:
        super().__init__(detector, clock)
        self.dips: list[Dip] = []

    def feed(self, bgr: np.ndarray, time: Fraction, index: int) -> None:
        out = self.detector.last_fade["frame"]
        if self.detector.process_frame(self.clock.at(time, index), bgr):
            # The detector answers with a frame number that assumes a constant rate.
            dip = Dip(self.clock.index_of(out), index)
            self.dips.append(dip)
            self.cuts.append(dip.middle)

    def all_dips(self, count: int) -> list[Dip]:
        """Every dip, the one that the source of ``count`` frames ends in too."""
        fade = self.detector.last_fade
        if fade["type"] != "out" or fade["frame"] is None:
            return self.dips
        return [*self.dips, Dip(self.clock.index_of(fade["frame"]), count)]


class Clock:
    """PySceneDetect's exact timecodes for our frames, and the way back."""

    def __init__(self, source: Source) -> None:
        video = source.video
        assert video is not None
        self.rate = video.rate
        self.timebase = _common(video.timebase, video.start)
        self._index: dict[int, int] = {}
        self._newest: tuple[int, Any] | None = None

    def at(self, time: Fraction, index: int) -> Any:
        if self._newest and self._newest[0] == index:
            return self._newest[1]
        ticks = to_ticks(time, self.timebase)
        self._index[ticks] = index
        self._newest = (index, self.timecode(ticks))
        return self._newest[1]

    def timecode(self, ticks: int) -> Any:
        from scenedetect.common import FrameTimecode, Timecode

        return FrameTimecode(Timecode(ticks, self.timebase), fps=self.rate)

    def length(self, time: Fraction) -> Any:
        from scenedetect.common import FrameTimecode, Timecode

        exact = Timecode(time.numerator, Fraction(1, time.denominator))
        return FrameTimecode(exact, fps=self.rate)

    @property
    def last(self) -> Any:
        return self._newest[1] if self._newest else None

    def index_of(self, timecode: Any) -> int:
        return self._index[timecode.pts]


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The largest tick of which both times are whole multiples."""
    top = gcd(a.numerator * b.denominator, b.numerator * a.denominator)
    return Fraction(top, a.denominator * b.denominator)


def make_driver(name: str, threshold: float | None, min_length: Fraction, clock: Clock) -> Driver:
    """The detector of that name; ``threshold`` None is its own."""
    from scenedetect import detectors

    level = THRESHOLDS[name] if threshold is None else threshold
    shortest = clock.length(min_length)
    if name == "adaptive":
        return Driver(detectors.AdaptiveDetector(level, shortest), clock)
    if name == "content":
        return Driver(detectors.ContentDetector(level, shortest), clock)
    if name == "hash":
        return Driver(detectors.HashDetector(level, min_scene_len=shortest), clock)
    if name == "histogram":
        return Driver(detectors.HistogramDetector(level, min_scene_len=shortest), clock)
    if name == "threshold":
        fades = detectors.ThresholdDetector(
            level, shortest, add_final_scene=True, min_out_length=clock.length(MIN_OUT)
        )
        return DipDriver(fades, clock)
    raise ValueError(f"no detector is named {name!r}; there are {', '.join(THRESHOLDS)}")


def make_dip_drivers(clock: Clock) -> tuple[DipDriver, DipDriver]:
    """Finders of dips to black and to white."""
    from scenedetect.detectors import ThresholdDetector

    black = THRESHOLDS["threshold"]
    made = []
    for level, method in (
        (black, ThresholdDetector.Method.FLOOR),
        (255 - black, ThresholdDetector.Method.CEILING),
    ):
        detector = ThresholdDetector(level, 0, method=method, min_out_length=clock.length(MIN_OUT))
        made.append(DipDriver(detector, clock))
    return made[0], made[1]
