"""The words that a film lets hear, each with its place in what was said."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from smartcut.algebra import resolved
from smartcut.annotation import Sentence, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.eliding.rules import judged_language
from smartcut.selecting.said import spoken_sentences
from smartcut.timebase import Range

#: Kinds of recipes that speak.
VOICES = ("voiceover",)


@dataclass(frozen=True)
class SpokenText:
    """All that is said in a source, sentence by sentence."""

    source: str
    sentences: tuple[Sentence, ...]
    language: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for sentence in self.sentences for word in sentence.words)

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """Of each word the number of its sentence."""
        return tuple(n for n, sentence in enumerate(self.sentences) for _ in sentence.words)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Of each sentence the number of its first word."""
        found, at = [], 0
        for sentence in self.sentences:
            found.append(at)
            at += len(sentence.words)
        return tuple(found)

    @cached_property
    def _judged(self) -> str:
        return judged_language([word.text for word in self.words], self.language)

    def judged_language(self, word: int) -> str:
        """The language whose rules hold for a word's sentence; empty where there are none."""
        own = self.sentences[self.owners[word]].language
        if own is None or own == self.language:
            return self._judged
        return judged_language((), own)

    def rest(self, word: int) -> range:
        """The numbers of the words of its sentence after a word."""
        owner = self.owners[word]
        return range(word + 1, self.firsts[owner] + len(self.sentences[owner].words))

    def head(self, word: int) -> range:
        """The numbers of the words of its sentence before a word."""
        return range(self.firsts[self.owners[word]], word)

    def sentence_of(self, word: int) -> range:
        """The numbers of the words of its sentence."""
        return range(self.firsts[self.owners[word]], self.rest(word).stop)

    def text(self, numbers: Sequence[int]) -> str:
        return " ".join(self.words[n].text.strip() for n in numbers)


@dataclass(frozen=True, slots=True)
class HeardPlace:
    """A word as the film lets it hear."""

    text: SpokenText
    number: int
    """Among the words of its source."""
    at: Range
    """In timeline time."""
    shown: str | None
    """The source whose picture is seen with it."""

    @property
    def word(self) -> Word:
        return self.text.words[self.number]


def texts_of(cut: Cut) -> dict[str, SpokenText]:
    """What is said in each source of which the words are known."""
    found = {}
    for source in cut.sources:
        transcript = cut.data(Transcript, "transcript", source.id)
        if transcript is not None:
            sentences = tuple(s for s in spoken_sentences(transcript) if s.words)
            found[source.id] = SpokenText(source.id, sentences, transcript.language)
    return found


def heard(cut: Cut) -> list[list[HeardPlace]]:
    """The recorded words that are heard, track by track, each in the order of its segments."""
    cut, texts = resolved(cut), texts_of(cut)
    tracks: list[list[HeardPlace]] = []
    if cut.mix.programme_gain is not None:
        own: list[HeardPlace] = []
        for segment, place in cut.programme.placed():
            if segment.sound != "muted":
                own += _of_segment(segment, place, texts, segment.source)
        tracks.append(own)
    for track in cut.sounds:
        own = []
        for segment, place in track.placed() if track.role != "music" else ():
            if not is_voiced(cut, segment):
                own += _of_segment(segment, place, texts, _shown_at(cut, place.middle))
        tracks.append(own)
    return [words for words in _continued(tracks) if words]


def _continued(tracks: list[list[HeardPlace]]) -> list[list[HeardPlace]]:
    """Tracks, of which a later one goes on with what an earlier one's source says.

    So it is where other pictures are laid over a voice: its words are heard between those that go
    with their own pictures, and nothing is left out.
    """
    found: list[list[HeardPlace]] = []
    for own in tracks:
        rest = own
        for words in found:
            sources, starts = {p.text.source for p in words}, [p.at.start for p in words]
            into: list[HeardPlace] = []
            left: list[HeardPlace] = []
            for place in rest:
                after = bisect(starts, place.at.start)
                near = words[max(0, after - 1) : after + 1]
                is_free = not any(place.at.intersect(other.at) for other in near)
                (into if is_free and place.text.source in sources else left).append(place)
            words[:] = sorted((*words, *into), key=lambda place: place.at.start)
            rest = left
        found.append(rest)
    return found


def is_voiced(cut: Cut, segment: Segment) -> bool:
    """Whether a segment plays a voice that was made."""
    source = next((s for s in cut.sources if s.id == segment.source), None)
    return source is not None and source.made is not None and source.made.kind in VOICES


def voices(cut: Cut) -> Iterator[tuple[Track, Segment, Range]]:
    """The segments that play voices that were made, with their places."""
    for track in resolved(cut).tracks:
        for segment, place in track.placed():
            if is_voiced(cut, segment):
                yield track, segment, place


def _shown_at(cut: Cut, time: Fraction) -> str | None:
    places = cut.programme.placed()
    return next((s.source for s, place in places if place.contains(time)), None)


def _of_segment(
    segment: Segment, place: Range, texts: dict[str, SpokenText], shown: str | None
) -> Iterator[HeardPlace]:
    """The words of which half or more is played, forwards."""
    text = texts.get(segment.source or "")
    if text is None or any(piece.slope <= 0 for piece in segment.pieces):
        return
    for number, word in enumerate(text.words):
        played = word.range.intersect(segment.range)
        if played is None or 2 * played.duration < word.range.duration:
            continue
        ends = (place.start + segment.time_of(t) for t in (played.start, played.end))
        yield HeardPlace(text, number, Range(*ends), shown)
