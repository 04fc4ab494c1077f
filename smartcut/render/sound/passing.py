"""Whether a cut's sound can be passed through packet by packet; pure.

Joins need samples, so only one unbroken range of one source qualifies, and only where no one asked
for another sound. A range that begins inside the source begins inside a packet: an edit list tells
players to drop what comes before, which only MP4 and MOV have, and count in samples. Where nothing
may be encoded, several ranges are joined at the packets' borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from smartcut.cut import Cut, Segment
from smartcut.render.output import Output, Wish
from smartcut.render.sound.changing import applied_sounds
from smartcut.render.sound.codecs import kind_of
from smartcut.source import AudioStream, Source
from smartcut.timebase import Range

#: Sources whose sound has a header of its own, as all outputs need it.
_FAMILIES = ("mov", "mp4", "matroska", "webm", "ogg", "flac", "wav")
#: Kinds of sound that need no such header.
_WITHOUT_HEADER = ("ac3", "eac3", "mp3", "mp2", "dts")
#: Codecs that begin well inside a stream when a packet before is there too.
_CUTTABLE = ("aac", "ac3", "eac3")
#: Codecs with packets so short that a late end of the last one is inaudible.
_SHORT = ("aac", "opus", "mp3", "ac3", "eac3")
_NEAR = Fraction(1, 1000)
_LATE = Fraction(1, 20)


def is_untouched(cut: Cut) -> bool:
    """Whether the sources are heard one after the other as they are: then nothing is limited."""
    mix = cut.mix
    plain = all(_is_plain(segment) for segment in cut.segments)
    return mix.loudness is None and mix.programme_gain == 0 and not cut.sounds and plain


def _is_plain(segment: Segment) -> bool:
    plain = segment.is_plain and not segment.transition and segment.sound != "muted"
    return plain and not segment.lead and not applied_sounds(segment)


def passed_sound(
    cut: Cut, wish: Wish, output: Output, packets: bool = False
) -> tuple[Source, tuple[Range, ...]] | str:
    """The source and the ranges of it that are heard, or why its packets cannot be passed on.

    ``packets`` allows ranges to begin and end
    where packets do, and more than one.
    """
    if not is_untouched(cut):
        return "it is mixed, made louder or softer, stretched, or changed by effects"
    ranges = _ranges(cut.segments)
    if not ranges or (len(ranges) > 1 and not packets):
        return "sounds are joined, to the sample"
    source = cut.source(cut.segments[0].source or "")
    audio = source.audio
    if audio is None:
        return "the source has none"
    reason = _why_not_held(source.format, audio, output, packets) or _why_not_as_wished(
        cut, audio, wish
    )
    if reason is None and not packets:
        reason = _why_not_whole(source, audio, ranges[0], output)
    if reason is None and not (packets and len(ranges) == 1):
        reason = _why_too_short(audio, ranges)
    return (source, ranges) if reason is None else reason


def _why_not_held(family: str, audio: AudioStream, output: Output, packets: bool) -> str | None:
    """Why the container cannot hold the source's packets."""
    kind = kind_of(audio.codec)
    if kind not in (*output.container.audio, *output.container.copied):
        return f"it is {audio.codec}, which is not what the output is to hold"
    if family == "mp3" and not packets and not output.container.says_where:
        return f"{output.container.suffix} cannot say what MP3 says of its first samples"
    if output.container.has_info_frame and not ("mp4" in family or family == "mp3"):
        return f"files of kind {family} do not say what MP3 has to of its first samples"
    has_header = family == "mp3" or any(name in family for name in _FAMILIES)
    if not has_header and not (packets and kind in _WITHOUT_HEADER):
        return f"the packets of a file of kind {family} have other headers"
    if output.container.muxer == "matroska" and "mp4" in family and kind == "aac" and not packets:
        return "Matroska cannot tell what MP4 says of the samples before the first one"
    return None


def _why_not_as_wished(cut: Cut, audio: AudioStream, wish: Wish) -> str | None:
    if wish.audio_codec not in (None, kind_of(audio.codec)):
        return f"{wish.audio_codec} was asked for"
    if wish.audio_bitrate is not None:
        return "a bit rate was asked for"
    if cut.mix.channels not in (None, audio.channels):
        return f"{cut.mix.channels} channels were asked for"
    return None


def _why_not_whole(source: Source, audio: AudioStream, heard: Range, output: Output) -> str | None:
    """Why a range cannot be had to the sample from whole packets."""
    kind = kind_of(audio.codec)
    begins = heard.start <= _NEAR and audio.start <= heard.start + _NEAR
    sample_exact = output.container.has_edit_list and "mp4" in source.format
    can_begin_inside = sample_exact and kind in _CUTTABLE
    if not begins and not (can_begin_inside and audio.start <= heard.start):
        return "it begins inside a packet"
    if kind not in _SHORT and heard.end < audio.start + audio.duration - _NEAR:
        return "it ends inside a packet"
    return None


def _why_too_short(audio: AudioStream, ranges: Sequence[Range]) -> str | None:
    end = audio.start + audio.duration
    return "it ends before the picture" if any(end < r.end - _LATE for r in ranges) else None


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
