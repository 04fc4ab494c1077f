"""The words of a source, found by time without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from threading import Lock

from smartcut.annotation import Transcript, Word
from smartcut.cut import Cut
from smartcut.timebase import Range

# Transcripts are values of cuts, and edits make many cuts with the same ones.
_MOST_KNOWN = 64


class SaidWords:
    """Words in order, in source time."""

    def __init__(self, transcript: Transcript | None) -> None:
        self.transcript = transcript
        """Kept, so that no other has its id."""
        sentences = transcript.sentences if transcript else ()
        words = (word for sentence in sentences for word in sentence.words)
        self.words: tuple[Word, ...] = tuple(sorted(words, key=lambda word: word.range.start))
        self._starts = [float(word.range.start) for word in self.words]
        longest = max((word.range.duration for word in self.words), default=Fraction(0))
        self._longest = float(longest) + 0.001

    def between(self, place: Range) -> Iterator[tuple[int, Word, Range]]:
        """(number, word, what of it lies in a range) of those of which something does."""
        first = bisect_left(self._starts, float(place.start) - self._longest)
        last = bisect_left(self._starts, float(place.end) + 0.001)
        for number in range(first, last):
            part = self.words[number].range.intersect(place)
            if part is not None:
                yield number, self.words[number], part

    def text(self, place: Range, most: int | None = None) -> str:
        """What is said in a range; of more than ``most`` words the first ones."""
        told = [
            word.text for _, word, _ in self.between(place) if place.contains(word.range.middle)
        ]
        shown = told if most is None else told[:most]
        return " ".join(shown) + (" …" if len(shown) < len(told) else "")


_known: OrderedDict[int, SaidWords] = OrderedDict()
_lock = Lock()


def words_of(cut: Cut, source: str | None) -> SaidWords:
    """The words of a source; none where they are not known."""
    transcript = cut.data(Transcript, "transcript", source) if source is not None else None
    if transcript is None:
        return SaidWords(None)
    with _lock:
        found = _known.get(id(transcript))
        if found is None:
            found = _known[id(transcript)] = SaidWords(transcript)
        _known.move_to_end(id(transcript))
        while len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
        return found
