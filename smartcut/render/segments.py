"""Spans of the output picture: each copied or encoded, each with its reason and cache key.

Pure: from stretches of frames to :class:`Span` values. An encoded span is made once and kept
under a key of everything that its pixels depend on, so that moving it on the timeline, changing
another span, the sound or the subtitles beside the picture encodes nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from smartcut.cache import key_of
from smartcut.cut import Captions, Cut
from smartcut.render.captions import Cue
from smartcut.render.layout import Layer, Stretch
from smartcut.render.output import Picture
from smartcut.timebase import Range

#: Raised whenever the same span would come out with other pixels.
VERSION = 1

#: Longest encoded span, in frames: what a restart repeats at most, and what runs side by side.
LONGEST = 600


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A stretch, or a part of one, that is written in one go."""

    kind: Literal["copy", "encode"]
    reason: str
    stretch: Stretch
    range: Range
    """In timeline time."""
    cues: tuple[Cue, ...]
    """Captions to draw, in timeline time."""
    key: str

    @property
    def segments(self) -> tuple[int, ...]:
        return tuple(layer.segment for layer in self.stretch.layers)


def plan_spans(
    cut: Cut,
    stretches: Sequence[Stretch],
    picture: Picture,
    cues: Sequence[Cue],
    why_encoded: str | None,
) -> tuple[Span, ...]:
    """The spans of the whole programme, in order; ``cues`` are those to burn in.

    ``why_encoded`` None means that every stretch is copied.
    """
    spans: list[Span] = []
    for stretch in stretches:
        if why_encoded is None:
            start, end = int(stretch.pts[0]) * picture.timebase, stretch.end * picture.timebase
            key = _key(cut, stretch, picture, (), None)
            why = "nothing in it changes, and it begins and ends at key frames"
            spans.append(Span("copy", why, stretch, Range(start, end), (), key))
            continue
        reason = _why_encoded(cut, stretch) or why_encoded
        for part in divided(stretch, LONGEST):
            start, end = int(part.pts[0]) * picture.timebase, part.end * picture.timebase
            window = Range(start, end)
            drawn = tuple(c for c in cues if c.range.overlaps(window))
            why = f"{reason}; captions are burned in" if drawn else reason
            key = _key(cut, part, picture, drawn, cut.captions)
            spans.append(Span("encode", why, part, window, drawn, key))
    return tuple(spans)


def divided(stretch: Stretch, longest: int) -> Iterator[Stretch]:
    """The stretch in parts of at most ``longest`` frames, of about the same length."""
    count = -(-len(stretch) // longest)
    edges = [len(stretch) * i // count for i in range(count + 1)]
    for first, last in pairwise(edges):
        end = stretch.end if last == len(stretch) else int(stretch.pts[last])
        layers = tuple(Layer(x.segment, x.numbers[first:last]) for x in stretch.layers)
        yield Stretch(stretch.pts[first:last], end, layers, stretch.transition)


def _why_encoded(cut: Cut, stretch: Stretch) -> str | None:
    if stretch.transition:
        return f"a {stretch.transition} joins two segments"
    segment = cut.segments[stretch.layers[0].segment]
    if segment.source is None:
        return "a gap is black"
    if segment.effects:
        return f"effects: {', '.join(e.name for e in segment.effects)}"
    if segment.speed != 1:
        return f"speed {float(segment.speed):g}"
    return None


def _key(
    cut: Cut,
    stretch: Stretch,
    picture: Picture,
    cues: Sequence[Cue],
    captions: Captions | None,
) -> str:
    start = int(stretch.pts[0])
    offset = start * picture.timebase
    return key_of(
        "span",
        VERSION,
        {
            "picture": picture,
            "pts": _fingerprint(stretch.pts - start),
            "length": stretch.end - start,
            "transition": stretch.transition,
            "layers": [_layer_inputs(cut, x, stretch, picture.timebase) for x in stretch.layers],
            "captions": [_cue_inputs(c, offset) for c in cues],
            "style": captions.style if cues and captions else None,
        },
    )


def _fingerprint(numbers: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(numbers, dtype="<i8").tobytes()).hexdigest()


def _layer_inputs(cut: Cut, layer: Layer, stretch: Stretch, timebase: Fraction) -> dict[str, Any]:
    segment = cut.segments[layer.segment]
    source = cut.source(segment.source) if segment.source else None
    inputs: dict[str, Any] = {
        "source": source.digest if source else None,
        "stream": source.video.index if source and source.video else None,
        "numbers": _fingerprint(layer.numbers),
    }
    if segment.effects:
        place = list(cut.programme.placed())[layer.segment][1]
        inputs |= {
            "effects": segment.effects,
            "range": segment.range,
            "speed": segment.speed,
            "offset": int(stretch.pts[0]) * timebase - place.start,
        }
    return inputs


def _cue_inputs(cue: Cue, offset: Fraction) -> list[Any]:
    words = [[w.range.start - offset, w.range.end - offset, w.text] for w in cue.words]
    return [cue.range.start - offset, cue.range.end - offset, cue.lines, words]
