"""Encoders in graphics chips: which there are for a codec, and whether they work here.

A build of FFmpeg lists encoders that this machine may not have, or has no driver for: so one frame
is encoded before one is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av
import av.error
from av.codec.codec import Codec
from av.codec.context import CodecContext
from av.video.frame import VideoFrame

from smartcut.once import once

#: Families in the order of preference: FFmpeg's encoder by the codec.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "nvenc": {"h264": "h264_nvenc", "hevc": "hevc_nvenc", "av1": "av1_nvenc"},
    "qsv": {"h264": "h264_qsv", "hevc": "hevc_qsv", "vp9": "vp9_qsv", "av1": "av1_qsv"},
    "amf": {"h264": "h264_amf", "hevc": "hevc_amf", "av1": "av1_amf"},
    "videotoolbox": {"h264": "h264_videotoolbox", "hevc": "hevc_videotoolbox"},
}
# What each takes by what decoders are to show.
_GIVEN = {
    "yuv420p": ("yuv420p", "nv12"),
    "yuvj420p": ("yuv420p", "nv12"),
    "yuv420p10le": ("p010le", "yuv420p10le"),
}
_SIZE = 256, 144


def find_encoder(codec: str, name: str, wanted: str) -> tuple[str | None, str]:
    """(FFmpeg's encoder, a note) for a codec in a pixel format; None: the software's.

    ``wanted`` is a family, or ``auto`` for the first that works.
    """
    if wanted == "software":
        return None, ""
    reasons = []
    for family in FAMILIES if wanted == "auto" else (wanted,):
        encoder = FAMILIES[family].get(codec)
        why = f"it has no encoder for {codec}" if encoder is None else why_not(encoder, name)
        if encoder is not None and why is None:
            return encoder, f"encoded by {encoder}; its bits are not the same on every machine"
        reasons.append(f"{family}: {why}")
    return None, f"encoded by software: {'; '.join(reasons)}"


@once
def why_not(encoder: str, name: str) -> str | None:
    """Why an encoder cannot be used here; None where it encodes a frame."""
    if encoder not in av.codecs_available:
        return "this build of FFmpeg has it not"
    given = given_format(encoder, name)
    if given is None:
        return f"it does not take {name}"
    context: Any = CodecContext.create(encoder, "w")
    context.width, context.height = _SIZE
    context.pix_fmt, context.time_base, context.framerate = given, Fraction(1, 25), Fraction(25)
    frame = VideoFrame(*_SIZE, given)
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    try:
        packets = [*context.encode(frame), *context.encode(None)]
    except (av.error.FFmpegError, OSError) as error:
        return f"it does not work here ({getattr(error, 'strerror', None) or error})"
    return None if packets else "it gives nothing"


def given_format(encoder: str, name: str) -> str | None:
    """The pixel format to give an encoder whose pictures are to be shown in ``name``."""
    accepted = [known.name for known in Codec(encoder, "w").video_formats or ()]
    return next((given for given in _GIVEN.get(name, ()) if given in accepted), None)


def quality_options(encoder: str, crf: float | None) -> dict[str, str]:
    """Options for about the quality that a constant quality of x264 means."""
    if crf is None:
        return {}
    level, family = f"{crf:g}", encoder.rpartition("_")[2]
    if family == "nvenc":
        return {"rc": "vbr", "cq": level, "preset": "p5"}
    if family == "qsv":
        return {"global_quality": level}
    if family == "amf":
        step = str(round(crf))
        return {"rc": "cqp", "qp_i": step, "qp_p": step, "qp_b": step}
    if family == "videotoolbox":
        return {"flags": "+qscale", "global_quality": str(118 * max(1, round(100 - 1.8 * crf)))}
    return {}
