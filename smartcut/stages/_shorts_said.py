"""What `shorts` knows of what is said: which sentences are heard whole, and what is around them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction

from smartcut.annotation import Signal, Transcript
from smartcut.cut import Cut, Segment
from smartcut.selecting.asked import OfferedSentence
from smartcut.selecting.said import HeardSpeech, spoken_sentences
from smartcut.timebase import Range

# A reaction so many seconds after a sentence is still one to it.
_RIGHT_AFTER = 3


def language_of(cut: Cut) -> str:
    """The language that all transcripts are in; empty where there are several."""
    found = {t.language for s in cut.sources if (t := cut.data(Transcript, "transcript", s.id))}
    return found.pop() if len(found) == 1 else ""


def answered(own: Sequence[OfferedSentence], reactions: Sequence[Range]) -> Iterator[int]:
    """The sentences in or right after which the audience reacts."""
    ordered = sorted(range(len(own)), key=lambda n: own[n].start)
    starts = [own[n].start for n in ordered]
    for reaction in reactions:
        place = bisect_left(starts, reaction.start) - 1
        if place >= 0 and reaction.start - own[ordered[place]].end <= _RIGHT_AFTER:
            yield ordered[place]


def heard_in(cut: Cut, segment: Segment) -> HeardSpeech:
    """When somebody speaks, in seconds since the segment's beginning."""
    known = cut.data(Transcript, "transcript", str(segment.source))
    parts = (
        part
        for sentence in (known.sentences if known else ())
        for word in sentence.words
        if (part := word.range.intersect(segment.range)) is not None
    )
    times = (sorted(map(segment.time_of, (part.start, part.end))) for part in parts)
    return HeardSpeech((start, end) for start, end in times)


def mean_of(signal: Signal, start: Fraction, end: Fraction) -> float | None:
    """The mean of a signal in a range of source time."""
    first, last = (bisect_left(signal.pts, time / signal.timebase) for time in (start, end))
    inside = signal.values[0][first:last]
    return sum(inside) / len(inside) if inside else None


def offered_sentences(cut: Cut) -> Iterator[OfferedSentence]:
    """The sentences that are heard whole, segment by segment, in the order of hearing."""
    for number, segment in enumerate(cut.segments):
        if segment.source is None:
            continue
        whole = [
            OfferedSentence(segment.source, sentence, number)
            for sentence in spoken_sentences(cut.data(Transcript, "transcript", segment.source))
            if sentence.words
        ]
        inside = [o for o in whole if o.range.intersect(segment.range) == o.range]
        yield from sorted(inside, key=lambda one: min(map(segment.time_of, (one.start, one.end))))
