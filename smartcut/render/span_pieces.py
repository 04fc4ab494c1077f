"""The piece of one span, as far as it is there: encoded before, or a part of a source to copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import TypedDict

from smartcut.cache import key_of
from smartcut.interchange.json import tells
from smartcut.media.codecs import piece_suffix
from smartcut.media.piece_files import Copied, VideoPiece
from smartcut.render.job import Rendering
from smartcut.render.splicing.spans import Span
from smartcut.stage import Context

# ------------------------------------------------------------------------------------- known


def known_piece(span: Span, context: Context) -> Path | None:
    """The span as it was encoded before."""
    if span.is_interpolated and known_record(span, context) is None:
        return None
    return context.cache.find(span.key, suffix_of(span))


def known_record(span: Span, context: Context) -> dict[str, Any] | None:
    """Which frames of the span were made by interpolation, and how; see Record.plain."""
    return context.cache.load(record_key(span), _is_record) if span.is_interpolated else None


class _Record(TypedDict):
    """See Record.plain."""

    made: list[tuple[int, int, int, float]]
    still: int
    guarded: int


_is_record = tells(_Record)


def record_key(span: Span) -> str:
    """Where the cache keeps its record."""
    return key_of("interpolated", 1, {"span": span.key})


def suffix_of(span: Span) -> str:
    """The suffix of its piece."""
    return piece_suffix(span.picture.codec, span.picture.pixel_format)


# ------------------------------------------------------------------------------------ pieces


def copied_piece(
    span: Span, rendering: Rendering, first: int = 0, last: int | None = None
) -> VideoPiece:
    """Frames ``first`` to ``last`` - 1 of a copied span, which begin where a copy can."""
    stretch = span.stretch.part(first, len(span.stretch) if last is None else last)
    (layer,) = stretch.layers
    source = rendering.cut.source(rendering.cut.segments[layer.segment].source or "")
    assert source.video is not None
    index = rendering.indexes[source.id]
    order = np.argsort(index.position[layer.numbers])
    pts = index.pts[layer.numbers[order]]
    ticks = stretch.pts[order]
    copied = Copied(source.video.index, pts, ticks, index.headers, index.messages)
    return VideoPiece(source.path, int(stretch.pts[0]), stretch.end, copied)


def encoded_piece(span: Span, path: Path) -> VideoPiece:
    """An encoded span that lies in that file."""
    ticks = span.stretch.pts
    return VideoPiece(path, int(ticks[0]), span.stretch.end, ticks=ticks)
