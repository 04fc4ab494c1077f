"""What was said, line by line, with the pauses between: what a words file is written from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from smartcut.annotation import Sentence, Word
from smartcut.timebase import Range

#: A pause this long between two lines is a line of its own, less its margins; at the ends of a
#: source shorter ones are.
LONG_PAUSE, LONG_END = Fraction(1), Fraction(1, 2)
#: What of a pause stays with the words on each side of it, in seconds.
PAUSE_MARGIN = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A recording; ``path`` as the file names it."""

    id: str
    path: Path
    digest: str
    duration: Fraction
    language: str


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A sentence, or a pause: then its one word has no text."""

    source: str
    words: tuple[Word, ...]

    @property
    def range(self) -> Range:
        return Range(self.words[0].range.start, self.words[-1].range.end)

    @property
    def is_pause(self) -> bool:
        return not self.words[0].text


@dataclass(frozen=True)
class Script:
    """Lines in the order of the sources, and of each in the order of time; none overlap."""

    sources: tuple[ScriptSource, ...]
    lines: tuple[ScriptLine, ...]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All words and pauses; a word's place here is its number."""
        return tuple(word for line in self.lines for word in line.words)

    @cached_property
    def source_of(self) -> tuple[str, ...]:
        """The source of each word."""
        return tuple(line.source for line in self.lines for _ in line.words)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """The number of each line's first word, and one past the last of all."""
        numbers = [0]
        for line in self.lines:
            numbers.append(numbers[-1] + len(line.words))
        return tuple(numbers)

    def source(self, id: str) -> ScriptSource:
        return next(source for source in self.sources if source.id == id)


def lines_of(source: ScriptSource, sentences: Sequence[Sentence]) -> Iterator[ScriptLine]:
    """The lines of a source, its long pauses among them.

    A word never begins before the one before it ends, nor ends after the source.
    """
    end = Fraction(0)
    for words in _in_order(sentences, source.duration):
        start = words[0].range.start
        limit = LONG_PAUSE if end else LONG_END
        margin = PAUSE_MARGIN if end else Fraction(0)
        if start - end >= limit:
            yield _pause(source.id, end + margin, start - PAUSE_MARGIN)
        yield ScriptLine(source.id, words)
        end = words[-1].range.end
    if source.duration - end >= LONG_END:
        yield _pause(source.id, end + (PAUSE_MARGIN if end else 0), source.duration)


def _in_order(sentences: Sequence[Sentence], duration: Fraction) -> Iterator[tuple[Word, ...]]:
    """The words of each sentence in which something is said, clear of each other."""
    end = Fraction(0)
    for sentence in sorted(sentences, key=lambda s: s.range):
        kept: list[Word] = []
        for word in sorted(sentence.words, key=lambda w: w.range):
            start, stop = max(word.range.start, end), min(word.range.end, duration)
            if start < stop and word.text.strip():
                kept.append(replace(word, range=Range(start, stop)))
                end = stop
        if kept:
            yield tuple(kept)


def _pause(source: str, start: Fraction, end: Fraction) -> ScriptLine:
    return ScriptLine(source, (Word(Range(start, end), ""),))
