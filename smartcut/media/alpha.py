"""Alpha that lies beside the pictures' own packets: VP8 and VP9 in Matroska and WebM.

There each packet has another one as a block addition, whose luma is alpha (WebM container
guidelines, "Alpha channel"). FFmpeg's own decoders leave it out; those of libvpx do not.
"""

from __future__ import annotations

from typing import Any

import av
from av.codec.context import CodecContext

#: The pixel format of pictures with such an alpha.
FORMAT = "yuva420p"
# What FFmpeg's demuxer says of such streams.
_MARK = ("alpha_mode", "1")
_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def has_alpha(stream: Any) -> bool:
    """Whether a video stream has an alpha channel that can be decoded here."""
    key, value = _MARK
    name = _DECODERS.get(stream.codec_context.codec.canonical_name)
    said = {k.lower(): v for k, v in stream.metadata.items()}
    return said.get(key) == value and name in av.codecs_available


def decoder_of(stream: Any) -> Any:
    """The stream's codec context, or one that decodes its alpha, too."""
    context = stream.codec_context
    if not has_alpha(stream):
        return context
    made: Any = CodecContext.create(_DECODERS[context.codec.canonical_name], "r")
    made.extradata = context.extradata
    for name in ("width", "height", "color_range", "color_primaries", "color_trc", "colorspace"):
        setattr(made, name, getattr(context, name))
    return made
