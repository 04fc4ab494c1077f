"""A part of a source, heard by itself: as a take that is not in the film, or words left out."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from smartcut.errors import SourceError
from smartcut.media.audio import samples
from smartcut.source import Source
from smartcut.timebase import Range, nearest

#: Seconds at most.
LONGEST = 600


def listened(source: Source, part: Range, gain: float = 0.0) -> Iterator[bytes]:
    """A WAV file of 16 bits, block by block: a range of source time, ``gain`` dB louder.

    Raises SourceError for a source without sound, whose file is gone, or that ends before.
    """
    if source.audio is None:
        raise SourceError(f"{source.id} has no sound to listen to")
    if source.made is None and not source.path.exists():
        raise SourceError(
            f"{source.path} is no longer there, so that {source.id} cannot be heard; put it back"
        )
    end = min(part.end, part.start + LONGEST, max(source.duration, source.audio.duration))
    if end <= part.start:
        raise SourceError(
            f"{source.id} ends at {float(end):.2f} s; nothing is heard from "
            f"{float(part.start):.2f} s on"
        )
    return _wav(source, Range(part.start, end), 10 ** (gain / 20))


def _wav(source: Source, part: Range, factor: float) -> Iterator[bytes]:
    assert source.audio is not None
    rate, channels = source.audio.sample_rate, min(2, source.audio.channels)
    count = nearest(part.end * rate) - nearest(part.start * rate)
    yield _head(rate, channels, count)
    for block in samples(source, rate, channels, part.start, part.end):
        whole = np.rint(np.clip(block * factor, -1, 1) * 32767)
        yield whole.astype("<i2").T.tobytes()


def _head(rate: int, channels: int, count: int) -> bytes:
    """The header of so many samples."""
    size = count * channels * 2
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    return b"".join(
        (
            b"RIFF", struct.pack("<I", 36 + size), b"WAVE",
            b"fmt ", struct.pack("<I", len(form)), form,
            b"data", struct.pack("<I", size),
        )
    )  # fmt: skip
