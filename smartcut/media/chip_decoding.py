"""Decoding in an NVIDIA graphics chip (NVDEC), where its pictures are the software's to the bit.

A build of FFmpeg may know a chip that this machine has not, or has no driver for, and a chip does
not decode every format: so a few pictures are decoded both ways before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import av.error
import numpy as np
from av.codec.context import CodecContext
from av.codec.hwaccel import HWAccel
from av.video.frame import VideoFrame

from smartcut.errors import RenderError
from smartcut.media.encode import VideoSettings, encode_video
from smartcut.once import once

# FFmpeg's decoders that can use the chip, by that which decodes in software.
_DECODERS: Mapping[str, str] = {
    "h264": "h264", "hevc": "hevc", "vp9": "vp9", "libdav1d": "av1", "av1": "av1",
}  # fmt: skip
# Presets that write the pictures to try it with quickly.
_QUICK = {"h264": "veryfast", "hevc": "veryfast", "vp9": "8", "av1": "10"}
# What the chip decodes of all of these: 4:2:0 of 8 and 10 bits.
_FORMATS = ("yuv420p", "yuvj420p", "yuv420p10le")
# What a decoder has to know beside the header.
_OF_PICTURES = ("width", "height", "sample_aspect_ratio", "color_range", "color_primaries",
                "color_trc", "colorspace", "codec_tag")  # fmt: skip
_SIZE = 320, 192
_TRIED = 8


def decoder_like(software: Any, gpu: int | None) -> Any | None:
    """A decoder in the chip of that number for what a codec context decodes; None: none serves.

    Its frames come as ``nv12`` or ``p010le``, or, where the chip refuses the stream, as software
    gives them.
    """
    name, form = _DECODERS.get(software.name), software.pix_fmt
    if gpu is None or name is None or form not in _FORMATS or why_not(name, form, gpu):
        return None
    return _like(software, name, gpu)


@once
def why_not(codec: str, form: str, gpu: int) -> str | None:
    """Why the chip does not decode ``codec`` in a pixel format; None where it does, exactly."""
    written = form.replace("yuvj", "yuv")
    try:
        in_chip(codec, gpu)  # without a chip nothing need be encoded
        with TemporaryDirectory(prefix="smartcut-") as folder:
            film = Path(folder, "tried")
            _film(film, codec, written)
            expected = _pictures(film, written, None)
            found = _pictures(film, written, gpu)
    except (av.error.FFmpegError, OSError, RenderError, NotImplementedError) as error:
        return f"it does not work here ({getattr(error, 'strerror', None) or error})"
    if len(expected) != len(found):
        return f"it gives {len(found)} of {len(expected)} pictures"
    same = all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))
    return None if same else "its pictures are not those of the software"


def in_chip(name: str, gpu: int) -> Any:
    """A decoder in the chip, not yet open. Raises FFmpegError where there is no such chip."""
    accelerated = HWAccel("cuda", device=str(gpu), allow_software_fallback=True)
    return CodecContext.create(name, "r", hwaccel=accelerated)


def _like(software: Any, name: str, gpu: int) -> Any:
    made = in_chip(name, gpu)
    made.extradata = software.extradata
    for known in _OF_PICTURES:
        value = getattr(software, known)
        if value is not None:
            setattr(made, known, value)
    return made


def _pictures(film: Path, form: str, gpu: int | None) -> list[np.ndarray]:
    """The pictures of a film in planes, by software or by the chip."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        software = stream.codec_context
        name = _DECODERS[software.name]
        decoder: Any = software if gpu is None else _like(software, name, gpu)
        frames: list[VideoFrame] = [
            frame for packet in container.demux(stream) for frame in decoder.decode(packet)
        ]
        if gpu is not None and any(frame.format.name == form for frame in frames):
            raise NotImplementedError("the chip refuses the stream")
        return [frame.reformat(format=form, threads=1).to_ndarray() for frame in frames]


def _film(path: Path, codec: str, form: str) -> None:
    """A few pictures of shapes that move before noise, with pictures between others."""
    width, height = _SIZE
    rate = Fraction(25)
    settings = VideoSettings(
        codec, width, height, form, 1 / rate, rate, is_constant=True, crf=28, preset=_QUICK[codec]
    )
    frames = (VideoFrame.from_ndarray(_drawn(k), "rgb24") for k in range(_TRIED))
    encode_video(path, settings, enumerate(frames))


def _drawn(k: int) -> np.ndarray:
    """uint8 (h, w, 3)."""
    width, height = _SIZE
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    noise = np.random.default_rng(k).integers(0, 24, (height, width))
    planes = [(x * a + y * b + 9 * k * a) % 200 + noise for a, b in pairwise((1, 2, 1, 3))]
    return np.stack(planes, axis=2).astype(np.uint8)
