"""The pictures of a span, one after the other: decoded, fitted, joined, captioned.

Memory is bounded by a few frames whatever the length. Frames stay in YUV unless an effect needs
RGB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cut import Captions, CaptionStyle
from smartcut.errors import RenderError
from smartcut.media.image import Image, flattened, of_frame, part, space_of, to_frame
from smartcut.media.picture import from_rgb
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.planes import bits, black, black_like, blend, overlay, with_alpha
from smartcut.render.captions import Cue
from smartcut.render.chain import Chain, Moment, Route, Setting, applied_effects, plan_route
from smartcut.render.fields import of_whole_pictures
from smartcut.render.fitting import as_shown
from smartcut.render.footage import Footage, Tools
from smartcut.render.interpolation import Making, made_between
from smartcut.render.job import Rendering
from smartcut.render.layers import layer_over
from smartcut.render.layout import Layer
from smartcut.render.moments import SegmentClock, moments
from smartcut.render.output import Picture
from smartcut.render.segments import Span
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.render.caption_picture import CaptionPainter

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


def compose(rendering: Rendering, span: Span, tools: Tools) -> Iterator[tuple[int, Frame]]:
    """(tick from the span's start, frame) for every frame of the span."""
    picture, stretch = span.picture, span.stretch
    start = int(stretch.pts[0])
    if of_whole_pictures(stretch):
        span = replace(span, picture=replace(picture, field_order="progressive"))
    layers = [_layer(rendering, span, layer, tools) for layer in stretch.layers]
    shown = layers[0]
    if len(layers) > 1 and stretch.transition == "morph":
        shown = _morphed(rendering, span, layers, tools)
    elif len(layers) > 1:
        shown = _joined(stretch.transition, layers, len(stretch))
    if span.above:
        shown = _overlaid(rendering, span, shown, tools)
    if span.cues:
        shown = _captioned(shown, span, picture, rendering.cut.captions)
    for tick, frame in zip(stretch.pts - start, shown, strict=True):
        yield int(tick), frame


# --------------------------------------------------------------------------------- one segment


def _layer(rendering: Rendering, span: Span, layer: Layer, tools: Tools) -> Iterator[Frame]:
    """The layer's frames; black where it has none."""
    is_black = layer.numbers < 0
    edges = [0, *(np.flatnonzero(np.diff(is_black)) + 1).tolist(), len(is_black)]
    for first, last in pairwise(edges):
        if is_black[first]:
            yield from _black(span.picture, last - first)
        else:
            pts = span.stretch.pts[first:last]
            yield from _pictures(rendering, span.picture, layer.part(first, last), pts, tools)


def _pictures(
    rendering: Rendering, picture: Picture, layer: Layer, pts: np.ndarray, tools: Tools
) -> Iterator[Frame]:
    """The frames of a layer that are shown at these output ticks."""
    segment = rendering.cut.segments[layer.segment]
    index = rendering.indexes[segment.source or ""]
    footage = Footage.of(rendering.cut, index, layer, picture, tools)
    assert footage.source.video is not None
    upright = as_shown(footage.source.video, picture).display_size
    applied = applied_effects(segment, index.rate)
    route = plan_route(applied, upright, (picture.width, picture.height), picture.fit)
    if not route.steps:
        return footage.in_order()
    if not route.starts_fitted:
        own = replace(picture, width=upright[0], height=upright[1], fit="stretch")
        footage = replace(footage, picture=own)
    return _changed(rendering, picture, pts, route, footage)


def _black(picture: Picture, count: int) -> Iterator[Frame]:
    frame = black(picture.width, picture.height, planar(picture.pixel_format), picture.colour)
    for _ in range(count):
        yield frame


def _changed(
    rendering: Rendering, picture: Picture, pts: np.ndarray, route: Route, footage: Footage
) -> Iterator[Frame]:
    """The layer's frames after the segment's effects."""
    layer, segment = footage.layer, footage.segment
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    box = footage.conform.box
    anywhere = footage.anywhere() if route.looks_around else None
    in_order = footage.in_order()

    def base(moment: Moment) -> Image:
        frame = anywhere(moment) if anywhere else next(in_order)
        return part(of_frame(frame, space), *box)

    setting = Setting(
        space=space,
        colour=picture.colour,
        canvas=(picture.width, picture.height),
        rate=footage.index.rate,
        duration=segment.duration,
        cache=footage.tools.cache,
        network=footage.tools.engines.network,
    )
    clock = SegmentClock(rendering.cut, segment, footage.index, layer.steps is not None)
    chain = Chain(route, base, clock, setting)
    keeps_alpha = pixel_format(space.pixel_format).has_alpha
    for place, moment in enumerate(moments(rendering.cut, layer, pts, picture)):
        if anywhere:
            anywhere.place = place
        shown = chain(moment)
        yield to_frame(shown if keeps_alpha else flattened(shown), picture.colour)


# -------------------------------------------------------------------------------- transitions


def _joined(kind: str | None, layers: list[Iterator[Frame]], count: int) -> Iterator[Frame]:
    """Two layers as one; the incoming one's share grows by equal steps, never 0 or 1."""
    outgoing, incoming = layers
    for i, (a, b) in enumerate(zip(outgoing, incoming, strict=True)):
        share = (i + 1) / (count + 1)
        if kind == "dissolve":
            yield blend(a, b, share)
        elif kind == "fade":
            towards = share < 0.5
            dark = black_like(a if towards else b)
            yield blend(a, dark, 2 * share) if towards else blend(dark, b, 2 * share - 1)
        else:
            raise RenderError(f"unknown transition {kind!r}; accepted: dissolve, fade, morph")


def _morphed(
    rendering: Rendering, span: Span, layers: list[Iterator[Frame]], tools: Tools
) -> Iterator[Frame]:
    """Pictures between what goes and what comes, both moving on: one changes into the other."""
    stretch, picture = span.stretch, span.picture
    outgoing, incoming = (layer.numbers.tolist() for layer in stretch.layers)
    transition = rendering.cut.segments[stretch.layers[1].segment].transition
    making = Making.of(transition.params if transition else ())
    for i, (a, b) in enumerate(zip(*layers, strict=True)):
        share = round((i + 1) / (len(stretch) + 1), 6)
        one, other = (outgoing[i], a), (incoming[i], b)
        deep = bits(a) > 8
        rgb = made_between(one, other, share, making, tools.engines, i, tools.record, deep)
        made = from_rgb(rgb, planar(picture.pixel_format), picture.colour)
        yield with_alpha(made, a, b, share)


# -------------------------------------------------------------------------------- layers above


def _overlaid(
    rendering: Rendering, span: Span, shown: Iterator[Frame], tools: Tools
) -> Iterator[Frame]:
    """The pictures with what lies over them."""
    picture, pts, indexes = span.picture, span.stretch.pts, rendering.indexes
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    layers = [
        layer_over(rendering.cut, one, indexes[one.segment.source or ""], pts, picture, tools)
        for one in span.above
    ]
    for frame in shown:
        image = before = of_frame(frame, space)
        for lay in layers:
            image = lay(image)
        yield frame if image is before else to_frame(image, picture.colour)


# ------------------------------------------------------------------------- captions and titles


def _captioned(
    shown: Iterator[Frame], span: Span, picture: Picture, captions: Captions | None
) -> Iterator[Frame]:
    from smartcut.render.caption_picture import painters

    found = painters(span.cues, (picture.width, picture.height), captions)
    ticks = [*span.stretch.pts.tolist(), span.stretch.end]
    for (start, end), frame in zip(pairwise(ticks), shown, strict=True):
        time = Range(start * picture.timebase, end * picture.timebase)
        yield _drawn(frame, found, span.cues, time)


def _drawn(
    frame: Frame,
    painters: Mapping[CaptionStyle | None, CaptionPainter],
    cues: Sequence[Cue],
    time: Range,
) -> Frame:
    for cue in cues:
        if opacity := cue.opacity(time):
            painted = painters[cue.style].paint(cue, time.start)
            frame = overlay(frame, painted.faded(opacity), painted.x, painted.y)
    return frame
