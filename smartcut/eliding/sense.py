"""Whether what was left out may change the sense of what is heard: by rules on words.

They are signs, for a person to look at: a rule sees the word "not", not what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smartcut.annotation import Sentence
from smartcut.eliding.rules import (
    ATTRIBUTION,
    CONDITION,
    FOLLOWS,
    FRAMES,
    NEGATION,
    NEW_CLAUSE,
    QUALIFICATION,
    TAKES_BACK,
    compared,
    rules_of,
)

#: A clause of so many words or more, that is of its own, says nothing of what is kept.
_LONG = 4


@dataclass(frozen=True, slots=True)
class SenseChange:
    """A sign that the sense is another one."""

    kind: str
    """negation, condition, qualification, attribution, sentence, answer, or reference."""
    because: str
    """The words that say so."""


def within(left: str, language: str, *, is_tail: bool) -> Iterator[SenseChange]:
    """Of words left out of a sentence whose rest is heard; a tail is its end."""
    plain = compared(left)
    is_own = is_tail and bool(NEW_CLAUSE.match(plain)) and len(plain.split()) >= _LONG
    for kind, pattern in rules_of(language).items():
        found = pattern.search(plain)
        if found is None:
            continue
        if is_own and kind in (NEGATION, QUALIFICATION, ATTRIBUTION):
            continue
        yield SenseChange(kind, found[0])


def of_sentences(
    kept: Sentence | None, omitted: Sequence[Sentence], following: Sentence | None, language: str
) -> Iterator[SenseChange]:
    """Of whole sentences left out between two that are heard, as they were said in a row."""
    if not omitted or not rules_of(language):
        return
    first, last = compared(omitted[0].text), compared(omitted[-1].text)
    if kept is not None and (found := TAKES_BACK.match(first)):
        kind = CONDITION if found[0] in ("if", "unless", "provided", "wenn", "falls") else ""
        yield SenseChange(kind or QUALIFICATION, found[0])
    if following is None:
        return
    if found := FRAMES.match(last):
        yield SenseChange(ATTRIBUTION, found[0])
    elif omitted[-1].text.rstrip().endswith(":"):
        yield SenseChange(ATTRIBUTION, omitted[-1].text.split()[-1])


def moved(
    before: Sentence, after: Sentence, said_after: Sequence[Sentence], language: str
) -> Iterator[SenseChange]:
    """Of a sentence that is heard after another one than it was said after.

    ``said_after`` is what followed on ``before`` where it was said, up to the next question.
    """
    if before.text.rstrip().endswith("?"):
        if after not in said_after:
            yield SenseChange("answer", before.text.strip())
        return
    found = FOLLOWS.match(compared(after.text))
    if found is not None and rules_of(language) and after not in said_after[:1]:
        yield SenseChange("reference", found[0])
