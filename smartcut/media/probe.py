"""What is in a media file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from av.stream import Discard, Disposition

from smartcut.cache import Cache, file_sha256
from smartcut.errors import SourceError
from smartcut.media.alpha import FORMAT, decoder_of, has_alpha
from smartcut.media.codecs import FLAVOURED
from smartcut.media.container import opened
from smartcut.media.image_files import comment_of
from smartcut.media.index import AudioSpan, Scan, VideoIndex, replace_origin, scan
from smartcut.media.languages import terminological
from smartcut.media.layouts import known_layout
from smartcut.media.packets import keep_decoder
from smartcut.media.texts import chapters_of
from smartcut.media.trusted import (
    check_codec,
    check_duration,
    check_rate,
    check_shape,
    check_size,
    check_sound,
)
from smartcut.source import (
    Attachment,
    AudioStream,
    Chapter,
    Colour,
    Source,
    SubtitleStream,
    VideoStream,
)
from smartcut.timebase import Range

#: Flags of a sound track, by FFmpeg's names.
SOUND_ROLES = ("default", "dub", "original", "comment", "lyrics", "karaoke", "hearing_impaired", "visual_impaired", "clean_effects")  # fmt: skip
SUBTITLE_ROLES = ("default", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "captions", "descriptions")  # fmt: skip
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
    return examined(path, id=id, video=video, audio=audio, cache=cache)[0]


def examined(
    path: Path | str,
    *,
    id: str | None = None,
    video: int | None = None,
    audio: int | None = None,
    cache: Cache | None = None,
    digest: str | None = None,
) -> tuple[Source, VideoIndex | None]:
    """The source that :func:`probe` gives, and the packet index of its video stream.

    ``digest`` stands for the file where it is looked at once; else all of it is hashed.
    """
    path = Path(path)
    if digest is not None and cache is None:
        with opened(path) as container:
            header = _header(path, container, video, audio, is_scanned=True)
            found = scan(path, *header.streams, container=container)
    else:
        with opened(path) as container:  # and closed again: its tables are large
            header = _header(path, container, video, audio)
        with ThreadPoolExecutor(1) as pool:
            hashed = cache.source_digest if cache else file_sha256
            hashing = pool.submit(hashed, path) if digest is None else None
            found = scan(path, *header.streams, hashing or digest, cache)
            digest = digest or (hashing.result() if hashing else "")
    shown, heard = header.video, header.audio
    starts = []
    if shown is not None and found.video is not None:
        starts.append(found.video.time_of(0))
    if heard is not None and heard.index in found.sounds:
        starts.append(found.sounds[heard.index].start * heard.timebase)
    if not starts:
        raise SourceError(f"{path}: nothing in it can be decoded")
    origin = min(starts)
    index = None if found.video is None else replace_origin(found.video, origin)
    shown = _video(shown, index, found, path)
    heard = _audio(heard, found.sounds, origin)
    ends = [s.start + s.duration for s in (shown, heard) if s]
    if shown is not None:
        check_rate(path, shown.rate)
    check_duration(path, max(ends) - min(s.start for s in (shown, heard) if s))
    source = Source(
        id=id or path.stem,
        path=path,
        digest=digest,
        format=header.format,
        origin=origin,
        duration=max(ends),
        video=shown,
        audio=heard,
        others=tuple(
            (_audio(other, found.sounds, origin) or other)
            if isinstance(other, AudioStream)
            else other
            for other in header.others
        ),
        chapters=_chapters(header.chapters, origin),
        metadata=header.metadata,
    )
    return source, index


class _Header(NamedTuple):
    """What a file's header tells; times and frames are those of its packets and come later."""

    format: str
    video: VideoStream | None
    audio: AudioStream | None
    others: tuple[VideoStream | AudioStream | SubtitleStream | Attachment, ...]
    chapters: list[tuple[Fraction, Fraction, str]]
    metadata: tuple[tuple[str, str], ...]

    @property
    def streams(self) -> tuple[int | None, int | None]:
        """The indexes of the picture's and of the sound's stream in the file."""
        shown = None if self.video is None else self.video.index
        return shown, None if self.audio is None else self.audio.index


