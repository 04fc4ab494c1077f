"""Whether what was left out may change the sense of what is heard: by rules on words.

They are signs, for a person to look at: a rule sees the word "not", not what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from smartcut.annotation import Sentence
from smartcut.eliding.rules import (
    ATTRIBUTION,
    CONDITION,
    NEGATION,
    QUALIFICATION,
    SenseRules,
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


@dataclass(frozen=True)
class Shortening:
    """Words left out of a sentence whose rest is heard."""

    left: str
    before: str = ""
    """The sentence up to there."""
    after: str = ""
    """The sentence from there on."""
    language: str = "en"

    @cached_property
    def plain(self) -> str:
        return compared(self.left)

    @property
    def is_tail(self) -> bool:
        """Whether it is the sentence's end."""
        return not self.after


def within(short: Shortening) -> Iterator[SenseChange]:
    """Signs in words that are left out of a sentence: of each kind the first one."""
    rules = rules_of(short.language)
    if rules is None or not short.plain:
        return
    found = {
        NEGATION: _negation(short, rules),
        CONDITION: _condition(short, rules),
        QUALIFICATION: _qualification(short, rules),
        ATTRIBUTION: _attribution(short, rules),
    }
    for kind, because in found.items():
        if because is not None:
            yield SenseChange(kind, because)


def _is_own_clause(short: Shortening, rules: SenseRules, *kinds: str) -> bool:
    """Whether it is a clause that ends the sentence and speaks for itself."""
    is_long = len(short.plain.split()) >= _LONG
    return short.is_tail and is_long and any(rules.begins(one, short.plain) for one in kinds)


def _negation(short: Shortening, rules: SenseRules) -> str | None:
    if _is_own_clause(short, rules, "new_clause", "own_subject"):
        return None
    noun = None if short.is_tail else rules.find("no_word", short.plain)
    return rules.find("negation", short.plain) or noun


def _condition(short: Shortening, rules: SenseRules) -> str | None:
    found = rules.find("condition", short.plain)
    if found is None and not short.before:
        found = rules.begins("inversion", short.plain)
    return found or _time(short, rules)


def _time(short: Shortening, rules: SenseRules) -> str | None:
    """A time, which is a condition unless the sentence tells of what was."""
    found = rules.find("in_the_past", short.plain)
    if found is None:
        return None
    heard = compared(f"{short.before} {short.after}")
    # Where what is heard goes on within that clause, two clauses are made one.
    is_cut_off = bool(short.after) and found in short.plain.split()[-2:]
    is_told = rules.find("past", heard) is not None
    return None if is_told and not is_cut_off and not rules.find("knowing", short.plain) else found


def _qualification(short: Shortening, rules: SenseRules) -> str | None:
    if _is_own_clause(short, rules, "new_clause", "own_subject"):
        return None
    return (
        rules.find("qualification", short.plain)
        or rules.find("share", short.plain)
        or _of_next_word(short, rules)
        or _limit(short, rules)
    )


def _of_next_word(short: Shortening, rules: SenseRules) -> str | None:
    """A word that qualifies the one that is heard after it."""
    after = compared(short.after)
    if not after:
        return None
    found = rules.ends("before_word", short.plain)
    if found is None and rules.begins("number", after):
        found = rules.ends("before_number", short.plain)
    return found


def _limit(short: Shortening, rules: SenseRules) -> str | None:
    """What a sentence's end limits: a word such as "all", a general sentence, an adjective."""
    if not short.is_tail:
        return None
    before = compared(short.before)
    is_told = rules.find("past", before) is not None
    if rules.find("universal", before) and rules.begins("limits", short.plain):
        return short.plain
    of_kinds = rules.begins("of_kinds", short.plain)
    if of_kinds and not is_told and len(short.plain.split()) <= 3 and short.left.islower():
        return short.plain
    if rules.ends("adjective", before) and rules.begins("complement", short.plain):
        return short.plain
    return None


def _attribution(short: Shortening, rules: SenseRules) -> str | None:
    if _is_own_clause(short, rules, "new_clause"):
        return None
    found = rules.find("attribution", short.plain)
    if found is None and short.after and not rules.find("is_known", short.plain):
        found = rules.ends("says_that", short.plain)
    return found


def of_sentences(
    kept: Sentence | None, omitted: Sequence[Sentence], following: Sentence | None, language: str
) -> Iterator[SenseChange]:
    """Of whole sentences left out between two that are heard, as they were said in a row."""
    rules = rules_of(language)
    if not omitted or rules is None:
        return
    first, last = compared(omitted[0].text), compared(omitted[-1].text)
    if kept is not None:
        yield from _after(kept, first, rules)
    if following is None:
        return
    if found := rules.begins("frames", last):
        yield SenseChange(ATTRIBUTION, found)
    elif omitted[-1].text.rstrip().endswith(":"):
        yield SenseChange(ATTRIBUTION, omitted[-1].text.split()[-1])


def _after(kept: Sentence, omitted: str, rules: SenseRules) -> Iterator[SenseChange]:
    """Of a sentence that is left out after one that is heard."""
    if _asks(kept) and (found := rules.begins("answers", omitted)):
        yield SenseChange("answer", found)
    elif found := rules.begins("takes_back", omitted):
        is_condition = rules.begins("takes_back_by_condition", omitted) is not None
        yield SenseChange(CONDITION if is_condition else QUALIFICATION, found)
    elif found := rules.find("takes_back_later", omitted):
        yield SenseChange(QUALIFICATION, found)


def moved(
    before: Sentence, after: Sentence, said_after: Sequence[Sentence], language: str
) -> Iterator[SenseChange]:
    """Of a sentence that is heard after another one than it was said after.

    ``said_after`` is what followed on ``before`` where it was said, up to the next question.
    """
    if _asks(before):
        if after not in said_after:
            yield SenseChange("answer", before.text.strip())
        return
    rules = rules_of(language)
    found = rules.begins("follows", compared(after.text)) if rules is not None else None
    if found is not None and after not in said_after[:1]:
        yield SenseChange("reference", found)


def _asks(sentence: Sentence) -> bool:
    return sentence.text.rstrip().endswith("?")
