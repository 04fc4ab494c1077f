"""Where the frames of a source begin, before and after a time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from smartcut.source import Source
from smartcut.stage import Context

Edge = Callable[[Fraction], Fraction]


def frame_edges(source: Source, context: Context) -> tuple[Edge, Edge]:
    """(the last edge at or before a time, the first at or after it).

    Where there is no picture, a time is an edge itself; the end of the last frame is one too.
    """
    if source.video is None:
        return _itself, _itself
    from smartcut.media.index import video_index

    index = video_index(source, context.cache)
    first, end = index.time_of(0), index.end

    def before(time: Fraction) -> Fraction:
        return index.time_of(index.frame_at(time)) if first <= time < end else time

    def after(time: Fraction) -> Fraction:
        begun = before(time)
        if begun == time:
            return time
        following = index.frame_at(time) + 1
        return index.time_of(following) if following < len(index) else end

    return before, after


def _itself(time: Fraction) -> Fraction:
    return time