def _header(
    path: Path, container: Any, video: int | None, audio: int | None, is_scanned: bool = False
) -> _Header:
    """What the header of the open file tells; ``is_scanned``: its decoders are used for more."""
    videos = [s for s in container.streams.video if not _is_picture(s)]
    # The cover of a song is its picture, for as long as it plays.
    videos = videos or list(container.streams.video)
    shown = _chosen(videos, video, path, "video")
    heard = _chosen(list(container.streams.audio), audio, path, "audio")
    if shown is None and videos:
        raise SourceError(
            f"{path}: its video cannot be decoded: it is encrypted, damaged, or of a codec "
            "that is not known"
        )
    if shown is None and heard is None:
        raise SourceError(f"{path} has neither video nor sound that can be read")
    for stream in (shown, heard):
        if stream is not None:
            check_codec(path, stream.codec_context)
            keep_decoder(path, stream.index, decoder_of(stream), is_scanned)
    if shown is not None:
        check_size(path, shown.codec_context.width, shown.codec_context.height)
        check_shape(path, _picture(shown).sar)
    if heard is not None:
        check_sound(path, heard.codec_context.sample_rate, heard.codec_context.channels)
    others = (_other(s) for s in container.streams if s not in (shown, heard))
    return _Header(
        format=container.format.name,
        video=None if shown is None else _picture(shown),
        audio=None if heard is None else _sound(heard),
        others=tuple(s for s in others if s is not None),
        chapters=chapters_of(container),
        metadata=_said(path, container, shown, heard),
    )


def _said(path: Path, container: Any, shown: Any, heard: Any) -> tuple[tuple[str, str], ...]:
    """What the file says of itself; with the timecode, which some containers keep in a stream.

    Ogg has no place for it but in the stream.
    """
    said = dict(container.metadata)
    if not said.get("comment") and (comment := comment_of(path)):
        said["comment"] = comment
    if container.format.name == "ogg" and heard is not None:
        said |= dict(heard.metadata)
    streams = ([] if shown is None else [shown]) + list(container.streams.data)
    counted = (v for s in streams for k, v in s.metadata.items() if k.lower() == "timecode")
    text = next(counted, None)
    if text and not any(key.lower() == "timecode" for key in said):
        said["timecode"] = text
    return tuple(said.items())


def _chapters(
    found: Sequence[tuple[Fraction, Fraction, str]], origin: Fraction
) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(Range(max(start - origin, Fraction(0)), end - origin), title)
        for start, end, title in found
        if max(start, origin) < end
    )


def _is_picture(stream: Any) -> bool:
    """Whether a video stream is a cover picture."""
    return "attached_pic" in str(getattr(stream.disposition, "name", stream.disposition))


def _chosen(streams: Sequence[Any], wanted: int | None, path: Path, kind: str) -> Any | None:
    if wanted is None:
        return next((s for s in streams if s.codec_context is not None), None)
    if not 0 <= wanted < len(streams):
        there = f"0 to {len(streams) - 1}" if streams else "none"
        raise SourceError(f"{path} has no {kind} stream {wanted}; there are: {there}")
    return streams[wanted]


def _video(
    stream: VideoStream | None, index: VideoIndex | None, found: Scan, path: Path
) -> VideoStream | None:
    if stream is None or index is None:
        return None
    if not stream.width or not stream.height or not stream.pixel_format:
        raise SourceError(f"{path}: the size or pixel format of its video is unknown")
    start = index.time_of(0)
    return replace(
        stream,
        timebase=index.timebase,
        rate=index.rate,
        is_vfr=index.is_vfr,
        start=start,
        duration=index.end - start,
        frames=len(index),
        rotation=found.rotation,
        mirrored=found.mirrored,
        colour=_completed(stream.colour, found.colour),
        field_order=found.fields.order,
        mixed_fields=found.fields.mixed,
    )


def colour_of(thing: Any) -> Colour:
    """The colour description of a codec context or a frame."""
    return _colour(
        int(thing.color_primaries),
        int(thing.color_trc),
        int(thing.colorspace),
        int(thing.color_range),
    )


def _colour(primaries: int, transfer: int, matrix: int, range: int) -> Colour:
    ranges = cast(dict[int, Literal["limited", "full"]], {1: "limited", 2: "full"})
    return Colour(
        primaries=_PRIMARIES.get(primaries),
        transfer=_TRANSFERS.get(transfer),
        matrix=_MATRICES.get(matrix),
        range=ranges.get(range),
    )


