"""A chapter for each segment of the programme, or for those of one heading, with its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from smartcut.algebra import texts_shown, words_in_timeline
from smartcut.annotation import Word
from smartcut.cut import Cut, Segment
from smartcut.render.captions.text import ends_sentence, join, width
from smartcut.source import Chapter
from smartcut.timebase import Range, RangeIndex, format_time

_LONGEST = 48
"""Columns of a name that is made from a sentence."""


def chapters_of(cut: Cut, words: Sequence[Word] | None = None) -> list[Chapter]:
    """The chapters in order; no two have the same name.

    Segments of one chapter that follow each other are one, and have its name. Of others a name is
    the segment's label, where it says more than which file this is; or else a title shown there,
    the source's own chapter, the first sentence said there, or the file and where in it the
    segment begins. ``words`` are those of :func:`words_in_timeline`, where they are known.
    """
    heard = _HeardWords(words_in_timeline(cut) if words is None else words, tuple(texts_shown(cut)))
    found = _by_chapter(cut.programme.placed())
    labels = Counter(segment.label for segment, _ in found)
    names = [
        _name(cut, segment, place, heard, labels[segment.label] > 1, len(found) > 1)
        for segment, place in found
    ]
    return [Chapter(place, name) for (_, place), name in zip(found, _numbered(names), strict=True)]


class _HeardWords:
    """The words and the texts of a cut, found by time."""

    def __init__(self, words: Sequence[Word], texts: Sequence[tuple[str, Segment, Range]]) -> None:
        self._words, self.texts = words, texts
        self._index = RangeIndex([word.range for word in words])

    def within(self, place: Range) -> list[Word]:
        """The words whose middle lies in a range."""
        return [self._words[number] for number in self._index.centred_in(place)]


def _by_chapter(placed: Iterable[tuple[Segment, Range]]) -> list[tuple[Segment, Range]]:
    """The first segment of each chapter, and where the chapter lies."""
    found: list[tuple[Segment, Range]] = []
    for segment, place in placed:
        if found and segment.chapter is not None and found[-1][0].chapter == segment.chapter:
            first, begun = found[-1]
            found[-1] = first, Range(begun.start, place.end)
        else:
            found.append((segment, place))
    return found


def _name(
    cut: Cut, segment: Segment, place: Range, heard: _HeardWords, is_shared: bool, is_one: bool
) -> str:
    """``is_shared`` says that others have this label, ``is_one`` that there are others at all."""
    candidates = _names(cut, segment, place, heard)
    label = segment.label
    if segment.chapter is not None:
        return segment.chapter
    # A file's name, or the signal for which a segment was chosen, is no name of a chapter.
    if label and label != segment.source and label not in dict(segment.scores) and not is_shared:
        return label
    if said := next(candidates, None):
        return said
    if segment.source is None:
        return label or "gap"
    start = format_time(segment.range.start).rpartition(".")[0].removeprefix("00:")
    return f"{label or segment.source}, {start}" if is_one else label or segment.source


def _names(cut: Cut, segment: Segment, place: Range, heard: _HeardWords) -> Iterator[str]:
    for text, _, where in heard.texts:
        if place.contains(where.start) and text.strip():
            yield _short(text.split())
    for source in cut.sources:
        if source.id == segment.source:
            for chapter in source.chapters:
                if segment.range.contains(chapter.range.start) and chapter.title.strip():
                    yield chapter.title.strip()
    said = heard.within(place)
    if said:
        yield _sentence(said, cut.captions.language if cut.captions else None)


def _sentence(words: Sequence[Word], language: str | None) -> str:
    """The first sentence of these words, shortened."""
    end = next(
        (
            i
            for i, (a, b) in enumerate(pairwise(words), 1)
            if ends_sentence(a.text, b.text, language)
        ),
        len(words),
    )
    first = list(words[:end])
    text = join(first).strip()
    if width(text) <= _LONGEST:
        return text.rstrip(".。")
    while len(first) > 1 and width(join(first)) > _LONGEST - 2:
        first.pop()
    return _short(join(first).split(), is_cut=True)


def _short(words: Sequence[str], is_cut: bool = False) -> str:
    """The words in one line, as many as there is room for."""
    text = ""
    for word in words:
        longer = f"{text} {word}".strip()
        if text and width(longer) > _LONGEST:
            is_cut = True
            break
        text = longer
    if width(text) > _LONGEST:
        text, is_cut = text[: _LONGEST // 2], True
    return f"{text.rstrip('.,;:')} …" if is_cut else text


def _numbered(names: Sequence[str]) -> Iterator[str]:
    """The names, those that are there before with a number."""
    given: set[str] = set()
    for name in names:
        unique, number = name, 1
        while unique in given:
            number += 1
            unique = f"{name} ({number})"
        given.add(unique)
        yield unique
