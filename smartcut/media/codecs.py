"""What this build of FFmpeg can encode: codecs, pixel formats, profiles, sizes."""

from __future__ import annotations

from functools import cache

import av
from av.codec.codec import Codec

from smartcut.errors import RenderError
from smartcut.media.alpha import FORMAT as ALPHA_BESIDE
from smartcut.media.containers import Container
from smartcut.media.pixel_formats import pixel_format

ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "ffv1": "ffv1",
    "prores": "prores_ks",
    "dnxhd": "dnxhd",
    "qtrle": "qtrle",
    "png": "png",
    "mjpeg": "mjpeg",
    "gif": "gif",
    "apng": "apng",
    "webp": "libwebp",
    "aac": "aac",
    "ac3": "ac3",
    "eac3": "eac3",
    "opus": "libopus",
    "mp3": "libmp3lame",
    "flac": "flac",
    "alac": "alac",
    "pcm": "pcm_s16le",
}
# Further encoders of a codec, for other pixel formats.
_ALSO = {"h264": ("libx264rgb",)}
# What decoders show pictures in where it is not what the encoder was given.
_READ_AS = {
    ("libx264rgb", "rgb24"): "gbrp",
    ("prores_ks", "yuv444p10le"): "yuv444p12le",
    ("prores_ks", "yuva444p10le"): "yuva444p12le",
    ("ffv1", "rgb48le"): "gbrp16le",
    ("ffv1", "rgba64le"): "gbrap16le",
    ("gif", "pal8"): "bgr24",
}
# Further formats that encoders write from what they are given: GIF with clear places.
_SHOWN_TOO = {("gif", "pal8"): ("bgra",)}
# Formats that encoders name and smartcut does not give them: another order of the same samples,
# or what files could not say (x264 writes grey as 4:2:0; alpha in HEVC needs layers).
_LEFT_OUT = {
    "libx264": ("nv12", "nv16", "nv21", "nv20le", "gray", "gray10le"),
    "libx264rgb": ("bgr0", "bgr24"),
    "libx265": ("yuva420p", "yuva420p10le"),
    "qtrle": ("rgb555be", "gray"),
    "png": ("pal8", "monob", "ya8", "ya16be"),
    "apng": ("pal8", "ya8", "ya16be"),
    "gif": ("rgb8", "bgr8", "rgb4_byte", "bgr4_byte", "gray"),
    "mjpeg": ("yuv420p", "yuv422p", "yuv444p"),
}
#: Codecs whose sizes must be whole steps of chroma.
_IN_STEPS = ("h264", "hevc", "webp")

#: Codecs whose encoders take fractions of a step of constant quality.
IN_FINE_STEPS = ("h264", "hevc")
#: Codecs whose profiles are flavours that files and editors name.
FLAVOURED = ("prores", "dnxhd")
_PRORES = {
    "Proxy": "proxy",
    "LT": "lt",
    "Standard": "standard",
    "HQ": "hq",
    "4444": "4444",
    "XQ": "4444xq",
}
#: Flavours of codecs that are read and copied, but not encoded, as FFmpeg names their profiles.
NOT_ENCODED = {"DNXHD": "DNxHD of a fixed size and bit rate"}
_DNXHR = {"DNXHR LB": "dnxhr_lb", "DNXHR SQ": "dnxhr_sq"}


def encoders() -> dict[str, str | None]:
    """Each codec that smartcut writes, with its encoder's name; None where there is none."""
    return {c: n if n in av.codecs_available else None for c, n in ENCODERS.items()}


def sound_encoder(codec: str, depth: str) -> str:
    """FFmpeg's encoder for a kind of sound, PCM of that depth; raises RenderError without one."""
    name = f"pcm_{depth}le" if codec == "pcm" else ENCODERS[codec]
    if name not in av.codecs_available:
        raise RenderError(f"this build of FFmpeg has no encoder {name} for {codec}")
    return name


