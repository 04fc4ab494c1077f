"""`said`: words that stand in for a recognised speech, so that no weights are needed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from smartcut.annotation import Data, Sentence, Transcript, Word
from smartcut.source import Source
from smartcut.stage import Analysis, AnalysisStage, Context, Sound
from smartcut.timebase import Range


class Words(Analysis):
    """Two words a second."""

    name: ClassVar[str] = "transcript"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Sound:
        return Sound(16_000, 1)

    def listener(self, source: Source, context: Context) -> Counting:
        return Counting()


class Counting:
    """Hears how long the sound is."""

    def __init__(self) -> None:
        self._heard = 0

    def feed(self, item: Any) -> None:
        self._heard = item.start + item.values.shape[1]

    def finish(self) -> Data:
        half = Fraction(1, 2)
        count = int(Fraction(self._heard, 16_000) / half)
        words = [
            Word(Range(i * half, i * half + Fraction(2, 5)), f"word {i}") for i in range(count)
        ]
        sentences = [
            Sentence(Range(group[0].range.start, group[-1].range.end), "", tuple(group))
            for first in range(0, len(words), 3)
            if (group := words[first : first + 3])
        ]
        return Transcript("en", tuple(sentences))


class Said(AnalysisStage):
    """Pretends that somebody speaks."""

    name: ClassVar[str] = "said"
    gives: ClassVar[tuple[str, ...]] = ("transcript",)

    def analyses(self) -> tuple[Analysis, ...]:
        return (Words(),)
