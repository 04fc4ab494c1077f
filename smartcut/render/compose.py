"""The pictures of a span, one after the other: decoded, fitted, joined, captioned.

Memory is bounded by a few frames whatever the length. Frames stay in YUV unless an effect needs
RGB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.cut import INTERPOLATE, STYLIZE, Captions, CaptionStyle, Segment
from smartcut.errors import RenderError
from smartcut.media.decode import DecoderPool, FrameReader, whole_frames
from smartcut.media.look_up import Box
from smartcut.media.picture import from_rgb, to_rgb
from smartcut.media.pixel_formats import planar
from smartcut.media.planes import bits, black, blend, overlay
from smartcut.render.captions import Cue
from smartcut.render.fields import keeps_fields, of_whole_pictures
from smartcut.render.fitting import conformer
from smartcut.render.interpolation import (
    Engines,
    Making,
    Record,
    interpolated,
    made_between,
    needed,
)
from smartcut.render.job import Rendering
from smartcut.render.layout import Layer, positions
from smartcut.render.output import Picture
from smartcut.render.segments import Span
from smartcut.render.styling import Looks, Style, graded_styles, painted_style
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.render.caption_picture import CaptionPainter

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pictures of a span are made with; ``record`` is told of every frame that is made."""

    decoders: DecoderPool
    engines: Engines
    looks: Looks
    record: Record


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
    others = [e.name for e in segment.effects if e.name not in (INTERPOLATE, STYLIZE)]
    if unknown := [name for name in others if not name.startswith("moviepy.")]:
        raise RenderError(
            f"unknown effect {', '.join(unknown)}; accepted: {INTERPOLATE}, {STYLIZE}, moviepy.NAME"
        )
    if others:
        return _with_effects(rendering, layer, pts, segment, picture, tools)
    if layer.steps is not None:
        shown = _interpolated(rendering, layer, segment, picture, tools)
    else:
        shown = _fitted(rendering, layer.numbers, segment, picture, tools)
    return _graded(rendering, shown, layer, segment, picture, tools)


def _black(picture: Picture, count: int) -> Iterator[Frame]:
    frame = black(picture.width, picture.height, planar(picture.pixel_format), picture.colour)
    for _ in range(count):
        yield frame


def _fitted(
    rendering: Rendering,
    numbers: np.ndarray,
    segment: Segment,
    picture: Picture,
    tools: Tools,
) -> Iterator[Frame]:
    """Frames of a source in the output's size and format; a repeated one is fitted once.

    Where a network repaints the segment, they are repainted. Interlaced ones are made whole where
    the picture is not interlaced like them.
    """
    assert segment.source is not None
    if style := painted_style(segment):
        frame_at = _painted(rendering, segment, picture, tools, style)
        yield from (frame_at(number) for number in numbers.tolist())
        return
    source = rendering.cut.source(segment.source)
    assert source.video is not None
    woven = keeps_fields(source.video, segment, picture)
    conform = conformer(source.video, picture, tools.looks.cache, woven)
    first, last, index = int(numbers[0]), int(numbers[-1]) + 1, rendering.indexes[source.id]
    if woven:
        decoded = tools.decoders.frames(source, index, first, last)
    else:
        decoded = whole_frames(source, index, first, last, tools.decoders.frames)
    at = -1
    frame: Frame = None
    fitted: Frame = None
    for wanted in numbers:
        while at < wanted:
            at, frame = next(decoded)
            fitted = None
        if fitted is None:
            fitted = conform(frame)
        yield fitted


def _interpolated(
    rendering: Rendering, layer: Layer, segment: Segment, picture: Picture, tools: Tools
) -> Iterator[Frame]:
    """The layer's frames, those between the source's made."""
    effect = segment.effect(INTERPOLATE)
    assert effect is not None
    assert layer.steps is not None
    assert segment.source is not None
    making = Making.of(effect.params)
    first, last = needed(layer.numbers, making, len(rendering.indexes[segment.source]))
    numbers = np.arange(first, last)
    fitted = _fitted(rendering, numbers, segment, picture, tools)
    frames = zip(numbers.tolist(), fitted, strict=True)
    return interpolated(
        frames, layer.numbers, layer.steps, making, tools.engines, picture, tools.record
    )


