"""Which sources of a cut can be copied packet by packet, what the output then is, and where.

Pure functions over the packet index: nothing is decoded. Anything doubtful is encoded, with the
reason. Where parts are encoded between copied ones, they are encoded like the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from smartcut.algebra import by_time_shown
from smartcut.cut import Cut
from smartcut.media.codecs import FLAVOURED, holds_alpha, size_step, written_formats
from smartcut.media.containers import Container
from smartcut.media.headers import Sps, h264_sps, identity, same_everywhere
from smartcut.media.transfer_curves import curve
from smartcut.render.fields import HOLDS_FIELDS
from smartcut.render.output import CRF, PRESET, Output, OutputPicture, Wish
from smartcut.source import Source, VideoStream
from smartcut.timebase import Range, format_time

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

#: Codecs whose encoded and copied parts can be joined.
JOINABLE = ("h264", "hevc", "vp9", "av1", "prores")
#: About how long a frame takes to encode, H.264 being 1.
_COST = {"h264": 1.0, "hevc": 3.0, "vp9": 4.0, "av1": 3.0}
#: Fewest frames that are worth a copy: each end of one is another key frame.
_FEWEST = 6

_GENERATED = "it is generated"

_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10", 122: "high422", 244: "high444"}
_LEVELS = (10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62)


class _Fast(NamedTuple):
    """How an encoder is fast and visually lossless: a preset, and the crf that goes with it."""

    preset: str
    crf: int
    qp: int | None = None
    """In place of the crf, for that preset: a constant quantiser, which no look ahead precedes.

    Its worst frame is no worse than the crf's (by PSNR, on talks, action and cartoons), and x264
    takes a fifth less time. x265 writes decoding times out of order that way, now and then."""


#: Of the few frames between a cut and a key frame.
_EDGE = {
    "h264": _Fast("ultrafast", 20, qp=18),
    "hevc": _Fast("ultrafast", 16),
    "vp9": _Fast("8", 16),
    "av1": _Fast("9", 10),
}


@dataclass(frozen=True, slots=True)
class Copying:
    """The output as it has to be so that the source shown longest can be copied into it."""

    picture: OutputPicture
    edge: OutputPicture
    """How the frames between a cut and a key frame are encoded."""
    reasons: Mapping[str, str]
    """Why other sources cannot be, by their ids; those not named here can."""


def plan_copying(
    cut: Cut, wish: Wish, output: Output, indexes: Mapping[str, VideoIndex]
) -> Copying | str:
    """What can be copied, after the source shown longest; or the reason why nothing can be."""
    assert output.picture is not None
    if output.container.kind != "stream":
        return f"the pictures of {output.container.suffix} are put together anew"
    shown = [s for s in by_time_shown(cut) if s.video]
    if not shown:
        return "there is no picture"
    main, video = shown[0], shown[0].video
    assert video is not None
    if main.made:
        return _GENERATED
    if cut.is_sdr and curve(video.colour) != "SDR":
        return f"its light is brought from {curve(video.colour)} to SDR"
    reason = _why_not_as_wished(video, wish, output) or _why_not(indexes[main.id], output.picture)
    if reason:
        return reason
    picture = replace(
        output.picture,
        codec=video.codec,
        width=video.width,
        height=video.height,
        pixel_format=video.pixel_format,
        sar=video.sar,
        rotation=video.rotation,
        mirrored=video.mirrored,
        field_order=video.field_order,
        colour=video.colour,
        profile=video.profile,
        encoder=None,  # what stands between copied parts is encoded to fit them
    )
    if video.codec != output.picture.codec:
        crf, preset = CRF.get(video.codec), wish.preset or PRESET.get(video.codec)
        picture = replace(picture, crf=crf, preset=preset, bitrate=None)
    reasons, sets = dict[str, str](), list(indexes[main.id].headers)
    for source in shown[1:]:
        assert source.video is not None
        index = indexes[source.id]
        why = _GENERATED if source.made else None
        why = why or why_not_alike(source.video, video) or _why_not(index, output.picture)
        if not why and not same_everywhere(video.codec, dict.fromkeys([*sets, *index.headers])):
            why = f"its parameter sets have the numbers of those of {main.id}"
        if why:
            reasons[source.id] = why
        else:
            sets.extend(index.headers)
    free = _free_numbers(video.codec, sets)
    if len(free) < 2:
        return "all numbers of parameter sets are taken"
    body = replace(picture, options=_options(video, sets, free[0]))
    return Copying(body, _edge(picture, wish, _options(video, sets, free[1])), reasons)


# ---------------------------------------------------------------------------------- eligibility


def _why_not_as_wished(video: VideoStream, wish: Wish, output: Output) -> str | None:
    """Why the source shown longest is not what the output was asked to be."""
    accepted = output.container.video
    if wish.codec not in (None, video.codec) or video.codec not in accepted:
        return f"the source is {video.codec}, which is not what the output is to hold"
    if video.orientation != (0, False) and not output.container.turns:
        return f"{output.path.suffix} cannot say that players turn the picture"
    if not holds_alpha(video.codec, video.pixel_format, output.container):
        return f"{output.path.suffix} has no room for the alpha channel of {video.codec}"
    if wish.crf is not None or wish.bitrate is not None:
        return "a quality was asked for"
    if wish.pixel_format not in (None, video.pixel_format):
        return "another pixel format was asked for"
    if video.made_whole or (video.is_interlaced and wish.deinterlace == "yes"):
        return "whole pictures were asked for"
    if wish.size not in (None, video.display_size) or wish.short_side not in (
        None,
        min(video.display_size),
    ):
        return "another size was asked for"
    return None


def _why_not(index: VideoIndex, picture: OutputPicture) -> str | None:
    """Why a source's packets cannot become part of another stream."""
    if index.is_counted:
        return "its frames have no times of their own"
    if not index.is_one_sequence:
        return "its parameter sets change on the way"
    if picture.rate is not None and (index.is_vfr or index.rate != picture.rate):
        return f"it is brought to {float(picture.rate):g} frames a second"
    return None


