"""Recognised words put in order, and in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from smartcut.annotation import Sentence, Word
from smartcut.timebase import Range

_SENTENCE_END = (".", "?", "!", "…", "。", "？", "！", "؟", "۔", "।")
_CLOSING = "\"'”’)]»"
_LONGEST_PAUSE = Fraction(3, 2)


def tidy(words: Iterable[Word], duration: Fraction) -> list[Word]:
    """The words in order, to the millisecond, inside the sound, none overlapping the next."""
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: w.range.start):
        start = _milliseconds(max(word.range.start, kept[-1].range.end if kept else Fraction(0)))
        end = _milliseconds(min(word.range.end, duration))
        if end > start and word.text.strip():
            kept.append(replace(word, range=Range(start, end)))
    return kept


def _milliseconds(time: Fraction) -> Fraction:
    return Fraction(int(time * 1000), 1000)


def sentences(words: Iterable[Word]) -> Iterator[Sentence]:
    """The words in sentences, which end at their punctuation or at a long pause.

    Words carry the space before them, where there is one.
    """
    held: list[Word] = []
    for word in words:
        if held and word.range.start - held[-1].range.end > _LONGEST_PAUSE:
            yield _sentence(held)
            held = []
        held.append(word)
        if word.text.rstrip().rstrip(_CLOSING).endswith(_SENTENCE_END):
            yield _sentence(held)
            held = []
    if held:
        yield _sentence(held)


def _sentence(words: list[Word]) -> Sentence:
    whole = Range(words[0].range.start, words[-1].range.end)
    text = " ".join("".join(w.text for w in words).split())
    return Sentence(whole, text, tuple(replace(w, text=w.text.strip()) for w in words))
