"""How far a transcript is from what was said: words, their times, inventions and loops. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

Word = tuple[str, float, float]
"""A word, and its start and end in seconds."""

#: A phrase of up to so many words said at least so often on end is a loop.
_LONGEST, _OFTEN = 8, 3
_BOTH, _LEFT_OUT, _ADDED = range(3)


def plain(words: Sequence[Word]) -> list[str]:
    """Letters and digits alone, in lower case."""
    return [bare for word, *_ in words if (bare := _bare(word))]


def _bare(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())


def word_errors(said: Sequence[str], written: Sequence[str]) -> int:
    """The fewest words to put in, leave out or change (Levenshtein)."""
    return sum(max(gap) for gap in _gaps(said, written))


def lost(said: Sequence[str], written: Sequence[str]) -> int:
    """Words left out: those said, less those written, between two that are right."""
    return sum(max(0, left_out - others) for left_out, others in _gaps(said, written))


def time_errors(said: Sequence[Word], written: Sequence[Word]) -> np.ndarray:
    """Seconds (n, 2) by which the starts and ends of the words that are right are late."""
    said = [word for word in said if _bare(word[0])]
    written = [word for word in written if _bare(word[0])]
    pairs = [(said[a], written[b]) for a, b in matches(plain(said), plain(written))]
    return np.array([(b[1] - a[1], b[2] - a[2]) for a, b in pairs]).reshape(-1, 2)


def matches(said: Sequence[str], written: Sequence[str]) -> list[tuple[int, int]]:
    """Numbers of the words that are right, in both, in the alignment of the fewest changes.

    Of several such alignments it is the one with the most words right.
    """
    steps = _steps(said, written)
    pairs = []
    a, b = len(said), len(written)
    while a and b:
        step = steps[a - 1, b - 1]
        if step == _BOTH and said[a - 1] == written[b - 1]:
            pairs.append((a - 1, b - 1))
        a, b = a - int(step != _ADDED), b - int(step != _LEFT_OUT)
    return pairs[::-1]


def _steps(said: Sequence[str], written: Sequence[str]) -> np.ndarray:
    """How the cheapest way arrives at each pair of words: by both, or by one of them alone."""
    numbers: dict[str, int] = {}
    first, second = (
        np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64)
        for words in (said, written)
    )
    # A change costs so much that no number of words that are right, each -1, outweighs it.
    change = min(len(said), len(written)) + 1
    added = change * np.arange(len(written) + 1)
    row, steps = added, np.empty((len(said), len(written)), np.int8)
    for number, word in enumerate(first):
        both = row[:-1] + np.where(second == word, -1, change)
        above = row + change
        best = np.append(above[0], np.minimum(both, above[1:]))
        # One added after another is a running minimum, once what they cost is taken off.
        row = np.minimum.accumulate(best - added) + added
        steps[number] = np.where(row[1:] < best[1:], _ADDED, _LEFT_OUT)
        steps[number][row[1:] == both] = _BOTH
    return steps


def _gaps(said: Sequence[str], written: Sequence[str]) -> Iterator[tuple[int, int]]:
    """How many words are said, and how many written, between two that are right."""
    edges = [(-1, -1), *matches(said, written), (len(said), len(written))]
    for (a, b), (c, d) in pairwise(edges):
        yield c - a - 1, d - b - 1


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
