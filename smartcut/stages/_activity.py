"""What is known of a source over time, as the conditions and rules of `tighten` ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from smartcut.annotation import Signal, Transcript, Word
from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Analysis, Context
from smartcut.stages._darkness import DarknessAnalysis, stillness
from smartcut.stages._fillers import FillerAnalysis, SaidWord
from smartcut.stages._sound_levels import LevelAnalysis
from smartcut.stages._voice import VoiceAnalysis
from smartcut.stages.loudness import LoudnessAnalysis
from smartcut.stages.motion import MotionAnalysis
from smartcut.stages.sharpness import SharpnessAnalysis
from smartcut.tightening.fillers import filler_words
from smartcut.tightening.levels import (
    auto_threshold,
    exact_edges,
    heard_within,
    less_quiet,
    loud,
    readings,
    voiced,
)
from smartcut.tightening.ranges import Ranges, union
from smartcut.tightening.repeats import repeated
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

#: Recognisers of other languages than English, the better for fillers first.
_MULTILINGUAL = ("base", "small", "tiny")


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
        return tuple(w for sentence in self._transcript.sentences for w in sentence.words)

    @property
    def _transcript(self) -> Transcript:
        transcript = self.cut.data(Transcript, "transcript", self.source.id)
        if transcript is None:
            raise StageError("`tighten` needs the words here; add `- transcribe` before it")
        return transcript

    def known_words(self, *, by_level: bool) -> tuple[Range, ...]:
        """When words are said; nothing where there is no transcript.

        With ``by_level`` they are as long as they are heard.
        """
        if self.cut.data(Transcript, "transcript", self.source.id) is None:
            return ()
        words = tuple(word.range for word in self.words)
        return heard_within(words, self.signal("level")) if by_level else words

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
        found = voiced(self.signal("voice"), threshold, self.source.duration)
        return exact_edges(found, self.signal("level"))

    def heard_of(self, voices: Ranges) -> Ranges:
        """The parts of a voice as long as they are heard."""
        return less_quiet(voices, self.signal("level"))

    def fillers(self, given: bool | tuple[str, ...]) -> Ranges:
        """When fillers are heard: the user's own, or with True those of the language."""
        known = filler_words(self._transcript.language, given)
        if not known:
            return ()
        said = (SaidWord(start=w.range.start, end=w.range.end, text=w.text) for w in self.words)
        asked = FillerAnalysis(
            words=tuple(said),
            language=self._transcript.language,
            fillers=known,
            whisper=self.filler_model(),
        )
        found = self.context.result(asked, self.source).data
        assert isinstance(found, Transcript)
        return union(sentence.range for sentence in found.sentences)

    def filler_model(self) -> str | None:
        """The recogniser that hears fillers in this language; None where there is none here."""
        from smartcut.models.speech_models import SHIPPED, find_model

        if self._transcript.language == "en":
            return SHIPPED
        return next((m for m in _MULTILINGUAL if find_model(m, "faster-whisper")), None)

    def missing_of_fillers(self, given: bool | tuple[str, ...]) -> str | None:
        """What the user should know where fillers cannot all be found."""
        language = self._transcript.language
        if not filler_words(language, given):
            return (
                f"no fillers of the language {language!r} are known, which {self.source.id} is in; "
                "name them, such as `fillers: [um, uh]`"
            )
        if self.filler_model() is None:
            return (
                f"only fillers that were written down are found in {self.source.id}: sounds of the "
                f"language {language!r} need one of the Whisper models {', '.join(_MULTILINGUAL)} "
                "on this machine"
            )
        return None

    def repeats(self) -> Ranges:
        """When something is said that is said again right after."""
        return repeated(self._transcript.sentences)
