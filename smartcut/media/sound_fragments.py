"""Sound as fragmented MP4 for Media Source Extensions: FLAC, which any part of can be played.

Codecs with priming (AAC, Opus) would have silence before each part that is encoded by itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from smartcut.media.boxes import boxes, find
from smartcut.media.encode_sound import regular
from smartcut.media.fragments import Sample, fragment, init_in

# Samples of a FLAC frame; so many frames are about 1 s at 48 kHz.
_FRAME, _FRAMES = 4608, 10
_FULL = 1 << 15
# Where a sample entry has its bits a sample, from its content's beginning.
_BITS_AT = 18


def flac_fragments(
    blocks: Iterable[np.ndarray], rate: int, layout: str, first: int
) -> Iterator[bytes]:
    """The init segment at once, then fragments of about a second each.

    ``blocks`` are float32 (channels, n), full scale at 1; the first sample of them is number
    ``first`` of the film, and heard at ``first / rate``. FLAC keeps 16 bits of each.
    """
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4", options={"movflags": "empty_moov"}) as container:
        stream: Any = container.add_stream("flac", rate=rate, layout=layout)
        stream.codec_context.format = "s16"
        stream.time_base = Fraction(1, rate)
        container.start_encoding()
        yield _with_bits(init_in(sink.getvalue()))
        at, waiting = first, list[Sample]()
        for packet in _packets(stream, blocks, rate, layout):
            waiting.append(Sample(bytes(packet), packet.duration))
            if len(waiting) == _FRAMES:
                yield fragment(at, waiting)
                at, waiting = at + sum(sample.duration for sample in waiting), []
        if waiting:
            yield fragment(at, waiting)


def _packets(stream: Any, blocks: Iterable[np.ndarray], rate: int, layout: str) -> Iterator[Any]:
    at = 0
    for block in regular(blocks, _FRAME):
        values = np.clip(np.rint(block * _FULL), -_FULL, _FULL - 1).astype(np.int16)
        packed = np.ascontiguousarray(values.T.reshape(1, -1))
        frame = AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        at += block.shape[1]
        yield from (packet for packet in stream.encode(frame) if packet.size)
    yield from (packet for packet in stream.encode(None) if packet.size)


def _with_bits(init: bytes) -> bytes:
    """The init segment with the sample size that FFmpeg leaves out, and Chromium wants."""
    place = find(init, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    assert place is not None
    entry = next(boxes(init, place.content + 8, place.end))
    at = entry.content + _BITS_AT
    return init[:at] + (16).to_bytes(2, "big") + init[at + 2 :]
