"""Encoders of pictures: frames into pieces, files that :mod:`smartcut.media.mux` joins.

A piece is a NUT file whose clock starts at 0. For sound, see :mod:`smartcut.media.encode_sound`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.codec.context import Flags
from av.video.frame import PictureType, VideoFrame

from smartcut.errors import RenderError
from smartcut.media.alpha import FORMAT as VP9_ALPHA
from smartcut.media.codecs import has_avx512, piece_suffix, profile_options, video_encoder
from smartcut.media.colour import colour_code, described
from smartcut.media.fields import FIELD_CODES, flagged
from smartcut.media.hardware import given_format, quality_options
from smartcut.media.palette import with_palette
from smartcut.media.picture import EXACT
from smartcut.media.planes import colour_codes, tag
from smartcut.source import Colour, FieldOrder

#: Quality of JPEG and WebP where none is asked for.
DEFAULT_QUALITY = 90

# SVT-AV1 writes to standard error unless its log level is set before it starts.
os.environ.setdefault("SVT_LOG", "1")


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """How to encode pictures; ``crf`` or ``bitrate`` (bits a second), or neither if lossless."""

    codec: str
    width: int
    height: int
    pixel_format: str
    """As decoders are to show it."""
    timebase: Fraction
    rate: Fraction
    """Nominal frames a second."""
    is_constant: bool = False
    """All frames lie on the grid of the rate: the stream itself then says so."""
    crf: float | None = None
    bitrate: int | None = None
    quality: int | None = None
    """Of JPEG and WebP: 1 to 100; WebP is without loss at 100."""
    encoder: str | None = None
    """FFmpeg's name of an encoder in hardware; None: the software's."""
    preset: str | None = None
    colour: Colour = Colour()
    sar: Fraction = Fraction(1)
    profile: str | None = None
    """ProRes and DNxHR: the flavour, as FFmpeg names its profile; None: the usual one."""
    field_order: FieldOrder = "progressive"
    threads: int = 1
    """The bits that encoders write depend on it."""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Fraction:
        """What the encoder counts in: H.264 and others tell readers their rate by it."""
        return 1 / self.rate if self.is_constant else self.timebase


def _options(settings: VideoSettings) -> dict[str, str]:
    if settings.encoder is not None:
        return quality_options(settings.encoder, settings.crf)
    options: dict[str, str] = {}
    codec, crf, preset = settings.codec, settings.crf, settings.preset
    if crf is not None and codec in ("h264", "hevc", "vp9", "av1"):
        options["crf"] = str(crf)
    if codec == "vp9":
        options |= {"cpu-used": preset or "5", "deadline": "good", "row-mt": "1"}
        if crf is not None:
            options["b"] = "0"
        if settings.pixel_format == VP9_ALPHA:
            options["auto-alt-ref"] = "0"  # its frames that are not shown have no alpha
    elif preset and codec in ("h264", "hevc", "av1"):
        options["preset"] = preset
    if codec == "h264" and preset != "ultrafast" and has_avx512():
        # x264's AVX-512 code of macroblock trees reads past its rows: bits differ each time. The
        # preset `ultrafast` has no such trees.
        options["x264-params"] = "asm=AVX2"
    if codec == "hevc":
        options["x265-params"] = f"log-level=error:pools={settings.threads}:frame-threads=1"
    if codec == "av1":
        options["svtav1-params"] = f"lp={settings.threads}"
    options |= _still_options(settings)
    options |= profile_options(codec, settings.pixel_format, settings.profile)
    for key, value in settings.options.items():
        joins = key in options and key.endswith("-params")
        options[key] = f"{options[key]}:{value}" if joins else value
    return options


def _still_options(settings: VideoSettings) -> dict[str, str]:
    """Options for codecs that code each picture by itself."""
    quality = DEFAULT_QUALITY if settings.quality is None else settings.quality
    if settings.codec == "webp":
        lossless = settings.quality == 100
        return {"lossless": str(int(lossless)), "quality": str(75 if lossless else quality)}
    if settings.codec == "mjpeg":
        # About the quality that other programs mean, by FFmpeg's scale from 2, the best, to 31.
        scale = max(2, min(31, round(1 + (100 - quality) * 0.3)))
        return {"qmin": str(scale), "qmax": str(scale)}
    if settings.codec in ("png", "apng"):
        return {"pred": "mixed"}
    if settings.codec == "gif" and settings.pixel_format == "bgra":
        return {"gifflags": "0"}  # clear places show nothing of the picture before
    return {}


def encode_video(
    path: Path,
    settings: VideoSettings,
    frames: Iterable[tuple[int, VideoFrame]],
    suffix: str | None = None,
    on_packets: Callable[[Any, list[Any]], None] | None = None,
) -> int:
    """Write a piece of (tick, frame) pairs; the answer is how many frames were written.

    ``suffix`` names the container, whatever the file is called; else that of a piece.
    ``on_packets`` gets the stream and its packets as they come, in the clock of the encoder.
    """
    name, given = _encoder(settings)
    count = 0
    try:
        container_format = (
            suffix or piece_suffix(settings.codec, settings.pixel_format)
        ).removeprefix(".")
        with av.open(str(path), "w", format=container_format) as container:
            stream: Any = container.add_stream(name, options=_options(settings))
            _configure(stream, settings, given)
            ticks = settings.timebase / settings.clock
            flag = flagged(settings.field_order)
            for tick, shown in with_palette(frames) if given == "pal8" else frames:
                frame = flag(shown if shown.format.name == given else _converted(shown, given))
                tag(frame, described(settings.colour))  # what the file says, and no more
                frame.pts, frame.time_base = int(tick * ticks), settings.clock
                frame.pict_type = PictureType.NONE
                _write(container, stream, stream.encode(frame), on_packets)
                count += 1
            _write(container, stream, stream.encode(None), on_packets)
    except OverflowError as error:
        raise RenderError(
            f"{name} cannot encode {float(settings.rate):.6g} frames a second: set render.fps"
        ) from error
    except (OSError, MemoryError):
        raise  # of the disk or the machine, not of the settings
    except av.error.FFmpegError as error:
        raise RenderError(
            f"{name} cannot encode {settings.width}x{settings.height} {settings.pixel_format} "
            f"with these settings: {error.strerror or error}"
        ) from error
    return count


def _write(
    container: Any,
    stream: Any,
    packets: list[Any],
    on_packets: Callable[[Any, list[Any]], None] | None,
) -> None:
    if packets and on_packets is not None:
        on_packets(stream, packets)  # before the muxer takes them
    container.mux(packets)


def _encoder(settings: VideoSettings) -> tuple[str, str]:
    """The encoder, and the format in which it wants its frames."""
    if settings.encoder is None:
        return video_encoder(settings.codec, settings.pixel_format)
    given = given_format(settings.encoder, settings.pixel_format)
    if given is None:
        raise RenderError(f"{settings.encoder} cannot encode {settings.pixel_format}")
    return settings.encoder, given


def _converted(frame: VideoFrame, name: str) -> VideoFrame:
    """The frame in the format that the encoder wants: the same samples, or fewer bits of them."""
    return tag(frame.reformat(format=name, interpolation=EXACT, threads=1), colour_codes(frame))


def _configure(stream: Any, settings: VideoSettings, pixel_format: str) -> None:
    context = stream.codec_context
    stream.width, stream.height = settings.width, settings.height
    stream.pix_fmt = pixel_format
    stream.time_base = context.time_base = settings.clock
    context.framerate = settings.rate
    context.thread_count = settings.threads
    context.sample_aspect_ratio = settings.sar
    if settings.field_order != "progressive":
        context.flags |= Flags.interlaced_dct | Flags.interlaced_me
        context.field_order = FIELD_CODES[settings.field_order]
    if settings.bitrate:
        stream.bit_rate = settings.bitrate
    colour = settings.colour
    context.color_primaries = colour_code("primaries", colour.primaries)
    context.color_trc = colour_code("transfer", colour.transfer)
    context.colorspace = colour_code("matrix", colour.matrix)
    context.color_range = colour_code("range", colour.range)