def why_not_alike(video: VideoStream, main: VideoStream) -> str | None:
    """Why a source does not fit into one stream with the source shown longest."""
    if video.codec != main.codec:
        return f"it is {video.codec}, not {main.codec}"
    if (video.width, video.height) != (main.width, main.height):
        return "it has another size"
    if (video.sar, video.orientation) != (main.sar, main.orientation):
        return "it is turned otherwise or has pixels of another shape"
    if video.profile != main.profile and video.codec in FLAVOURED:
        return f"it is {video.codec} of another kind ({video.profile}, not {main.profile})"
    if video.field_order != main.field_order:
        return "its fields are of another order"
    if (video.pixel_format, video.colour) != (main.pixel_format, main.colour):
        return "its pixels or colours are of another kind"
    return None


# ------------------------------------------------------------------------- encoding like a source


def _free_numbers(codec: str, sets: list[bytes]) -> list[int]:
    if codec != "h264":
        return [0, 1]
    taken = {identity(codec, s)[1] for s in sets}
    return [n for n in range(31, -1, -1) if n not in taken][:2]


def _options(video: VideoStream, sets: list[bytes], number: int) -> tuple[tuple[str, str], ...]:
    """Options that make the encoder's pictures fit between the source's."""
    if video.codec != "h264":
        return ()
    options: dict[str, str] = {}
    params = f"sps-id={number}:stitchable=1:open-gop=0"
    if video.is_interlaced:
        # FFmpeg's decoder drops pictures after interlaced ones that say that none are reordered.
        params += ":bframes=2:b-pyramid=normal"
    sps = _first_sps(sets)
    if sps is not None:
        if sps.level in _LEVELS:
            params += f":level={sps.level / 10:g}"
        if sps.profile in _PROFILES:
            options["profile"] = _PROFILES[sps.profile]
    return (*options.items(), ("x264-params", params))


def _edge(
    picture: OutputPicture, wish: Wish, options: tuple[tuple[str, str], ...]
) -> OutputPicture:
    """The picture as frames between a cut and a key frame are encoded."""
    fast = _EDGE.get(picture.codec)
    if fast is None:
        return replace(picture, crf=None, bitrate=None, preset=wish.preset, options=options)
    preset = wish.preset or fast.preset
    if fast.qp is None or preset != fast.preset:
        return replace(picture, crf=fast.crf, bitrate=None, preset=preset, options=options)
    options = (*options, ("qp", str(fast.qp)))
    return replace(picture, crf=None, bitrate=None, preset=preset, options=options)


def _first_sps(sets: list[bytes]) -> Sps | None:
    for one in sets:
        if identity("h264", one)[0] == "sps":
            try:
                return h264_sps(one)
            except (ValueError, IndexError):
                return None
    return None


# ----------------------------------------------------------------------------------- the places


class CopiedPart(NamedTuple):
    """Frames ``first`` to ``last`` - 1 of a source, copied or encoded."""

    copied: bool
    reason: str
    first: int
    last: int


