"""Text as it is spoken: sentences, words, and which sound belongs to which word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Spans = tuple[tuple[int, int], ...]
"""For each word: its first sample, and one past its last."""

_ENDS = (".", "?", "!", "…", "。", "？", "！")
_CLOSING = "\"'”’)]»"
_ABBREVIATED = ("mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs.", "no.", "fig.", "mt.", "approx.")
_DOTTED = re.compile(r"(?:\w\.){2,}")
_INITIAL = re.compile(r"[A-Z]\.")
#: Marks of stress and length: the same sound with and without them.
_MARKS = frozenset("ˈˌːˑ'")


def sentences_of(text: str) -> list[str]:
    """The text's sentences, white space made single; abbreviations and initials end none."""
    found: list[str] = []
    held: list[str] = []
    tokens = text.split()
    for i, token in enumerate(tokens):
        held.append(token)
        if token.rstrip(_CLOSING).endswith(_ENDS) and not _goes_on(token, tokens[i + 1 : i + 2]):
            found.append(" ".join(held))
            held = []
    return [*found, " ".join(held)] if held else found


def _goes_on(token: str, following: Sequence[str]) -> bool:
    """Whether the full stop is that of ``Dr.``, ``J.``, or ``p.m.`` inside a sentence."""
    bare = token.lstrip("\"'“‘([«")
    if _DOTTED.fullmatch(bare):
        return bool(following) and not following[0][0].isupper()
    return bare.lower() in _ABBREVIATED or _INITIAL.fullmatch(bare) is not None


def words_of(sentence: str) -> list[str]:
    """The words as they are shown; a mark that stands alone goes with the word before it."""
    words: list[str] = []
    for token in sentence.split():
        if words and not is_spoken(token):
            words[-1] += f" {token}"
        elif words and not is_spoken(words[0]):
            words[0] += f" {token}"
        else:
            words.append(token)
    return words


def is_spoken(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(c.isalnum() for c in text)


def shared_out(words: Sequence[str], first: int, last: int) -> Spans:
    """The samples ``first`` to ``last`` shared out to the words by their letters and digits."""
    counts = [max(1, sum(c.isalnum() for c in word)) for word in words]
    edges = [first]
    for i in range(len(counts)):
        edges.append(first + (last - first) * sum(counts[: i + 1]) // sum(counts))
    return tuple(pairwise(edges))


def spans_of_words(
    phonemes: Sequence[str], spans: Spans, alone: Sequence[Sequence[str]]
) -> Spans | None:
    """When each word is heard; None where a word's sounds cannot be separated from its neighbours'.

    ``phonemes`` are those of the sentence and ``spans`` their samples, ``alone`` those of each
    word spoken alone. In a sentence words run together (``of the``) or come apart (``42``), so
    the two are aligned by their longest common runs (Ratcliff and Obershelp 1988).
    """
    said = [i for i, p in enumerate(phonemes) if _is_sound(p)]
    single = [(p, w) for w, sounds in enumerate(alone) for p in sounds if _is_sound(p)]
    owners = _owners([phonemes[i] for i in said], single)
    if sorted(set(owners)) != list(range(len(alone))):
        return None
    found = []
    for word in range(len(alone)):
        own = [said[k] for k, owner in enumerate(owners) if owner == word]
        found.append((spans[own[0]][0], spans[own[-1]][1]))
    return tuple(found)


def _is_sound(phoneme: str) -> bool:
    return phoneme not in _MARKS and is_spoken(phoneme)


def _owners(said: Sequence[str], single: Sequence[tuple[str, int]]) -> list[int]:
    """The word that each sound of the sentence belongs to; never falls."""
    owners = [0] * len(said)
    matcher = SequenceMatcher(None, [p for p, _ in single], said, autojunk=False)
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        for k in range(b, b_end):
            at = a + (k - b) * (a_end - a) // (b_end - b)
            owners[k] = single[min(at, len(single) - 1)][1] if a_end > a else owners[max(0, k - 1)]
    return owners
