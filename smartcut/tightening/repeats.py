"""What a speaker began and then said again: false starts, and takes of a whole sentence.

Of several attempts the last one stays. People also repeat words on purpose ("on and on"), and
begin sentences alike: so a short repetition counts where there is a pause before it, and one that
goes on otherwise where the first attempt is not a whole sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from fractions import Fraction

from smartcut.annotation import Sentence, Word
from smartcut.tightening.fillers import plain
from smartcut.tightening.ranges import Ranges, union
from smartcut.tightening.rule import WORD_MARGIN
from smartcut.timebase import Range

#: Words of an attempt at most; of a repetition that needs no pause at least; that may follow the
#: repeated ones before the speaker stops.
_LONGEST, _CLEAR, _ABANDONED = 12, 4, 4
#: Seconds of the pause before an attempt that says as much as the repetition itself.
_PAUSE = Fraction(3, 20)
#: Two sentences of so many words are takes of one where so much is the same; one of so many words
#: is a false start of the next where that begins with it.
_TAKE_WORDS, _ALIKE, _START_WORDS = 4, 0.8, 2
_ENDS = (".", "?", "!", "…")
#: What ends so is said again on purpose.
_MEANT = ("?", "!")


def repeated(sentences: Sequence[Sentence]) -> Ranges:
    """When something is said that is said again right after, in the order of time."""
    words = [word for sentence in sentences for word in sentence.words]
    return union(_false_starts(words), _takes([s.words for s in sentences if s.words]))


def _false_starts(words: Sequence[Word]) -> Iterator[Range]:
    texts = [plain(word.text) for word in words]
    at = 0
    while at < len(words):
        again = next((n for n in _attempts(texts, at) if _is_restart(words, texts, at, n)), None)
        if again is None:
            at += 1
            continue
        yield _up_to(words[at], words[again - 1], words[again])
        at = again


def _attempts(texts: Sequence[str], at: int) -> Iterator[int]:
    """Where the words from ``at`` on are begun again, the longest attempt first."""
    for again in range(min(at + _LONGEST, len(texts) - 1), at, -1):
        if texts[again] == texts[at]:
            yield again


def _is_restart(words: Sequence[Word], texts: Sequence[str], at: int, again: int) -> bool:
    length = again - at
    if any(word.text.endswith(_MEANT) for word in words[at:again]):
        return False
    same = 0
    while same < length and again + same < len(texts) and texts[at + same] == texts[again + same]:
        same += 1
    pause = words[again].range.start - words[again - 1].range.end
    if same == length:
        return length >= _CLEAR or pause >= _PAUSE
    is_whole = any(word.text.endswith(_ENDS) for word in words[at:again])
    return same >= 2 and length - same <= _ABANDONED and pause >= _PAUSE and not is_whole


def _takes(sentences: Sequence[Sequence[Word]]) -> Iterator[Range]:
    """The sentences that are said again as the next one, or begun as it begins."""
    texts = [[plain(word.text) for word in words] for words in sentences]
    for i in range(len(sentences) - 1):
        one, other = texts[i], texts[i + 1]
        is_start = len(one) >= _START_WORDS and other[: len(one)] == one and len(one) < len(other)
        if is_start and sentences[i][-1].text.endswith(_MEANT):
            continue
        is_take = min(len(one), len(other)) >= _TAKE_WORDS and (
            SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
        )
        if is_start or is_take:
            yield _up_to(sentences[i][0], sentences[i][-1], sentences[i + 1][0])


def _up_to(first: Word, last: Word, following: Word) -> Range:
    """The words and the pause after them, but for a little before the word that stays."""
    return Range(first.range.start, max(last.range.end, following.range.start - WORD_MARGIN))
