"""The words by which a sentence says less than its rest: negations, conditions, qualifications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

#: What a heard sentence may lose of its sense by.
NEGATION, CONDITION, QUALIFICATION = "negation", "condition", "qualification"
ATTRIBUTION = "attribution"

_EN: Mapping[str, str] = MappingProxyType(
    {
        NEGATION: "not|never|no|none|nobody|nothing|nowhere|neither|nor|cannot|\\w+n't|without|"
        "hardly|barely|scarcely|rarely|seldom|no longer|failed to|refused? to|denied|denies|deny|"
        "far from|anything but|isnt|dont|cant|wont|wasnt|didnt",
        CONDITION: "if|unless|until|till|provided|providing|assuming|otherwise|in case|as long as|"
        "so long as|on condition|when|whenever|before|depending|depends|except|once|only when|"
        "only after|only if|"
        "subject to|were it|given that|suppose|imagine|hypothetically|in theory",
        QUALIFICATION: "but|however|although|though|even though|yet|only|maybe|perhaps|possibly|"
        "probably|presumably|sometimes|occasionally|often|usually|generally|mostly|typically|some|"
        "most|many|few|half|almost|nearly|about|around|roughly|approximately|partly|partially|"
        "at least|at most|up to|so far|for now|for the moment|temporarily|might|may|could|seems?|"
        "appears?|likely|unlikely|in part|to some extent|in some cases|in certain|certain|kind of|"
        "sort of|despite|besides|apart from|other than|former|formerly|alleged|allegedly|so-called|"
        "supposed|supposedly|potential|potentially|proposed|planned|draft|attempted|fake|under|"
        "used to|tried to|on paper|last year|back then|at the time|initially|at first|"
        "in the beginning|not yet|jokingly|joking|with a smile",
        ATTRIBUTION: "said|says|saying|claims?|claimed|according to|argues?|argued|told|reportedly|"
        "rumou?rs?|they say|people say|i think|i believe|i guess|i suppose|in my opinion|"
        "in my view|as far as i know|critics|opponents|he thinks|she thinks|they think|believes?|"
        "believed|suggests?|suggested|quote",
    }
)
_DE: Mapping[str, str] = MappingProxyType(
    {
        NEGATION: "nicht|nie|niemals|kein|keine|keinen|keinem|keiner|keines|nichts|niemand|weder|"
        "noch nie|ohne|kaum|selten|keineswegs",
        CONDITION: "wenn|falls|sofern|solange|bis|außer|es sei denn|unter der bedingung|ansonsten|"
        "sonst|vorausgesetzt|angenommen",
        QUALIFICATION: "aber|jedoch|allerdings|obwohl|obgleich|nur|vielleicht|möglicherweise|"
        "wahrscheinlich|manchmal|oft|meist|meistens|einige|manche|viele|wenige|fast|beinahe|etwa|"
        "ungefähr|teilweise|zum teil|mindestens|höchstens|bisher|noch|könnte|scheint|trotz|"
        "angeblich|ehemalige|ehemaliger|sogenannte|früher|damals|anfangs|zunächst",
        ATTRIBUTION: "sagte|sagt|behauptet|behauptete|laut|angeblich|ich glaube|ich denke|"
        "meiner meinung nach|kritiker|gegner|glaubt|meint|meinte",
    }
)
RULES: Mapping[str, Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        language: MappingProxyType(
            {kind: re.compile(rf"(?<![\w'])(?:{words})(?![\w'])") for kind, words in given.items()}
        )
        for language, given in {"en": _EN, "de": _DE}.items()
    }
)

#: What begins a clause of its own, whose negations and hedges are about itself.
NEW_CLAUSE = re.compile(r"(?:and|or|which|who|where|so that|und|oder|der|die|das|wo)\b")
#: What begins a sentence that takes back, or limits, what was said before it.
TAKES_BACK = re.compile(
    r"(?:but|however|although|though|unless|except|only|that said|still|yet|then again|at least|"
    r"not that|not really|just kidding|i was|no\b|of course not|if|provided|otherwise|or so|"
    r"aber|jedoch|allerdings|nur|es sei denn|außer|wenn|falls|nein)\b"
)
#: What begins, or ends, a sentence that puts what follows in other mouths, or in an unreal world.
FRAMES = re.compile(
    r"(?:suppose|imagine|let's say|pretend|some people (?:say|think)|critics (?:say|claim)|"
    r"they say|my opponents?|the myth|it is (?:not|un)\w*|it's not|nobody|angenommen|"
    r"stellen sie sich)\b"
)
#: What begins a sentence that answers, or follows from, the one before it.
FOLLOWS = re.compile(
    r"(?:yes|yeah|no|nope|exactly|absolutely|of course|certainly|definitely|so|therefore|thus|"
    r"hence|because|as a result|that's why|that is why|for that reason|ja|nein|genau|natürlich|"
    r"deshalb|darum|also|weil)\b"
)


def rules_of(language: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns for a language; nothing for those that none are known of."""
    return RULES.get(language, {})


def compared(text: str) -> str:
    """A text as the patterns see it: small letters, words and blanks."""
    plain = text.casefold().replace("’", "'")
    return " ".join(re.findall(r"[\w'-]+", plain))
