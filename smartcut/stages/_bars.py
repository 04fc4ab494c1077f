"""Black bars: how far the picture reaches within the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from smartcut.annotation import Shots, Signal
from smartcut.cut import Cut, Segment
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Picture
from smartcut.stages._signals import make_signal
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

Edges = tuple[int, int, int, int]
"""Pixels of bars: left, top, right and bottom."""
Shares = tuple[float, float, float, float]
"""How much of a line is lit, 0..1, for the same sides."""

_RATE = Fraction(1)
#: Luma (0..255) up to which a pixel may be a bar's, and that of a picture that tells nothing.
_BLACK, _DARK = 24, 40
#: A line belongs to the picture where so many of its pixels are no bar's.
_SHARE = 0.02
#: Bars are at least this share of a side, and alike on both sides to within this one.
_LEAST, _ALIKE = 0.01, 0.02
#: The line at its edge, so many pixels within, is lit over this share in some picture.
_SOFT, _LIT = 2, 0.4
_SIDES = ("left", "top", "right", "bottom")


class BarDetection(Analysis):
    """Once a second: the pixels of black at each edge of the upright picture.

    Pictures too dark to tell are left out.
    """

    name: ClassVar[str] = "bars"
    version: ClassVar[int] = 2

    def wants(self, source: Source) -> Frames | None:
        return Frames(source.video.display_size, "gray", _RATE) if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return BarListener()

    def empty(self, source: Source) -> Signal:
        return _signal((), ())


class BarListener:
    """Takes sampled gray pictures of full size."""

    def __init__(self) -> None:
        self._times: list[Fraction] = []
        self._found: list[tuple[Edges, Shares]] = []

    def feed(self, item: Picture) -> None:
        found = bars_of(item.pixels)
        if found is not None:
            self._times.append(item.time)
            self._found.append(found)

    def finish(self) -> Signal:
        return _signal(self._times, self._found)


def _signal(times: Sequence[Fraction], found: Sequence[tuple[Edges, Shares]]) -> Signal:
    rows = [[float(edges[i]) for edges, _ in found] for i in range(4)]
    rows += [[shares[i] for _, shares in found] for i in range(4)]
    names = (*_SIDES, *(f"{side} line" for side in _SIDES))
    return make_signal(times, names, rows, "pixels, shares")


def bars_of(gray: np.ndarray) -> tuple[Edges, Shares] | None:
    """The bars of a picture, uint8 (height, width); None where it is too dark to tell.

    With each goes the share of the line at its edge that is no bar's.
    """
    import cv2
    import numpy as np

    if (gray > _DARK).mean() < _SHARE:
        return None
    light = cv2.threshold(gray, _BLACK, 1, cv2.THRESH_BINARY)[1]
    edges, shares = [], []
    for axis in (1, 0):  # columns, then rows
        sums = cv2.reduce(light, 1 - axis, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel()
        lit = sums / gray.shape[1 - axis]
        lines = np.flatnonzero(lit > _SHARE)
        if not len(lines):
            return None
        first, last = int(lines[0]), int(lines[-1])
        edges.append((first, len(lit) - 1 - last))
        inner = min(first + _SOFT, last), max(last - _SOFT, first)
        shares.append(tuple(float(lit[line]) for line in inner))
    (left, right), (top, bottom) = edges
    (at_left, at_right), (at_top, at_bottom) = shares
    return (left, top, right, bottom), (at_left, at_top, at_right, at_bottom)


def bars_in(bars: Signal, ranges: Sequence[Range], size: tuple[int, int]) -> Edges | None:
    """The bars of a source within ranges of its time; None where there are none.

    They are black in every picture there (in all of the source where none there tells), alike on
    both sides, and end at a line most of which is lit in some picture: light in the middle of a
    dark scene makes no bars. ``size`` is the picture's.
    """
    times = bars.times()
    rows = [i for i, t in enumerate(times) if any(r.contains(t) for r in ranges)]
    rows = rows or [*range(len(times))]
    if not rows:
        return None
    edges = [int(min(bars.channel(side)[i] for i in rows)) for side in _SIDES]
    for place, side in enumerate(_SIDES):
        near = [i for i in rows if bars.channel(side)[i] <= edges[place] + _SOFT]
        if max(bars.channel(f"{side} line")[i] for i in near) < _LIT:
            edges[place] = 0
    left, top, right, bottom = edges
    across, down = _both(left, right, size[0]), _both(top, bottom, size[1])
    return (across[0], down[0], across[1], down[1]) if any((*across, *down)) else None


def _both(near: int, far: int, side: int) -> tuple[int, int]:
    """Bars of two sides as whole chroma samples; none where they are thin, or differ."""
    if min(near, far) < _LEAST * side or abs(near - far) > _ALIKE * side:
        return 0, 0
    return near + near % 2, far + far % 2


def without_bars(segment: Segment, edges: Edges | None) -> Segment:
    """The segment with its bars cropped before any other effect, unless its picture is cropped."""
    from smartcut.effect import to_effect
    from smartcut.effects.crop import Crop

    if edges is None or any(effect.name == Crop.name for effect in segment.effects):
        return segment
    given = {n: f"{pixels}px" for n, pixels in zip(_SIDES, edges, strict=True) if pixels}
    crop = to_effect(Crop.model_validate(given))
    return replace(segment, effects=(crop, *segment.effects))


def bars_of_segment(cut: Cut, segment: Segment, bars: Signal) -> Edges | None:
    """The bars of the shots that a segment shows."""
    source = cut.source(segment.source or "")
    assert source.video is not None
    shots = cut.data(Shots, "shots", source.id)
    whole = [s.range for s in shots.shots if s.range.overlaps(segment.range)] if shots else []
    return bars_in(bars, whole or [segment.range], source.video.display_size)
