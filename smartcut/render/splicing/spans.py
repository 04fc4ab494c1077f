"""Spans of the output picture: each copied or encoded, each with its reason and cache key.

Pure: from stretches of frames to :class:`Span` values. An encoded one is made once and kept
under a key of everything that its pixels depend on, so that moving it on the timeline, changing
another span, the sound or the subtitles beside the picture encodes nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from smartcut.cache import key_of
from smartcut.cut import Cut, Effect
from smartcut.render.fields import keeps_fields, of_whole_pictures
from smartcut.render.layout import Layer, Stretch
from smartcut.render.output import OutputPicture
from smartcut.render.overlays import Overlay, covered, overlays
from smartcut.render.splicing.copying import Copying, parts
from smartcut.source import Source
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

#: Raised whenever the same span would come out with other pixels.
VERSION = 14
# Raised when the same frames would be made otherwise between a source's own.
_BETWEEN = 2

#: Longest encoded span, in frames: what a restart repeats at most, and what runs side by side.
#: About what encoders leave between key frames anyway.
LONGEST = 250


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A stretch, or a part of one, that is written in one go."""

    kind: Literal["copy", "encode"]
    reason: str
    stretch: Stretch
    range: Range
    """In timeline time."""
    picture: OutputPicture
    """How it is encoded, where it is."""
    key: str
    above: tuple[Overlay, ...] = ()
    """What lies over the programme, bottom to top."""

    @property
    def segments(self) -> tuple[int, ...]:
        return tuple(layer.segment for layer in self.stretch.layers)

    @property
    def is_interpolated(self) -> bool:
        """Whether frames of it are to be made from their neighbours."""
        stepped = any(layer.steps is not None for layer in self.stretch.layers)
        return stepped or self.stretch.makes_frames


def encoded_spans(
    cut: Cut,
    stretches: Sequence[Stretch],
    picture: OutputPicture,
    indexes: Mapping[str, VideoIndex],
    reason: str,
) -> tuple[Span, ...]:
    """The spans of the whole programme, in order, all encoded."""
    spans: list[Span] = []
    for stretch in stretches:
        given = [e for x in stretch.layers for e in cut.segments[x.segment].effects]
        effects = _why_changed(_labels(given))
        why = "; ".join(filter(None, (_why_encoded(cut, stretch), effects))) or reason
        spans.extend(_encoded(cut, stretch, picture, indexes, why))
    return tuple(spans)


def spliced_spans(
    cut: Cut,
    stretches: Sequence[Stretch],
    copying: Copying,
    indexes: Mapping[str, VideoIndex],
    never: Collection[int] = (),
) -> tuple[Span, ...]:
    """The spans of the whole programme, copied where nothing touches the picture.

    ``never`` holds the places of segments that are not to be copied.
    """
    spans: list[Span] = []
    for stretch in _run_on(cut, stretches, never):
        segment = cut.segments[stretch.layers[0].segment]
        why = _why_encoded(cut, stretch) or copying.reasons.get(segment.source or "")
        if stretch.layers[0].segment in never:
            why = why or "the copied packets did not decode as planned"
        if why or np.any(np.diff(stretch.layers[0].numbers) != 1):
            why = why or "frames are left out or repeated"
            spans.extend(_encoded(cut, stretch, copying.picture, indexes, why))
            continue
        index = indexes[segment.source or ""]
        for piece, touch in _by_touch(cut, stretch, copying.picture, indexes):
            if touch is not None:
                spans.extend(_encoded(cut, piece, copying.picture, indexes, touch))
                continue
            base = int(piece.layers[0].numbers[0])
            for part in parts(index, base, base + len(piece), opens=not spans):
                inner = piece.part(part.first - base, part.last - base)
                if part.copied:
                    spans.append(_copied(cut, inner, copying.picture, part.reason))
                else:
                    spans.extend(_encoded(cut, inner, copying.edge, indexes, part.reason))
    return tuple(spans)


