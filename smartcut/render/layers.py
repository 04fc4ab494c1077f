"""Lays what is above the programme over its pictures, a frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cut import Cut, Effect, Segment
from smartcut.drawer import Drawer
from smartcut.effect import Image, Pixels, Placement, checked
from smartcut.media.colour import resolved
from smartcut.media.covers import Covering, cover, laid
from smartcut.media.image import in_space, of_frame, space_of
from smartcut.media.pixel_formats import alpha_twin, pixel_format, planar
from smartcut.render.chain import Boxed, Chain, Setting
from smartcut.render.drawing import DrawnClock, DrawnLayer, drawer, drawn_rate, lasting
from smartcut.render.fitting import as_shown
from smartcut.render.footage import Footage, Tools
from smartcut.render.layout import Layer
from smartcut.render.moments import SegmentClock
from smartcut.render.output import OutputPicture
from smartcut.render.overlays import Overlay
from smartcut.render.route import Applied, Moment, applied_effects, plan_route
from smartcut.source import Source
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""

#: What an overlay is put into the frame by, unless an effect of its own does.
_WHOLE = Effect("place")

Lay = Callable[[Image], Image]
"""Gives a picture with the next frame of a layer over it."""


def layer_over(
    cut: Cut,
    overlay: Overlay,
    indexes: Mapping[str, VideoIndex],
    pts: np.ndarray,
    picture: OutputPicture,
    tools: Tools,
) -> Lay:
    """An overlay, laid over the pictures shown at these ticks, one after the other."""
    if overlay.drawn is not None:
        shown = _drawn_covers(cut, overlay, overlay.drawn, pts, picture, tools)
    else:
        index = indexes[overlay.segment.source or ""]
        shown = _covers(cut, overlay, index, pts, picture, tools)

    def lay(image: Image) -> Image:
        return laid(image, *next(shown))

    return lay


def _covers(
    cut: Cut,
    overlay: Overlay,
    index: VideoIndex,
    pts: np.ndarray,
    picture: OutputPicture,
    tools: Tools,
) -> Iterator[tuple[Covering, ...]]:
    """What covers each picture, bottom to top; what does not change is made once."""
    applied = applied_effects(overlay.segment, index.rate)
    if not any(isinstance(one.effect, Placement) for one in applied):
        applied = (*applied, Applied(checked(_WHOLE)))
    is_still = all(a.is_whole and not isinstance(a.effect, Pixels) for a in applied)
    footage = _footage(cut, overlay, index, picture, tools)
    frames, current = footage.in_order(), _Current()
    chain = _chain(cut, footage, applied, picture, current)
    known: tuple[Covering, ...] = ()
    number = -1
    for moment in overlay.moments(pts, picture):
        if moment is None:
            yield ()
            continue
        current.frame = next(frames)
        if not is_still or moment.number != number:
            known, number = _covering(chain.boxed(moment)), moment.number
        yield known


def _drawn_covers(
    cut: Cut,
    overlay: Overlay,
    drawn: Sequence[Drawer | None],
    pts: np.ndarray,
    picture: OutputPicture,
    tools: Tools,
) -> Iterator[tuple[Covering, ...]]:
    """The same for what is drawn; without effects, only the box that it fills is worked on."""
    source = cut.source(overlay.segment.source or "")
    if not overlay.segment.effects:
        drawing = DrawnLayer.of(source, picture)
        yield from (() if now is None else drawing.covers(now) for now in drawn)
        return
    chain = drawn_chain(source, overlay.segment, picture, tools)
    for now, moment in zip(drawn, overlay.moments(pts, picture), strict=True):
        seen = moment if now is not None else None
        yield () if seen is None else _covering(chain.boxed(seen))


def drawn_chain(source: Source, segment: Segment, picture: OutputPicture, tools: Tools) -> Chain:
    """What is drawn after its segment's effects, clear around it, in the frame's size."""
    rate, size = drawn_rate(picture), (picture.width, picture.height)
    own, lasts, drawing = drawer(source), lasting(source, segment), DrawnLayer.of(source, picture)

    def base(moment: Moment) -> Image:
        shown = Range(moment.source_time, moment.source_time + 1 / rate)
        return drawing.image(own.seen(shown, lasts))

    setting = Setting(
        space=drawing.space,
        colour=picture.colour,
        canvas=size,
        rate=rate,
        duration=segment.duration,
        cache=tools.cache,
        network=tools.engines.network,
        clear=True,
    )
    route = plan_route(applied_effects(segment, rate), size, size, "stretch")
    return Chain(route, base, DrawnClock(segment, rate), setting)


def _covering(boxed: Boxed | None) -> tuple[Covering, ...]:
    return () if boxed is None else (Covering(cover(boxed.image), boxed.left, boxed.top),)


@dataclass(slots=True)
class _Current:
    frame: Frame = None


def _footage(
    cut: Cut, overlay: Overlay, index: VideoIndex, picture: OutputPicture, tools: Tools
) -> Footage:
    """The overlay's frames in their own size, in the output's format, and with their alpha."""
    source = cut.source(overlay.segment.source or "")
    assert source.video is not None
    width, height = as_shown(source.video, replace(picture, rotation=0)).display_size
    name = planar(picture.pixel_format)
    if pixel_format(source.video.pixel_format).has_alpha:
        name = alpha_twin(name)
    own = replace(
        picture, width=width, height=height, pixel_format=name, fit="stretch",
        field_order="progressive", colour=resolved(picture.colour, picture.height, name),
    )  # fmt: skip
    layer = Layer(-1, overlay.numbers[overlay.numbers >= 0])
    return Footage(overlay.segment, source, index, layer, own, tools)


def _chain(
    cut: Cut,
    footage: Footage,
    applied: Sequence[Applied],
    picture: OutputPicture,
    current: _Current,
) -> Chain:
    canvas, own = (picture.width, picture.height), footage.picture
    route = plan_route(applied, (own.width, own.height), canvas, "pad")
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    given = space_of(own.pixel_format, picture.colour, picture.height)
    anywhere = footage.anywhere() if route.looks_around else None

    def base(moment: Moment) -> Image:
        frame = anywhere(moment) if anywhere else current.frame
        return in_space(of_frame(frame, given), space)

    setting = Setting(
        space=space,
        colour=picture.colour,
        canvas=canvas,
        rate=footage.index.rate,
        duration=footage.segment.duration,
        cache=footage.tools.cache,
        network=footage.tools.engines.network,
        clear=True,
    )
    return Chain(route, base, SegmentClock(cut, footage.segment, footage.index, False), setting)
