"""The pictures of a span, one after the other: decoded, fitted, joined, captioned.

Memory is bounded by a few frames whatever the length. Frames stay in YUV unless an effect needs
RGB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from smartcut.cut import Captions, CaptionStyle, Segment
from smartcut.errors import RenderError
from smartcut.media.decode import DecoderPool, FrameReader
from smartcut.media.picture import Conform, black, blend, overlay
from smartcut.render.captions import Cue
from smartcut.render.job import Rendering
from smartcut.render.layout import Layer
from smartcut.render.output import Picture
from smartcut.render.segments import Span
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.render.caption_picture import CaptionPainter

Frame = Any
"""An ``av.VideoFrame``; only smartcut.media knows its insides."""


def compose(rendering: Rendering, span: Span, decoders: DecoderPool) -> Iterator[tuple[int, Frame]]:
    """(tick from the span's start, frame) for every frame of the span."""
    picture, stretch = span.picture, span.stretch
    start = int(stretch.pts[0])
    layers = [_layer(rendering, span, layer, decoders) for layer in stretch.layers]
    shown = layers[0] if len(layers) == 1 else _joined(stretch.transition, layers, len(stretch))
    if span.cues:
        shown = _captioned(shown, span, picture, rendering.cut.captions)
    for tick, frame in zip(stretch.pts - start, shown, strict=True):
        yield int(tick), frame


# --------------------------------------------------------------------------------- one segment


def _layer(
    rendering: Rendering, span: Span, layer: Layer, decoders: DecoderPool
) -> Iterator[Frame]:
    segment, picture = rendering.cut.segments[layer.segment], span.picture
    if segment.source is None or layer.numbers[0] < 0:
        return _black(picture, len(layer.numbers))
    if any(e.name.startswith("moviepy.") for e in segment.effects):
        return _with_effects(rendering, span, layer, segment, picture)
    if segment.effects:
        names = ", ".join(e.name for e in segment.effects)
        raise RenderError(f"unknown effect {names}; effects are named moviepy.NAME")
    return _fitted(rendering, layer, segment, picture, decoders)


def _black(picture: Picture, count: int) -> Iterator[Frame]:
    frame = black(picture.width, picture.height, picture.pixel_format, picture.colour)
    for _ in range(count):
        yield frame


def _fitted(
    rendering: Rendering, layer: Layer, segment: Segment, picture: Picture, decoders: DecoderPool
) -> Iterator[Frame]:
    """The layer's frames in the output's size and format; a repeated one is fitted once."""
    assert segment.source is not None
    source = rendering.cut.source(segment.source)
    assert source.video is not None
    conform = conformer(source.video, picture)
    first, last = int(layer.numbers[0]), int(layer.numbers[-1])
    decoded = decoders.frames(source, rendering.indexes[source.id], first, last + 1)
    at = -1
    frame: Frame = None
    fitted: Frame = None
    for wanted in layer.numbers:
        while at < wanted:
            at, frame = next(decoded)
            fitted = None
        if fitted is None:
            fitted = conform(frame)
        yield fitted


def conformer(stream: Any, picture: Picture) -> Conform:
    """What turns frames of that stream into frames of the output."""
    if (stream.rotation, stream.sar) == (picture.rotation, picture.sar):
        stream = replace(stream, rotation=0, sar=Fraction(1))  # players do it for both
    return Conform(
        stream,
        picture.width,
        picture.height,
        picture.pixel_format,
        fit=picture.fit,
        colour=picture.colour,
    )


def _with_effects(
    rendering: Rendering, span: Span, layer: Layer, segment: Segment, picture: Picture
) -> Iterator[Frame]:
    """The layer's frames through MoviePy effects, which work on RGB at any time they like."""
    from smartcut.interchange.moviepy import EffectAdapter
    from smartcut.media.picture import from_rgb, to_rgb

    assert segment.source is not None
    source = rendering.cut.source(segment.source)
    assert source.video is not None
    index = rendering.indexes[source.id]
    reader = FrameReader(source, index)
    upright = conformer(source.video, picture)

    def frame_at(time: Fraction) -> Any:
        number = index.frame_at(segment.range.start + time * segment.speed)
        return to_rgb(upright(reader.frame(number)))

    size = (picture.width, picture.height)
    shown = frame_at
    for effect in segment.effects:
        adapter = EffectAdapter(effect, shown, segment.duration, size, index.rate)
        shown = adapter.frame
    place = list(rendering.cut.programme.placed())[layer.segment][1]
    for tick in span.stretch.pts:
        time = int(tick) * picture.timebase - place.start
        yield from_rgb(shown(time), picture.pixel_format, picture.colour)


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
            raise RenderError(f"unknown transition {kind!r}; accepted: dissolve, fade")


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
