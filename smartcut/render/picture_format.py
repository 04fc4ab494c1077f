"""The codec and pixel format of the picture: the source's own, or what keeps most of it.

The source shown longest decides, unless something else is asked for. Where its codec goes into the
container and can be encoded here, it stays, with its depth, its chroma, its RGB and its alpha.
Where its codec can be written but not in its pixel format, another codec keeps as much as it can.
Where the container does not take its codec at all, it gets the container's usual one, in a format
that players know: 4:2:0 of 8 or 10 bits. So do VP9 and AV1, which take several times as long to
encode, where nothing but the codec is lost. What is lost is noted, with what would keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from smartcut.errors import RenderError
from smartcut.media.codecs import (
    NOT_ENCODED,
    profile_options,
    shown_format,
    size_step,
    video_encoder,
    written_formats,
)
from smartcut.media.colour import assumed_matrix
from smartcut.media.containers import CONTAINERS, IMAGES, Container, container_of
from smartcut.media.pixel_formats import closest, losses, missing, pixel_format
from smartcut.media.transfer_curves import curve
from smartcut.source import Colour, Source, VideoStream

# What players show of codecs for delivery; others are for editing, and open in any format.
_PLAYED = {
    "h264": ("yuv420p",),
    "hevc": ("yuv420p", "yuv420p10le"),
    "vp9": ("yuv420p", "yuv420p10le", "yuva420p"),
    "av1": ("yuv420p", "yuv420p10le"),
}
#: What HDR becomes where it cannot stay: ITU-R BT.709.
SDR = Colour("bt709", "bt709", "bt709", "limited")
#: Codecs of photographs and covers.
_STILLS = ("mjpeg", "png", "apng", "webp", "bmp", "tiff", "gif", "jpegls", "jpeg2000")
# Codecs that say nothing of their colours: all readers take them for these.
_FIXED = {
    "mjpeg": Colour(None, None, "bt470bg", "full"),
    "webp": Colour(None, None, "bt470bg", "limited"),
}
# Codecs that take several times as long to encode as others.
_SLOW = ("vp9", "av1")
# Deeper pictures are delivered with so many bits.
_DELIVERED_DEPTH = 10


class PictureFormat(NamedTuple):
    """A codec, and FFmpeg's name of the pixel format that its decoders show."""

    codec: str
    pixel_format: str


def choose_format(
    video: VideoStream, path: Path, codec: str | None, asked: str | None
) -> PictureFormat:
    """The format for a file at ``path`` that shows ``video``.

    ``codec`` and ``asked``, a pixel format, are what the user wants; None: whatever keeps most.
    Raises RenderError where they do not go together.
    """
    container = container_of(path)
    assert container is not None
    if asked is not None:
        return _as_asked(video, path, container, codec, asked)
    if codec is not None:
        offered = written_formats(codec, container)
        if codec != video.codec:
            offered = _played(codec, offered)
        if not offered:
            video_encoder(codec, video.pixel_format)  # says what is missing
        return PictureFormat(codec, closest(video.pixel_format, offered))
    found = list(_candidates(video, container))
    if not found:
        raise RenderError(
            f"{path.name}: this build of FFmpeg can encode none of what goes into {path.suffix} "
            f"({', '.join(container.video)}); write another container, or copy (`mode: copy`)"
        )
    return min(found, key=lambda one: _cost(video, one, video.codec in container.video))


def _as_asked(
    video: VideoStream, path: Path, container: Container, codec: str | None, asked: str
) -> PictureFormat:
    """The pixel format that is asked for, in the codec asked for or the first that has it."""
    accepted = container.video
    codecs = [codec] if codec else [c for c in (video.codec, *accepted) if c in accepted]
    for one in codecs:
        shown = shown_format(one, asked)
        if shown in written_formats(one, container):
            return PictureFormat(one, str(shown))
    known = {name for one in codecs for name in written_formats(one, container)}
    raise RenderError(
        f"{path.name}: {' or '.join(dict.fromkeys(codecs))} cannot be encoded in the pixel format "
        f"{asked} there; accepted: {', '.join(sorted(known)) or 'none'}"
    )


def _candidates(video: VideoStream, container: Container) -> Iterator[PictureFormat]:
    """A format of each codec that the container takes, in the order of preference."""
    accepted = container.video
    first = accepted[0] if _is_better_usual(video, accepted[0]) else video.codec
    for codec in sorted(accepted, key=lambda c: c != first):
        offered = written_formats(codec, container)
        if video.codec not in accepted:
            offered = _played(codec, offered)
        if offered:
            yield PictureFormat(codec, closest(video.pixel_format, offered))


def _is_better_usual(video: VideoStream, usual: str) -> bool:
    """Whether the container's usual codec keeps all that players see, and is encoded far faster."""
    if video.codec not in _SLOW or usual in _SLOW:
        return False
    return any(_keeps(video, PictureFormat(usual, name)) for name in _PLAYED.get(usual, ()))


def _keeps(video: VideoStream, found: PictureFormat) -> bool:
    """Whether a picture loses nothing in that format: no samples' bits, chroma, alpha or size."""
    size = video.display_size
    whole = fitting_size(size, found, exact=True) == size
    return whole and not any(missing(video.pixel_format, found.pixel_format))


def _played(codec: str, offered: Sequence[str]) -> tuple[str, ...]:
    known = _PLAYED.get(codec, offered)
    return tuple(name for name in offered if name in known)


