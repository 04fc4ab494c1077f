"""Fillers: those that were written down, and those that a recogniser hears and does not write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Final

from smartcut.annotation import Data, Sentence, Transcript, Word
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Listener, Params, Sound
from smartcut.stages.transcribe import SoundTape, Whisper
from smartcut.tightening.fillers import (
    Heard,
    is_worth_asking,
    near_gaps,
    of_written,
    unexplained,
    written,
)
from smartcut.tightening.islands import RATE, Island, islands
from smartcut.timebase import Range, TimeParam

if TYPE_CHECKING:
    import numpy as np

    from smartcut.models.filler_scores import SpellingScorer

#: Seconds of sound around what is asked about, on each side, to the nearest words.
_AROUND: Final = Fraction(4)
_ASKED: Final = 2
"""How many of a language's fillers are tried at a place."""


class SaidWord(Params):
    """A word that was written down, in seconds."""

    start: TimeParam
    end: TimeParam
    text: str


class FillerAnalysis(Analysis):
    """The fillers of a source, as words of a transcript, each from where it begins to its end."""

    name: ClassVar[str] = "fillers"
    version: ClassVar[int] = 4

    words: tuple[SaidWord, ...]
    language: str
    fillers: tuple[str, ...]
    """In lower case; those first that a recogniser would write most."""
    whisper: str | None
    """The recogniser that is asked about sounds that are no words; None asks none."""

    def wants(self, source: Source) -> Sound | None:
        return Sound(RATE, 1) if source.audio else None

    def model(self, context: Context) -> tuple[str, str] | None:
        from smartcut.models.speech_models import identity

        return identity(self.whisper, "faster-whisper") if self.whisper else None

    def listener(self, source: Source, context: Context) -> Listener:
        return FillerListener(self, source, context)

    def empty(self, source: Source) -> Data:
        return Transcript(self.language, ())


class FillerListener:
    """Collects the sound, and asks the recogniser when it has ended."""

    def __init__(self, asked: FillerAnalysis, source: Source, context: Context) -> None:
        self._asked, self._source, self._context = asked, source, context
        self._tape = SoundTape()
        words = [Word(Range(w.start, w.end), w.text) for w in asked.words]
        self._written = written(words, asked.fillers)
        self._words = [word for word in words if word not in self._written]

    def feed(self, item: Any) -> None:
        self._tape.feed(item)

    def finish(self) -> Data:
        samples = self._tape.finish()
        found = list(islands(samples))
        known = of_written(self._written, found, self._words)
        ranges = [*known, *self._unwritten(samples, unexplained(found, self._words, known))]
        words = (Word(place, self._asked.fillers[0]) for place in sorted(ranges))
        sentences = (Sentence(word.range, word.text, (word,)) for word in words)
        return Transcript(self._asked.language, tuple(sentences))

    def _unwritten(self, samples: np.ndarray, candidates: Sequence[Island]) -> Iterator[Range]:
        """When fillers are heard that nobody wrote down."""
        from smartcut.models.filler_scores import SpellingScorer

        if not candidates or not self._words or self._asked.whisper is None:
            return
        network = Whisper(f"Whisper {self._asked.whisper}", "", model=self._asked.whisper)
        recogniser = self._context.network(network).recogniser
        scorer = SpellingScorer(recogniser, self._asked.language)
        label = f"{self._source.id}: fillers"
        advance = self._context.begin(label, float(len(candidates)))
        for i, island in enumerate(candidates):
            heard = self._heard(samples, island, scorer)
            if heard is not None and heard.is_filler:
                yield heard.island.whole
            advance(float(i + 1))
        self._context.progress.done(label)

    def _heard(self, samples: np.ndarray, island: Island, scorer: SpellingScorer) -> Heard | None:
        """What the recogniser thinks of an island; None where that is clear at once."""
        place, words = _surroundings(island.range, self._words, Fraction(len(samples), RATE))
        first = int(place.start * RATE)
        window = scorer.window(
            samples[first : int(place.end * RATE)], [word.text for word in words]
        )
        first_choice, *others = self._asked.fillers[:_ASKED]
        gaps = near_gaps(words, island.range)
        likely, gap = max((window.with_filler(gap, first_choice), gap) for gap in gaps)
        best = first_choice
        for other in others:
            if (ratio := window.with_filler(gap, other)) > likely:
                likely, best = ratio, other
        if not is_worth_asking(island, likely):
            return None
        silent = window.without(
            int(island.range.start * RATE) - first, int(island.range.end * RATE) - first
        )
        missed = likely - silent.with_filler(gap, best)
        return Heard(island, likely, silent.words_alone - window.words_alone, missed)


def _surroundings(
    sound: Range, words: Sequence[Word], duration: Fraction
) -> tuple[Range, Sequence[Word]]:
    """The words near a sound, and a range that begins and ends between words."""
    near = [
        i
        for i, word in enumerate(words)
        if word.range.end > sound.start - _AROUND and word.range.start < sound.end + _AROUND
    ]
    if not near:
        return Range(max(Fraction(0), sound.start - 1), min(duration, sound.end + 1)), ()
    first, last = near[0], near[-1]
    half = Fraction(1, 2)
    start = words[first].range.start - half
    if first:
        start = max(start, (words[first - 1].range.end + words[first].range.start) / 2)
    end = words[last].range.end + half
    if last + 1 < len(words):
        end = min(end, (words[last].range.end + words[last + 1].range.start) / 2)
    start, end = min(start, sound.start - half / 4), max(end, sound.end + half / 4)
    return Range(max(start, Fraction(0)), min(end, duration)), words[first : last + 1]
