"""Spans as they are shown before they are made: H.264, quick to encode, at a smaller size if asked.

A draft has the frames of its span at their times, and another key; files are never made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cache import key_of
from smartcut.errors import RenderError
from smartcut.media import encode
from smartcut.media.decode import DecoderPool
from smartcut.media.transfer_curves import curve
from smartcut.render.compose import compose
from smartcut.render.footage import Tools
from smartcut.render.interpolation import Engines, Record
from smartcut.render.job import Rendering
from smartcut.render.output import OutputPicture
from smartcut.render.picture_format import SDR, fitting_colour
from smartcut.render.span_encoding import Watch, check_count, followed, settings_of
from smartcut.render.splicing.spans import Span
from smartcut.render.still import shown_as, without_effects
from smartcut.stage import Context

#: Raised whenever the same draft would come out with other pictures.
VERSION = 1
SUFFIX = ".nut"

_FORMAT = "yuv420p"
_CRF = 24
# On the shorter side of a preview.
_LINES = 720
# Encoder threads: one works on a frame while the next is composed.
_THREADS = 2
_X264 = "rc-lookahead=0:sync-lookahead=0:keyint=60"


def draft_of(span: Span, height: int | None = None) -> Span:
    """The span as its draft is encoded; ``height`` is of the picture as seen, at most its own."""
    picture = _small(span.picture, height)
    picture = replace(
        picture,
        codec="h264",
        fit="stretch",
        pixel_format=_FORMAT,
        colour=SDR if curve(picture.colour) != "SDR" else fitting_colour(picture.colour, _FORMAT),
        field_order="progressive",
        crf=_CRF,
        bitrate=None,
        quality=None,
        profile=None,
        encoder=None,
        preset="ultrafast",
        options=(("x264-params", _X264),),
    )
    key = key_of("draft", VERSION, {"span": span.key, "kind": span.kind, "picture": picture})
    return replace(span, kind="encode", picture=picture, key=key)


def previewed_height(span: Span) -> int:
    """Of pictures that are only previewed, as seen: so many lines can be encoded as they play."""
    seen = span.picture.upright
    short = min(seen.width, seen.height)
    return round(seen.height * min(Fraction(1), Fraction(_LINES, short)))


def is_quick(span: Span) -> bool:
    """Whether the span itself is encoded about as quickly as its draft: the edges of copies are."""
    picture = span.picture
    return (picture.codec, picture.preset, picture.encoder) == ("h264", "ultrafast", None)


def part_of(span: Span, first: int, last: int) -> Span:
    """Frames ``first`` to ``last`` - 1 of a span, as one that is encoded by itself.

    A transition stays whole: what a frame of it shows depends on how many there are.
    """
    if (first, last) == (0, len(span.stretch)) or span.stretch.transition:
        return span
    above = tuple(one for over in span.above if (one := over.part(first, last)).is_seen)
    key = key_of("part of span", 1, {"span": span.key, "frames": [first, last]})
    return replace(span, stretch=span.stretch.part(first, last), above=above, key=key)


def _small(picture: OutputPicture, height: int | None) -> OutputPicture:
    seen = picture.upright.height
    share = Fraction(min(height or seen, seen), seen)
    width, height = (max(2, round(n * share / 2) * 2) for n in (picture.width, picture.height))
    return replace(picture, width=width, height=height)


def known_draft(draft: Span, context: Context) -> Path | None:
    """The draft as it was encoded before."""
    return context.cache.find(draft.key, SUFFIX)


def make_draft(
    rendering: Rendering, span: Span, draft: Span, context: Context, watch: Watch
) -> Path:
    """The piece of a draft of that span, encoded now; nothing is kept of one that is ended early.

    Frames are composed as for the film, then made smaller: what counts in pixels stays in place.
    """
    bare = without_effects(rendering) if span.kind == "copy" else rendering
    whole = replace(span, picture=replace(span.picture, field_order="progressive"))
    engines = Engines(context.device, context.allow_net)
    with (
        DecoderPool(_THREADS) as decoders,
        context.cache.create(draft.key, SUFFIX) as path,
    ):
        tools = Tools(decoders, engines, Record(), context.cache)
        smaller = shown_as(span, draft.picture, context.cache)
        settings = settings_of(draft.picture, rendering, _THREADS)
        frames = followed(_converted(compose(bare, whole, tools), smaller), watch, 0)
        written = encode.encode_video(path, settings, frames, on_packets=watch.on_packets)
        check_count(written, draft)
    found = known_draft(draft, context)
    if found is None:
        raise RenderError("a draft vanished from the cache; is the disk full?")
    return found


def _converted(
    frames: Iterator[tuple[int, Any]], convert: Callable[[Any], Any]
) -> Iterator[tuple[int, Any]]:
    for tick, frame in frames:
        yield tick, convert(frame)
