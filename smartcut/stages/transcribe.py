"""`transcribe`: the speech as words with times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from smartcut.accepted import InWords
from smartcut.annotation import Data, Transcript
from smartcut.cache import file_sha256
from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.source import AudioStream, Source
from smartcut.stage import (
    Analysis,
    AnalysisStage,
    Context,
    Frames,
    Group,
    Network,
    PathParam,
    Samples,
    Sound,
)

if TYPE_CHECKING:
    import numpy as np


_RATE: Final = 16_000
# The loudest sample of digital silence: less than the last of 16 bits.
_SILENCE = 2**-16


@dataclass(frozen=True)
class Whisper(Network[Any]):
    """Whisper in one of its engines. It goes on from what it heard, so it is not asked in rows."""

    engine: Literal["whisper", "faster-whisper"] = "faster-whisper"
    model: str = "tiny.en"

    def load(self, device: str, allow_net: bool) -> Any:
        from smartcut.models.speech_models import load_model

        return load_model(self.model, self.engine, device, allow_net)


class Speech(Analysis):
    """Recognises the speech of a whole source."""

    name: ClassVar[str] = "transcript"
    version: ClassVar[int] = 12

    engine: Literal["whisper", "faster-whisper"]
    whisper: str
    language: str | None
    beam_size: int
    vad: bool
    prompt: str | None
    task: Literal["transcribe", "translate"]
    context: bool

    def wants(self, source: Source) -> Frames | Sound | None:
        return Sound(_RATE, 1) if source.audio else None

    def empty(self, source: Source) -> Data:
        return Transcript(self.language or "en", ())

    def model(self, context: Context) -> tuple[str, str] | None:
        from smartcut.models.speech_models import identity

        return identity(self.whisper, self.engine, self.language, context.device, self.task)

    def network(self, model: str) -> Whisper:
        """The recogniser of that name; :attr:`whisper` may leave the choice open."""
        return Whisper(f"Whisper {model}", "", self.engine, model)

    def listener(self, source: Source, context: Context) -> SpeechListener:
        return SpeechListener(self, source, context)


class SoundTape:
    """Collects sound: float32 (n,) from source time 0 on, silence where there is none."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self._heard = 0

    def feed(self, item: Any) -> None:
        import numpy as np

        assert isinstance(item, Samples)
        if item.start > self._heard:
            self._blocks.append(np.zeros(item.start - self._heard, dtype=np.float32))
        self._blocks.append(item.values[0].copy())
        self._heard = item.start + item.values.shape[1]

    def finish(self) -> np.ndarray:
        import numpy as np

        blocks, self._blocks = self._blocks, []
        return np.concatenate([np.zeros(0, dtype=np.float32), *blocks])


class SpeechListener:
    """Collects the sound, and recognises it when it has ended."""

    def __init__(self, analysis: Speech, source: Source, context: Context) -> None:
        self._analysis, self._source, self._context = analysis, source, context
        self._tape = SoundTape()

    def feed(self, item: Any) -> None:
        self._tape.feed(item)

    def finish(self) -> Data:
        """The speech of the main sound; where there is none, of the first track that has some."""
        import numpy as np

        sound = self._tape.finish()
        is_silent = not np.any(np.abs(sound) > _SILENCE)
        found = self._recognised(sound)
        if found.sentences:
            return found
        for stream in _others(self._source):
            other = self._recognised(_whole(replace(self._source, audio=stream)))
            if other.sentences:
                return replace(other, stream=stream.index, is_silent=is_silent)
        return replace(found, is_silent=is_silent)

    def _recognised(self, sound: np.ndarray) -> Transcript:
        from smartcut.models.speech import SpeechRequest, recognise

        asked, context = self._analysis, self._context
        request = SpeechRequest(
            engine=asked.engine,
            model=asked.whisper,
            language=asked.language,
            device=context.device,
            beam_size=asked.beam_size,
            vad=asked.vad,
            prompt=asked.prompt,
            allow_net=context.allow_net,
            task=asked.task,
            is_told=asked.context,
        )
        label = f"{self._source.id}: speech"
        advance = context.begin(label, float(self._source.duration))
        found = recognise(sound, request, advance, lambda m: context.network(asked.network(m)))
        context.progress.done(label)
        notes = tuple(f"{self._source.id}: {note}" for note in found.notes)
        return replace(found, notes=notes)


def _others(source: Source) -> tuple[AudioStream, ...]:
    """The tracks to listen to as well: none where another than the file's first was chosen."""
    return source.sounds[1:] if source.sounds[:1] == (source.audio,) else ()


def _whole(source: Source) -> np.ndarray:
    """float32 (n,): the whole sound at 16 kHz, as a listener gets it."""
    from smartcut.media.listen import listen

    tape = SoundTape()
    listen(source, [(Sound(_RATE, 1), tape)], None)  # type: ignore[list-item]
    return tape.finish()


def _of_only(value: Any) -> Any:
    """A file alone is that of the only source, which needs no name."""
    return {"": value} if isinstance(value, str | Path) else value


