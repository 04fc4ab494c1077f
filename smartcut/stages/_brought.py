"""Speech whose text the user brings along: its words are placed by the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from smartcut.annotation import Data, Sentence, Transcript, Word
from smartcut.interchange.subtitles.cue import SubtitleCue
from smartcut.interchange.subtitles.reading import BroughtText, read_subtitles
from smartcut.interchange.subtitles.script import find_spoken, script_notes
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.stages.transcribe import Speech, SpeechListener
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

_ENGLISH: Final = "en"


class BroughtSpeech(Speech):
    """The text of a file as the transcript; recognises the speech of sources without a file."""

    # The last figure is raised whenever a file would be read otherwise.
    version: ClassVar[int] = 100 * Speech.version + 3

    files: tuple[tuple[str, Path, str], ...]
    """(source's id, or nothing for the only one; file; sha256 of the file)."""

    def model(self, context: Context) -> tuple[str, str] | None:
        """Words of a known text are placed by any model, whatever its languages."""
        from smartcut.models.speech_models import identity

        return identity(self.whisper, self.engine, None, context.device)

    def file_of(self, source: Source) -> Path | None:
        return next((path for id, path, _ in self.files if id in ("", source.id)), None)

    def empty(self, source: Source) -> Data:
        """Without sound, words are spread evenly over their captions."""
        path = self.file_of(source)
        if path is None:
            return super().empty(source)
        brought = read_subtitles(path, source.duration)
        return _captions(brought, self.language or brought.language or _ENGLISH, {})

    def listener(self, source: Source, context: Context) -> SpeechListener:
        path = self.file_of(source)
        if path is None:
            return super().listener(source, context)
        return BroughtListener(self, source, context, read_subtitles(path, source.duration))


class BroughtListener(SpeechListener):
    """Collects the sound, and finds the words of the text in it."""

    def __init__(
        self, analysis: BroughtSpeech, source: Source, context: Context, brought: BroughtText
    ) -> None:
        super().__init__(analysis, source, context)
        self._brought = brought

    def finish(self) -> Data:
        sound = self._tape.finish()
        return self._script(sound) if self._brought.script else self._cues(sound)

    def _cues(self, sound: np.ndarray) -> Transcript:
        brought = self._brought
        language = self._analysis.language or brought.language or _ENGLISH
        due = {c: (c.start, c.end, " ".join(c.lines)) for c in brought.cues if not c.words}
        lines = [(Range(start, end), text) for start, end, text in due.values() if end is not None]
        found = self._aligned(sound, lines, language)
        made = _captions(brought, language, dict(zip(due, found, strict=True)))
        return replace(made, notes=(*made.notes, *self._doubts(found, language)))

    def _script(self, sound: np.ndarray) -> Transcript:
        heard = self._recognised(sound)
        words = [word for sentence in heard.sentences for word in sentence.words]
        found = find_spoken(self._brought.script, words, self._source.duration)
        notes = (*self._brought.notes, *script_notes(found, self._path))
        spoken = [(s.range, s.text) for s in found.sentences if s.range is not None]
        placed = self._aligned(sound, spoken, heard.language)
        notes = (*notes, *self._doubts(placed, heard.language))
        sentences = (
            Sentence(Range(words[0].range.start, words[-1].range.end), text, words)
            for (_, text), words in zip(spoken, placed, strict=True)
        )
        return Transcript(heard.language, tuple(sentences), notes=notes)

    def _aligned(
        self, sound: np.ndarray, lines: list[tuple[Range, str]], language: str
    ) -> list[tuple[Word, ...]]:
        from smartcut.models.speech_alignment import aligned
        from smartcut.models.word_times import delay_of

        if not lines:
            return []
        label = f"{self._source.id}: words in the sound"
        advance = self._context.begin(label, float(self._source.duration))
        name = self._model(language)
        model = self._context.network(self._analysis.network(name))
        found = aligned(sound, lines, model, language, delay_of(name), advance)
        self._context.progress.done(label)
        return found

    def _model(self, language: str) -> str:
        """The recogniser for a language; English's, where no other is on this machine."""
        from smartcut.models.speech_models import recognisers

        models = recognisers(self._analysis.whisper, None, self._context.device)
        return models.english if language == _ENGLISH else models.others or models.english

    def _doubts(self, placed: Sequence[tuple[Word, ...]], language: str) -> tuple[str, ...]:
        from smartcut.models.speech_notes import alignment_notes

        words = [word for line in placed for word in line]
        return alignment_notes(words, self._path, language, self._model(language))

    @property
    def _path(self) -> str:
        assert isinstance(self._analysis, BroughtSpeech)
        return str(self._analysis.file_of(self._source))


def _captions(
    brought: BroughtText, language: str, placed: dict[SubtitleCue, tuple[Word, ...]]
) -> Transcript:
    """The cues as sentences with the file's own times and lines."""
    from smartcut.models.speech_alignment import spread

    sentences = []
    for cue in brought.cues:
        assert cue.end is not None
        when, text = Range(cue.start, cue.end), "\n".join(cue.lines)
        words = cue.words or placed.get(cue) or spread(when, " ".join(cue.lines).split())
        speaker = cue.speaker or None
        inside = tuple(
            replace(w, range=r, speaker=w.speaker or speaker)
            for w in words
            if (r := w.range.intersect(when))
        )
        sentences.append(Sentence(when, text, inside))
    return Transcript(language, tuple(sentences), is_captions=True, notes=brought.notes)
