"""Words as they are compared."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

#: Words of which so much is the same are one word that was heard otherwise.
NEAR = 0.6


def normal(word: str) -> str:
    """Small letters and digits alone; nothing for what holds none."""
    return "".join(c for c in unicodedata.normalize("NFKD", word).casefold() if c.isalnum())


def words_of_text(text: str) -> tuple[str, ...]:
    """The words of a text as they are written."""
    return tuple(word for word in text.split() if normal(word))


@lru_cache(maxsize=100_000)
def difference(one: str, other: str) -> float:
    """0 for equal words, up to 1 - :data:`NEAR` for near ones, and infinite for others."""
    if one == other:
        return 0.0
    first, second = sorted((one, other))
    if 2 * min(len(one), len(other)) < NEAR * (len(one) + len(other)):
        return float("inf")
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.quick_ratio() < NEAR:
        return float("inf")
    alike = matcher.ratio()
    return 1 - alike if alike >= NEAR else float("inf")
