"""What a caption has to know about writing: widths, spaces between words, good places to break.

Lists of small words cover English, German, French and Spanish; other languages break by
punctuation and length alone. Scripts that are written without spaces break between characters,
and the marks that may not begin or end a line follow JIS X 4051.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from smartcut.annotation import Word

_CLOSING = "\"'”’»›)]}」』】〉》）］｝〕"
_OPENING = "\"'“‘«‹([{「『【〈《（［｛〔¿¡"
_ENDERS = ".!?…。！？｡؟।"
_CLAUSE = ",;:—–、，；：،؛"
_NOT_FIRST = set(
    _CLOSING + _ENDERS + _CLAUSE + "・ー々ゝゞヽヾ゛゜ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ％%‥"
) - set("\"'—–")
_NOT_LAST = set(_OPENING) - set("\"'”’")
_ATTACHED = re.compile(
    rf"[{re.escape(_ENDERS)},;:%)\]}}»”、，]|['’](?:s|t|re|ve|ll|d|m)\b|-[^\W\d]"
)

_SPACELESS = (
    (0x2E80, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
    (0xFF00, 0xFF0F), (0xFF1A, 0xFF20), (0xFF61, 0xFF9F), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Chinese and Japanese, which may break between any two characters."""
_JOINING = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
"""Thai, Lao, Burmese and Khmer, whose words join but break only between words."""
_UNSPACED = (*_SPACELESS, *_JOINING)

_SHORT_FORMS = (
    "mr mrs ms dr prof st sr jr vs etc e.g i.e vol fig approx dept inc ltd co gen col sgt "
    "bzw ca z.b d.h nr usw ggf m mme mlle sra ud"
)
_CONJUNCTIONS = {
    "en": "and or but nor so yet because although though while if unless until when where whether "
    "which who whose that than as since",
    "de": "und oder aber denn sondern weil dass obwohl während wenn ob als bis sodass damit",
    "fr": "et ou mais donc car ni que qui parce lorsque quand si comme puisque",
    "es": "y e o u pero sino porque que aunque mientras cuando si como donde pues",
}
_PREPOSITIONS = {
    "en": "in on at by for with from to of into onto over under about after before between through "
    "during without against among toward towards",
    "de": "in an auf bei für mit von zu aus nach über unter vor zwischen durch ohne gegen um im am",
    "fr": "à de en dans sur sous avec sans pour par chez vers entre depuis pendant contre du des",
    "es": "a de en con sin por para sobre bajo entre desde hasta hacia contra del al",
}
_CLINGING = {
    "en": "the a an my your his her its our their this these those no every each very is are was "
    "were will would can could should not i you he she it we they mr mrs ms dr",
    "de": "der die das den dem des ein eine einen einem einer mein dein sein ihr unser kein nicht "
    "sehr ist sind war ich du er sie es wir",
    "fr": "le la les un une mon ma mes ton ta son sa ses notre votre leur ce cet cette très ne est "
    "je tu il elle on nous vous",
    "es": "el la los las un una unos unas mi tu su nuestro este esta muy no es son fue yo",
}


