"""Two words that are heard one after the other, and what was said between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from smartcut.annotation import Sentence
from smartcut.eliding.heard import HeardPlace, SpokenText
from smartcut.eliding.sense import SenseChange, Shortening, moved, of_sentences, within
from smartcut.tightening.fillers import plain
from smartcut.timebase import Range

Kind = Literal[
    "shortened", "joined", "reordered", "omitted", "retaken", "paced", "covered", "voiced"
]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Words of one source, in a row, that are not heard."""

    text: SpokenText
    numbers: range

    @property
    def said(self) -> str:
        return self.text.text(self.numbers)

    @property
    def where(self) -> Range:
        """When they were said, in the source's time."""
        words = self.text.words
        return Range(words[self.numbers[0]].range.start, words[self.numbers[-1]].range.end)


@dataclass(frozen=True)
class HeardJoin:
    """The film's beginning has no first word, its end no second one."""

    one: HeardPlace | None
    other: HeardPlace | None
    track: Sequence[HeardPlace] = ()
    """All words of the track, of which the second one is number ``at_word``."""
    at_word: int = 0

    @cached_property
    def known(self) -> HeardPlace:
        """One of the two that there is."""
        found = self.one or self.other
        assert found is not None
        return found

    @property
    def at(self) -> Fraction:
        """In timeline time."""
        return self.one.at.end if self.one else self.known.at.start

    @cached_property
    def gap(self) -> range | None:
        """The words between, where both were said in this order; None where they were not."""
        one, other = self.one, self.other
        if one is None or other is None or one.text is not other.text:
            return None
        return range(one.number + 1, other.number) if other.number > one.number else None

    @property
    def is_within(self) -> bool:
        """Whether both are of one sentence, in its order."""
        owners = self.known.text.owners
        one, other = self.one, self.other
        if self.gap is None or one is None or other is None:
            return False
        return owners[one.number] == owners[other.number]

    @cached_property
    def tail(self) -> range:
        """What is left out of the first word's sentence."""
        if self.one is None:
            return range(0)
        return (self.gap or range(0)) if self.is_within else self.one.text.rest(self.one.number)

    @cached_property
    def head(self) -> range:
        """What is left out of the second word's sentence, where it is another one."""
        if self.other is None or self.is_within:
            return range(0)
        return self.other.text.head(self.other.number)

    @property
    def is_judged(self) -> bool:
        """Whether there are rules for the languages of both words."""
        sides = (side for side in (self.one, self.other) if side)
        return all(side.text.judged_language(side.number) for side in sides)

    @property
    def kind(self) -> Kind | None:
        """None where nothing is left out, and all is in its order."""
        if self.is_retaken:
            return "retaken"
        if self.one and self.other and self.one.text is self.other.text and self.gap is None:
            return "reordered"
        if self.tail and self.head:
            return "joined"
        if self.tail or self.head:
            return "shortened"
        return "omitted" if self.gap or self.at_edge or self.own_answer else None

    @cached_property
    def own_answer(self) -> range:
        """The words of the answer to a question after which another recording is heard.

        Nothing where the recording has no answer, as that of somebody who only asks, and where the
        other one says the same.
        """
        one, other = self.one, self.other
        if one is None or other is None or one.text is other.text or self.tail or self.head:
            return range(0)
        text, owner = one.text, one.text.owners[one.number]
        answer = _followed(text, owner)
        asks = text.sentences[owner].text.rstrip().endswith("?")
        words = range(one.number + 1, one.number + 1 + sum(len(s.words) for s in answer))
        again = _plain(other.text, other.text.sentence_of(other.number))
        if not asks or not answer or _plain(text, words)[: len(again)] == again:
            return range(0)
        return words

    @cached_property
    def is_retaken(self) -> bool:
        """Whether all words left out are heard as well: those after the join, or those before it.

        So it is where one take of a text goes on in another one. The words have to be the same.
        """
        if self.one is None or self.other is None or self.is_within:
            return False
        words = _plain(self.one.text, self.gap) if self.gap is not None else []
        splits: Sequence[int] = range(len(words) + 1)
        if self.gap is None:
            words = _plain(self.one.text, self.tail) + _plain(self.other.text, self.head)
            splits = [len(self.tail)]
        count = len(words)
        before = [_word(p) for p in self.track[max(0, self.at_word - count) : self.at_word]]
        after = [_word(p) for p in self.track[self.at_word : self.at_word + count]]
        return count > 0 and any(
            words[:k] == after[:k] and before[k - count :][: count - k] == words[k:] for k in splits
        )

    @cached_property
    def at_edge(self) -> tuple[SenseChange, ...]:
        """What the sentence before the film, or after it, would have said of what is heard.

        Where it says nothing of it, that a film begins or ends there is no elision.
        """
        text = self.known.text
        owner = text.owners[self.known.number] + (1 if self.other is None else -1)
        if (self.one and self.other) or not 0 <= owner < len(text.sentences):
            return ()
        first, second = self.sentences
        language = text.judged_language(self.known.number)
        return tuple(of_sentences(first, [text.sentences[owner]], second, language))

    @cached_property
    def left(self) -> tuple[LeftOut, ...]:
        """The words left out, by where they were said."""
        if self.is_retaken:
            return ()
        if self.gap is not None:
            return (LeftOut(self.known.text, self.gap),) if self.gap else ()
        if self.one is not None and self.own_answer:
            return (LeftOut(self.one.text, self.own_answer),)
        if self.kind == "omitted":
            return (self._beyond(),)
        sides = ((self.one, self.tail), (self.other, self.head))
        return tuple(LeftOut(side.text, own) for side, own in sides if side and own)

    def _beyond(self) -> LeftOut:
        """The sentence before the film, or after it."""
        text = self.known.text
        owner = text.owners[self.known.number] + (1 if self.other is None else -1)
        first = text.firsts[owner]
        return LeftOut(text, range(first, first + len(text.sentences[owner].words)))

    @property
    def sentences(self) -> tuple[Sentence | None, Sentence | None]:
        """The sentences of both words."""
        first, second = (
            side.text.sentences[side.text.owners[side.number]] if side else None
            for side in (self.one, self.other)
        )
        return first, second


