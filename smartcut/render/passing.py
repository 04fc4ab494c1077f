"""Whether a cut's sound can be passed through packet by packet; pure.

Joins need samples, so only one unbroken range of one source qualifies, and only where no one asked
for another sound. A range that begins inside the source begins inside a packet: an edit list tells
players to drop what comes before, which only MP4 and MOV have, and count in samples. Where nothing
may be encoded, several ranges are joined at the packets' borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from smartcut.cut import Cut, Segment, Source
from smartcut.render.containers import CONTAINERS
from smartcut.render.output import Output, Wish
from smartcut.timebase import Range

#: Sources whose sound has a header of its own, as all outputs need it.
_FAMILIES = ("mov", "mp4", "matroska", "webm")
#: Codecs that begin well inside a stream when a packet before is there too.
_CUTTABLE = ("aac",)
#: Codecs with packets so short that nobody hears the last one end late.
_SHORT = ("aac", "opus", "mp3")
_NEAR = Fraction(1, 1000)


def is_untouched(cut: Cut) -> bool:
    """Whether the sources are heard one after the other as they are: then nothing is limited."""
    mix = cut.mix
    plain = all(_is_plain(segment) for segment in cut.segments)
    return mix.loudness is None and mix.programme_gain == 0 and len(cut.tracks) == 1 and plain


def _is_plain(segment: Segment) -> bool:
    return segment.speed == 1 and not segment.transition and segment.sound != "muted"


def passed_sound(
    cut: Cut, wish: Wish, output: Output, joins: bool = False
) -> tuple[Source, tuple[Range, ...]] | str:
    """The source and the ranges of it that are heard, or why its packets cannot be passed on.

    ``joins`` allows more than one range, joined where packets end.
    """
    if not is_untouched(cut):
        return "it is mixed, made louder or softer, or stretched"
    ranges = _ranges(cut.segments)
    if not ranges or (len(ranges) > 1 and not joins):
        return "sounds are joined, to the sample"
    source = cut.source(cut.segments[0].source or "")
    audio = source.audio
    if audio is None:
        return "the source has none"
    if not any(family in source.format for family in _FAMILIES):
        return f"the packets of a file of kind {source.format} have other headers"
    accepted = CONTAINERS[output.path.suffix.lower()][2]
    if wish.audio_codec not in (None, audio.codec) or audio.codec not in accepted:
        return f"it is {audio.codec}, which is not what the output is to hold"
    if wish.audio_bitrate is not None:
        return "a bit rate was asked for"
    first, last = ranges[0], ranges[-1]
    begins = first.start <= _NEAR and audio.start <= first.start + _NEAR
    sample_exact = output.container in ("mp4", "mov") and "mp4" in source.format
    can_begin_inside = sample_exact and audio.codec in _CUTTABLE
    if not begins and not (can_begin_inside and audio.start <= first.start):
        return "it begins inside a packet"
    whole = len(ranges) == 1 and last.end >= audio.start + audio.duration - _NEAR
    if audio.codec not in _SHORT and not whole:
        return "it ends inside a packet"
    if output.container == "matroska" and "mp4" in source.format and audio.codec == "aac":
        return "Matroska cannot tell what MP4 says of the samples before the first one"
    if any(audio.start + audio.duration < r.end - Fraction(1, 20) for r in ranges):
        return "it ends before the picture"
    return source, ranges


def _ranges(segments: Sequence[Segment]) -> tuple[Range, ...]:
    """The ranges of the only source, those that go on without a break made one."""
    first = segments[0].source
    found: list[Range] = []
    for segment in segments:
        if segment.source is None or segment.source != first:
            return ()
        if found and found[-1].end == segment.range.start:
            found[-1] = Range(found[-1].start, segment.range.end)
        else:
            found.append(segment.range)
    return tuple(found)
