"""Phrases among words, whatever their case and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smartcut.annotation import Word
from smartcut.timebase import Range

_LETTERS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def plain_words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return [found.lower().replace("’", "'") for found in _LETTERS.findall(text)]


def phrase_places(phrase: str, words: Sequence[Word]) -> Iterator[Range]:
    """When a phrase is said: each time that its words follow each other."""
    wanted = plain_words(phrase)
    said = [(part, word.range) for word in words for part in plain_words(word.text)]
    for first in range(len(said) - len(wanted) + 1 if wanted else 0):
        part = said[first : first + len(wanted)]
        if [text for text, _ in part] == wanted:
            yield Range(part[0][1].start, max(part[-1][1].end, part[0][1].start))
