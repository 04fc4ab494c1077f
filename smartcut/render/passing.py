"""Whether a cut's sound can be passed through packet by packet; pure.

Joins need samples, so only one unbroken range of one source qualifies, and only where no one asked
for another sound. A range that begins inside the source begins inside a packet: an edit list tells
players to drop what comes before, which only MP4 and MOV have, and count in samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from smartcut.cut import Cut, Segment, Source
from smartcut.render.output import CONTAINERS, Output, Wish
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
    plain = all(s.speed == 1 and not s.transition for s in cut.segments)
    return mix.loudness is None and mix.programme_gain == 0 and len(cut.tracks) == 1 and plain


def passed_sound(cut: Cut, wish: Wish, output: Output) -> tuple[Source, Range] | str:
    """The source and the range of it that is heard, or why its packets cannot be passed on."""
    if not is_untouched(cut):
        return "it is mixed, made louder or softer, or stretched"
    heard = _one_range(cut.segments)
    if heard is None:
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
    begins = heard.start <= _NEAR and audio.start <= heard.start + _NEAR
    sample_exact = output.container in ("mp4", "mov") and "mp4" in source.format
    can_begin_inside = sample_exact and audio.codec in _CUTTABLE
    if not begins and not (can_begin_inside and audio.start <= heard.start):
        return "it begins inside a packet"
    if audio.codec not in _SHORT and heard.end < audio.start + audio.duration - _NEAR:
        return "it ends inside a packet"
    if output.container == "matroska" and "mp4" in source.format and audio.codec == "aac":
        return "Matroska cannot tell what MP4 says of the samples before the first one"
    if audio.start + audio.duration < heard.end - Fraction(1, 20):
        return "it ends before the picture"
    return source, heard


def _one_range(segments: Sequence[Segment]) -> Range | None:
    """The range that segments of one source show on and on."""
    first = segments[0]
    if first.source is None:
        return None
    end = first.range.start
    for segment in segments:
        if segment.source != first.source or segment.range.start != end:
            return None
        end = segment.range.end
    return Range(first.range.start, end)
