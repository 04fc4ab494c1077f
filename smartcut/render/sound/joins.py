"""By how much sound changes before the picture at each join (J and L cuts). Pure."""

from __future__ import annotations

from fractions import Fraction

from smartcut.cut import Cut, Segment
from smartcut.source import AudioStream

_NONE = Fraction(0)


def leads(cut: Cut) -> tuple[Fraction, ...]:
    """For each segment of the programme, the seconds by which its sound is heard before it is seen.

    Below 0 it is heard later, and that of the segment before goes on until then. As much as is
    asked for, as far as there is sound, and no farther than the middle of a segment; nothing where
    a segment that is heard there does not just play.
    """
    pairs = zip((None, *cut.segments), cut.segments, strict=False)
    return tuple(_NONE if before is None else _lead(cut, before, s) for before, s in pairs)


def _lead(cut: Cut, before: Segment, segment: Segment) -> Fraction:
    if not segment.lead or not (_is_simple(cut, before) and _is_simple(cut, segment)):
        return _NONE
    sound, sound_before = _sound(cut, segment), _sound(cut, before)
    if segment.lead > 0:
        most = (before.duration - before.overlap) / 2
        if sound is not None:
            most = min(most, (segment.range.start - sound.start) / segment.speed)
        return max(_NONE, min(segment.lead, most))
    most = segment.duration / 2
    if sound_before is not None:
        end = sound_before.start + sound_before.duration
        most = min(most, (end - before.range.end) / before.speed)
    return -max(_NONE, min(-segment.lead, most))


def _sound(cut: Cut, segment: Segment) -> AudioStream | None:
    if segment.source is None or segment.sound == "muted":
        return None
    return cut.source(segment.source).audio


def _is_simple(cut: Cut, segment: Segment) -> bool:
    """Whether it is silent, or plays at one speed with its sound."""
    plays = segment.warp is None and (segment.sound == "stretched" or segment.speed == 1)
    return plays or _sound(cut, segment) is None
