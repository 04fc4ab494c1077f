"""One picture of the film, as it will be shown, without rendering the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from smartcut.cache import Cache
from smartcut.cut import Cut
from smartcut.errors import RenderError
from smartcut.media.covers import flattened
from smartcut.media.decode import DecoderPool
from smartcut.media.image import of_frame, space_of, to_frame
from smartcut.media.picture import to_rgb
from smartcut.media.pixel_formats import pixel_format, planar
from smartcut.media.siting import AsDecoded
from smartcut.media.transfer_curves import curve
from smartcut.render.compose import compose
from smartcut.render.fitting import conformer
from smartcut.render.footage import Tools
from smartcut.render.generation import realise
from smartcut.render.interpolation import Engines, Record
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.render.output import OutputPicture
from smartcut.render.picture_format import SDR, fitting_colour
from smartcut.render.splicing.spans import Span
from smartcut.source import VideoStream
from smartcut.stage import Context

if TYPE_CHECKING:
    import numpy as np


def shown_at(cut: Cut, job: RenderJob, context: Context, time: Fraction) -> np.ndarray:
    """RGB, uint8 (height, width, 3), of what the film shows at that timeline time.

    Upright and in square pixels; HDR in SDR, and over black what is clear. Raises RenderError
    where the film has no picture then.
    """
    (picture,) = pictures_at(cut, job, context, [time])
    return picture


def pictures_at(
    cut: Cut, job: RenderJob, context: Context, times: Sequence[Fraction]
) -> Iterator[np.ndarray]:
    """As :func:`shown_at`, for several times of one film, best in order."""
    rendering = plan_render(cut, replace(job, each_segment=False, sign=None), context)
    realise(cut, context)
    engines = Engines(context.device, context.allow_net)
    with DecoderPool(1) as decoders:
        tools = Tools(decoders, engines, Record(), context.cache)
        for time in times:
            yield picture_at(rendering, time, tools, context)


def picture_at(rendering: Rendering, time: Fraction, tools: Tools, context: Context) -> np.ndarray:
    """As :func:`shown_at`, of a film that is planned and whose made sources are there."""
    span = next((s for s in rendering.spans if s.range.contains(time)), None)
    if span is None:
        has = f"lasts {float(rendering.duration):.3f} s" if rendering.spans else "has no picture"
        raise RenderError(f"there is no picture at {float(time):g} s: the film {has}")
    number = int((span.stretch.pts * span.picture.timebase <= time).sum()) - 1
    span, number = _narrowed(span, number)
    if span.kind == "copy":
        rendering = without_effects(rendering)
    with closing(compose(rendering, span, tools)) as frames:
        _, frame = next(islice(frames, number, None))
        return seen_as(span, context.cache)(frame)


def without_effects(rendering: Rendering) -> Rendering:
    """What a copied span is composed of: the sources' own frames, which effects do not change."""
    bare = tuple(replace(s, effects=()) for s in rendering.cut.segments)
    return replace(rendering, cut=rendering.cut.with_segments(bare))


def _narrowed(span: Span, number: int) -> tuple[Span, int]:
    """The span with no more than it takes to show a frame of it, and the frame's number there.

    In a transition a frame depends on how many there are: that stays whole.
    """
    if span.stretch.transition:
        return span, number
    above = (overlay.part(number, number + 1) for overlay in span.above)
    shown = tuple(overlay for overlay in above if overlay.is_seen)
    return replace(span, stretch=span.stretch.part(number, number + 1), above=shown), 0


def seen_as(span: Span, cache: Cache) -> Callable[[Any], np.ndarray]:
    """What gives RGB of a span's frames as they are seen in the film; for one thread."""
    picture = span.picture
    seen = replace(picture.upright, pixel_format=planar(picture.pixel_format))
    if curve(picture.colour) != "SDR":
        seen = replace(seen, pixel_format="gbrp", colour=fitting_colour(SDR, "gbrp"))
    shown = shown_as(span, seen, cache)
    return lambda frame: to_rgb(shown(frame))


def shown_as(span: Span, seen: OutputPicture, cache: Cache) -> Callable[[Any], Any]:
    """What gives a span's frames in another picture's size, format, colours and orientation.

    Over black what is clear; for one thread.
    """
    picture = span.picture
    decoded = AsDecoded(picture.codec) if span.kind == "encode" else None
    conform = conformer(_stream(picture), seen, cache)
    has_alpha = pixel_format(planar(picture.pixel_format)).has_alpha
    keeps_alpha = pixel_format(seen.pixel_format).has_alpha

    def converted(frame: Any) -> Any:
        if has_alpha and not keeps_alpha:
            frame = _over_black(frame, picture)
        shown = conform(frame if decoded is None else decoded(frame))
        return _over_black(shown, seen) if keeps_alpha else shown

    return converted


def _over_black(frame: Any, picture: OutputPicture) -> Any:
    space = space_of(planar(picture.pixel_format), picture.colour, picture.height)
    return to_frame(flattened(of_frame(frame, space)), picture.colour)


def _stream(picture: OutputPicture) -> VideoStream:
    """The colour tags of the film's picture."""
    nothing = Fraction(0)
    return VideoStream(
        index=0, codec=picture.codec, timebase=picture.timebase, width=picture.width,
        height=picture.height, pixel_format=planar(picture.pixel_format),
        rate=picture.rate or Fraction(25), is_vfr=False, start=nothing, duration=nothing, frames=1,
        sar=picture.sar, rotation=picture.rotation, colour=picture.colour,
        mirrored=picture.mirrored,
    )  # fmt: skip
