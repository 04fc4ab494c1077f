"""What is said: sentences as they are spoken, where captions hold parts of them, and pauses."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import accumulate, groupby, zip_longest

from smartcut.annotation import Sentence, Transcript, Word
from smartcut.render.captions.text import ends_sentence, join
from smartcut.selecting.reactions import marks, reactions
from smartcut.timebase import Range

# A longer pause ends a sentence that says no end.
_LONGEST_PAUSE = Fraction(3, 2)
# Text without punctuation: so many words are no sentence, and its captions stay what they are.
_MOST_WORDS = 60
# How much of a pause goes with the speech on each side of it, at most.
_PAD = Fraction(3, 20)


def spoken_sentences(transcript: Transcript | None) -> tuple[Sentence, ...]:
    """Sentences with their words, in order.

    A recogniser's are its own. Captions hold parts of sentences, or several: their words are put
    together up to a full stop, a long pause, or another speaker. Marks such as ``[Applause]`` are
    nothing that is spoken.
    """
    if transcript is None:
        return ()
    if not transcript.is_captions:
        return transcript.sentences
    return tuple(_regrouped(transcript))


def heard_reactions(transcript: Transcript | None) -> list[Range]:
    """When the audience laughs or applauds, as far as captions say so."""
    if transcript is None or not transcript.is_captions:
        return []
    return reactions([word for cue in transcript.sentences for word in cue.words])


def _regrouped(captions: Transcript) -> Iterator[Sentence]:
    pairs = [(word, cue) for cue in captions.sentences for word in cue.words]
    marked = {n for a, b in marks([word for word, _ in pairs]) for n in range(a, b)}
    words = [pair for n, pair in enumerate(pairs) if n not in marked]
    held: list[tuple[Word, Sentence]] = []
    for spoken, following in zip_longest(words, words[1:]):
        held.append(spoken)
        if following is None or _is_over(spoken[0], following[0], captions.language):
            yield from _put_together(held)
            held = []


def _is_over(word: Word, after: Word, language: str) -> bool:
    """Whether a sentence ends between two words."""
    return (
        ends_sentence(word.text, after.text, language)
        or after.range.start - word.range.end > _LONGEST_PAUSE
        or after.speaker != word.speaker
    )


def _put_together(held: list[tuple[Word, Sentence]]) -> Iterator[Sentence]:
    """One sentence of these words, or where they are too many, what each caption has of them."""
    if len(held) <= _MOST_WORDS:
        yield _sentence([word for word, _ in held])
        return
    for _, own in groupby(held, key=lambda pair: pair[1]):
        yield _sentence([word for word, _ in own])


def _sentence(words: list[Word]) -> Sentence:
    whole = Range(words[0].range.start, words[-1].range.end)
    return Sentence(whole, join(words).strip(), tuple(words))


class HeardSpeech:
    """When somebody speaks: stretches, in any order, in seconds."""

    def __init__(self, stretches: Iterable[tuple[Fraction, Fraction]]) -> None:
        rows = sorted(stretches)
        self._starts = [start for start, _ in rows]
        self._reached = list(accumulate((end for _, end in rows), max))
        rows.sort(key=lambda row: row[1])
        self._ends = [end for _, end in rows]
        self._next = list(accumulate((start for start, _ in reversed(rows)), min))[::-1]

    def around(self, start: Fraction, end: Fraction) -> tuple[Fraction | None, Fraction | None]:
        """When what begins before ``start`` is over, and when what ends after ``end`` begins."""
        before, after = bisect_left(self._starts, start), bisect_right(self._ends, end)
        return (
            self._reached[before - 1] if before else None,
            self._next[after] if after < len(self._next) else None,
        )

    def padded(self, part: Range, end: Fraction) -> Range:
        """A part with a little of the silence around it, and no other speech; ``end`` is the last
        time there is.
        """
        before, after = self.around(part.start, part.end)
        lead = part.start if before is None else (part.start - before) / 2
        tail = end - part.end if after is None else (after - part.end) / 2
        nothing = Fraction(0)
        return Range(
            part.start - max(min(_PAD, lead), nothing), part.end + max(min(_PAD, tail), nothing)
        )