def _painted(
    rendering: Rendering, segment: Segment, picture: Picture, tools: Tools, style: Style
) -> Callable[[int], Frame]:
    """Frames of a source by number, fitted and repainted; best asked for in order."""
    assert segment.source is not None
    source = rendering.cut.source(segment.source)
    assert source.video is not None
    upright = conformer(source.video, picture, tools.looks.cache)
    reader = FrameReader(source, rendering.indexes[source.id])
    left, top, width, height = upright.box
    part = np.s_[top : top + height, left : left + width]

    def pixels(number: int) -> np.ndarray:
        shown = upright(reader.frame(number))
        return to_rgb(shown, deep=bits(shown) > 8)

    repainter = tools.looks.repainter(style, lambda number: pixels(number)[part])

    @lru_cache(maxsize=4)
    def painted(number: int) -> Frame:
        rgb = pixels(number)
        rgb[part] = repainter.at(number)
        return from_rgb(rgb, planar(picture.pixel_format), picture.colour)

    return painted


def _graded(
    rendering: Rendering,
    shown: Iterator[Frame],
    layer: Layer,
    segment: Segment,
    picture: Picture,
    tools: Tools,
) -> Iterator[Frame]:
    """The layer's frames through the segment's colour tables; bars beside them stay black."""
    assert segment.source is not None
    video, index = rendering.cut.source(segment.source).video, rendering.indexes[segment.source]
    assert video is not None
    for style in graded_styles(segment):
        box = conformer(video, picture, tools.looks.cache).box
        grading = tools.looks.grading(style, index, picture.colour)
        shown = grading.frames(shown, layer.numbers, box)
    return shown


def _with_effects(
    rendering: Rendering,
    layer: Layer,
    pts: np.ndarray,
    segment: Segment,
    picture: Picture,
    tools: Tools,
) -> Iterator[Frame]:
    """The layer's frames through MoviePy effects, which work on RGB at any time they like.

    Colour tables take their turn among them.
    """
    from smartcut.interchange.moviepy import EffectAdapter

    assert segment.source is not None
    source = rendering.cut.source(segment.source)
    assert source.video is not None
    index = rendering.indexes[source.id]
    reader = FrameReader(source, index)
    upright = conformer(source.video, picture, tools.looks.cache)
    effect = segment.effect(INTERPOLATE) if layer.steps is not None else None
    making = Making.of(effect.params) if effect else None

    style = painted_style(segment)
    painted = _painted(rendering, segment, picture, tools, style) if style else None

    def fitted(number: int) -> Frame:
        return painted(number) if painted else upright(reader.frame(number))

    def frame_at(time: Fraction) -> Any:
        number, step = index.frame_at(segment.range.start + time * segment.speed), 0.0
        if making:
            passed = np.array([float(time * segment.speed)])
            numbers, steps = positions(rendering.cut, segment, index, passed)
            number, step = int(numbers[0]), float(steps[0])
        shown = fitted(number)
        if making and step:
            other = fitted(number + 1)
            pair = ((number, shown), (number + 1, other))
            return made_between(*pair, step, making, tools.engines, place, tools.record)
        return to_rgb(shown)

    size = (picture.width, picture.height)
    shown: Callable[[Fraction], np.ndarray] = frame_at
    box: Box | None = upright.box
    for effect in segment.effects:
        if effect.name == INTERPOLATE:
            continue
        if effect.name == STYLIZE:
            if (style := Style.of(effect)).is_table:
                grading = tools.looks.grading(style, index, picture.colour)
                shown = grading.of_times(shown, segment, box)
            continue
        adapter = EffectAdapter(effect, shown, segment.duration, size, index.rate)
        shown, box = adapter.frame, None
    begins = list(rendering.cut.programme.placed())[layer.segment][1].start
    for place, tick in enumerate(pts):  # noqa: B007 - frame_at looks at place
        time = int(tick) * picture.timebase - begins
        yield from_rgb(shown(time), planar(picture.pixel_format), picture.colour)


# -------------------------------------------------------------------------------- transitions


def _joined(kind: str | None, layers: list[Iterator[Frame]], count: int) -> Iterator[Frame]:
    """Two layers as one; the incoming one's share grows by equal steps, never 0 or 1."""
    outgoing, incoming = layers
    for i, (a, b) in enumerate(zip(outgoing, incoming, strict=True)):
        share = (i + 1) / (count + 1)
        if kind == "dissolve":
            yield blend(a, b, share)
        elif kind == "fade":
            yield (
                blend(a, _dark(a), 2 * share) if share < 0.5 else blend(_dark(b), b, 2 * share - 1)
            )
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
        yield from_rgb(rgb, planar(picture.pixel_format), picture.colour)


def _dark(frame: Frame) -> Frame:
    return black(frame.width, frame.height, frame.format.name)


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