def ffmpeg_version() -> str:
    """PyAV's version, and that of the libavcodec inside it."""
    major, minor, micro = av.library_versions["libavcodec"]
    return f"PyAV {av.__version__}, libavcodec {major}.{minor}.{micro}"


@cache
def _inputs(codec: str) -> dict[str, tuple[str, str]]:
    """By the pixel format that decoders show: the encoder, and the format that it is given."""
    found: dict[str, tuple[str, str]] = {}
    for name in (ENCODERS.get(codec, ""), *_ALSO.get(codec, ())):
        if name not in av.codecs_available:
            continue
        for known in Codec(name, "w").video_formats or ():
            if known.name in _LEFT_OUT.get(name, ()):
                continue
            pair = name, known.name
            for shown in (_READ_AS.get(pair, known.name), *_SHOWN_TOO.get(pair, ())):
                found.setdefault(shown, pair)
    return found


def written_formats(codec: str, container: Container) -> tuple[str, ...]:
    """The pixel formats, as decoders show them, that can be encoded into that container."""
    return tuple(name for name in _inputs(codec) if holds_alpha(codec, name, container))


def holds_alpha(codec: str, name: str, container: Container) -> bool:
    """Whether a container has room for the alpha of a pixel format, or there is none."""
    if codec != "vp9" or not pixel_format(name).has_alpha:
        return True
    return name == ALPHA_BESIDE and container.has_alpha_beside


def video_encoder(codec: str, name: str) -> tuple[str, str]:
    """The encoder for a codec in a pixel format, and the format in which it wants its frames.

    ``name`` is the format as decoders show it, or as the encoder calls it. Raises RenderError
    where there is none.
    """
    found = _inputs(codec)
    if not found:
        raise RenderError(f"this build of FFmpeg has no encoder for {codec}")
    if name in found:
        return found[name]
    for encoder, given in found.values():
        if name == given:
            return encoder, given
    raise RenderError(
        f"{codec} cannot be encoded in the pixel format {name}; accepted: {', '.join(found)}"
    )


def shown_format(codec: str, name: str) -> str | None:
    """What decoders show where the codec is encoded in that format; None where it cannot be."""
    found = _inputs(codec)
    if name in found:
        return name
    return next((shown for shown, (_, given) in found.items() if name == given), None)


def size_step(codec: str, name: str) -> tuple[int, int]:
    """Width and height must be multiples of these for a codec in a pixel format."""
    return pixel_format(name).step if codec in _IN_STEPS else (1, 1)


def profile_options(codec: str, name: str, profile: str | None) -> dict[str, str]:
    """Options of the encoder for the flavour that a source has, as FFmpeg names its profile.

    A flavour that does not fit the pixel format, or None, gives the usual one for the format.
    """
    known = pixel_format(name)
    full = known.is_rgb or known.shift == (0, 0)
    if codec == "prores":
        flavour = _PRORES.get(profile or "", "")
        usual = "4444" if full else "hq"
        return {"profile": flavour if flavour.startswith("4444") == full and flavour else usual}
    if codec == "dnxhd":
        usual = "dnxhr_444" if full else "dnxhr_hqx" if known.depth > 8 else "dnxhr_hq"
        return {"profile": usual if full or known.depth > 8 else _DNXHR.get(profile or "", usual)}
    return {}


@cache
def has_avx512() -> bool:
    """Whether this processor has any AVX-512, and so all of AVX2 as well."""
    import numpy as np

    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return any(name.startswith(("AVX512", "X86_V4")) for name in found)


def piece_suffix(codec: str, pixel_format: str) -> str:
    """The suffix of a video piece: NUT, which keeps any clock, but not all codecs, nor alpha."""
    if codec == "vp9" and pixel_format == ALPHA_BESIDE:
        return ".webm"
    if codec in ("gif", "apng", "webp"):
        return f".{codec}"
    return ".mov" if codec in ("prores", "dnxhd", "qtrle", "png") else ".nut"
