"""`transcribe`: the speech as words with times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from smartcut.cut import Data, Source, Transcript
from smartcut.stage import Analysis, AnalysisStage, Context, Frames, Network, Samples, Sound

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Whisper(Network[Any]):
    """Whisper in one of its engines. It goes on from what it heard, so it is not asked in rows."""

    engine: Literal["whisper", "faster-whisper"] = "faster-whisper"
    model: str = "tiny.en"

    def load(self, device: str, allow_net: bool) -> Any:
        from smartcut.models.speech import Request, load

        return load(Request(self.engine, self.model, device=device, allow_net=allow_net))


class Speech(Analysis):
    """Recognises the speech of a whole source."""

    name: ClassVar[str] = "transcript"
    version: ClassVar[int] = 2

    engine: Literal["whisper", "faster-whisper"]
    whisper: str
    language: str | None
    beam_size: int
    vad: bool
    prompt: str | None

    def wants(self, source: Source) -> Frames | Sound | None:
        return Sound(16_000, 1) if source.audio else None

    def empty(self, source: Source) -> Data:
        return Transcript(self.language or "en", ())

    def model(self, context: Context) -> tuple[str, str] | None:
        from smartcut.models.speech import identity

        return identity(self.whisper, self.engine)

    def network(self) -> Whisper:
        return Whisper(f"Whisper {self.whisper}", "", self.engine, self.whisper)

    def listener(self, source: Source, context: Context) -> SpeechListener:
        return SpeechListener(self, source, context)


class SpeechListener:
    """Collects the sound, and recognises it when it has ended."""

    def __init__(self, analysis: Speech, source: Source, context: Context) -> None:
        self._analysis, self._source, self._context = analysis, source, context
        self._blocks: list[np.ndarray] = []
        self._heard = 0

    def feed(self, item: Any) -> None:
        import numpy as np

        assert isinstance(item, Samples)
        if item.start > self._heard:
            self._blocks.append(np.zeros(item.start - self._heard, dtype=np.float32))
        self._blocks.append(item.values[0].copy())
        self._heard = item.start + item.values.shape[1]

    def finish(self) -> Data:
        import numpy as np

        from smartcut.models.speech import Request, recognise

        asked, context = self._analysis, self._context
        request = Request(
            engine=asked.engine,
            model=asked.whisper,
            language=asked.language,
            device=context.device,
            beam_size=asked.beam_size,
            vad=asked.vad,
            prompt=asked.prompt,
            allow_net=context.allow_net,
        )
        sound = np.concatenate(self._blocks) if self._blocks else np.zeros(0, dtype=np.float32)
        label = f"{self._source.id}: speech"
        advance = context.progress.start(label, float(self._source.duration))
        found = recognise(sound, request, advance, lambda: context.network(asked.network()))
        context.progress.done(label)
        return found


class Transcribe(AnalysisStage):
    """Writes down the speech with Whisper, word by word.

    The model `tiny.en` can be had offline (`smartcut models pull whisper-tiny.en`); any other
    Whisper size works by name where it is on the machine or may be fetched, or by path.
    """

    name: ClassVar[str] = "transcribe"
    gives: ClassVar[tuple[str, ...]] = ("transcript",)
    hint: ClassVar[str] = "- transcribe"

    model: str = Field("tiny.en", description="A Whisper size, or a local file or folder.")
    engine: Literal["auto", "whisper", "faster-whisper"] = Field(
        "auto", description="`auto` is faster-whisper."
    )
    language: str = Field("auto", description="`auto`, or a code such as `en`.")
    vad: bool = Field(True, description="Listen only where somebody speaks.")
    beam_size: int = Field(5, ge=1, le=20, description="Wider is slower and a little better.")
    prompt: str | None = Field(None, description="Names and terms to expect.")

    def analyses(self) -> tuple[Analysis, ...]:
        speech = Speech(
            engine="faster-whisper" if self.engine == "auto" else self.engine,
            whisper=self.model,
            language=None if self.language == "auto" else self.language,
            beam_size=self.beam_size,
            vad=self.vad,
            prompt=self.prompt,
        )
        return (speech,)
