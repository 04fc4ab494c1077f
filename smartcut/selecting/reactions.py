"""Laughter and applause, where a transcript writes them down: ``[Laughter]``, ``(applause)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smartcut.annotation import Word
from smartcut.timebase import Range

_OPENING, _CLOSING = "[(（【♪", "])）】♪"
# A mark has so many words at most.
_LONGEST = 6
#: Beginnings of words, in the languages that captions are mostly written in.
_REACTIONS = re.compile(
    "laugh|chuckl|applau|clap|cheer|lach|gelächter|beifall|jubel|rire|risa|riso|risat|"
    "aplauso|applaus|ovation|ovación|smatt|skratt|gelach|смех|смеёт|аплод|笑|拍手|掌声|歓声",
    re.IGNORECASE,
)


def marks(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """The runs of words, from and up to, that are marks of sounds and nothing spoken.

    What stands in square brackets is one; in round ones, what names laughter or applause.
    """
    at = 0
    while at < len(words):
        end = _end_of_mark(words, at)
        if end:
            yield at, end
        at = end or at + 1


def _end_of_mark(words: Sequence[Word], at: int) -> int | None:
    if words[at].text[:1] not in _OPENING:
        return None
    for last in range(at, min(at + _LONGEST, len(words))):
        text = words[last].text.rstrip(".,!?:;")
        if text[-1:] in _CLOSING and (last > at or len(text) > 1):
            is_square = words[at].text[0] in "[【♪"
            return last + 1 if is_square or _names_reaction(words[at : last + 1]) else None
    return None


def reactions(words: Sequence[Word]) -> list[Range]:
    """When the audience laughs or applauds."""
    return [
        Range(words[a].range.start, words[b - 1].range.end)
        for a, b in marks(words)
        if _names_reaction(words[a:b])
    ]


def _names_reaction(words: Sequence[Word]) -> bool:
    return any(_REACTIONS.match(word.text.lstrip(_OPENING)) for word in words)
