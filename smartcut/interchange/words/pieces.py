"""From words in the order in which they are to be heard to ranges of their sources.

A pause goes with the words on its sides. Where two words follow each other as they were said, all
between them stays. Where the word between them was taken out, exactly its range is. Where they
were moved apart, the pause between them is divided: the second word takes a little of it along,
the first one the rest. So no order of all words loses or repeats anything. What lies before the
first word of a source and after its last one stays as long as anything of their lines does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from smartcut.interchange.words.script import PAUSE_MARGIN, Script
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class Heading:
    """What follows is a chapter of that name."""

    title: str


@dataclass(frozen=True, slots=True)
class WordsPiece:
    """A range of a source, and the chapter that it belongs to."""

    source: str
    range: Range
    chapter: str | None = None


Item = int | Heading
"""The number of a word, or a heading."""


def pieces(script: Script, items: Sequence[Item]) -> list[WordsPiece]:
    """The ranges that are heard when these words are, in their order; one where they go on."""
    edges = _WordEdges(script, {item for item in items if isinstance(item, int)})
    found: list[WordsPiece] = []
    for chapter, first, last in _runs(script, items, edges):
        source = script.source_of[first]
        place = Range(edges.start(first), edges.end(last))
        found += [WordsPiece(source, r, chapter) for r in (*edges.opening(first), place)]
        found += [WordsPiece(source, r, chapter) for r in edges.closing(last)]
    return found


def _runs(
    script: Script, items: Sequence[Item], edges: _WordEdges
) -> Iterator[tuple[str | None, int, int]]:
    """(chapter, first word, last word) of all that goes on without a break."""
    chapter: str | None = None
    first = last = -1
    for item in items:
        if isinstance(item, Heading):
            if first >= 0:
                yield chapter, first, last
            first, chapter = -1, item.title
        elif first >= 0 and item == last + 1 and not edges.is_first(item):
            last = item
        else:
            if first >= 0:
                yield chapter, first, last
            first = last = item
    if first >= 0:
        yield chapter, first, last


class _WordEdges:
    """Where the pieces begin and end that words begin and end."""

    def __init__(self, script: Script, present: set[int]) -> None:
        self._script, self._present = script, present
        self._openings: dict[int, Range] = {}
        self._closings: dict[int, Range] = {}
        self._firsts: set[int] = set()
        self._lasts: set[int] = set()
        own: dict[str, tuple[int, int]] = {}
        for number, line in enumerate(script.lines):
            own[line.source] = own.get(line.source, (number, number))[0], number
        for source in script.sources:
            if source.id in own:
                self._ends(*own[source.id], source.duration)

    def _ends(self, opening: int, closing: int, duration: Fraction) -> None:
        """Take note of the ends of a source, whose first and last lines these are."""
        words, firsts = self._script.words, self._script.firsts
        first, last = firsts[opening], firsts[closing + 1] - 1
        self._firsts.add(first)
        self._lasts.add(last)
        left = [n for n in range(first, firsts[opening + 1]) if n in self._present]
        if left and left[0] != first and words[first].range.start > 0:
            self._openings[left[0]] = Range(Fraction(0), words[first].range.start)
        left = [n for n in range(firsts[closing], last + 1) if n in self._present]
        if left and left[-1] != last and words[last].range.end < duration:
            self._closings[left[-1]] = Range(words[last].range.end, duration)

    def is_first(self, number: int) -> bool:
        """It is the first word of its source."""
        return number in self._firsts

    def opening(self, number: int) -> Iterator[Range]:
        """What is left of its source before a word that no longer begins it."""
        if number in self._openings:
            yield self._openings[number]

    def closing(self, number: int) -> Iterator[Range]:
        if number in self._closings:
            yield self._closings[number]

    def start(self, number: int) -> Fraction:
        """Where a piece starts whose first word this is."""
        if number in self._firsts:
            return Fraction(0)
        if number - 1 in self._present:
            return self._between(number - 1)
        return self._script.words[number - 1].range.end

    def end(self, number: int) -> Fraction:
        """Where a piece ends whose last word this is."""
        if number in self._lasts:
            source = self._script.source(self._script.source_of[number])
            return source.duration
        if number + 1 in self._present:
            return self._between(number)
        return self._script.words[number + 1].range.start

    def _between(self, number: int) -> Fraction:
        """Where the pause after a word is divided."""
        before, after = (self._script.words[n].range for n in (number, number + 1))
        return max((before.end + after.start) / 2, after.start - PAUSE_MARGIN)
