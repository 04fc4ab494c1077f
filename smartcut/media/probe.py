"""What is in a media file."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

from av.video.frame import VideoFrame

from smartcut.cache import Cache, file_sha256
from smartcut.cut import AudioStream, Colour, Source, SubtitleStream, VideoStream
from smartcut.errors import SourceError
from smartcut.media.container import opened
from smartcut.media.index import AudioSpan, VideoIndex, replace_origin, scan

_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 11: "smpte431", 12: "smpte432"}  # fmt: skip
_TRANSFERS = {1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67"}  # fmt: skip
_MATRICES = {0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}  # fmt: skip


def probe(
    path: Path | str,
    *,
    id: str | None = None,
    video: int | None = None,
    audio: int | None = None,
    cache: Cache | None = None,
) -> Source:
    """The source that a file is; its packets are indexed, nothing is decoded but one block of sound.

    ``video`` and ``audio`` choose among the file's video and audio streams, counted from 0 for
    each kind; without them, the first of each. Raises SourceError.
    """
    path = Path(path)
    with opened(path) as container:
        videos = [s for s in container.streams.video if not _is_picture(s)]
        audios = list(container.streams.audio)
        chosen_video = _chosen(videos, video, path, "video")
        chosen_audio = _chosen(audios, audio, path, "audio")
        if chosen_video is None and chosen_audio is None:
            raise SourceError(f"{path} has neither video nor sound that can be read")
        digest = cache.source_digest(path) if cache else file_sha256(path)
        found = scan(path, _index(chosen_video), _index(chosen_audio), digest, cache)
        starts = []
        if chosen_video is not None and found.video is not None:
            starts.append(found.video.time_of(0))
        if chosen_audio is not None and found.audio is not None:
            starts.append(found.audio.start * Fraction(chosen_audio.time_base))
        if not starts:
            raise SourceError(f"{path}: nothing in it can be decoded")
        origin = min(starts)
        shown = _video(chosen_video, found.video, origin, path)
        heard = _audio(chosen_audio, found.audio, origin)
        others = tuple(
            other
            for stream in container.streams
            if stream not in (chosen_video, chosen_audio)
            if (other := _other(stream)) is not None
        )
        ends = [s.start + s.duration for s in (shown, heard) if s]
        return Source(
            id=id or path.stem,
            path=path,
            digest=digest,
            format=container.format.name,
            origin=origin,
            duration=max(ends),
            video=shown,
            audio=heard,
            others=others,
        )


def _is_picture(stream: Any) -> bool:
    """Whether a video stream is a cover picture."""
    return "attached_pic" in str(getattr(stream.disposition, "name", stream.disposition))


def _index(stream: Any | None) -> int | None:
    return None if stream is None else int(stream.index)


def _chosen(streams: Sequence[Any], wanted: int | None, path: Path, kind: str) -> Any | None:
    if wanted is None:
        return next((s for s in streams if s.codec_context is not None), None)
    if not 0 <= wanted < len(streams):
        there = f"0 to {len(streams) - 1}" if streams else "none"
        raise SourceError(f"{path} has no {kind} stream {wanted}; there are: {there}")
    return streams[wanted]


def _video(
    stream: Any | None, index: VideoIndex | None, origin: Fraction, path: Path
) -> VideoStream | None:
    if stream is None or index is None:
        return None
    context = stream.codec_context
    if not context.width or not context.height or not context.pix_fmt:
        raise SourceError(f"{path}: the size or pixel format of its video is unknown")
    index = replace_origin(index, origin)
    start = index.time_of(0)
    return VideoStream(
        index=stream.index,
        codec=context.codec.canonical_name,
        timebase=index.timebase,
        width=context.width,
        height=context.height,
        pixel_format=context.pix_fmt,
        rate=index.rate,
        is_vfr=index.is_vfr,
        start=start,
        duration=index.end - start,
        frames=len(index),
        sar=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        rotation=_rotation(path, stream.index),
        colour=colour_of(context),
    )


def colour_of(thing: Any) -> Colour:
    """The colour description of a codec context or a frame."""
    ranges = cast(dict[int, Literal["limited", "full"]], {1: "limited", 2: "full"})
    return Colour(
        primaries=_PRIMARIES.get(int(thing.color_primaries)),
        transfer=_TRANSFERS.get(int(thing.color_trc)),
        matrix=_MATRICES.get(int(thing.colorspace)),
        range=ranges.get(int(thing.color_range)),
    )


def _rotation(path: Path, stream_index: int) -> int:
    """Degrees clockwise, from the display matrix of the first frame, to the nearest quarter."""
    with opened(path) as container:
        stream = container.streams[stream_index]
        for frame in container.decode(stream):
            if isinstance(frame, VideoFrame):
                return round(-frame.rotation / 90) * 90 % 360
    return 0


def _audio(stream: Any | None, span: AudioSpan | None, origin: Fraction) -> AudioStream | None:
    if stream is None or span is None:
        return None
    timebase = Fraction(stream.time_base)
    return AudioStream(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        timebase=timebase,
        sample_rate=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        layout=stream.codec_context.layout.name,
        start=span.start * timebase - origin,
        duration=(span.end - span.start) * timebase,
        language=stream.language,
    )


def _other(stream: Any) -> VideoStream | AudioStream | SubtitleStream | None:
    """A stream that is not in use, as far as its header tells."""
    none = Fraction(0)
    context = stream.codec_context
    if context is None:
        return None
    timebase = Fraction(stream.time_base)
    length = (stream.duration or 0) * timebase
    if stream.type == "subtitle":
        return SubtitleStream(stream.index, context.codec.canonical_name, stream.language)
    if stream.type == "audio":
        return AudioStream(
            stream.index, context.codec.canonical_name, timebase, context.sample_rate, context.channels,
            context.layout.name, none, length, stream.language,
        )  # fmt: skip
    if stream.type == "video" and not _is_picture(stream):
        rate = Fraction(stream.average_rate or 0)
        return VideoStream(
            stream.index, context.codec.canonical_name, timebase, context.width, context.height,
            context.pix_fmt or "", rate, False, none, length, stream.frames,
        )  # fmt: skip
    return None
