"""Terms that a translation must hold as they are given: put in after it, where it kept their place.

A translation model is given a name in place of a term, which it takes over as it takes over names.
Where it does not, the text is translated as it is, and the term is looked for in what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Translate = Callable[[Sequence[str]], Sequence[str]]
_STAND_IN = "Zq{}x"


@dataclass(frozen=True, slots=True)
class Termed:
    """A translation, and the terms that it should hold but does not."""

    text: str
    missing: tuple[str, ...] = ()


def translate_with(
    texts: Sequence[str], glossary: Mapping[str, str], translate: Translate
) -> list[Termed]:
    """The translations, in which each term of the glossary stands as the glossary has it."""
    hidden = [_hidden(text, glossary) for text in texts]
    wanted = [terms for _, terms in hidden]
    first = translate([text for text, _ in hidden])
    shown = [_shown(t, terms) for t, terms in zip(first, wanted, strict=True)]
    again = [k for k, text in enumerate(shown) if text is None]
    plain = dict(zip(again, translate([texts[k] for k in again]) if again else (), strict=True))
    return [
        Termed(plain[k], _missing(plain[k], terms)) if text is None else Termed(text)
        for k, (text, terms) in enumerate(zip(shown, wanted, strict=True))
    ]


def _pattern(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)


def _hidden(text: str, glossary: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with names for terms, the longest first, and what stands for each in the end."""
    found: list[str] = []
    for term in sorted(glossary, key=len, reverse=True):
        if _pattern(term).search(text):
            text = _pattern(term).sub(_STAND_IN.format(len(found)), text)
            found.append(glossary[term])
    return text, tuple(found)


def _shown(text: str, terms: Sequence[str]) -> str | None:
    """The text with the terms in their places; None where a place was lost."""
    for number, target in enumerate(terms):
        stand_in = re.compile(re.escape(_STAND_IN.format(number)), re.IGNORECASE)
        if not stand_in.search(text):
            return None
        text = stand_in.sub(lambda _, target=target: target, text)  # type: ignore[misc]
    return text


def _missing(text: str, terms: Sequence[str]) -> tuple[str, ...]:
    return tuple(target for target in terms if not _pattern(target).search(text))
