"""Chunks of a planned film: what a player fetches at once, each known by what its pictures are of.

An encoded span is one chunk, which comes while it is encoded. A copied span is divided where its
source can be (``VideoIndex.is_closed``), at the same places whatever is cut, so that moving an edge
changes few keys. Pure: nothing is read or encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from smartcut.cache import key_of
from smartcut.media.codec_strings import MIMES, kind_of
from smartcut.media.index import VideoIndex
from smartcut.render.job import Rendering
from smartcut.render.layout import Stretch
from smartcut.render.splicing.spans import Span

#: Raised whenever the fragments of the same chunk would be others.
VERSION = 1

# Pictures in a copied chunk: at least so many, and so many where it is encoded as a preview.
_FEWEST, _PREVIEWED = 60, 250
# What is shorter goes with its neighbour.
_SHORT = 20
# Longer ones, which the source does not let be divided, are not fetched whole to look into them.
_LONGEST = 900
_LETTERS = 40
_PREVIEW = MIMES["h264"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the film that is fetched at once. Its fragments begin at time 0."""

    key: str
    """Equal keys have equal pictures at equal times from their beginning."""
    start: Fraction
    """In timeline time, as is ``end``."""
    end: Fraction
    kind: Literal["copy", "encode"]
    """What it takes to show it, if nothing of it is known."""
    reason: str
    mime: str
    """What its fragments are, once they are no draft."""
    frames: int
    span: int
    """The place of its span in the rendering."""
    first: int
    """Of its frames, counted from the span's first; ``first + frames`` is past the last."""
    is_preview: bool = False
    """The browser is shown something else than what the film will have."""

    @property
    def last(self) -> int:
        """One past its last frame, counted from the span's first."""
        return self.first + self.frames


def chunks_of(rendering: Rendering, plays: Collection[str]) -> tuple[Chunk, ...]:
    """The chunks of a film, in order, for a browser that plays these kinds of pictures.

    See :data:`smartcut.media.codec_strings.MIMES` for the kinds.
    """
    return tuple(
        _chunk(rendering, place, part)
        for place, span in enumerate(rendering.spans)
        for part in _parts(rendering, span, plays)
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Frames ``first`` to ``last`` - 1 of a span; ``unseen`` says why they are only previewed."""

    first: int
    last: int
    mime: str
    unseen: str = ""


def _parts(rendering: Rendering, span: Span, plays: Collection[str]) -> Iterator[_Part]:
    picture, count = span.picture, len(span.stretch)
    kind = kind_of(picture.codec, picture.pixel_format)
    if kind is None or kind not in plays:
        why = f"the browser does not play {picture.codec} in {picture.pixel_format}"
        edges = [0, count] if span.kind == "encode" else _evenly(0, count)
        yield from (_Part(a, b, _PREVIEW, why) for a, b in pairwise(edges))
        return
    if span.kind == "encode":
        yield _Part(0, count, MIMES[kind])
        return
    for first, last in pairwise(_edges(rendering, span)):
        if last - first <= _LONGEST:
            yield _Part(first, last, MIMES[kind])
            continue
        why = "players cannot begin inside it: its key frames refer to older frames"
        yield from (_Part(a, b, _PREVIEW, why) for a, b in pairwise(_evenly(first, last)))


def _edges(rendering: Rendering, span: Span) -> list[int]:
    """Where a copied span is divided: the numbers of frames, 0 and its length among them."""
    (layer,) = span.stretch.layers
    source = rendering.cut.segments[layer.segment].source or ""
    base, count = int(layer.numbers[0]), len(span.stretch)
    inner = [n - base for n in divisions(rendering.indexes[source]) if 0 < n - base < count]
    if inner and inner[0] < _SHORT:
        inner.pop(0)
    if inner and count - inner[-1] < _SHORT:
        inner.pop()
    return [0, *inner, count]


def divisions(index: VideoIndex) -> list[int]:
    """The frames at which a source is divided, whatever is shown of it."""
    found = [0]
    for number in np.flatnonzero(index.is_closed[:-1]).tolist():
        if number - found[-1] >= _FEWEST:
            found.append(number)
    return found


def _evenly(first: int, last: int) -> list[int]:
    count = -(-(last - first) // _PREVIEWED)
    return [first + (last - first) * i // count for i in range(count + 1)]


def _chunk(rendering: Rendering, place: int, part: _Part) -> Chunk:
    span = rendering.spans[place]
    stretch = span.stretch.part(part.first, part.last)
    timebase = span.picture.timebase
    is_copied = span.kind == "copy" and not part.unseen
    return Chunk(
        key=_key(rendering, span, stretch, part),
        start=int(stretch.pts[0]) * timebase,
        end=stretch.end * timebase,
        kind="copy" if is_copied else "encode",
        reason="; ".join(filter(None, (part.unseen, "" if is_copied else span.reason)))
        or span.reason,
        mime=part.mime,
        frames=len(stretch),
        span=place,
        first=part.first,
        is_preview=bool(part.unseen),
    )


def _key(rendering: Rendering, span: Span, stretch: Stretch, part: _Part) -> str:
    """Of a copied chunk it does not say where its span begins and ends."""
    if span.kind == "encode":
        made: dict[str, Any] = {"span": span.key}
    else:
        (layer,) = stretch.layers
        source = rendering.cut.source(rendering.cut.segments[layer.segment].source or "")
        assert source.video is not None
        ticks = np.ascontiguousarray(stretch.pts - stretch.pts[0], dtype="<i8").tobytes()
        made = {
            "source": source.digest,
            "stream": source.video.index,
            "numbers": [int(layer.numbers[0]), len(stretch)],
            "ticks": hashlib.sha256(ticks).hexdigest(),
            "length": stretch.end - int(stretch.pts[0]),
            "timebase": span.picture.timebase,
            "orientation": span.picture.orientation,
        }
    found = key_of("chunk", VERSION, {**made, "preview": bool(part.unseen)})
    return found[:_LETTERS]