def _table(words: dict[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(text.split()) for language, text in words.items()}


_ABBREVIATIONS = frozenset(_SHORT_FORMS.split())
_CONJUNCTION, _PREPOSITION, _CLINGS = map(_table, (_CONJUNCTIONS, _PREPOSITIONS, _CLINGING))


def small_words(language: str) -> frozenset[str]:
    """The conjunctions, prepositions and articles of a language; none where it is not known."""
    known = language.lower().partition("-")[0]
    tables = (_CONJUNCTION, _PREPOSITION, _CLINGS)
    return frozenset[str]().union(*(table.get(known, frozenset()) for table in tables))


def width(text: str) -> int:
    """Columns that the text takes: 2 for a full-width character, 0 for a combining mark."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _within(character: str, ranges: Sequence[tuple[int, int]]) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in ranges)


def is_cjk(character: str) -> bool:
    """Whether the character is Chinese, Japanese or Korean."""
    return _within(character, (*_SPACELESS, (0x1100, 0x11FF), (0xAC00, 0xD7FF)))


def has_space(left: str, right: str) -> bool:
    """Whether a space stands between two words.

    Words that carry their spaces, as Whisper gives them, are believed; between bare words there
    is one, except between scripts written without and before what belongs to the word ahead.
    """
    if left[-1:].isspace() or right[:1].isspace():
        return True
    if left[:1].isspace() or right[-1:].isspace() or _ATTACHED.match(right):
        return False
    return not (_within(left[-1], _UNSPACED) and _within(right[0], _UNSPACED))


def join(words: Sequence[Word]) -> str:
    """The words as running text on one line."""
    text = ""
    for i, word in enumerate(words):
        space = " " if i and has_space(words[i - 1].text, word.text) else ""
        text += space + " ".join(word.text.split())
    return text


def strong_direction(word: str) -> str:
    """`R` or `L` of the first character that has a direction of its own; else nothing."""
    for character in word:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            return "L"
    return ""


def lines_from_right(lines: Sequence[str]) -> list[bool]:
    """Whether each line of a caption runs from right to left.

    A line in which some words do and others do not goes the way of most words of the caption;
    where as many do not, of its first.
    """
    kinds = [[k for word in line.split() if (k := strong_direction(word))] for line in lines]
    every = [kind for line in kinds for kind in line]
    right = 2 * every.count("R")
    most = "R" if right > len(every) or (right == len(every) and every[:1] == ["R"]) else "L"
    return [(line[0] if len(set(line)) == 1 else most) == "R" for line in kinds]


def clusters(text: str) -> list[str]:
    """The parts of one word between which a line may end; most words are one part."""
    parts: list[str] = []
    for character in text:
        if parts and not _may_part(parts[-1][-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def unspaced_parts(text: str) -> list[str]:
    """A stretch without white space in parts that, as words, are written without spaces again."""
    parts: list[str] = []
    for part in clusters(text):
        if parts and has_space(parts[-1], part):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _may_part(left: str, right: str) -> bool:
    if unicodedata.category(right) in ("Mn", "Me", "Mc", "Cf") or left == "\u200d":
        return False
    if left in _NOT_LAST or right in _NOT_FIRST:
        return False
    return _within(left, _SPACELESS) or _within(right, _SPACELESS)


def is_glued(left: str, right: str) -> bool:
    """Whether no line should end between two texts that have no space between them."""
    if _within(left[-1], _JOINING) and _within(right[0], _JOINING):
        return False
    return not _may_part(left[-1], right[0])


def ends_sentence(left: str, right: str, language: str | None = None) -> bool:
    """Whether a sentence ends with the word ``left``, given the word that follows."""
    text = left.strip().rstrip(_CLOSING)
    if not text or text[-1] not in _ENDERS:
        return False
    if text[-1] != ".":
        return True
    stem = text[:-1].lstrip(_OPENING)
    if stem.lower() in _ABBREVIATIONS or re.fullmatch(r"(?:\w\.)*[^\W\d_]", stem):
        return False
    return not right.strip().lstrip(_OPENING)[:1].islower()


def break_cost(left: str, right: str, language: str | None = None) -> float:
    """How bad it is to break between two words: 0 after a sentence, 1 after an article.

    More where they are parts of one written word.
    """
    known = (language or "en").lower().partition("-")[0]
    before, after = left.strip(), right.strip()
    if not has_space(left, right) and is_glued(before, after):
        return 3.0
    if ends_sentence(before, after, language):
        return 0.0
    if before.rstrip(_CLOSING)[-1:] in _CLAUSE:
        return 0.15
    bare, following = (re.sub(r"^\W+|\W+$", "", text) for text in (before, after))
    small = bare.lower()
    nothing: frozenset[str] = frozenset()
    if small in _CLINGS.get(known, nothing) or small in _PREPOSITION.get(known, nothing):
        return 1.0
    if small in _CONJUNCTION.get(known, nothing):
        return 0.9
    if following.lower() in _CONJUNCTION.get(known, nothing):
        return 0.35
    if following.lower() in _PREPOSITION.get(known, nothing):
        return 0.45
    if known != "de" and bare[:1].isupper() and following[:1].isupper():
        return 0.85
    return 0.6
