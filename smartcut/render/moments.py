"""When, in its source and in its segment, each shown picture is: what effects are asked for.

Times go on evenly from the segment's beginning, whatever frames there are: a zoom over a still, or
at a higher rate than the source's, moves with every picture of the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from smartcut.cut import Cut, EffectClock, Segment
from smartcut.effect import undivided
from smartcut.render.layout import Layer, positions
from smartcut.render.output import OutputPicture
from smartcut.render.route import Moment
from smartcut.timebase import nearest

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex


def moments(
    cut: Cut, layer: Layer, pts: np.ndarray, picture: OutputPicture, index: VideoIndex | None = None
) -> list[Moment]:
    """The moment of each picture of a layer, which are shown at these ticks of the output.

    The ``index`` of its source tells how long frames of a variable rate last, which what plays
    backwards needs: without it, their source time is that of their end.
    """
    segment = cut.segments[layer.segment]
    begins = cut.programme.places[layer.segment].start
    if picture.rate is not None:
        begins = nearest(begins * picture.rate) / picture.rate
    steps = layer.steps if layer.steps is not None else np.zeros(len(layer.numbers))
    result = []
    for tick, number, step in zip(
        pts.tolist(), layer.numbers.tolist(), steps.tolist(), strict=True
    ):
        time = tick * picture.timebase - begins
        shown = _source_time(segment, time, number, picture.rate, index)
        result.append(Moment(number, step, shown, time))
    return result


def _source_time(
    segment: Segment, time: Fraction, number: int, rate: Fraction | None, index: VideoIndex | None
) -> Fraction:
    """Of the picture shown from ``time`` on: played backwards, it begins where it ends."""
    if segment.warp is None or segment.warp.piece_at(time).slope >= 0:
        return segment.source_at(time)
    if rate is not None:
        return segment.source_at(time + 1 / rate)
    return segment.source_at(time) if index is None else index.time_of(max(number, 0))


@dataclass(frozen=True, slots=True)
class SegmentClock:
    """The moments of a segment, for effects that look around."""

    cut: Cut
    segment: Segment
    index: VideoIndex
    interpolates: bool
    """Whether pictures may lie between two frames."""

    def earlier(self, moment: Moment, count: int) -> Moment:
        number = max(moment.number - count, 0)
        time = self.index.time_of(number)
        return Moment(number, 0.0, time, self.segment.time_of(time))

    def at(self, time: Fraction, clock: EffectClock | None) -> Moment:
        whole = undivided(self.segment, clock)
        shown = whole.source_at(time)
        now = time if clock is None else clock.shown.time_along(time)
        if not self.interpolates:
            return Moment(self.index.frame_at(shown), 0.0, shown, now)
        passed = np.array([float(shown - whole.range.start)])
        where = positions(self.cut, whole, self.index, passed)
        return Moment(int(where[0][0]), float(where[1][0]), shown, now)