def _cost(video: VideoStream, found: PictureFormat, is_accepted: bool) -> tuple[int, ...]:
    """What is lost, the worst first; of formats that lose the same the first is taken."""
    alpha, depth, chroma, rgb = missing(video.pixel_format, found.pixel_format)
    if is_accepted:
        is_strange = found.pixel_format not in _PLAYED.get(found.codec, ())
        return alpha, depth, chroma, rgb, found.codec != video.codec and is_strange
    wanted, given = pixel_format(video.pixel_format).depth, pixel_format(found.pixel_format).depth
    return alpha, max(0, min(wanted, _DELIVERED_DEPTH) - given)


# -------------------------------------------------------------------------------- what follows


def output_colour(
    video: VideoStream, chosen: PictureFormat, height: int, as_sdr: bool = False
) -> Colour:
    """The colour description of an output of that format and height that shows ``video``.

    What the source does not say stays unsaid where players assume the same of both heights, and
    is said where they do not. HDR that had more than 8 bits and gets 8 becomes SDR: its steps
    would show, and few players look for HDR there. With ``as_sdr`` all of it does.
    """
    name = chosen.pixel_format
    given, had = pixel_format(name), pixel_format(video.pixel_format)
    is_hdr = curve(video.colour) != "SDR"
    if chosen.codec in _FIXED and not given.is_rgb:
        return _FIXED[chosen.codec]
    if is_hdr and (as_sdr or given.depth == 8 < had.depth):
        return fitting_colour(SDR, name)
    assumed = assumed_matrix(video.colour, video.height)
    if assumed != assumed_matrix(video.colour, height):
        return fitting_colour(replace(video.colour, matrix=assumed), name)
    return fitting_colour(video.colour, name)


def is_still(video: VideoStream) -> bool:
    """Whether it is one picture, such as the cover of a song."""
    return video.frames == 1 and video.codec in _STILLS


def as_shown_in_films(video: VideoStream) -> VideoStream:
    """A still as players take it in a film, 4:2:0 in limited range; others as they are."""
    if not is_still(video):
        return video
    return replace(video, pixel_format="yuv420p", colour=SDR)


def fitting_colour(colour: Colour, name: str) -> Colour:
    """The colour description in that pixel format: RGB has no matrix, and YUV has one."""
    if pixel_format(name).is_rgb:
        return replace(colour, matrix="gbr", range="full")
    if colour.matrix == "gbr":
        return replace(colour, matrix="bt709", range="limited")
    return colour


def fitting_size(size: tuple[int, int], chosen: PictureFormat, exact: bool) -> tuple[int, int]:
    """The size that can be encoded, at most a step smaller.

    ``exact`` keeps odd sizes where they can be; else both sides are even.
    """
    steps = size_step(chosen.codec, chosen.pixel_format) if exact else (2, 2)
    width, height = (max(step, side - side % step) for side, step in zip(size, steps, strict=True))
    return width, height


def lost(
    shown: Sequence[Source], chosen: PictureFormat, size: tuple[int, int] | None, path: Path
) -> tuple[str, ...]:
    """What the sources' pictures lose in that format, and how to keep it; the first one decides.

    ``size`` is what the first one's size became, None where another was asked for.
    """
    notes = []
    for source in shown:
        video = source.video
        assert video is not None
        found = list(losses(video.pixel_format, chosen.pixel_format))
        if source is shown[0] and size and video.sar == 1 and size != video.display_size:
            width, height = video.display_size
            found.append(
                f"{width}x{height} becomes {size[0]}x{size[1]}, which {chosen.codec} takes"
            )
        if not found and source is shown[0] and _is_better_usual(video, chosen.codec):
            notes.append(
                f"{source.id} is {video.codec}, the output {chosen.codec}, which is encoded far "
                f"faster; to keep it, `codec: {video.codec}`"
            )
        if found:
            notes.append(
                f"{source.id} is {video.codec} in {video.pixel_format}, the output {chosen.codec} "
                f"in {chosen.pixel_format}: {', '.join(found)}{_how_to_keep(video, path)}"
            )
    return tuple(dict.fromkeys(notes))


def flavours_lost(shown: Sequence[Source], codec: str, name: str) -> tuple[str, ...]:
    """Notes of flavours of the output's codec that are not encoded: the usual one takes over.

    ``name`` is the output's pixel format. Frames that are copied stay as they are.
    """
    notes = []
    for source in shown:
        video = source.video
        if video is None or video.codec != codec or video.profile not in NOT_ENCODED:
            continue
        flavour = profile_options(codec, name, video.profile)["profile"]
        notes.append(
            f"{source.id} is {NOT_ENCODED[video.profile]}; what has to be encoded becomes "
            f"{flavour.upper().replace('_', ' ')}, in the same pixel format; `mode: copy` keeps it"
        )
    return tuple(notes)


def _how_to_keep(video: VideoStream, path: Path) -> str:
    """Settings of `render`, or another container, in which nothing is lost."""
    own = path.suffix.lower()
    kind = container_of(path)
    rows = (*CONTAINERS.values(), *IMAGES.values())
    alike = [row for row in rows if kind and row.kind == kind.kind]
    for container in sorted(alike, key=lambda row: row.suffix != own):
        for codec in sorted(container.video, key=lambda c: c != video.codec):
            offered = written_formats(codec, container)
            if not offered:
                continue
            name = closest(video.pixel_format, offered)
            if _keeps(video, PictureFormat(codec, name)):
                there = "" if container.suffix == own else f"write {container.suffix} with "
                return f"; to keep it, {there}`codec: {codec}` and `pixel_format: {name}`"
    return ""
