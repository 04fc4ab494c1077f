"""What is drawn, as layers of pictures: how it looks at each of them, and the drawing of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from smartcut.cut import EffectClock, Segment
from smartcut.drawer import DrawBench, Drawer, Painted, Pieces, drawer_of, merged
from smartcut.image import Image, Size, Space
from smartcut.media.covers import Covering
from smartcut.media.image import space_of
from smartcut.media.painting import painted_cover, painted_image
from smartcut.media.pixel_formats import planar
from smartcut.render.layout import Stretch
from smartcut.render.output import OutputPicture
from smartcut.render.route import Moment, undivided
from smartcut.source import Colour, Source
from smartcut.timebase import Range

# Drawn pictures to keep: a caption has one for each of its words.
_KEPT = 16
_KEPT_BYTES = 32_000_000
"""Of pictures whose covers are kept: those of words are small, those of whole frames are not."""
# Of what has variable frame times.
_USUAL_RATE = Fraction(25)


def drawer(source: Source) -> Drawer:
    """The drawer of a drawn source; raises PipelineError for one that cannot be had."""
    assert source.made is not None
    return drawer_of(source.made)


def why_laid(source: Source) -> str:
    """Why pictures are encoded over which a source lies."""
    if not source.is_drawn:
        return "a picture is laid over it"
    assert source.made is not None
    kind = source.made.kind
    return drawer(source).why or f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} is drawn"


def lasting(source: Source, segment: Segment) -> Fraction:
    """How many seconds there are of a drawn source that a segment shows."""
    return source.duration or segment.range.end


def seen_at(
    source: Source, segment: Segment, place: Range, stretch: Stretch, picture: OutputPicture
) -> tuple[Drawer | None, ...]:
    """A drawn source as it is at each picture of a stretch; None where nothing is drawn."""
    found: list[Drawer | None] = [None] * len(stretch)
    first, last = _inside(place, stretch, picture)
    if first >= last:
        return tuple(found)
    own = drawer(source)
    if own.is_steady:
        found[first:last] = [own.seen(segment.range, segment.range.end)] * (last - first)
        return tuple(found)
    lasts = lasting(source, segment)
    ticks = [*stretch.pts[first:last].tolist(), _following(stretch, last)]
    times = [segment.source_at(tick * picture.timebase - place.start) for tick in ticks]
    for number, ends in enumerate(pairwise(times), first):
        found[number] = own.seen(Range(min(ends), max(ends)), lasts)
    return tuple(found)


def _inside(place: Range, stretch: Stretch, picture: OutputPicture) -> tuple[int, int]:
    """The first picture that begins within the place, and one past the last."""
    edges = [-(-time // picture.timebase) for time in (place.start, place.end)]
    first, last = np.searchsorted(stretch.pts, edges).tolist()
    return int(first), int(last)


def _following(stretch: Stretch, number: int) -> int:
    return stretch.end if number == len(stretch) else int(stretch.pts[number])


def drawn_inputs(drawn: Sequence[Drawer | None]) -> list[Any]:
    """What pictures depend on that are drawn so: the count and the look of each run of them."""
    return [[len([*run]), now and _look(now)] for now, run in groupby(drawn)]


def _look(now: Drawer) -> list[Any]:
    return [now.name, now.version, now.model_dump(mode="json"), dict(now.depends())]


def drawn_rate(picture: OutputPicture) -> Fraction:
    """Pictures a second of what is drawn, which has as many as the output."""
    return picture.rate or _USUAL_RATE


@dataclass(frozen=True, slots=True)
class DrawnClock:
    """The moments of a segment that shows what is drawn: see :mod:`smartcut.render.route`."""

    segment: Segment
    rate: Fraction

    def earlier(self, moment: Moment, count: int) -> Moment:
        return self.at(max(moment.segment_time - count / self.rate, Fraction(0)), None)

    def at(self, time: Fraction, clock: EffectClock | None) -> Moment:
        now = time if clock is None else clock.shown.time_along(time)
        return Moment(0, 0.0, undivided(self.segment, clock).source_at(time), now)


class DrawnLayer:
    """Draws a source for one layer, in one thread; what stays the same is drawn once."""

    def __init__(self, own: Drawer, size: Size, space: Space, colour: Colour) -> None:
        self._draw = own.open(DrawBench(size))
        self._where, self.space = (size, space, colour), space
        self._painted: OrderedDict[str, Pieces] = OrderedDict()
        self._covers: OrderedDict[int, tuple[Painted, Covering | None]] = OrderedDict()
        self._bytes = 0
        self._covered: tuple[Drawer, tuple[Covering, ...]] | None = None
        self._shown: tuple[Drawer | None, Image] | None = None

    @classmethod
    def of(cls, source: Source, picture: OutputPicture) -> DrawnLayer:
        """The drawing of a source in pictures of an output."""
        space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
        return cls(drawer(source), (picture.width, picture.height), space, picture.colour)

    def covers(self, now: Drawer) -> tuple[Covering, ...]:
        """What is seen, ready to be laid over frames one after the other."""
        if self._covered is None or (self._covered[0] is not now and self._covered[0] != now):
            found = [self._cover(piece) for piece in self._drawn(now)]
            self._covered = now, tuple(cover for cover in found if cover is not None)
        return self._covered[1]

    def _cover(self, piece: Painted) -> Covering | None:
        """A piece as a cover; one that was seen before has one."""
        known = self._covers.get(id(piece))
        if known is None or known[0] is not piece:
            known = piece, painted_cover(piece.rgba, piece.x, piece.y, *self._where)
            self._bytes += piece.rgba.nbytes
        self._covers[id(piece)] = known
        self._covers.move_to_end(id(piece))
        while self._bytes > _KEPT_BYTES and len(self._covers) > 1:
            _, (gone, _) = self._covers.popitem(last=False)
            self._bytes -= gone.rgba.nbytes
        return known[1]

    def image(self, now: Drawer | None) -> Image:
        """What is seen, in a picture of the frame's size that is clear around it."""
        if self._shown is None or self._shown[0] != now:
            drawn = merged(self._drawn(now) if now is not None else ())
            self._shown = now, painted_image(drawn.rgba, drawn.x, drawn.y, *self._where)
        return self._shown[1]

    def _drawn(self, now: Drawer) -> Pieces:
        """The pieces of it; one where it is half clear, in which they cover each other."""
        opaque = now.changed(opacity=1.0)
        key = opaque.model_dump_json()
        if key not in self._painted:
            drawn = self._draw(opaque)
            pieces = drawn if isinstance(drawn, tuple) else () if drawn is None else (drawn,)
            self._painted[key] = pieces
            if len(self._painted) > _KEPT:
                self._painted.popitem(last=False)
        found = self._painted[key]
        if now.opacity >= 1 or not found:
            return found
        return (merged(found).faded(float(now.opacity)),)
