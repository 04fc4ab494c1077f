"""The pictures of a span, one after the other: decoded, fitted, joined, laid over each other.

Memory is bounded by a few frames whatever the length. Frames stay in YUV unless an effect needs
RGB.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from smartcut.effect import Placement
from smartcut.image import Image, Space
from smartcut.media.backdrop import on_backdrop
from smartcut.media.covers import flattened
from smartcut.media.image import of_frame, space_of, to_frame
from smartcut.media.image_parts import part
from smartcut.media.picture import from_rgb
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.planes import black, with_alpha
from smartcut.render.chain import Chain, Setting
from smartcut.render.fields import of_whole_pictures
from smartcut.render.fitting import as_shown
from smartcut.render.footage import Footage, Tools
from smartcut.render.interpolation import Making, made_between
from smartcut.render.job import Rendering
from smartcut.render.layers import drawn_chain, layer_over
from smartcut.render.layout import Layer
from smartcut.render.moments import SegmentClock, moments
from smartcut.render.output import OutputPicture
from smartcut.render.route import Moment, Route, applied_effects, box_in, plan_route, shown_size
from smartcut.render.splicing.spans import Span
from smartcut.source import Source
from smartcut.transition import EngineParams, JoinBench, joining

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


def compose(rendering: Rendering, span: Span, tools: Tools) -> Generator[tuple[int, Frame]]:
    """(tick from the span's start, frame) for every frame of the span."""
    picture, stretch = span.picture, span.stretch
    start = int(stretch.pts[0])
    if of_whole_pictures(stretch):
        span = replace(span, picture=replace(picture, field_order="progressive"))
    layers = [_layer(rendering, span, layer, tools) for layer in stretch.layers]
    shown = layers[0]
    if len(layers) > 1:
        shown = _joined(span, layers, tools)
    if span.above:
        shown = _overlaid(rendering, span, shown, tools)
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
            pts, inner = span.stretch.pts[first:last], layer.part(first, last)
            shown = _pictures(rendering, span.picture, inner, pts, tools)
            yield from _filled(rendering, span.picture, inner, shown)


def _filled(
    rendering: Rendering, picture: OutputPicture, layer: Layer, shown: Iterator[Frame]
) -> Iterator[Frame]:
    """The frames of a layer, with a backdrop beside pictures of another shape where asked for."""
    segment = rendering.cut.segments[layer.segment]
    source = rendering.cut.source(segment.source or "")
    if picture.fill == "black" or source.is_drawn or source.video is None:
        yield from shown
        return
    applied = applied_effects(segment, rendering.indexes[source.id].rate)
    size = shown_size(applied, as_shown(source.video, picture).display_size)
    box = box_in(size, (picture.width, picture.height))
    if box[2:] == (picture.width, picture.height) or any(
        isinstance(one.effect, Placement) for one in applied
    ):
        yield from shown
        return
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    for frame in shown:
        yield to_frame(on_backdrop(of_frame(frame, space), box), picture.colour)


def _pictures(
    rendering: Rendering, picture: OutputPicture, layer: Layer, pts: np.ndarray, tools: Tools
) -> Iterator[Frame]:
    """The frames of a layer that are shown at these output ticks."""
    segment = rendering.cut.segments[layer.segment]
    source = rendering.cut.source(segment.source or "")
    if source.is_drawn:
        return _drawn(rendering, source, picture, layer, pts, tools)
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


def _drawn(
    rendering: Rendering,
    source: Source,
    picture: OutputPicture,
    layer: Layer,
    pts: np.ndarray,
    tools: Tools,
) -> Iterator[Frame]:
    """The frames of a layer that is drawn; over black, where the output is opaque."""
    segment = rendering.cut.segments[layer.segment]
    chain = drawn_chain(source, segment, picture, tools)
    keeps_alpha = pixel_format(planar(picture.pixel_format)).has_alpha
    before: Image | None = None
    frame: Frame = None
    for moment in moments(rendering.cut, layer, pts, picture):
        shown = chain(moment)
        if shown is not before:
            frame = to_frame(shown if keeps_alpha else flattened(shown), picture.colour)
        before = shown
        yield frame


def _black(picture: OutputPicture, count: int) -> Iterator[Frame]:
    frame = black(picture.width, picture.height, planar(picture.pixel_format), picture.colour)
    for _ in range(count):
        yield frame


def _changed(
    rendering: Rendering, picture: OutputPicture, pts: np.ndarray, route: Route, footage: Footage
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
    # Closed here: a decoder that the garbage collector gives back has lost its file.
    with closing(in_order):
        shown_when = moments(rendering.cut, layer, pts, picture, footage.index)
        for place, moment in enumerate(shown_when):
            if anywhere:
                anywhere.place = place
            shown = chain(moment)
            yield to_frame(shown if keeps_alpha else flattened(shown), picture.colour)


# -------------------------------------------------------------------------------- transitions


def _joined(span: Span, layers: list[Iterator[Frame]], tools: Tools) -> Iterator[Frame]:
    """Two layers as one, as the transition says."""
    stretch, picture = span.stretch, span.picture
    assert stretch.transition is not None
    assert stretch.shares is not None
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    between = _Between(span, space, tools)
    size = (picture.width, picture.height)
    join = joining(stretch.transition).open(JoinBench(size, space, picture.colour, between))
    for a, b, share in zip(*layers, stretch.shares.tolist(), strict=True):
        joined = join(of_frame(a, space), of_frame(b, space), share)
        between.place += 1
        yield to_frame(joined, picture.colour)


@dataclass(slots=True)
class _Between:
    """Pictures made between the outgoing and the incoming one of a place in a span."""

    span: Span
    space: Space
    tools: Tools
    place: int = 0

    def __call__(
        self, engine: EngineParams, outgoing: Image, incoming: Image, share: float
    ) -> Image:
        colour, step = self.span.picture.colour, round(share, 6)
        one, other = (
            (int(layer.numbers[self.place]), to_frame(image, colour))
            for layer, image in zip(self.span.stretch.layers, (outgoing, incoming), strict=True)
        )
        making, engines, record = Making.of(engine), self.tools.engines, self.tools.record
        deep = self.space.depth > 8
        rgb = made_between(one, other, step, making, engines, self.place, record, deep)
        made = from_rgb(rgb, self.space.pixel_format, colour)
        return of_frame(with_alpha(made, one[1], other[1], step), self.space)


# -------------------------------------------------------------------------------- layers above


def _overlaid(
    rendering: Rendering, span: Span, shown: Iterator[Frame], tools: Tools
) -> Iterator[Frame]:
    """The pictures with what lies over them."""
    picture, pts, indexes = span.picture, span.stretch.pts, rendering.indexes
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    layers = [layer_over(rendering.cut, one, indexes, pts, picture, tools) for one in span.above]
    for frame in shown:
        image = before = of_frame(frame, space)
        for lay in layers:
            image = lay(image)
        yield frame if image is before else to_frame(image, picture.colour)
