"""What is read of files that strangers made: which containers, codecs and sizes, and no others.

FFmpeg knows some 370 containers and 400 decoders, most of them for games and devices of the
nineties, and little looked after. Formats that name other files (playlists, lists, scripts,
patterns of names) could have any file read, or places on a network. Only what is listed here is
opened; ``SMARTCUT_FORMATS=hls,tta`` adds to both lists for those who know what they do.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.errors import SourceError

_CONTAINERS = """
    aac ac3 adts aiff amr apng asf avi caf dv eac3 flac flv gif h264 hevc ivf
    matroska webm mov mp4 m4a 3gp 3g2 mj2 mp3 mpeg mpegts mpegtsraw mpegvideo m4v mxf nut obu ogg
    w64 wav wv yuv4mpegpipe image2 bmp_pipe gif_pipe jpeg_pipe png_pipe tiff_pipe webp_pipe
"""

_CODECS = """
    h264 hevc vp8 libvpx vp9 libvpx-vp9 av1 libdav1d libaom-av1 vvc
    mpeg1video mpeg2video mpegvideo mpeg4 msmpeg4 msmpeg4v1 msmpeg4v2 h263 h263p flv
    vc1 wmv1 wmv2 wmv3 theora vp6 vp6f prores prores_raw dnxhd cfhd dvvideo mjpeg jpeg2000
    ffv1 ffvhuff huffyuv utvideo rawvideo v210 v308 v408 v410 r210 qtrle magicyuv hap svq3 cinepak
    gif png apng bmp tiff webp
    aac aac_fixed aac_latm ac3 ac3_fixed eac3 mp1 mp1float mp2 mp2float mp3 mp3float opus libopus
    vorbis flac alac wavpack dca truehd mlp als amrnb amrwb libopencore_amrnb libopencore_amrwb
    gsm gsm_ms speex wmav1 wmav2 wmapro wmalossless dvaudio adpcm_ms adpcm_ima_wav adpcm_ima_qt
    adpcm_swf adpcm_yamaha qdm2
    pcm_alaw pcm_mulaw pcm_s8 pcm_u8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be
    pcm_u16le pcm_u16be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_bluray pcm_dvd s302m
    ass ssa srt subrip text webvtt mov_text dvbsub dvdsub pgssub cc_dec
"""

#: FFmpeg's names of the containers, and of the decoders, that are used.
CONTAINERS, CODECS = frozenset(_CONTAINERS.split()), frozenset(_CODECS.split())

#: Containers that are off because they name other files or places, or run scripts.
POINTING = {
    "hls": b"#EXTM3U",
    "concat": b"ffconcat",
    "dash": b"<MPD",
    "sdp": b"v=0",
    "imf": b"<CompositionPlaylist",
}

# Sample entries of encrypted streams, where their own name is not given (ISO/IEC 14496-12, 8.12).
_ENCRYPTED = ("encv", "enca")

#: Pixels of the largest frame: 16K (15360 x 8640), and a bit.
MOST_PIXELS = 16384 * 8704
#: Seconds: no source lasts longer than two days; damaged times often say centuries.
LONGEST = 2 * 24 * 3600
#: Frames a second: more than any player or encoder counts; damaged times say millions.
FASTEST = 10_000
#: Samples a second, and channels.
RATES, MOST_CHANNELS = range(1000, 768_001), 64


def added() -> frozenset[str]:
    """The containers and codecs that ``SMARTCUT_FORMATS`` adds."""
    given = os.environ.get("SMARTCUT_FORMATS", "")
    return frozenset(name.strip() for name in given.split(",") if name.strip())


def reading() -> dict[str, str]:
    """FFmpeg's options for opening a file: plain files, no patterns of names, listed formats."""
    more = added()
    return {
        "protocol_whitelist": "file",
        "pattern_type": "none",
        "format_whitelist": ",".join(sorted(CONTAINERS | more)),
        "codec_whitelist": ",".join(sorted(CODECS | more)),
    }


def pointing(path: Path) -> str | None:
    """The kind of playlist that the file seems to be; None where it is none."""
    with path.open("rb") as file:
        head = file.read(512)
    return next((name for name, mark in POINTING.items() if mark in head), None)


def check_codec(path: Path, decoder: Any) -> None:
    """Raise SourceError for a decoder that is not listed, or a stream that is encrypted."""
    if _tag(decoder) in _ENCRYPTED:
        raise encrypted(path)
    name = decoder.name
    if name not in CODECS | added():
        raise SourceError(
            f"{path}: the codec {name} is rare and off by default; if you trust the file, set "
            f"SMARTCUT_FORMATS={name}"
        )


def _tag(decoder: Any) -> str:
    """The four characters that name the stream's codec in its container; "" for other bytes."""
    try:
        return str(decoder.codec_tag)
    except UnicodeDecodeError:  # NUT may have numbers there
        return ""


def encrypted(path: Path) -> SourceError:
    """What is said of a file with DRM."""
    return SourceError(f"{path} is encrypted (DRM): only files without it can be edited")


def check_size(path: Path, width: int, height: int) -> None:
    """Raise SourceError for frames larger than :data:`MOST_PIXELS`."""
    if width * height > MOST_PIXELS:
        raise SourceError(
            f"{path}: its frames are said to have {width} x {height} pixels; at most "
            f"{MOST_PIXELS / 1e6:.0f} megapixels are decoded"
        )


def check_shape(path: Path, sar: Fraction) -> None:
    """Raise SourceError for pixels that are 64 times as wide as high, or more, or the reverse."""
    if not Fraction(1, 64) < sar < 64:
        raise SourceError(f"{path}: its pixels are said to be {float(sar):g} times as wide as high")


def check_sound(path: Path, rate: int, channels: int) -> None:
    """Raise SourceError for sound that no device makes."""
    if rate not in RATES or not 0 < channels <= MOST_CHANNELS:
        raise SourceError(
            f"{path}: its sound is said to have {channels} channels at {rate} Hz; accepted: 1 to "
            f"{MOST_CHANNELS} channels at {RATES[0]} to {RATES[-1]} Hz"
        )


def check_duration(path: Path, duration: Fraction) -> None:
    """Raise SourceError for a source longer than :data:`LONGEST`."""
    if duration > LONGEST:
        raise SourceError(
            f"{path}: its timestamps span {float(duration) / 86400:.1f} days; at most "
            f"{LONGEST // 86400} are accepted. If they are damaged, have them made anew: "
            "ffmpeg -fflags +genpts -i IN -c copy OUT"
        )


def check_rate(path: Path, rate: Fraction) -> None:
    """Raise SourceError for more frames a second than :data:`FASTEST`."""
    if rate > FASTEST:
        raise SourceError(
            f"{path}: its timestamps say {float(rate):.6g} frames a second; at most {FASTEST} are "
            "accepted. If they are damaged, have them made anew: "
            "ffmpeg -fflags +genpts -r 30 -i IN -c copy OUT"
        )