def parts(index: VideoIndex, first: int, last: int, opens: bool) -> Iterator[CopiedPart]:
    """Frames ``first`` to ``last`` - 1 as parts to copy and to encode, in order.

    A copy begins at the first entry and goes on, whole GOPs or not, as long as packets in their
    order in the file hold just the frames shown until then. ``opens`` tells that nothing is shown
    before: then a source's own beginning is good enough.
    """
    run = _run(index, first, last, opens)
    if run is None:
        yield CopiedPart(False, _why_no_run(index, first, last), first, last)
        return
    start, end = run
    if first < start:
        yield CopiedPart(False, "between the cut and the next key frame", first, start)
    yield CopiedPart(True, "nothing in it changes", start, end)
    if end < last:
        yield CopiedPart(
            False, "the last frames before the cut are stored after later ones", end, last
        )


def _why_no_run(index: VideoIndex, first: int, last: int) -> str:
    if index.is_entry[first:last].any():
        return "too few frames follow the key frame in it to be worth a copy"
    if index.is_start[first:last].any():
        return "its key frames refer to older frames (open GOP or recovery points)"
    return "there is no key frame in it"


def _run(index: VideoIndex, first: int, last: int, opens: bool) -> tuple[int, int] | None:
    """The frames that can be copied, (start, end)."""
    if opens and first == 0 and index.pre_roll is None:
        start = 0
    else:
        entries = np.flatnonzero(index.is_entry[first:last])
        if not len(entries):
            return None
        start = first + int(entries[0])
    place = int(index.position[start])
    following = index.order[place:]
    following = following[following >= start]  # pictures shown before the entry are left out
    outside = np.flatnonzero(following >= last)
    if len(outside):
        following = following[: outside[0]]
    highest = np.maximum.accumulate(following)
    whole = np.flatnonzero(highest == start + np.arange(len(following)))
    end = start + (int(whole[-1]) + 1 if len(whole) else 0)
    return (start, end) if end - start >= min(_FEWEST, last - first) else None


def is_worth(copied: int, encoded: int, codec: str, planned: OutputPicture, wish: Wish) -> bool:
    """Whether copying some frames beats encoding all of them as planned."""
    if not copied:
        return False
    if wish.codec is not None or codec == planned.codec:
        return True
    whole = (copied + encoded) * _COST.get(planned.codec, 1.0)
    return encoded * _COST.get(codec, 1.0) < whole


def can_be_joined(picture: OutputPicture, container: Container) -> str | None:
    """Why encoded parts cannot stand between copied ones like that; None where they can."""
    codec, name = picture.codec, picture.pixel_format
    if picture.field_order != "progressive" and codec not in HOLDS_FIELDS:
        return f"{codec} is not written with fields here"
    if codec not in JOINABLE:
        return f"parts encoded by us cannot be joined to copied {codec}"
    if name not in written_formats(codec, container):
        return f"{codec} cannot be encoded in {name} here"
    across, down = size_step(codec, name)
    if picture.width % across or picture.height % down:
        return f"the encoder takes no odd sizes in {name}"
    return None


# -------------------------------------------------------------------------------- at key frames


def at_key_frames(
    cut: Cut, indexes: Mapping[str, VideoIndex], boundary: Callable[[Source, Fraction], Fraction]
) -> tuple[Cut, tuple[str, ...]]:
    """The cut with every edge moved outwards to where the source can be divided; what moved.

    Edges before and after all frames stay where ``boundary`` puts them.
    """
    notes: list[str] = []
    segments = []
    for segment in cut.segments:
        index = indexes.get(segment.source or "")
        if index is not None and segment.source is not None and segment.warp is None:
            asked, source = segment.range, cut.source(segment.source)
            edges = Range(boundary(source, asked.start), boundary(source, asked.end))
            moved = _widened(edges, index)
            notes.extend(_moved(asked, moved))
            segment = replace(segment, range=moved)
        segments.append(segment)
    return cut.with_segments(tuple(segments)), tuple(notes)


def _moved(asked: Range, found: Range) -> Iterator[str]:
    ends = (("start", asked.start, found.start), ("end", asked.end, found.end))
    for name, old, new in ends:
        if abs(float(new - old)) > 0.0005:
            yield f"mode copy moved a {name} from {format_time(old)} to {format_time(new)}"


def _widened(edges: Range, index: VideoIndex) -> Range:
    """The range, as little longer as packets allow."""
    closed = np.flatnonzero(index.is_closed)
    start, end = edges.start, edges.end
    if start >= index.time_of(0):
        first = index.boundary_near(start)
        before = closed[: np.searchsorted(closed, first, side="right")]
        start = index.time_of(int(before[-1]) if len(before) else 0)
    if end <= index.end:
        last = index.boundary_near(end)
        end = index.time_of(int(closed[np.searchsorted(closed, last)]))
    return Range(start, end)
