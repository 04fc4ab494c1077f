"""Kinds of sound: what encoders take, what containers hold, and what comes nearest to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from smartcut.media.layouts import USUAL, keeps_channels, nearest_layout
from smartcut.source import AudioStream


class SoundCodec(NamedTuple):
    """What an encoder takes; empty tuples: anything."""

    layouts: tuple[str, ...] = ()
    rates: tuple[int, ...] = ()
    """Samples a second, rising."""
    most: int | None = None
    """Highest bits a second; None: lossless."""
    depths: tuple[str, ...] = ()
    """Of lossless ones: see :func:`depth_of`, the least first."""


_DOLBY = (
    "mono", "stereo", "3.0", "3.0(back)", "4.0", "quad", "quad(side)", "5.0", "5.0(side)", "2.1",
    "5.1", "5.1(side)",
)  # fmt: skip
_DOLBY_RATES = (32_000, 44_100, 48_000)
_ORDERED = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
# FFmpeg's encoder puts the channels of 5.0 and 6.1 in another order than its decoder.
_OF_OPUS = ("mono", "stereo", "3.0", "quad", "5.1", "7.1")
_OF_AAC = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1")
_MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_AAC_RATES = (*_MP3_RATES, 64_000, 88_200, 96_000)

#: What is encoded, by FFmpeg's names; PCM of all kinds is one.
CODECS = {
    "aac": SoundCodec(_OF_AAC, _AAC_RATES, 576_000),
    "ac3": SoundCodec(_DOLBY, _DOLBY_RATES, 640_000),
    "eac3": SoundCodec(_DOLBY, _DOLBY_RATES, 1_024_000),
    "opus": SoundCodec(_OF_OPUS, (48_000,), 512_000),
    "mp3": SoundCodec(("mono", "stereo"), _MP3_RATES, 320_000),
    "flac": SoundCodec(_ORDERED, depths=("s16", "s24")),
    "alac": SoundCodec(("mono", "stereo", "3.0", "4.0", "5.0", "5.1"), depths=("s16", "s24")),
    # Matroska does not say which channels there are, only how many.
    "pcm": SoundCodec(tuple(USUAL.values()), depths=("s16", "s24", "s32", "f32")),
}

_LOSSLESS = ("flac", "alac", "pcm")
#: What comes nearest to a kind, the best first; where nothing is named, the container's first.
_NEAREST = {
    "aac": ("aac",),
    "ac3": ("ac3", "eac3"),
    "eac3": ("eac3", "ac3"),
    "dts": ("eac3", "ac3"),
    "opus": ("opus",),
    "vorbis": ("opus",),
    "mp3": ("mp3",),
    "mp2": ("mp3",),
    "pcm": ("pcm", *_LOSSLESS),
    "flac": _LOSSLESS,
    "alac": ("alac", *_LOSSLESS),
    **dict.fromkeys(("truehd", "mlp", "wavpack", "tta", "ape"), _LOSSLESS),
}


def kind_of(codec: str) -> str:
    """The kind of a stream's codec: FFmpeg's name, and ``pcm`` for PCM of all kinds."""
    return "pcm" if codec.startswith("pcm_") else codec


def nearest_codec(kind: str, layout: str, accepted: Sequence[str]) -> str:
    """The accepted codec that is nearest to a kind of sound; of those that keep its channels.

    Where none keeps them, the one that has most of them.
    """
    ranked = [name for name in (*_NEAREST.get(kind, ()), *accepted) if name in accepted]
    for name in ranked:
        if keeps_channels(layout, nearest_layout(layout, CODECS[name].layouts)):
            return name
    return ranked[0]


def depth_of(stream: AudioStream) -> str | None:
    """How a lossless stream's samples are kept: s16, s24, s32 or f32; None where it is lossy."""
    kind = kind_of(stream.codec)
    if kind not in CODECS and _NEAREST.get(kind) != _LOSSLESS:
        return None
    if kind in CODECS and CODECS[kind].most is not None:
        return None
    if stream.codec.startswith("pcm_f") or stream.sample_format in ("flt", "dbl"):
        return "f32"
    if "24" in stream.codec or (kind != "pcm" and stream.sample_format == "s32"):
        return "s24"
    return "s32" if stream.sample_format == "s32" else "s16"
