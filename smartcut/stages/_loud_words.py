"""Words that are louder than most: what captions may emphasise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from smartcut.annotation import Signal, Transcript, Word

_LOUD_PART = 0.8
"""The share of a word that is no louder than its level: a peak alone is no stress."""


def with_loud_words(transcript: Transcript, level: Signal, above: float) -> Transcript:
    """The transcript with those words marked that are so many dB louder than its median word."""
    levels = level.channel("level")
    words = [word for sentence in transcript.sentences for word in sentence.words]
    known = {id(word): found for word in words if (found := _level(word, level, levels))}
    if not known:
        return transcript
    usual = median(known.values())

    def marked(found: tuple[Word, ...]) -> Iterator[Word]:
        for word in found:
            is_loud = id(word) in known and known[id(word)] >= usual + above
            yield replace(word, is_strong=word.is_strong or is_loud)

    sentences = tuple(
        replace(sentence, words=tuple(marked(sentence.words))) for sentence in transcript.sentences
    )
    return replace(transcript, sentences=sentences)


def _level(word: Word, level: Signal, levels: tuple[float, ...]) -> float | None:
    """The level of a word in dB; None where it is in no sound."""
    first, last = (int(time / level.timebase) for time in (word.range.start, word.range.end))
    heard = sorted(levels[first : max(last, first + 1)])
    return heard[int(_LOUD_PART * (len(heard) - 1))] if heard else None