def _completed(header: Colour, codes: tuple[int, int, int, int] | None) -> Colour:
    """The header's description; what it does not say, the first frame does."""
    seen = _colour(*codes) if codes else Colour()
    given = {name: getattr(header, name) or getattr(seen, name) for name in Colour.__slots__}
    return Colour(**given)


def _audio(
    stream: AudioStream | None, spans: Mapping[int, AudioSpan], origin: Fraction
) -> AudioStream | None:
    span = spans.get(stream.index) if stream is not None else None
    if stream is None or span is None:
        return None
    timebase = stream.timebase
    duration = (span.end - span.start) * timebase
    return replace(stream, start=span.start * timebase - origin, duration=duration)


def _other(stream: Any) -> VideoStream | AudioStream | SubtitleStream | Attachment | None:
    """A stream that is not in use, as far as its header tells."""
    context = stream.codec_context
    if stream.type == "audio":
        return _sound(stream)
    if stream.type == "attachment" or (stream.type == "video" and _is_picture(stream)):
        return _attachment(stream)
    if stream.type == "data" and not _is_kept_otherwise(stream):
        return Attachment(
            stream.index, "data", stream.metadata.get("handler_name") or stream.name, ""
        )
    if context is None:
        return None
    if stream.type == "subtitle":
        return SubtitleStream(
            stream.index,
            context.codec.canonical_name,
            terminological(stream.language),
            _title(stream),
            _roles(stream, SUBTITLE_ROLES),
        )
    if stream.type == "video":
        length = (stream.duration or 0) * Fraction(stream.time_base)
        return replace(_picture(stream), duration=length)
    return None


def _is_kept_otherwise(stream: Any) -> bool:
    """Whether a track of data holds timecode, or chapters, which demuxers do not give as packets."""
    is_timecode = any(key.lower() == "timecode" for key in stream.metadata)
    return is_timecode or stream.discard == Discard.all


def _attachment(stream: Any) -> Attachment:
    name, mimetype = (stream.metadata.get(key, "") for key in ("filename", "mimetype"))
    if stream.type == "attachment":
        return Attachment(stream.index, "file", name or f"attachment-{stream.index}", mimetype)
    codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
    kind = {"mjpeg": "jpeg"}.get(codec, codec)
    suffix = {"jpeg": "jpg"}.get(kind, kind)
    return Attachment(stream.index, "cover", name or f"cover.{suffix}", mimetype or f"image/{kind}")


def _title(stream: Any) -> str:
    """What a stream is called; MP4 has names."""
    return str(stream.metadata.get("title") or stream.metadata.get("name", ""))


def _roles(stream: Any, known: Sequence[str]) -> tuple[str, ...]:
    flags = stream.disposition
    return tuple(str(d.name) for d in Disposition if d & flags and d.name in known)


def _picture(stream: Any) -> VideoStream:
    context, none = stream.codec_context, Fraction(0)
    return VideoStream(
        index=stream.index,
        codec=context.codec.canonical_name,
        timebase=Fraction(stream.time_base),
        width=context.width,
        height=context.height,
        pixel_format=FORMAT if has_alpha(stream) else context.pix_fmt or "",
        rate=Fraction(stream.average_rate or 0),
        is_vfr=False,
        start=none,
        duration=none,
        frames=stream.frames,
        sar=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        colour=colour_of(context),
        profile=context.profile if context.codec.canonical_name in FLAVOURED else None,
    )


def _sound(stream: Any) -> AudioStream:
    """The stream as its header tells of it; one of an unknown codec has no channels."""
    context, none = stream.codec_context, Fraction(0)
    return AudioStream(
        index=stream.index,
        codec=context.codec.canonical_name if context else "unknown",
        timebase=Fraction(stream.time_base),
        sample_rate=context.sample_rate if context else 0,
        channels=context.channels if context else 0,
        layout=known_layout(context.layout.name) if context else "",
        start=none,
        duration=none,
        language=terminological(stream.language),
        title=_title(stream),
        roles=_roles(stream, SOUND_ROLES),
        bitrate=(context.bit_rate if context else None) or None,
        sample_format=context.format.packed.name if context and context.format else "",
    )
