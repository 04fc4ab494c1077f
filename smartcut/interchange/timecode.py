"""Frames, timecodes and rates, as editing systems write them.

Timecode follows SMPTE ST 12-1: drop-frame, at 29.97 and 59.94, leaves out numbers (never frames)
so that it keeps up with the clock. Media time is what an editing system shows of a source: source
time, moved so that the first frame has the timecode that the file says it has.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.source import Source
from smartcut.timebase import NTSC_RATES, FrameClock, nearest, parse_time

#: The rates that have drop-frame timecode.
DROPPING = (Fraction(30000, 1001), Fraction(60000, 1001))
#: What is taken where nothing has frames.
PLAIN_RATE = Fraction(25)
# Beyond a thousand frames a second, or below one in ten seconds, it is no rate of a timeline.
_RATES = Fraction(1, 10), Fraction(1000)
_DAY = 24 * 3600


def known_rate(value: float) -> Fraction:
    """The exact rate that a float stands for: 29.97 and 29.97002997 are 30000/1001.

    Raises ValueError for what is no rate.
    """
    if not 0 < value < 1e9:
        raise ValueError(f"{value!r} is not a rate")
    if value == int(value):
        return Fraction(int(value))
    for rate in NTSC_RATES:
        if abs(value - rate) < rate / 5000:  # 23.98 is written for 24000/1001
            return rate
    nearly = Fraction(value).limit_denominator(1001)
    return nearly if float(nearly) == value else Fraction(value).limit_denominator(1_000_000)


def frame_rate(source: Source) -> Fraction | None:
    """Frames a second of the source's picture; None where it has none, or not a constant one."""
    video = source.video
    if video is None or video.is_vfr or not _RATES[0] <= video.rate <= _RATES[1]:
        return None
    return video.rate


def timeline_rate(cut: Cut) -> Fraction:
    """Frames a second of the timeline: as its project says, or as the source shown longest has.

    Sources with a constant rate come first. Where none is constant, the usual rate nearest to that
    of the one shown longest.
    """
    if cut.format is not None and cut.format.rate is not None:
        return cut.format.rate
    sources = {source.id: source for source in cut.sources}
    constant: dict[Fraction, Fraction] = {}
    variable: dict[Fraction, Fraction] = {}
    for segment in cut.segments:
        source = sources.get(segment.source or "")
        if source is None or source.video is None or segment.speed <= 0:
            continue
        rate, shown = frame_rate(source), constant
        if rate is None:
            rate, shown = source.video.nominal_rate, variable
        shown[rate] = shown.get(rate, Fraction(0)) + segment.duration
    found = constant or variable
    return max(found, key=lambda rate: found[rate]) if found else PLAIN_RATE


def tag(source: Source) -> str | None:
    """The timecode that the file says its first frame has."""
    return next((v for k, v in source.metadata if k.lower() == "timecode" and v), None)


def first_count(source: Source) -> int | None:
    """Which frame from midnight the first one is by the source's timecode; None without one."""
    text = tag(source)
    if text is None or source.video is None:
        return None
    rate = source.video.nominal_rate
    try:
        return nearest(parse_time(text, rate) * rate)
    except ValueError:
        return None  # a damaged tag says nothing


def frame_clock(source: Source, time_of: Callable[[int], Fraction]) -> FrameClock | None:
    """How the source's frames are counted; ``time_of`` tells when one starts, or the last ends."""
    video = source.video
    if video is None:
        return None

    def checked(number: int) -> Fraction:
        if number > video.frames:
            raise ValueError(f"there is no frame {number}: {source.id} has {video.frames} frames")
        return time_of(number)

    rate = video.nominal_rate
    length = nearest(video.duration * rate)
    return FrameClock(rate, checked, not video.is_vfr, length, first_count(source))


def media_start(source: Source) -> Fraction:
    """The media time of source time 0."""
    text, rate = tag(source), frame_rate(source)
    first = source.video.start if source.video else Fraction(0)
    if text is None or rate is None:
        return -first
    try:
        return parse_time(text, rate) - first
    except ValueError:
        return -first  # a damaged tag says nothing


def drops(source: Source, rate: Fraction) -> bool:
    """Whether the source's own timecode is drop-frame; without one, whether its rate usually is."""
    text = tag(source)
    return rate in DROPPING and (text is None or ";" in text)


def timecode(frame: int, rate: Fraction, drop: bool) -> str:
    """``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` for drop-frame; hours go back to 0 after 23."""
    per_second = max(nearest(rate), 1)
    frame = max(frame, 0)
    if drop:
        frame = _with_dropped(frame, per_second)
    seconds, frames = divmod(frame, per_second)
    minutes, seconds = divmod(seconds % _DAY, 60)
    hours, minutes = divmod(minutes, 60)
    width = 3 if per_second > 100 else 2
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:0{width}}"


def _with_dropped(frame: int, per_second: int) -> int:
    """The number that the ``frame``-th frame bears when numbers are dropped."""
    dropped = per_second // 15
    in_minute = per_second * 60 - dropped
    in_ten = in_minute * 10 + dropped
    tens, rest = divmod(frame, in_ten)
    over = 0 if rest < per_second * 60 else dropped * (1 + (rest - per_second * 60) // in_minute)
    return frame + tens * 9 * dropped + over


def frames_of(text: str, rate: Fraction, drop: bool) -> int:
    """Which frame from midnight a timecode means; raises PipelineError."""
    marked = text.replace(".", ":").replace(";", ":")
    head, _, last = marked.rpartition(":")
    try:
        return nearest(parse_time(f"{head}{';' if drop else ':'}{last}", rate) * rate)
    except ValueError as error:
        raise PipelineError(str(error)) from error