def _copied(cut: Cut, stretch: Stretch, picture: OutputPicture, reason: str) -> Span:
    key = _key(cut, stretch, picture)
    return Span("copy", reason, stretch, _range(stretch, picture), picture, key)


def _encoded(
    cut: Cut,
    stretch: Stretch,
    picture: OutputPicture,
    indexes: Mapping[str, VideoIndex],
    reason: str | None,
) -> Iterator[Span]:
    for part in divided(stretch, LONGEST):
        above = overlays(cut, part, picture, indexes)
        laid = (_why_laid(cut.source(one.segment.source or "")) for one in above)
        why = "; ".join(dict.fromkeys([*(reason.split("; ") if reason else ()), *laid]))
        key = _key(cut, part, picture, above)
        yield Span("encode", why, part, _range(part, picture), picture, key, above)


def _range(stretch: Stretch, picture: OutputPicture) -> Range:
    return Range(int(stretch.pts[0]) * picture.timebase, stretch.end * picture.timebase)


def _run_on(cut: Cut, stretches: Sequence[Stretch], never: Collection[int]) -> Iterator[Stretch]:
    """The stretches, those joined that show one source's frames on and on, untouched."""
    waiting: Stretch | None = None
    for stretch in stretches:
        if waiting is not None and _goes_on(cut, waiting, stretch, never):
            waiting = waiting.joined(stretch)
            continue
        if waiting is not None:
            yield waiting
        waiting = stretch
    if waiting is not None:
        yield waiting


def _goes_on(cut: Cut, one: Stretch, other: Stretch, never: Collection[int]) -> bool:
    if _why_encoded(cut, one) or _why_encoded(cut, other):
        return False
    a, b = one.layers[0], other.layers[0]
    if a.segment in never or b.segment in never:
        return False
    if cut.segments[a.segment].effects or cut.segments[b.segment].effects:
        return False
    same = cut.segments[a.segment].source == cut.segments[b.segment].source
    return same and int(a.numbers[-1]) + 1 == int(b.numbers[0])


def _by_touch(
    cut: Cut,
    stretch: Stretch,
    picture: OutputPicture,
    indexes: Mapping[str, VideoIndex],
) -> Iterator[tuple[Stretch, str | None]]:
    """The stretch in parts, each with what changes its pictures: None where nothing does.

    What lies over them has reasons of its own, so an empty text stands for it.
    """
    laid = covered(overlays(cut, stretch, picture, indexes), len(stretch))
    index = indexes[cut.segments[stretch.layers[0].segment].source or ""]
    found = [_why_changed(names) for names in _changes(cut, stretch, picture, index)]
    marks = [why or ("" if shown else None) for why, shown in zip(found, laid, strict=True)]
    edges = [i for i in range(1, len(marks)) if marks[i] != marks[i - 1]]
    for first, last in pairwise([0, *edges, len(stretch)]):
        yield stretch.part(first, last), marks[first]


def _changes(
    cut: Cut, stretch: Stretch, picture: OutputPicture, index: VideoIndex
) -> Iterable[Sequence[str]]:
    """The names of the effects that change each of the frames."""
    (layer,) = stretch.layers
    segment = cut.segments[layer.segment]
    if not segment.effects:
        return [()] * len(stretch)
    from smartcut.render.moments import moments
    from smartcut.render.route import applied_effects, touched

    applied = applied_effects(segment, index.rate)
    return touched(applied, moments(cut, layer, stretch.pts, picture, index))


def _labels(effects: Sequence[Effect]) -> list[str]:
    """What the effects are called."""
    if not effects:
        return []
    from smartcut.effect import checked

    return [checked(effect).label for effect in effects]


def _why_changed(names: Sequence[str]) -> str | None:
    return f"effects: {', '.join(dict.fromkeys(names))}" if names else None


