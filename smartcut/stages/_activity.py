"""What is known of a source over time, as the conditions and rules of `tighten` ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from smartcut.cut import Cut, Signal, Source, Transcript, Word
from smartcut.errors import StageError
from smartcut.stage import Analysis, Context
from smartcut.stages._darkness import DarknessAnalysis, stillness
from smartcut.stages._sound_levels import LevelAnalysis
from smartcut.stages._voice import VoiceAnalysis
from smartcut.stages.loudness import LoudnessAnalysis
from smartcut.stages.motion import MotionAnalysis
from smartcut.stages.sharpness import SharpnessAnalysis
from smartcut.tightening.levels import auto_threshold, loud, readings, voiced
from smartcut.tightening.ranges import Ranges, union
from smartcut.timebase import Range

#: What has to be learned for each signal of a condition; words come from a stage before.
ANALYSES: Mapping[str, Analysis] = {
    "loudness": LoudnessAnalysis(),
    "level": LevelAnalysis(),
    "voice": VoiceAnalysis(),
    "motion": MotionAnalysis(),
    "sharpness": SharpnessAnalysis(),
    "black": DarknessAnalysis(),
    "freeze": MotionAnalysis(),
}


def analyses_of(names: Iterable[str]) -> tuple[Analysis, ...]:
    """What has to be learned from every source for these signals, each once."""
    found = (ANALYSES[name] for name in names if name in ANALYSES)
    return tuple({one.name: one for one in found}.values())


@dataclass(frozen=True)
class Activity:
    """Of one source: signals, words and what follows from them."""

    source: Source
    cut: Cut
    context: Context

    def signal(self, name: str) -> Signal:
        """What the analysis of that signal found."""
        data = self.context.result(ANALYSES[name], self.source).data
        assert isinstance(data, Signal)
        return data

    @property
    def words(self) -> tuple[Word, ...]:
        """All words said in it; raises StageError where there is no transcript."""
        transcript = self.cut.data(Transcript, "transcript", self.source.id)
        if transcript is None:
            raise StageError("`tighten` needs the words here; add `- transcribe` before it")
        return tuple(word for sentence in transcript.sentences for word in sentence.words)

    @property
    def known_words(self) -> tuple[Word, ...]:
        """The words; none where there is no transcript."""
        known = self.cut.data(Transcript, "transcript", self.source.id)
        return self.words if known is not None else ()

    def measured(self, name: str) -> Iterator[tuple[Range, float]]:
        """The readings of a signal of a condition, each with the time for which it holds."""
        if name == "words":
            return ((word.range, 1.0) for word in self.words)
        signal = self.signal(name)
        if name == "freeze":
            return stillness(signal)
        return readings(signal, signal.channels[0], self.source.duration)

    def loud(self, threshold: float | None) -> Ranges:
        """When the sound is at the threshold, in dB, or above; None finds one."""
        level = self.signal("level")
        if threshold is None:
            threshold = auto_threshold(level.values[0])
        return loud(level, threshold, self.source.duration)

    def voiced(self, threshold: float) -> Ranges:
        """When somebody speaks, by the detector of voices."""
        return voiced(self.signal("voice"), threshold, self.source.duration)

    def spoken(self) -> Ranges:
        """When words are said, each with the pause up to the next one where that is none."""
        return union((word.range for word in self.words), gap=Fraction(0))