def senses_of(join: HeardJoin) -> tuple[SenseChange, ...]:
    """Signs that what is heard has another sense than what was said: of each kind the first."""
    found: dict[str, SenseChange] = {}
    for sense in _senses(join):
        found.setdefault(sense.kind, sense)
    return tuple(found.values())


def _senses(join: HeardJoin) -> Iterator[SenseChange]:
    if join.is_retaken:
        return
    one, other = join.one, join.other
    if one is not None and join.tail:
        yield from within(shortening(one.text, join.tail))
    if other is not None and join.head:
        yield from within(shortening(other.text, join.head))
    if one is None or other is None:
        yield from join.at_edge
        return
    if join.tail and join.head:
        yield SenseChange("sentence", f"{one.word.text.strip()} … {other.word.text.strip()}")
    first, second = join.sentences
    text, language = one.text, one.text.judged_language(one.number)
    if first is not None and second is not None and first is not second:
        yield from moved(first, second, _followed(text, text.owners[one.number]), language)
    if join.gap:
        between = range(text.owners[one.number] + 1, text.owners[other.number])
        omitted = [text.sentences[n] for n in between]
        yield from of_sentences(first, omitted, second, language)


def shortening(text: SpokenText, left: range) -> Shortening:
    """Words left out of one sentence, with the rest of it."""
    before, after = text.head(left[0]), text.rest(left[-1])
    language = text.judged_language(left[0])
    return Shortening(text.text(left), text.text(before), text.text(after), language)


def _word(place: HeardPlace) -> str:
    return plain(place.word.text)


def _plain(text: SpokenText, numbers: Sequence[int]) -> list[str]:
    return [plain(text.words[n].text) for n in numbers]


def _followed(text: SpokenText, number: int) -> list[Sentence]:
    """What followed on a sentence, up to the next question."""
    found = []
    for sentence in text.sentences[number + 1 :]:
        if sentence.text.rstrip().endswith("?"):
            break
        found.append(sentence)
    return found
