"""`voiceover`: a text spoken over the cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, Field, model_validator

from smartcut.annotation import Annotation, Transcript
from smartcut.cache import key_of
from smartcut.cut import Cut, Ducking, Track
from smartcut.errors import StageError
from smartcut.interchange.json import from_plain, tells, to_plain
from smartcut.source import Recipe, Source
from smartcut.stage import Context, Group, NotReady, Params, PathParam, Stage, Step
from smartcut.stages._made_sound import SUFFIX, laid_out, sound_source, with_source
from smartcut.stages.audio import Duck
from smartcut.text_input import TextInput, read_text_input
from smartcut.timebase import RatioParam, TimeParam

if TYPE_CHECKING:
    from smartcut.models.voice.engine import VoiceEngine

#: Raised whenever the same line would come out with other samples, or other times of its words.
_VERSION = 2
_LONGEST = 5000
"""Characters of one line."""


class SpokenLine(Params):
    """A line of a voiceover, and when it is to be heard."""

    say: str = Field(description="What is said.")
    at: TimeParam | None = Field(
        None, description="When, from the start of the cut; without it, after the line before."
    )


def _read(path: Path) -> TextInput:
    """The text of a file; raises StageError."""
    try:
        return read_text_input(path)
    except (OSError, ValueError) as error:
        raise StageError(f"`voiceover`: {path} cannot be read: {error}") from error


class Voiceover(Stage):
    """Speaks a text over the cut, with a voice that is made; subtitles follow it.

    Times are those of the cut as it is at this step: put it after the stages that choose, join or
    order segments, and before `subtitles`. Sentences are spoken apart, so their times are exact;
    with `piper` those of the words are too, as the network reckons them, and with `espeak` a
    sentence is shared out to its words by their letters. What was spoken once is not made again.
    All voices are brought to -16 LUFS (heard from two speakers).

    ```yaml
    - voiceover:
        text:
          - Welcome to the harbour.
          - {say: "The last boat leaves at six.", at: 8s}
        speed: 1.1
    - subtitles: {burn: true}
    ```

    Piper speaks US English with the voice that `smartcut models pull piper-joe` fetches, and any
    language with an .onnx file of your own. It needs `pip install 'smartcut-pipelines[voice]'`.
    """

    name: ClassVar[str] = "voiceover"
    group: ClassVar[Group] = "generate"
    gives: ClassVar[tuple[str, ...]] = ("transcript",)
    hint: ClassVar[str] = "- voiceover: {text: ...}"

    text: str | SpokenLine | tuple[str | SpokenLine, ...] = Field(
        (), description="A text; or a list of lines, each a text or `{say: ..., at: 8s}`."
    )
    file: PathParam | None = Field(
        None, description="A text file to speak instead; an empty line parts two lines of it."
    )
    voice: str | None = Field(
        None,
        description="A Piper voice (`voice.onnx`, its `.onnx.json` beside it), or one of "
        "espeak-ng's (`en-gb`); without it, Piper's joe.",
    )
    engine: Literal["auto", "piper", "espeak"] = Field(
        "auto", description="`auto` takes Piper where it is installed, or else espeak-ng."
    )
    speed: RatioParam = Field(Fraction(1), ge=Fraction(1, 4), le=4, description="2: twice as fast.")
    pause: TimeParam = Field(
        Fraction(3, 10), le=60, description="Seconds between sentences, and between lines."
    )
    start: TimeParam = Field(Fraction(0), description="When the first line is heard.")
    gain: float = Field(0.0, ge=-60, le=20, description="dB.")
    duck: bool | Duck = Field(
        True, description="Lower the sources' own sound under the voice; music has its own `duck`."
    )
    seed: int = Field(0, ge=0, lt=2**31, description="Another one speaks a little differently.")
    beyond: Literal["error", "cut", "later"] = Field(
        "error",
        description="What becomes of a voice that outlasts the cut: it is refused, ends with the "
        "cut, or stays, as pictures are added later (`slides` with `seconds: voice`).",
    )

    @model_validator(mode="after")
    def _one_text(self) -> Voiceover:
        if bool(self.text) == (self.file is not None):
            raise ValueError("give either `text` or `file`: what is to be said")
        for line in self.lines() if self.text else ():
            if not any(c.isalnum() for c in line.say):
                raise ValueError(f"there is nothing to say in {line.say!r}")
            if len(line.say) > _LONGEST:
                raise ValueError(
                    f"a line has {len(line.say)} characters; at most {_LONGEST}, so make it several"
                )
        return self

    def lines(self) -> tuple[SpokenLine, ...]:
        """What is to be said, in order; raises StageError where the file holds no text."""
        if self.file is None:
            given = self.text if isinstance(self.text, tuple) else (self.text,)
            return tuple(SpokenLine(say=x) if isinstance(x, str) else x for x in given)
        text = _read(self.file).text
        parts = [" ".join(part.split()) for part in text.replace("\r", "").split("\n\n")]
        found = tuple(SpokenLine(say=p[:_LONGEST]) for p in parts if any(c.isalnum() for c in p))
        if not found or any(len(p) > _LONGEST for p in parts):
            raise StageError(
                f"`voiceover`: {self.file} must hold text, in parts of at most {_LONGEST} "
                "characters with an empty line between them"
            )
        return found

    def apply(self, cut: Cut, context: Context) -> Cut:
        engine, note = self._engine(context)
        lines = self.lines()
        advance = context.progress.start("speak", len(lines))
        spoken = []
        for i, line in enumerate(lines):
            spoken.append(self._spoken(line.say, engine, context))
            advance(i + 1)
        context.progress.done("speak")
        return self._noted(self._placed(cut, lines, spoken, engine, context), note)

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        engine, note = self._engine(context)
        lines = self.lines()
        spoken = [self._known(line.say, engine, context) for line in lines]
        placed = self._noted(self._placed(cut, lines, spoken, engine, context), note)
        return placed, (Step(self.name, "cut", "cached", "what is said has been spoken before"),)

    def _noted(self, cut: Cut, note: str | None) -> Cut:
        """The cut with what is to be known of the voice, and of the text's file."""
        for text in (note, _read(self.file).note if self.file else None):
            cut = cut.with_note(f"voiceover: {text}") if text else cut
        return cut

    # -------------------------------------------------------------------------------- speaking

    def _engine(self, context: Context) -> tuple[VoiceEngine, str | None]:
        from smartcut.models.voice.engine import choose
        from smartcut.models.voice.scripts import unread

        engine, note = choose(self.engine, self.voice, allow_net=context.allow_net)
        for line in self.lines():
            if letters := unread(line.say, engine.language):
                raise StageError(
                    f"`voiceover`: {_short(line.say)} has letters that the voice {engine.voice!r} "
                    f"(language {engine.language!r}) cannot read: {letters[:12]}; write it as it "
                    "is said, or give a `voice` of that language"
                )
        return engine, note

    def _inputs(self, text: str, engine: VoiceEngine) -> dict[str, Any]:
        return {
            "text": text,
            "engine": engine.name,
            "voice": engine.voice,
            "weights": engine.weights,
            "speed": self.speed,
            "pause": self.pause,
            "seed": self.seed,
        }

    def _key(self, text: str, engine: VoiceEngine) -> str:
        return key_of(self.name, _VERSION, self._inputs(text, engine))

    def _known(self, text: str, engine: VoiceEngine, context: Context) -> dict[str, Any]:
        """What is known of a line; raises NotReady where it was not spoken yet."""

        def missing() -> dict[str, Any]:
            raise NotReady(self.name, "a line was not spoken before")

        known = context.memo(self.name, _VERSION, self._inputs(text, engine), missing, _is_line)
        if context.cache.find(self._key(text, engine), SUFFIX) is None:
            raise NotReady(self.name, "the sound of a line is gone from the cache")
        return known

    def _spoken(self, text: str, engine: VoiceEngine, context: Context) -> dict[str, Any]:
        """The same, spoken now where it was not yet."""

        def make() -> dict[str, Any]:
            from smartcut.models.voice.line import speak, write_wav

            line = speak(engine, text, self.speed, self.pause, self.seed)
            with context.cache.create(self._key(text, engine), SUFFIX) as path:
                write_wav(path, line.samples, line.rate)
            transcript = to_plain(line.transcript)
            return {"samples": len(line.samples), "rate": line.rate, "transcript": transcript}

        known = context.memo(self.name, _VERSION, self._inputs(text, engine), make, _is_line)
        if context.cache.find(self._key(text, engine), SUFFIX) is None:
            return make()
        return known

    # ------------------------------------------------------------------------------- placement

    def _placed(
        self,
        cut: Cut,
        lines: Sequence[SpokenLine],
        spoken: Sequence[dict[str, Any]],
        engine: VoiceEngine,
        context: Context,
    ) -> Cut:
        items: list[tuple[Source, Fraction]] = []
        end = Fraction(0)
        for line, known in zip(lines, spoken, strict=True):
            source = self._source(cut, line.say, known, engine, context)
            cut = with_source(cut, source).with_annotation(_transcript(source, known, engine))
            after = end + self.pause if items else self.start
            start = after if line.at is None else line.at
            if items and start < end:
                raise StageError(
                    f"`voiceover`: {_short(line.say)} is to be heard at {float(start):g} s, but "
                    f"the line before it lasts until {float(end):.3f} s; give a later `at`, or none"
                )
            items.append((source, start))
            end = start + source.duration
            self._check(cut, line, start, end)
        track = laid_out(Track("voice", gain=self.gain), items)
        cut = replace(cut, tracks=(*cut.tracks, track))
        return (
            _ducked(cut, self.duck if isinstance(self.duck, Duck) else Duck()) if self.duck else cut
        )

    def _source(
        self, cut: Cut, text: str, known: dict[str, Any], engine: VoiceEngine, context: Context
    ) -> Source:
        recipe = Recipe(
            kind=self.name,
            engine=engine.name,
            seed=self.seed,
            params=(
                ("text", text),
                ("voice", engine.voice),
                ("speed", str(self.speed)),
                ("pause", str(self.pause)),
            ),
            model=engine.model,
            weights=engine.weights,
        )
        samples, rate = int(known["samples"]), int(known["rate"])
        key = self._key(text, engine)
        return sound_source(cut, context.cache, key, recipe, samples=samples, rate=rate, channels=1)

    def _check(self, cut: Cut, line: SpokenLine, start: Fraction, end: Fraction) -> None:
        if self.beyond == "later" or not cut.segments:
            return
        if start < cut.duration and (end <= cut.duration or self.beyond == "cut"):
            return
        raise StageError(
            f"`voiceover`: {_short(line.say)} would be heard from {float(start):.3f} to "
            f"{float(end):.3f} s, but the cut lasts {float(cut.duration):.3f} s; say less, raise "
            "`speed`, lengthen the cut, or write `beyond: cut` (or `later`, where `slides` follow)"
        )


class _Line(BaseModel):
    """What is kept of a line that was spoken, beside its sound."""

    samples: int
    rate: int
    transcript: Transcript


_is_line = tells(_Line)


def _transcript(source: Source, known: dict[str, Any], engine: VoiceEngine) -> Annotation:
    said = from_plain(Transcript, known["transcript"])
    producer = f"voiceover/{_VERSION}"
    return Annotation("transcript", source.id, said, producer, engine.model, engine.weights)


def _ducked(cut: Cut, duck: Duck) -> Cut:
    """The cut with the programme's own sound lowered under voices."""
    ducking = Ducking(duck.depth, duck.attack, duck.release)
    return replace(cut, tracks=(replace(cut.programme, ducking=ducking), *cut.tracks[1:]))


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
