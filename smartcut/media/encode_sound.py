"""Encoders of sound: samples into a piece, the whole of a sound track of an output.

Its container keeps the encoder's priming in the way of the file that it goes into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from smartcut.errors import RenderError
from smartcut.media.codecs import sound_encoder
from smartcut.media.layouts import channel_count
from smartcut.media.sound_frames import to_frame

#: How samples of lossless sound are kept, and FFmpeg's format in which encoders take them.
DEPTHS = {"s16": "s16", "s24": "s32", "s32": "s32", "f32": "flt"}
# From about this bit rate on, for each channel, FFmpeg's documentation calls its fast AAC coder the
# better one too.
_ENOUGH = 64_000


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """How to encode sound: lossy kinds by bits a second, lossless ones by depth."""

    codec: str
    rate: int = 48_000
    layout: str = "stereo"
    """FFmpeg's name of the layout of channels."""
    bitrate: int | None = 192_000
    """None where the codec is lossless."""
    depth: str = "s16"
    """See :data:`DEPTHS`; of lossless kinds alone."""


def encode_audio(
    path: Path, suffix: str, settings: AudioSettings, blocks: Iterable[np.ndarray]
) -> int:
    """Write a sound piece of float32 blocks (channels, n); the answer counts the samples.

    ``suffix`` is that of Container.sound_piece, whatever the file is called.
    """
    name = sound_encoder(settings.codec, settings.depth)
    container_format = {".m4a": "mp4", ".mov": "mov"}.get(suffix, "matroska")
    written, tick = 0, Fraction(1, settings.rate)
    try:
        with av.open(str(path), "w", format=container_format) as container:
            stream: Any = container.add_stream(name, rate=settings.rate, layout=settings.layout)
            _configure(stream, settings)
            converter = av.AudioResampler(
                format=stream.codec_context.format.name, layout=settings.layout, rate=settings.rate
            )
            for block in regular(blocks, stream.codec_context.frame_size or 1024):
                frame = to_frame(block, settings.layout, settings.rate)
                frame.pts, frame.time_base = written, tick
                written += block.shape[1]
                for ready in converter.resample(frame):
                    container.mux(stream.encode(ready))
            container.mux(stream.encode(None))
    except av.error.FFmpegError as error:
        raise RenderError(f"{name} cannot encode the sound: {error.strerror or error}") from error
    return written


def _configure(stream: Any, settings: AudioSettings) -> None:
    context = stream.codec_context
    stream.time_base = Fraction(1, settings.rate)
    if settings.bitrate is None:
        wanted = DEPTHS[settings.depth]
        accepted = [f.name for f in context.codec.audio_formats]
        context.format = next(name for name in accepted if name.removesuffix("p") == wanted)
        return
    stream.bit_rate = settings.bitrate
    enough = settings.bitrate >= _ENOUGH * channel_count(settings.layout)
    if settings.codec == "aac" and enough:
        context.options = {"aac_coder": "fast"}


def regular(blocks: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """The same samples in blocks of exactly ``size``; the last may be shorter."""
    kept: list[np.ndarray] = []
    have = 0
    for block in blocks:
        kept.append(block)
        have += block.shape[1]
        if have < size:
            continue
        joined = np.concatenate(kept, axis=1)
        whole = have - have % size
        for at in range(0, whole, size):
            yield np.ascontiguousarray(joined[:, at : at + size])
        kept, have = [joined[:, whole:]], have - whole
    if have:
        yield np.ascontiguousarray(np.concatenate(kept, axis=1))
