"""Generated sound, as a source and on a track of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from smartcut.cache import Cache
from smartcut.cut import Cut, Segment, Track
from smartcut.source import AudioStream, Recipe, Source
from smartcut.timebase import Range

SUFFIX = ".wav"


def sound_source(
    cut: Cut, cache: Cache, key: str, recipe: Recipe, *, samples: int, rate: int, channels: int
) -> Source:
    """The source whose file is the cache's entry ``key``; one that is in the cut is used again."""
    for known in cut.sources:
        if known.digest == key:
            return known
    taken = {source.id for source in cut.sources}
    id, number = recipe.kind, 1
    while id in taken:
        number += 1
        id = f"{recipe.kind}-{number}"
    duration = Fraction(samples, rate)
    audio = AudioStream(
        index=0,
        codec="pcm_s16le",
        timebase=Fraction(1, rate),
        sample_rate=rate,
        channels=channels,
        layout="mono" if channels == 1 else "stereo",
        start=Fraction(0),
        duration=duration,
        bitrate=16 * rate * channels,
        sample_format="s16",
    )
    place = cache.place(key, SUFFIX)
    return Source(id, place, key, "wav", Fraction(0), duration, None, audio, made=recipe)


def with_source(cut: Cut, source: Source) -> Cut:
    known = any(s.id == source.id for s in cut.sources)
    return cut if known else replace(cut, sources=(*cut.sources, source))


def laid_out(track: Track, items: Iterable[tuple[Source, Fraction]]) -> Track:
    """The track with each source at its time of the timeline, in order, and silence between."""
    segments: list[Segment] = []
    at = Fraction(0)
    for source, start in items:
        if start > at:
            segments.append(Segment(None, Range(Fraction(0), start - at)))
        label = source.made.kind if source.made else ""
        segments.append(Segment(source.id, Range(Fraction(0), source.duration), label=label))
        at = start + source.duration
    return replace(track, segments=tuple(segments))
