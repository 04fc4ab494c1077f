"""How the camera moves from each picture to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import Context, DividedAnalysis, Frames, Listener, Picture
from smartcut.stages._signals import make_signal, readings

if TYPE_CHECKING:
    import numpy as np

#: Length of the picture's shorter side at which it is measured: at half of 720 lines a step is
#: right to 0.03 pixels, and larger pictures take longer than they are worth.
SIDE = 360
CHANNELS = ("x", "y", "turn", "sure")
#: Points that are followed in each part of the picture, how good they must be, and how far apart.
_POINTS, _GOOD, _APART = 17, 0.01, 10
#: Parts that the picture's height and width are divided into: what is full of detail and moves on
#: its own is not to have all the points.
_PARTS = (3, 4)
_WINDOW, _LEVELS = (21, 21), 3
#: A point that comes back further than this from where it was, in pixels, was lost.
_ASTRAY = 0.5
#: What fits the camera's motion to within so many pixels belongs to it.
_FITS = 1.0
#: With fewer points, or a smaller share of them that fits, nothing is known.
_FEWEST, _MOST_OF_THEM = 8, 0.3


class CameraReadings(BaseModel):
    """What was read in a part of a source; a row of values for each channel."""

    times: list[Fraction]
    values: list[list[float]]


class CameraAnalysis(DividedAnalysis):
    """The shift, in picture heights, and the turn, in radians, of each picture from the one before.

    Of what stands still in front of the camera: points followed by pyramidal Lucas-Kanade, there
    and back, and the similarity that most of them agree on. ``sure`` is the share of points that
    do; where it is 0, nothing could be measured, as across a cut. The first picture has not moved.
    """

    name: ClassVar[str] = "camera"
    version: ClassVar[int] = 1
    after: ClassVar[int] = 1
    """Of a part of a source: it is compared with the first picture of the next one."""
    readings: ClassVar[Any] = CameraReadings

    def wants(self, source: Source) -> Frames | None:
        return Frames(SIDE, "gray", "frame") if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return CameraListener()

    def empty(self, source: Source) -> Signal:
        return make_signal((), CHANNELS, [()] * len(CHANNELS), "picture heights")

    def part(self, listener: CameraListener) -> dict[str, Any]:
        """What was read in a part of a source."""
        return readings(listener)

    def join(self, parts: Sequence[Mapping[str, Any]]) -> Signal:
        """The motion through a source of which these are all parts, in order."""
        whole = CameraListener()
        for part in parts:
            times = [Fraction(time) for time in part["times"]]
            whole.times.extend(t for t in times if not whole.times or t > whole.times[-1])
            for row, more in zip(whole.values, part["values"], strict=True):
                row.extend(more)
        return whole.finish()


class CameraListener:
    """Takes small gray pictures."""

    def __init__(self) -> None:
        self.times: list[Fraction] = []
        self.values: list[list[float]] = [[] for _ in CHANNELS]
        self._before: np.ndarray | None = None

    def feed(self, item: Picture) -> None:
        if self._before is not None:
            for row, value in zip(self.values, moved(self._before, item.pixels), strict=True):
                row.append(value)
        self.times.append(item.time)
        self._before = item.pixels.copy()

    def finish(self) -> Signal:
        first = (0.0, 0.0, 0.0, 1.0)
        rows = [[a, *row][: len(self.times)] for a, row in zip(first, self.values, strict=True)]
        return make_signal(self.times, CHANNELS, rows, "picture heights")


def moved(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float, float]:
    """(x, y, turn, sure) from one gray picture (h, w) to the next, about its middle."""
    import cv2
    import numpy as np

    unknown = (0.0, 0.0, 0.0, 0.0)
    places = _points(before)
    if len(places) < _FEWEST:
        return unknown
    there, seen, _ = cv2.calcOpticalFlowPyrLK(before, after, places, None, _WINDOW, _LEVELS)
    back, seen_back, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None, _WINDOW, _LEVELS)
    astray = np.linalg.norm((back - places).reshape(-1, 2), axis=1)
    kept = (seen.ravel() == 1) & (seen_back.ravel() == 1) & (astray < _ASTRAY)
    if kept.sum() < _FEWEST:
        return unknown
    height, width = before.shape
    middle = np.array([width, height], np.float64) / 2
    one, other = (points.reshape(-1, 2)[kept] - middle for points in (places, there))
    model, fits = cv2.estimateAffinePartial2D(
        one, other, method=cv2.RANSAC, ransacReprojThreshold=_FITS
    )
    if model is None or fits.sum() < _FEWEST or fits.mean() < _MOST_OF_THEM:
        return unknown
    turn = float(np.arctan2(model[1, 0], model[0, 0]))
    x, y = (float(value) / height for value in model[:, 2])
    return x, y, turn, float(fits.mean() * kept.mean())


def _points(gray: np.ndarray) -> np.ndarray:
    """float32 (n, 1, 2): corners that can be followed, all over the picture."""
    import cv2
    import numpy as np

    found = []
    rows, columns = (
        np.linspace(0, side, count + 1).astype(int)
        for side, count in zip(gray.shape, _PARTS, strict=True)
    )
    for top, bottom in pairwise(rows.tolist()):
        for left, right in pairwise(columns.tolist()):
            part = np.ascontiguousarray(gray[top:bottom, left:right])
            corners = cv2.goodFeaturesToTrack(part, _POINTS, _GOOD, _APART)
            if corners is not None:
                found.append(corners.reshape(-1, 1, 2) + np.array((left, top), np.float32))
    return np.concatenate(found) if found else np.zeros((0, 1, 2), np.float32)
