"""The words by which a sentence says less, or another thing, than its rest: a set for a language.

Kinds of words, and where they count: a word such as "not" or "probably" says something of its whole
clause; one such as "almost" or "some" of the word after it, which has to be heard; "that" at the
end of what is left out puts what is heard in other mouths; "when" is a condition, unless the
sentence tells of what was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

#: What a heard sentence may lose of its sense by.
NEGATION, CONDITION, QUALIFICATION = "negation", "condition", "qualification"
ATTRIBUTION = "attribution"

#: The languages that rules are known of; each is a module beside this one.
LANGUAGES: Mapping[str, str] = {"en": "english", "de": "german"}
#: Of the words of a text so many at least are common ones; about half are. Of fewer words than so
#: many in all nothing is told.
_COMMON, _FEW = 0.2, 12


@dataclass(frozen=True)
class SenseWords:
    """The words of a language, as alternatives of a regular expression in small letters."""

    negation: str
    """Anywhere in what is left out."""
    no_word: str
    """Negates the noun after it: counts unless both are left out at the end of a sentence."""
    condition: str
    in_the_past: str
    """Is a condition as well, unless the sentence tells of what was."""
    past: str
    """Tells of what was: verbs."""
    knowing: str
    """What is known only later makes a time a condition again."""
    inversion: str
    """Begins a condition without such a word, at the beginning of a sentence."""
    qualification: str
    before_word: str
    """Qualifies the word after it, or whether what it says is done."""
    before_number: str
    number: str
    share: str
    """So many of so many."""
    universal: str
    """All, and the most, which what follows may limit."""
    limits: str
    """Begins what limits such a word."""
    of_kinds: str
    """Begins what a general sentence is about: "in mice"; a word without an article follows."""
    complement: str
    """Begins what belongs to an adjective after "is"."""
    adjective: str
    """A form of "to be", and the adjective."""
    attribution: str
    says_that: str
    """Ends what is left out before what somebody says, thinks, or fears."""
    is_known: str
    """In these words, what follows is so."""
    new_clause: str
    """Begins a clause of its own, whose negations and qualifications are about itself."""
    own_subject: str
    """Begins a clause of its own without such a word."""
    takes_back: str
    """Begins a sentence that takes back, or limits, what was said before it."""
    takes_back_by_condition: str
    takes_back_later: str
    """Says the same in the middle of a sentence, or at its end."""
    frames: str
    """Begins a sentence that puts what follows in other mouths, or in an unreal world."""
    follows: str
    """Begins a sentence that answers, or follows from, the one before it."""
    answers: str
    """Begins the answer itself."""
    common: str
    """Words of which a text in this language has many."""


@dataclass(frozen=True)
class SenseRules:
    """The patterns of a language. Those for a beginning are matched, those for an end end so."""

    words: SenseWords
    _known: dict[str, re.Pattern[str]] = field(default_factory=dict, compare=False)

    def find(self, kind: str, text: str) -> str | None:
        """What stands in the text of a kind, in whole words."""
        found = self._pattern(kind, r"(?<![\w'])(?:{})(?![\w'])").search(text)
        return found[0] if found else None

    def begins(self, kind: str, text: str) -> str | None:
        """What of a kind the text begins with."""
        found = self._pattern(kind, r"\A(?:{})(?![\w'])").match(text)
        return found[0] if found else None

    def ends(self, kind: str, text: str) -> str | None:
        """What of a kind the text ends with."""
        found = self._pattern(kind, r"(?<![\w'])(?:{})\Z").search(text)
        return found[0] if found else None

    def _pattern(self, kind: str, form: str) -> re.Pattern[str]:
        key = f"{kind} {form}"
        if key not in self._known:
            self._known[key] = re.compile(form.format(getattr(self.words, kind)))
        return self._known[key]


@cache
def rules_of(language: str) -> SenseRules | None:
    """The patterns for a language; None for those that none are known of."""
    name = LANGUAGES.get(language)
    if name is None:
        return None
    return SenseRules(import_module(f"smartcut.eliding.{name}").WORDS)


def judged_language(words: Sequence[str], stated: str) -> str:
    """The language whose rules hold for a text; empty where they are known of none that it is in.

    Subtitles do not say their language, and are taken for English: so the words have to agree.
    """
    if len(words) < _FEW:
        return stated if stated in LANGUAGES else ""
    if stated not in LANGUAGES and stated:
        return ""
    shares = {name: _common(words, rules) for name in LANGUAGES if (rules := rules_of(name))}
    best = max(shares, key=lambda name: (shares[name], name == stated))
    return best if shares[best] >= _COMMON else ""


def _common(words: Sequence[str], rules: SenseRules) -> float:
    """The share of the words that are common in a language."""
    known = rules.words.common.split("|")
    return sum(compared(word) in known for word in words) / len(words)


def compared(text: str) -> str:
    """A text as the patterns see it: small letters, words and blanks."""
    plain = text.lower().replace("’", "'")
    return " ".join(re.findall(r"[\w'-]+", plain))
