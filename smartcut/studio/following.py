"""Packets of an encoding as fragments, while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from smartcut.media.fragments import FragmentWriter, TrackHead, head_of
from smartcut.render.span_encoding import Watch
from smartcut.render.splicing.spans import Span

# Pictures that are waited for before a fragment is made of them.
_EACH = 8


class Boxing:
    """Hands on fragments of a span that is being encoded; time 0 is the tick ``begin``."""

    def __init__(self, span: Span, emit: Callable[[bytes], None], begin: int) -> None:
        self._span, self._emit = span, emit
        stretch, timebase = span.stretch, span.picture.timebase
        self._writer = FragmentWriter(stretch.pts, stretch.end, timebase, begin)
        self._start = int(span.stretch.pts[0])
        self._head: TrackHead | None = None

    def watch(self, check: Callable[[], None]) -> Watch:
        """What tells of the packets of the encoding, which ``check`` may hold up or end."""
        return Watch(check, on_packets=self._packets)

    def finish(self, known: Callable[[], Iterator[bytes]]) -> None:
        """Hand on the rest, or the fragments that are ``known`` where nothing had to be encoded."""
        if self._head is not None:
            self._emit(self._writer.flush())
            return
        for part in known():
            self._emit(part)

    def _packets(self, stream: Any, packets: list[Any]) -> None:
        picture, begun = self._span.picture, b""
        if self._head is None:
            self._head = head_of(stream, picture.timebase, picture.orientation)
            begun = self._head.init
        for packet in packets:
            tick = round(packet.pts * Fraction(packet.time_base) / picture.timebase)
            data = self._head.sample(packet)
            self._writer.add(data, self._start + tick, bool(packet.is_keyframe))
        if begun or self._writer.waiting >= _EACH:
            self._emit(begun + self._writer.flush())
