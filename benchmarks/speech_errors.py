"""How far a transcript is from what was said: words, their times, inventions and loops. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

Word = tuple[str, float, float]
"""A word, and its start and end in seconds."""

#: A phrase of up to so many words said at least so often on end is a loop.
_LONGEST, _OFTEN = 8, 3


def plain(words: Sequence[Word]) -> list[str]:
    """Letters and digits alone, in lower case."""
    return [bare for word, *_ in words if (bare := _bare(word))]


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())


def word_errors(said: Sequence[str], written: Sequence[str]) -> int:
    """The fewest words to put in, leave out or change (Levenshtein)."""
    row = np.arange(len(written) + 1)
    for number, word in enumerate(said, 1):
        before, row = row, np.empty_like(row)
        row[0] = number
        for k, other in enumerate(written, 1):
            row[k] = min(row[k - 1] + 1, before[k] + 1, before[k - 1] + (word != other))
    return int(row[-1])


def lost(said: Sequence[str], written: Sequence[str]) -> int:
    """Words left out: the most that is missing between two that are right."""
    matcher = SequenceMatcher(None, said, written, autojunk=False)
    return sum(
        max(0, (i2 - i1) - (j2 - j1))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def time_errors(said: Sequence[Word], written: Sequence[Word]) -> np.ndarray:
    """Seconds (n, 2) by which the starts and ends of the words that are right are late."""
    written = [word for word in written if _bare(word[0])]
    matcher = SequenceMatcher(None, plain(said), plain(written), autojunk=False)
    pairs = [
        (said[m.a + k], written[m.b + k])
        for m in matcher.get_matching_blocks()
        for k in range(m.size)
    ]
    return np.array([(b[1] - a[1], b[2] - a[2]) for a, b in pairs]).reshape(-1, 2)


def loops(written: Sequence[str]) -> int:
    """Phrases that are said three times on end or more."""
    found, at = 0, 0
    while at < len(written):
        for size in range(1, _LONGEST + 1):
            times, phrase = 1, written[at : at + size]
            while written[at + times * size : at + (times + 1) * size] == phrase:
                times += 1
            if times >= _OFTEN and len(phrase) == size:
                found += 1
                at += times * size - 1
                break
        at += 1
    return found


def backwards(written: Sequence[Word]) -> int:
    """Words that end before they start, or start before the one before has."""
    turned = sum(end < start for _, start, end in written)
    return turned + sum(b[1] < a[1] for a, b in pairwise(written))
