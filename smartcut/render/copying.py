"""Whether the picture of a cut can be copied packet by packet, and where copies may begin.

Today all of it is copied or none: joining copied and encoded parts in one stream needs both
encoders' parameter sets in one header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from smartcut.cut import Cut, Segment
from smartcut.media.probe import has_header
from smartcut.render.output import CONTAINERS, Output, Wish
from smartcut.timebase import Range, format_time

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex

_SELF_CONTAINED = ("vp9", "av1")


def why_not_copied(
    cut: Cut, wish: Wish, output: Output, indexes: Mapping[str, VideoIndex]
) -> str | None:
    """The reason why the picture has to be encoded; None where every packet can be copied."""
    shown = {s.source for s in cut.segments}
    if len(shown) != 1 or None in shown:
        return "several sources, or gaps, make one picture"
    source = cut.source(cut.segments[0].source or "")
    video = source.video
    if video is None:
        return "there is no picture"
    if wish.codec not in (None, video.codec) or video.codec not in _codecs(output):
        return f"{video.codec} is not what the output is to hold"
    if replace(wish, codec=None, audio_codec=None, audio_bitrate=0) != Wish(audio_bitrate=0):
        return "the output was asked to look or be encoded otherwise"
    if cut.captions and cut.captions.burn:
        return "captions are burned in"
    for segment in cut.segments:
        if segment.effects or segment.transition or segment.speed != 1:
            return "effects, transitions or another speed change the picture"
    if indexes[source.id].is_counted or video.rotation or video.sar != 1:
        return "its frames have no times of their own, are turned, or have no square pixels"
    if video.codec not in _SELF_CONTAINED and not has_header(source.path, video.index):
        return "the source keeps its parameter sets among the frames"
    return _edges(cut, indexes[source.id])


def _codecs(output: Output) -> tuple[str, ...]:
    return CONTAINERS[output.path.suffix.lower()][1]


def _edges(cut: Cut, index: VideoIndex) -> str | None:
    for segment in cut.segments:
        for time in (segment.range.start, segment.range.end):
            if not index.is_closed[index.boundary_near(time)]:
                return f"the cut at {format_time(time)} is not at a key frame"
    return None


def at_key_frames(cut: Cut, indexes: Mapping[str, VideoIndex]) -> tuple[Cut, tuple[str, ...]]:
    """The cut with every edge moved outwards to where the source can be divided; what moved."""
    notes: list[str] = []
    segments = []
    for segment in cut.segments:
        index = indexes.get(segment.source or "")
        segments.append(segment if index is None else _widened(segment, index, notes.append))
    return cut.with_segments(tuple(segments)), tuple(notes)


def _widened(segment: Segment, index: VideoIndex, note: Callable[[str], None]) -> Segment:
    closed = np.flatnonzero(index.is_closed)
    first = index.boundary_near(segment.range.start)
    last = index.boundary_near(segment.range.end)
    start = index.time_of(int(closed[np.searchsorted(closed, first, side="right") - 1]))
    end = index.time_of(int(closed[np.searchsorted(closed, last)]))
    for name, old, new in (("start", segment.range.start, start), ("end", segment.range.end, end)):
        if abs(float(new - old)) > 0.0005:
            note(f"mode copy moved a {name} from {format_time(old)} to {format_time(new)}")
    return replace(segment, range=Range(start, end))


def as_copied(cut: Cut, output: Output) -> Output:
    """The output as it will be when the one source's packets are taken over."""
    video = cut.source(cut.segments[0].source or "").video
    assert video is not None
    assert output.picture is not None
    picture = replace(
        output.picture,
        codec=video.codec,
        width=video.width,
        height=video.height,
        pixel_format=video.pixel_format,
        crf=None,
        preset=None,
    )
    return replace(output, picture=picture)
