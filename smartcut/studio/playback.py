"""A planned film, played without being rendered: what a player asks for, as fragmented MP4."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from pathlib import Path
from threading import Event, Lock

import numpy as np

from smartcut.errors import RenderError
from smartcut.media.codec_strings import MIMES, USUAL
from smartcut.render.chunks import Chunk, chunks_of
from smartcut.render.drafts import (
    draft_of,
    is_quick,
    known_draft,
    make_draft,
    part_of,
    previewed_height,
)
from smartcut.render.generation import realise
from smartcut.render.job import Rendering
from smartcut.render.span_encoding import make_span, threads_for
from smartcut.render.span_pieces import copied_piece, encoded_piece, known_piece
from smartcut.render.splicing.spans import Span
from smartcut.source import Source
from smartcut.stage import Context, Stopped
from smartcut.studio.flights import Flight, Flights
from smartcut.studio.following import Boxing
from smartcut.studio.listening import listened
from smartcut.studio.packets import SourcePackets, cached_fragments
from smartcut.studio.sounding import Sounding
from smartcut.studio.source_views import SourceStrip, peaks_of, strip_of
from smartcut.studio.stills import Stills
from smartcut.timebase import Range
from smartcut.usable import usable_cores

# Renderings whose chunks can still be asked for.
_MOST_RENDERINGS = 16
# Seconds from which on the beginning of a draft is left out.
_FAR = 2


class Playback:
    """Plays renderings: the newest, and for a while the chunks of those before it.

    Copied chunks come from the sources, encoded ones from the cache of ``context``, into which they
    are made while they are shown: what was watched needs not be rendered. Every method can be
    called from any thread.
    """

    def __init__(
        self,
        context: Context,
        plays: Collection[str] = USUAL,
        on_sound: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_sound`` is called, from any thread, when :attr:`sound_key` has changed by itself."""
        self.plays = frozenset(plays)
        """The kinds of pictures that the browser plays; see codec_strings.MIMES."""
        self._is_usual = True
        self._context = context
        self._lock = Lock()
        self._shown: OrderedDict[int, tuple[Rendering, dict[str, Chunk]]] = OrderedDict()
        self._count = 0
        self._flights = Flights(usable_cores())
        self._packets = SourcePackets()
        self._sounding = Sounding(context, self._flights.give_way, on_sound)
        self._stills = Stills(context)
        self._realising = Lock()
        self._closing = Event()

    def narrow(self, kinds: Collection[str]) -> bool:
        """Take in what a further browser plays; the answer is whether chunks now come otherwise.

        H.264 is played by all. Renderings have to be shown again.
        """
        with self._lock:
            told = frozenset(kinds) & MIMES.keys() | {"h264"}
            plays = told if self._is_usual else self.plays & told
            self._is_usual = False
            changed, self.plays = plays != self.plays, plays
            return changed

    def show(self, rendering: Rendering) -> tuple[Chunk, ...]:
        """The chunks of a rendering, which is the one that is played from now on.

        Where it cannot be played, the one before stays.
        """
        chunks = chunks_of(rendering, self.plays)
        self._sounding.show(rendering)
        with self._lock:
            self._count += 1
            self._shown[self._count] = rendering, {chunk.key: chunk for chunk in chunks}
            while len(self._shown) > _MOST_RENDERINGS:
                self._shown.popitem(last=False)
        return chunks

    def is_ready(self, key: str) -> bool:
        """Whether the file's part of a chunk is there: nothing has to be encoded for it any more.

        Raises KeyError for a chunk that was not shown lately.
        """
        rendering, chunk = self._find(key)
        span = rendering.spans[chunk.span]
        return span.kind == "copy" or known_piece(span, self._context) is not None

    def fragment(
        self,
        key: str,
        draft: bool = False,
        height: int | None = None,
        start: Fraction = Fraction(0),
    ) -> Iterator[bytes]:
        """The chunk's init segment and fragments, from time 0 on, as soon as each is there.

        What has to be encoded is encoded as for the file and kept. A ``draft`` comes sooner: H.264
        of less quality, ``height`` pixels high if that is less than the film's. What is encoded
        for the file as quickly, or is there already, comes instead. A copied chunk as a draft is
        for a browser that could not play it. Of a draft, what lies before ``start``, in seconds
        of the chunk, may be left out. Of pictures that browsers do not play all are
        drafts, of 720 lines at most; without ``draft``, what the file needs is then made as well.
        Closing the iterator ends the encoding, if nobody else follows it.

        Raises KeyError for a chunk that was not shown lately; the iterator raises SourceError and
        RenderError.
        """
        rendering, chunk = self._find(key)
        span = rendering.spans[chunk.span]
        if chunk.kind == "copy" and not draft:
            return self._copied(rendering, span, chunk)
        if chunk.kind == "copy" or chunk.is_preview:
            return self._previewed(rendering, span, chunk, draft, height, start)
        path = known_piece(span, self._context)
        if path is not None:
            return cached_fragments(encoded_piece(span, path), span.picture)
        if draft and (start >= _FAR or not is_quick(span)):
            return self._drafted(rendering, span, height, start)
        return self._made(rendering, span, urgent=draft)

    @property
    def sound_key(self) -> str | None:
        """What is heard in the newest rendering; None for silence."""
        return self._sounding.key

    @property
    def sound_note(self) -> str | None:
        """What differs for now from the film's sound, in words."""
        return self._sounding.note

    def sound(self, start: Fraction = Fraction(0)) -> Iterator[bytes]:
        """The newest rendering's sound from ``start`` or a little before on, as FLAC in MP4.

        First the init segment, then fragments of about a second at their times in the film.
        """
        return self._sounding.fragments(start)

    def frame(self, at: Fraction, height: int) -> bytes:
        """A JPEG of what the newest rendering shows then, at most ``height`` pixels high.

        Raises RenderError where it has no picture then, and SourceError where that is damaged.
        """
        return self._stills.jpeg(self._newest(), at, height)

    def filmstrip(self, source_id: str) -> SourceStrip:
        """Key frames of a source of the newest rendering; raises KeyError, SourceError."""
        return strip_of(self._source(source_id), self._context.cache, self._give_way)

    def peaks(self, source_id: str) -> bytes:
        """How loud a source is: uint8, 100 a second, 255 is full scale.

        Raises KeyError, and SourceError where its sound is damaged.
        """
        return peaks_of(self._source(source_id), self._context.cache, self._give_way)

    def listen(self, source_id: str, part: Range, gain: float = 0.0) -> Iterator[bytes]:
        """A WAV of a range of a source's time, ``gain`` dB louder, also of what is not in the film.

        Raises KeyError, and SourceError where there is nothing to hear.
        """
        return listened(self._source(source_id), part, gain)

    def close(self) -> None:
        """End all work, and close all files."""
        self._closing.set()
        self._flights.close()
        self._stills.close()
        self._sounding.close()
        self._packets.close()

    # ------------------------------------------------------------------------------ chunks

    def _give_way(self) -> None:
        """Wait while somebody waits for a picture; raises Stopped once this is closed."""
        self._flights.give_way(self._closing)
        if self._closing.is_set():
            raise Stopped

    def _newest(self) -> Rendering:
        with self._lock:
            if not self._shown:
                raise RenderError("there is no film to look at yet")
            return next(reversed(self._shown.values()))[0]

    def _source(self, source_id: str) -> Source:
        found = [s for s in self._newest().cut.sources if s.id == source_id]
        if not found:
            raise KeyError(source_id)
        return found[0]

    def _find(self, key: str) -> tuple[Rendering, Chunk]:
        with self._lock:
            for rendering, chunks in reversed(self._shown.values()):
                if key in chunks:
                    return rendering, chunks[key]
        raise KeyError(key)

    def _copied(self, rendering: Rendering, span: Span, chunk: Chunk) -> Iterator[bytes]:
        piece = copied_piece(span, rendering, chunk.first, chunk.last)
        shown = rendering.cut.segments[span.segments[0]].source or ""
        digest = rendering.cut.source(shown).digest
        yield from self._packets.fragments(piece, digest, span.picture)

    def _previewed(
        self,
        rendering: Rendering,
        span: Span,
        chunk: Chunk,
        draft: bool,
        height: int | None,
        start: Fraction,
    ) -> Iterator[bytes]:
        part = span if span.kind == "encode" else part_of(span, chunk.first, chunk.last)
        yield from self._drafted(rendering, part, height or previewed_height(span), start)
        if not draft and span.kind == "encode" and known_piece(span, self._context) is None:
            for _ in self._made(rendering, span, urgent=False):
                pass  # not played, but kept for the file

    def _drafted(
        self, rendering: Rendering, span: Span, height: int | None, start: Fraction
    ) -> Iterator[bytes]:
        begin = int(span.stretch.pts[0])
        whole = draft_of(span, height)
        path = known_draft(whole, self._context)
        if path is not None:
            return cached_fragments(encoded_piece(whole, path), whole.picture)
        part = part_of(span, _frame_before(span, start), len(span.stretch))
        smaller = draft_of(part, height)

        def pieces(path: Path) -> Iterator[bytes]:
            return cached_fragments(encoded_piece(smaller, path), smaller.picture, begin)

        def make(flight: Flight, context: Context, boxing: Boxing) -> None:
            path = make_draft(rendering, part, smaller, context, boxing.watch(flight.check))
            boxing.finish(lambda: pieces(path))

        path = known_draft(smaller, self._context)
        if path is not None:
            return pieces(path)
        return self._flown(rendering, smaller, make, True, begin)

    def _made(self, rendering: Rendering, span: Span, urgent: bool) -> Iterator[bytes]:
        def make(flight: Flight, context: Context, boxing: Boxing) -> None:
            watch = boxing.watch(flight.check)
            path = make_span(rendering, span, context, threads_for(rendering), watch)
            boxing.finish(lambda: cached_fragments(encoded_piece(span, path), span.picture))

        return self._flown(rendering, span, make, urgent, int(span.stretch.pts[0]))

    def _flown(
        self,
        rendering: Rendering,
        span: Span,
        make: Callable[[Flight, Context, Boxing], None],
        urgent: bool,
        begin: int,
    ) -> Iterator[bytes]:
        def work(flight: Flight) -> None:
            context = copy.copy(self._context)
            context.stopping = flight.stopping
            with self._realising:
                realise(rendering.cut, context)
            make(flight, context, Boxing(span, flight.emit, begin))

        return self._flights.follow(span.key, work, urgent)


def _frame_before(span: Span, start: Fraction) -> int:
    """The frame of a span that is shown so many seconds after its first; 0 where that is near.

    Of each second the first frame, so that there are few different parts.
    """
    if start < _FAR:
        return 0
    shown = (span.stretch.pts - span.stretch.pts[0]) * float(span.picture.timebase)
    return int(np.searchsorted(shown, int(start) + 1e-6, side="right")) - 1
