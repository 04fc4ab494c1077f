"""The pieces of a file: encoded spans and the sound, each made once and kept; parts to copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar, runtime_checkable

from smartcut.cache.throughput import Work, timed
from smartcut.media import mux
from smartcut.media.containers import Container
from smartcut.media.piece_files import VideoPiece
from smartcut.render.job import Rendering
from smartcut.render.sound.plan import SoundPlan
from smartcut.render.span_pieces import copied_piece, known_piece
from smartcut.render.splicing.spans import Span
from smartcut.stage import Context
from smartcut.timebase import Range
from smartcut.usable import usable_cores

T = TypeVar("T")

# Encoders side by side, each with the frames it looks ahead in memory.
_MOST_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Pieces:
    """Everything that is joined to one file, and what mixing the sound had to say."""

    video: list[VideoPiece]
    sounds: list[mux.SoundPiece]
    notes: tuple[str, ...]


@runtime_checkable
class Elsewhere(Protocol):
    """A context that has spans encoded by others, side by side, into the same cache."""

    at_once: int
    """How many spans may be under way."""

    def encode(self, rendering: Rendering, span: Span, threads: int) -> None:
        """Have the span made elsewhere; returns when its piece is in the cache.

        See :func:`smartcut.render.span_encoding.make_span`.
        """


def known_sound(plan: SoundPlan, container: Container, context: Context) -> Path | None:
    """The sound track as it was mixed before."""
    return context.cache.find(plan.key, container.sound_piece) if plan.key else None


def make_pieces(rendering: Rendering, context: Context) -> Pieces:
    """All pieces, from the cache or made now: the sound and as many spans as there are cores."""
    label = f"encode {rendering.output.path.name}"
    with timed(context, label, float(rendering.duration), work_of(rendering, context)) as advance:
        return _make_pieces(rendering, context, _Progress(advance))


def work_of(rendering: Rendering, context: Context) -> Work:
    """What the spans that have to be encoded amount to: megapixels; 0 where none has to be."""
    pixels, kinds = 0.0, set()
    for span in rendering.spans:
        if span.kind == "encode" and known_piece(span, context) is None:
            picture = span.picture
            rate = picture.rate or next((i.rate for i in rendering.indexes.values()), Fraction(30))
            pixels += float(span.range.duration * rate) * picture.width * picture.height / 1e6
            kinds.add(f"{picture.codec} {picture.preset}")
            kinds.update(_changes(span, rendering))
    return Work(f"encode: {sorted(kinds)}", pixels)


def _changes(span: Span, rendering: Rendering) -> Iterator[str]:
    """What is done to the pictures of a span, by name."""
    for layer in span.stretch.layers:
        segment = rendering.cut.segments[layer.segment]
        yield from (effect.name for effect in segment.effects)
        if segment.between is not None:
            yield f"between by {segment.between.engine}"


def _make_pieces(
    rendering: Rendering, context: Context, advance: Callable[[float], None]
) -> Pieces:
    elsewhere = context if isinstance(context, Elsewhere) else None
    workers = elsewhere.at_once if elsewhere else min(_MOST_WORKERS, usable_cores())
    with ExitStack() as stack:
        if any(span.kind == "encode" for span in rendering.spans):
            from smartcut.render.span_encoding import span_maker

            making = span_maker(rendering, context, elsewhere, advance)
            encoded = stack.enter_context(making)

        def make(span: Span) -> VideoPiece:
            if span.kind == "encode":
                return encoded(span)
            advance(float(span.range.duration))
            return copied_piece(span, rendering)

        pool = stack.enter_context(ThreadPoolExecutor(workers))
        sound = [pool.submit(_make_sound, rendering, plan, context) for plan in rendering.sounds]
        spans = rendering.spans
        video = {n: pool.submit(make, spans[n]) for n in longest_first(spans)}
        try:
            pieces = [video[n].result() for n in range(len(spans))]
            heard = [future.result() for future in sound]
        except BaseException:
            context.stopping.set()
            pool.shutdown(cancel_futures=True)
            raise
    notes = [note for _, told in heard for note in told]
    return Pieces(pieces, [piece for piece, _ in heard], tuple(dict.fromkeys(notes)))


def longest_first(spans: Sequence[Span]) -> list[int]:
    """The places of spans in the order to make them: the last to end is to be a short one."""

    def order(number: int) -> tuple[bool, int]:
        return spans[number].kind == "copy", -len(spans[number].stretch)

    return sorted(range(len(spans)), key=order)


class _Progress:
    """Adds up what was done in several threads."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        self._advance, self._lock, self._done = advance, Lock(), 0.0

    def __call__(self, seconds: float) -> None:
        with self._lock:
            self._done += seconds
            self._advance(self._done)


def _make_sound(
    rendering: Rendering, plan: SoundPlan, context: Context
) -> tuple[mux.SoundPiece, tuple[str, ...]]:
    """A sound track and what mixing it had to say."""
    piece, notes = _passed(plan), list[str]()
    if piece is None:
        from smartcut.render.sound.mixed_piece import mixed_piece

        path, notes = mixed_piece(rendering, plan, context)
        piece = mux.SoundPiece(path)
    track = plan.track
    piece = replace(piece, language=track.language, title=track.title, roles=track.roles)
    return piece, tuple(notes)


def _passed(plan: SoundPlan) -> mux.SoundPiece | None:
    if plan.passed is None:
        return None
    source, heard = plan.passed
    assert source.audio is not None
    clock = tuple(Range(r.start + source.origin, r.end + source.origin) for r in heard)
    return mux.SoundPiece(source.path, source.audio.index, clock)