def divided(stretch: Stretch, longest: int) -> Iterator[Stretch]:
    """The stretch in parts of at most ``longest`` frames, of about the same length.

    Where there are several, their number is even: an odd one leaves one of two cores idle at last.
    """
    count = -(-len(stretch) // longest)
    count += count > 1 and count % 2
    edges = [len(stretch) * i // count for i in range(count + 1)]
    for first, last in pairwise(edges):
        yield stretch.part(first, last)


def _why_encoded(cut: Cut, stretch: Stretch) -> str | None:
    if stretch.transition:
        return f"a {stretch.transition.kind} joins two segments"
    segment = cut.segments[stretch.layers[0].segment]
    if segment.source is None:
        return "a gap is black"
    source = cut.source(segment.source)
    if source.is_drawn:
        return _why_laid(source)
    if stretch.is_held:
        black = stretch.layers[0].numbers[0] < 0
        return "there is sound, and no picture: black" if black else "the picture is held"
    made = segment.between
    if made and segment.is_plain:
        return "frames are interpolated"
    if made:
        return f"{segment.pace}, frames are interpolated"
    return segment.pace or None


def _why_laid(source: Source) -> str:
    from smartcut.render.drawing import why_laid

    return why_laid(source)


def _key(
    cut: Cut,
    stretch: Stretch,
    picture: OutputPicture,
    above: Sequence[Overlay] = (),
) -> str:
    start = int(stretch.pts[0])
    return key_of(
        "span",
        VERSION,
        {
            "picture": picture,
            "pts": _fingerprint(stretch.pts - start),
            "length": stretch.end - start,
            "transition": _transition_inputs(stretch),
            "layers": [_layer_inputs(cut, x, stretch, picture) for x in stretch.layers],
            "above": [_overlay_inputs(cut, one, stretch.pts, picture) for one in above],
        },
    )


def _fingerprint(numbers: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(numbers, dtype="<i8").tobytes()).hexdigest()


def _layer_inputs(
    cut: Cut, layer: Layer, stretch: Stretch, picture: OutputPicture
) -> dict[str, Any]:
    segment = cut.segments[layer.segment]
    source = cut.source(segment.source) if segment.source else None
    inputs: dict[str, Any] = {
        "source": source.digest if source and not source.is_drawn else None,
        "stream": source.video.index if source and source.video else None,
        "numbers": _fingerprint(layer.numbers),
    }
    if source and source.is_drawn:
        from smartcut.render.drawing import drawn_inputs, seen_at

        place = cut.programme.places[layer.segment]
        inputs["drawn"] = drawn_inputs(seen_at(source, segment, place, stretch, picture))
    if source and source.video and source.video.is_interlaced:
        kept = keeps_fields(source.video, segment, picture)
        inputs["woven"] = kept and not of_whole_pictures(stretch)
        if source.video.made_whole == "all":
            inputs["fields"] = source.video.field_order
    if segment.between:
        inputs["between"] = [segment.between, _BETWEEN]
    if layer.steps is not None:
        inputs["steps"] = _fingerprint(np.rint(layer.steps * 1e6))
    if not segment.effects:
        return inputs
    from smartcut.render.moments import moments
    from smartcut.render.splicing.effect_inputs import effect_inputs

    shown = moments(cut, layer, stretch.pts, picture)
    return {**inputs, **effect_inputs(segment, shown)}


def _overlay_inputs(
    cut: Cut, one: Overlay, pts: np.ndarray, picture: OutputPicture
) -> dict[str, Any]:
    from smartcut.render.drawing import drawn_inputs
    from smartcut.render.splicing.effect_inputs import effect_inputs

    source = cut.source(one.segment.source or "")
    shown = one.moments(pts, picture)
    if one.drawn is not None:
        return {"drawn": drawn_inputs(one.drawn), **effect_inputs(one.segment, shown)}
    return {
        "source": source.digest,
        "stream": source.video.index if source.video else None,
        "numbers": _fingerprint(one.numbers),
        **effect_inputs(one.segment, shown),
    }


def _transition_inputs(stretch: Stretch) -> Any:
    if stretch.transition is None or stretch.shares is None:
        return None
    from smartcut.transition import joining

    kind = joining(stretch.transition)
    given = [stretch.transition.kind, kind.version, stretch.transition.params]
    return [*given, _fingerprint(np.rint(stretch.shares * 1e6))]
