"""Encodes a span: once, to a piece that is kept in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.errors import RenderError
from smartcut.media import encode
from smartcut.media.decode import DecoderPool
from smartcut.media.piece_files import VideoPiece
from smartcut.render.compose import compose
from smartcut.render.footage import Tools
from smartcut.render.interpolation import Engines, Record
from smartcut.render.job import Rendering
from smartcut.render.output import OutputPicture
from smartcut.render.pieces import Elsewhere
from smartcut.render.span_pieces import encoded_piece, known_piece, record_key, suffix_of
from smartcut.render.splicing.spans import Span
from smartcut.stage import Context, Stopped

Packets = Callable[[Any, list[Any]], None]
"""Gets the stream of an encoder and the packets that it has made, in decoding order."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How an encoding is followed from outside, and ended."""

    check: Callable[[], None]
    """Called before each frame: it may wait, and ends the encoding by raising Stopped."""
    advance: Callable[[float], None] = lambda seconds: None
    """Gets for each frame the seconds of the film that it stands for."""
    on_packets: Packets | None = None


def watched(context: Context, advance: Callable[[float], None] = lambda seconds: None) -> Watch:
    """Ended with the run."""

    def check() -> None:
        if context.stopping.is_set():
            raise Stopped

    return Watch(check, advance)


def threads_for(rendering: Rendering) -> int:
    """Of each encoder: one, which uses the cores best side by side; a lone span has two.

    The bits that encoders write depend on it.
    """
    return 2 if sum(span.kind == "encode" for span in rendering.spans) == 1 else 1


def make_span(
    rendering: Rendering, span: Span, context: Context, threads: int, watch: Watch | None = None
) -> Path:
    """The piece of one encoded span, from the cache or made now.

    Equal ``threads`` give equal bytes. Of the rendering only the cut and the indexes are looked at.
    """
    path = known_piece(span, context)
    if path is None:
        engines = Engines(context.device, context.allow_net)
        with DecoderPool(threads) as decoders:
            tools = Tools(decoders, engines, Record(), context.cache)
            path = encode_span(rendering, span, context, tools, watch or watched(context))
    return path


@contextmanager
def span_maker(
    rendering: Rendering,
    context: Context,
    elsewhere: Elsewhere | None,
    advance: Callable[[float], None],
) -> Iterator[Callable[[Span], VideoPiece]]:
    """Makes the pieces of encoded spans, those of the cache or new ones; in any thread.

    ``advance`` gets the seconds that are done.
    """
    threads = threads_for(rendering)
    engines = Engines(context.device, context.allow_net)

    def make(span: Span) -> VideoPiece:
        path = known_piece(span, context)
        if path is None and elsewhere is None:
            tools = Tools(decoders, engines, Record(), context.cache)
            watch = watched(context, advance)
            return encoded_piece(span, encode_span(rendering, span, context, tools, watch))
        if path is None and elsewhere is not None:
            elsewhere.encode(rendering, span, threads)
        advance(float(span.range.duration))
        return encoded_piece(span, path or made(span, context))

    with DecoderPool(threads) as decoders:
        yield make


def encode_span(
    rendering: Rendering, span: Span, context: Context, tools: Tools, watch: Watch
) -> Path:
    """The piece of a span, encoded now; nothing is kept of one that is ended early."""
    settings = settings_of(span.picture, rendering, tools.decoders.threads)
    with context.cache.create(span.key, suffix_of(span)) as path:
        step = float(span.range.duration) / len(span.stretch)
        frames = followed(compose(rendering, span, tools), watch, step)
        written = encode.encode_video(path, settings, frames, on_packets=watch.on_packets)
        check_count(written, span)
        if span.is_interpolated:  # first: a piece without is encoded again
            context.cache.store(record_key(span), tools.record.plain())
    return made(span, context)


def check_count(written: int, span: Span) -> None:
    """Raise RenderError where not every frame of the span was encoded."""
    if written != len(span.stretch):
        planned = len(span.stretch)
        raise RenderError(f"{written} frames were encoded where {planned} were planned")


def made(span: Span, context: Context) -> Path:
    """The piece that was just made; raises RenderError where the cache has lost it."""
    found = known_piece(span, context)
    if found is None:
        raise RenderError("an encoded piece vanished from the cache; is the disk full?")
    return found


def settings_of(picture: OutputPicture, rendering: Rendering, threads: int) -> encode.VideoSettings:
    """How spans of that picture are encoded."""
    nominal = next((index.rate for index in rendering.indexes.values()), Fraction(30))
    return encode.VideoSettings(
        codec=picture.codec,
        width=picture.width,
        height=picture.height,
        pixel_format=picture.pixel_format,
        timebase=picture.timebase,
        rate=picture.rate or nominal,
        is_constant=picture.rate is not None,
        crf=picture.crf,
        bitrate=picture.bitrate,
        quality=picture.quality,
        encoder=picture.encoder,
        preset=picture.preset,
        colour=picture.colour,
        sar=picture.sar,
        profile=picture.profile,
        field_order=picture.field_order,
        threads=threads,
        options=dict(picture.options),
    )


def followed(
    frames: Iterable[tuple[int, Any]], watch: Watch, step: float
) -> Iterator[tuple[int, Any]]:
    """The frames; each is reported, as so many seconds, when the next one is asked for."""
    for item in frames:
        watch.check()
        yield item
        watch.advance(step)
