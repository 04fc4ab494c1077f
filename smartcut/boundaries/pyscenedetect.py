"""PySceneDetect's detectors, fed with pictures that were decoded for everybody.

PySceneDetect (https://scenedetect.com, BSD licence) names the cuts; times are exact, so frames of
varying length are treated as long as they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, Any

from smartcut.source import Source
from smartcut.timebase import to_ticks

if TYPE_CHECKING:
    import numpy as np

#: The mean level below which its detector of fades calls a picture black.
BLACK = 12.0
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

    def __init__(self, detector: Any, clock: TimecodeClock) -> None:
        self.detector = detector
        self.clock = clock
        self.cuts: list[int] = []

    def feed(self, rgb: np.ndarray, time: Fraction, index: int) -> None:
        for cut in self.detector.process_frame(self.clock.at(time, index), self._seen(rgb)):
            self.cuts.append(self.clock.index_of(cut))

    def _seen(self, rgb: np.ndarray) -> np.ndarray:
        """What the detector wants to see of a picture."""
        import cv2

        return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)

    def finish(self) -> list[int]:
        """First frames of the shots after the first, in order."""
        if self.clock.last is not None:
            for cut in self.detector.post_process(self.clock.last):
                self.cuts.append(self.clock.index_of(cut))
        return sorted({cut for cut in self.cuts if cut > 0})


class ContentDriver(Driver):
    """Drives the content or the adaptive detector, and works out its score of a frame.

    The score is PySceneDetect's own number: the mean absolute change of hue, saturation and
    value. Its arrays of 32-bit numbers are not, which take ten times as long.
    """

    def __init__(self, detector: Any, clock: TimecodeClock) -> None:
        super().__init__(detector, clock)
        self._before: np.ndarray | None = None
        if not hasattr(detector, "_calculate_frame_score"):
            raise TypeError(f"this release of PySceneDetect scores frames elsewhere: {detector!r}")
        detector._calculate_frame_score = self._score

    def _seen(self, rgb: np.ndarray) -> np.ndarray:
        import cv2

        return cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)

    def _score(self, timecode: Any, hsv: np.ndarray) -> float:
        import cv2

        before, self._before = self._before, hsv
        if before is None:
            return 0.0
        pixels = float(hsv.shape[0] * hsv.shape[1])
        hue, saturation, value, _ = cv2.sumElems(cv2.absdiff(hsv, before))
        return (hue / pixels + saturation / pixels + value / pixels) / 3.0


class FadeDriver(Driver):
    """Drives the detector of fades."""

    def feed(self, rgb: np.ndarray, time: Fraction, index: int) -> None:
        out = self.detector.last_fade["frame"]
        if self.detector.process_frame(self.clock.at(time, index), rgb):
            # The detector answers with a frame number that assumes a constant rate.
            self.cuts.append(Dip(self.clock.index_of(out), index).middle)


def find_dips(levels: np.ndarray, times: Sequence[Fraction]) -> list[Dip]:
    """Dips to black and dips to white: runs of frames whose mean lies beyond the threshold.

    The rule is that of PySceneDetect's detector of fades: below 12, or from 243 on, for a tenth
    of a second at least; a dip that the source ends in may be shorter.
    """
    import numpy as np

    found = []
    for mask in (levels < BLACK, levels >= 255 - BLACK):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
        for out, back in edges.reshape(-1, 2).tolist():
            if back == len(levels) or times[back] - times[out] >= MIN_OUT:
                found.append(Dip(out, back))
    return found


class TimecodeClock:
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
