"""Films that are played without being rendered, and what players make of their fragments."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

import smartcut as sc
from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.media.barcode import number_in
from smartcut.media.boxes import boxes, find
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.studio.playback import Playback


@contextmanager
def playing(
    film: sc.Pipeline, output: Path, on_sound: Callable[[], None] = lambda: None, **given: object
) -> Iterator[tuple[Playback, Rendering, LocalContext]]:
    """A player of the film, its rendering and its context; ``given`` is of the render job."""
    cache = Cache()
    context = LocalContext(cache, output=output)
    playback = Playback(context, on_sound=on_sound)
    try:
        rendering = plan_render(film.cut(), RenderJob(output, **given), context)  # type: ignore[arg-type]
        yield playback, rendering, context
    finally:
        playback.close()
        cache.close()


@dataclass(frozen=True)
class Seen:
    """A picture as a player shows it."""

    number: int | None
    """Its bar code, where it has one."""
    at: Fraction
    """Seconds from the beginning of the file or the chunk."""
    is_key: bool
    pixels: np.ndarray


def seen_in(what: Iterable[bytes] | Path) -> list[Seen]:
    """The pictures of a file, or of an init segment and fragments, in the order shown."""
    data = None if isinstance(what, Path) else b"".join(what)
    with av.open(str(what) if data is None else io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        unit = Fraction(stream.time_base)
        # FFmpeg shifts all times where some are shown before they are decoded; players do not.
        late = (
            0 if data is None else (stream.start_time or 0) - min(s.shown for s in samples_in(data))
        )
        return [
            Seen(_number(f), (f.pts - late) * unit, f.key_frame, f.to_ndarray())
            for f in container.decode(stream)
        ]


@dataclass(frozen=True)
class Boxed:
    """A sample as its fragment says it is; times are in ticks of the track."""

    decoded: int
    shown: int
    duration: int
    is_key: bool
    data: bytes


def samples_in(data: bytes) -> list[Boxed]:
    """The samples of fragments, in decoding order."""
    found, outer = [], list(boxes(data))
    for head, content in pairwise(outer):
        if head.kind != b"moof":
            continue
        assert content.kind == b"mdat"
        inner = data[head.start : head.end]
        decode, run = find(inner, b"moof", b"traf", b"tfdt"), find(inner, b"moof", b"traf", b"trun")
        assert decode is not None
        assert run is not None
        at = int.from_bytes(inner[decode.content + 4 : decode.end], "big")
        count, offset = struct.unpack_from(">Ii", inner, run.content + 4)
        place = head.start + offset
        assert place == content.content
        for k in range(count):
            row = struct.unpack_from(">IIIi", inner, run.content + 12 + 16 * k)
            duration, size, flags, later = row
            sample = data[place : place + size]
            found.append(Boxed(at, at + later, duration, not flags & 0x10000, sample))
            at, place = at + duration, place + size
        assert place == content.end
    return found


def _number(frame: av.VideoFrame) -> int | None:
    try:
        return number_in(frame.to_ndarray(format="gray"))
    except ValueError:
        return None


def heard_in(parts: Iterable[bytes]) -> tuple[Fraction, np.ndarray]:
    """(when the first sample is heard, int16 samples (channels, n)) of sound fragments."""
    with av.open(io.BytesIO(b"".join(parts))) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
        start = frames[0].pts * Fraction(stream.time_base)
        channels = len(frames[0].layout.channels)
        blocks = [f.to_ndarray().reshape(-1, channels).T for f in frames]
    return start, np.concatenate(blocks, axis=1)