class Transcribe(AnalysisStage):
    """Writes down the speech with Whisper, word by word.

    `tiny.en` (English) and `base` (99 languages) can be had offline (`smartcut models pull
    whisper-base`); any other Whisper size works by name where it is on the machine or may be
    fetched, or by path. Where several languages are spoken, each stretch is written down in its
    own, and a note says which is spoken when; without `vad` one language is assumed.
    With `from`, the text is that of a file (SubRip, WebVTT, ASS, the JSON of Whisper or WhisperX):
    its captions keep their times and lines, and their words are found in the sound. A plain text
    (`.txt`) is found in what is recognised; what of it is not spoken is noted.
    Where a file's first sound track has no speech, the first that has some is taken, with a note;
    `inputs: [{path: FILE, audio: 1}]` chooses one, counted from 0.

    ```yaml
    - transcribe: {language: en}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: ClassVar[str] = "transcribe"
    group: ClassVar[Group] = "speech"
    gives: ClassVar[tuple[str, ...]] = ("transcript",)
    hint: ClassVar[str] = "- transcribe"

    text: Annotated[
        dict[str, PathParam], BeforeValidator(_of_only), InWords("file, or {SOURCE: FILE}")
    ] = Field(
        {},
        alias="from",
        description="A file with the text, or one for each source: `{talk: talk.srt}`; `text` in "
        "Python.",
    )
    model: str = Field(
        "auto",
        description="A Whisper size, or a local file or folder. `auto`: `base` where it is on this "
        "machine, and on a CPU `tiny.en` for English.",
    )
    engine: Literal["auto", "whisper", "faster-whisper"] = Field(
        "auto", description="`auto` is faster-whisper."
    )
    language: str = Field(
        "auto",
        description="A code such as `en`, or `auto`: found out for each stretch of speech.",
    )
    task: Literal["transcribe", "translate"] = Field(
        "transcribe",
        description="`translate` writes down in English what is said in another language: by ear, "
        "and roughly. The stage `translate` translates what was written down.",
    )
    context: bool = Field(
        False,
        description="Tell the recogniser what it wrote before, which can keep the spelling of "
        "names; else the sound is heard in windows, several at a time, which takes half the time "
        "and gets no fewer words right.",
    )
    vad: bool = Field(True, description="Listen only where somebody speaks.")
    beam_size: int = Field(5, ge=1, le=20, description="Wider is slower and a little better.")
    prompt: str | None = Field(None, description="Names and terms to expect.")

    @model_validator(mode="after")
    def _can_align(self) -> Transcribe:
        if self.text and self.engine == "whisper":
            raise ValueError("`from` places words by faster-whisper; leave `engine` out")
        if self.text and self.task == "translate":
            raise ValueError("`from` brings the text; leave `task` out")
        return self

    def apply(self, cut: Cut, context: Context) -> Cut:
        self._check_files(cut)
        cut = super().apply(cut, context)
        for source in cut.footage:
            found = cut.data(Transcript, "transcript", source.id)
            note = _note(source, found)
            for one in (*(found.notes if found else ()), *([note] if note else ())):
                cut = cut.with_note(one)
        return cut

    def analyses(self) -> tuple[Analysis, ...]:
        speech = Speech(
            engine="faster-whisper" if self.engine == "auto" else self.engine,
            whisper=self.model,
            language=None if self.language == "auto" else self.language,
            beam_size=self.beam_size,
            vad=self.vad,
            prompt=self.prompt,
            task=self.task,
            context=self.context,
        )
        if not self.text:
            return (speech,)
        from smartcut.stages._brought import BroughtSpeech

        files = tuple((id, path, file_sha256(path)) for id, path in self.text.items())
        return (BroughtSpeech(**speech.model_dump(), files=files),)

    def _check_files(self, cut: Cut) -> None:
        known = [source.id for source in cut.footage]
        if "" in self.text and len(known) > 1:
            raise StageError(
                f"`transcribe`: `from` is one file, but there are {len(known)} sources; name "
                f"them: `from: {{{known[0]}: {self.text[''].name}}}`"
            )
        unknown = sorted(set(self.text) - {"", *known})
        if unknown:
            raise StageError(
                f"`transcribe`: `from` names {unknown[0]!r}, which is no source; sources: "
                f"{', '.join(known)}"
            )


def _note(source: Source, found: Transcript | None) -> str | None:
    """What the user should know where the main sound of a source has no speech."""
    if source.audio is None and not (found and found.sentences):
        return f"{source.id} has no sound: there is no speech in it to write down"
    if source.audio is None or found is None or (found.sentences and found.stream is None):
        return None
    why = "is silent" if found.is_silent else "has no speech"
    main = source.sounds.index(source.audio)
    if found.stream is None:
        return f"the sound of {source.id} (sound track {main}, from 0) {why}"
    heard = next(k for k, s in enumerate(source.sounds) if s.index == found.stream)
    title = source.sounds[heard].title
    name = f"{heard} ({title})" if title else str(heard)
    return (
        f"sound track {main} of {source.id} {why}: the speech is that of track {name}, counted "
        f"from 0; `inputs: [{{path: {source.path.name}, audio: {heard}}}]` makes it the main one"
    )
