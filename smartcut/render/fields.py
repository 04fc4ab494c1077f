"""Whether the output is interlaced, which segments keep their fields, and what to tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.algebra import by_time_shown
from smartcut.cut import Cut, Segment
from smartcut.errors import RenderError
from smartcut.media.picture import fitted_size
from smartcut.render.output import Deinterlace, OutputPicture
from smartcut.source import FIELD_ORDERS, Source, VideoStream

if TYPE_CHECKING:
    from smartcut.render.layout import Stretch

#: Codecs whose encoders write both fields of a picture, flagged. x265 would make a picture of each.
HOLDS_FIELDS = ("h264", "ffv1", "prores")

_CHOOSE = "`render: {deinterlace: yes}` makes whole pictures"
_KEEP = "`render: {deinterlace: no}` keeps the fields"


def with_fields(picture: OutputPicture, cut: Cut, asked: Deinterlace) -> OutputPicture:
    """The picture to encode, interlaced if the source shown longest is and can stay so.

    Raises RenderError where fields are to be kept and cannot be.
    """
    main = _main(cut)
    if main is None or main.video is None or not main.video.is_interlaced or asked == "yes":
        return picture
    if main.video.made_whole and asked == "auto":
        return picture
    reason = _why_impossible(main, cut, picture)
    if asked == "no" and reason:
        raise RenderError(f"`deinterlace: no` is not possible: {reason}; use auto or yes")
    if reason or (asked == "auto" and _why_better(main.video, picture)):
        return picture
    return replace(picture, field_order=main.video.field_order)


def keeps_fields(video: VideoStream, segment: Segment, picture: OutputPicture) -> bool:
    """Whether a segment's pictures stay woven of two fields; else whole ones are made of them."""
    if video.made_whole:
        return False
    oriented = video.orientation in ((0, False), (0, True), (picture.rotation, picture.mirrored))
    return (
        video.is_interlaced
        and video.field_order == picture.field_order
        and oriented
        and _is_untouched(segment)
        and picture.rate in (None, video.rate)
    )


def of_whole_pictures(stretch: Stretch) -> bool:
    """Whether a stretch's pictures are whole in an interlaced output, too: held ones, or made ones.

    Of a woven picture that is shown again, the second field would be followed by the first.
    """
    return stretch.is_held or stretch.makes_frames


def field_notes(cut: Cut, picture: OutputPicture, asked: Deinterlace) -> Iterator[str]:
    """What becomes of the fields of interlaced sources in a picture that is encoded, and why."""
    main = _main(cut)
    for source in (s for s in by_time_shown(cut) if s.video):
        video = source.video
        assert video is not None
        kind = f"{source.id} is {_kind(video)}"
        if not video.is_interlaced:
            if picture.field_order != "progressive" and not source.made:
                yield f"{kind}: it is shown so in an interlaced output; {_CHOOSE} of all"
            continue
        shown = [s for s in cut.segments if s.source == source.id]
        kept = [s for s in shown if keeps_fields(video, s, picture)]
        others = " (film shown as video, or mixed material): those stay as they are"
        mixed = f"; some of its frames are flagged otherwise{others}" if video.mixed_fields else ""
        if kept and asked == "auto":
            rest = "" if len(kept) == len(shown) else ", but not where its speed or effects change"
            yield f"{kind}: its fields are kept{rest}; {_CHOOSE}{mixed}"
        elif not kept and asked != "yes":
            yield f"{kind}: deinterlaced (bwdif), {_why_whole(source, main, cut, picture)}{mixed}"
        elif mixed:
            yield f"{kind}{mixed}"


def _main(cut: Cut) -> Source | None:
    return next((s for s in by_time_shown(cut) if s.video), None)


def _kind(video: VideoStream) -> str:
    order = FIELD_ORDERS[video.field_order]
    return f"interlaced ({order})" if video.is_interlaced else order


def _is_untouched(segment: Segment) -> bool:
    return segment.is_plain and not segment.effects and segment.between is None


def _why_whole(source: Source, main: Source | None, cut: Cut, picture: OutputPicture) -> str:
    assert source.video is not None
    if source is not main:
        return f"for the output is {_of(picture)}"
    if reason := _why_impossible(source, cut, picture):
        return f"for {reason}"
    return f"for {_why_better(source.video, picture)}; {_KEEP}"


def _of(picture: OutputPicture) -> str:
    return FIELD_ORDERS[picture.field_order]


def _why_impossible(main: Source, cut: Cut, picture: OutputPicture) -> str | None:
    """Why no output as asked can hold the source's fields; None where it can."""
    video, lines = main.video, picture.height
    assert video is not None
    if video.made_whole:
        return "`deinterlace` asks for whole pictures of it"
    if picture.codec not in HOLDS_FIELDS:
        return f"{picture.codec} is not written with fields here ({', '.join(HOLDS_FIELDS)} are)"
    if picture.codec == "h264" and "420" in picture.pixel_format and lines % 4:
        return f"H.264 has no fields in pictures of {lines} lines, which do not divide by four"
    if video.orientation not in ((0, False), (0, True)):
        return "the picture is turned"
    if picture.rate not in (None, video.rate):
        return f"it is brought to {float(picture.rate or 0):g} frames a second"
    if not any(_is_untouched(s) for s in cut.segments if s.source == main.id):
        return "effects and other speeds need whole pictures"
    return None


def _why_better(video: VideoStream, picture: OutputPicture) -> str | None:
    """Why whole pictures look better than fields; None where they do not."""
    size = video.width * video.sar, Fraction(video.height)
    inner = fitted_size(*size, (picture.width, picture.height), picture.fit)
    if inner[1] != video.height or picture.height != video.height:
        return f"its {video.height} lines are scaled to {inner[1]}"
    return None
