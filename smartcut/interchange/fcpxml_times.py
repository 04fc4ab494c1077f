"""Times of FCPXML's clips: whole frames of the media or of the sequence, and maps between both.

A clip has a clock of its own, on which it begins at ``start``. Where it plays at its own speed that
is the media's; else a ``timeMap`` tells which time of the media is shown at which time of the clip.
"""

from __future__ import annotations

from fractions import Fraction

from smartcut.interchange.edits import Edit
from smartcut.interchange.timecode import PLAIN_RATE, frame_rate, media_start
from smartcut.source import Source
from smartcut.timebase import nearest

_NONE = Fraction(0)


def as_time(time: Fraction) -> str:
    """``1001/30000s``: 64 bits over 32, which is exact for whatever a camera or editor counts."""
    time = time.limit_denominator(2**31 - 1)
    if time.denominator == 1:
        return f"{time.numerator}s"
    return f"{time.numerator}/{time.denominator}s"


def first_frame(source: Source) -> Fraction:
    """What an asset's time begins with: the first frame's, as FCPXML counts."""
    return media_start(source) + (source.video.start if source.video else _NONE)


def media_step(source: Source) -> Fraction:
    """Seconds of one frame of the source; without pictures, of one sample."""
    if source.video is not None:
        return 1 / (frame_rate(source) or source.video.nominal_rate)
    return Fraction(1, source.audio.sample_rate) if source.audio else 1 / PLAIN_RATE


def on_media(source: Source, time: Fraction) -> Fraction:
    """The media time in whole frames of the source, from its first one on."""
    first, step = first_frame(source), media_step(source)
    return first + nearest((time - first) / step) * step


def shown_at(source: Source, time: Fraction) -> Fraction:
    """The media time of a source time, in whole frames."""
    return on_media(source, media_start(source) + time)


def clip_start(source: Source, edit: Edit) -> Fraction:
    """When a clip begins on its own clock, in whole frames of the source."""
    first = first_frame(source)
    return on_media(source, first + (in_point(source, edit) - first) / edit.speed)


def in_point(source: Source, edit: Edit) -> Fraction:
    """The media time that a clip shows first; where it is retimed, also between two frames."""
    if edit.speed == 1:
        return shown_at(source, edit.start)
    return media_start(source) + edit.start


def played_at(source: Source, edit: Edit, time: Fraction) -> Fraction:
    """When a clip plays a source time, on its own clock; see :func:`_add_time_map`."""
    ahead = media_start(source) + time - in_point(source, edit)
    return clip_start(source, edit) + ahead / edit.speed


def map_points(source: Source, edit: Edit) -> list[tuple[Fraction, Fraction]]:
    """(time of the clip, time of the media) points of its map, with straight lines between.

    Of a constant speed the map covers all that there is of the media; a warp begins as early before
    the cut as its transition does.
    """
    start = clip_start(source, edit)
    warp = edit.segment.warp
    if warp is not None:
        early = edit.joint.before if edit.joint else _NONE
        return [(start + t - early, media_start(source) + s) for t, s in warp.points]
    first, length = first_frame(source), source.duration
    shown = in_point(source, edit)
    return [(start + (value - shown) / edit.speed, value) for value in (first, first + length)]
