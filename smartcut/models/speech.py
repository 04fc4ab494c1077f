"""Speech to words by Whisper (Radford et al. 2022), with either of two engines.

Both hear only what the voice activity detector (Silero, shipped with faster-whisper) takes for
speech, so that silence costs nothing and is not filled with invented words. faster-whisper's model
hears windows that end in pauses, several at a time. Where they are told what they wrote before, all
is heard one after the other, and anew without where they go round in circles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from smartcut.annotation import Transcript, Word
from smartcut.models.speech_batches import (
    COMPRESSION,
    LOG_PROBABILITY,
    NO_SPEECH,
    WindowRequest,
    written,
)
from smartcut.models.speech_languages import RATE, Piece, judge_of, stretches
from smartcut.models.speech_loops import goes_round
from smartcut.models.speech_models import (
    SHIPPED,
    Loader,
    Recognisers,
    SpeechEngine,
    SpeechTask,
    load_model,
    recognisers,
)
from smartcut.models.speech_notes import WrittenPassage, notes
from smartcut.models.speech_sentences import sentences, tidy
from smartcut.models.speech_windows import LONGEST, spoken_pieces, windows
from smartcut.models.steady_speech import FasterWhisper, openai_alone, precision_of
from smartcut.models.voice_activity import STEP, probabilities
from smartcut.models.word_times import delay_of, on_source, placed
from smartcut.timebase import Range, exact

_MOST_REPEATS = 3
# Seconds of silence that divide speech to be told apart by language.
_LANGUAGE_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to recognise with; ``language`` is a code, or None to find out.

    ``model`` may be ``auto`` (:func:`smartcut.models.speech_models.recognisers`); ``task`` may be
    to write down what is said in English, whatever its language.
    """

    engine: SpeechEngine
    model: str = SHIPPED
    language: str | None = None
    device: str = "cpu"
    beam_size: int = 5
    vad: bool = True
    prompt: str | None = None
    allow_net: bool = False
    task: SpeechTask = "transcribe"
    is_told: bool = False
    """It goes on from what it wrote before; else it hears windows, several at a time."""
    longest: float = LONGEST
    """Seconds of speech in a window at most."""


def recognise(
    samples: np.ndarray,
    request: SpeechRequest,
    advance: Callable[[float], None] = lambda s: None,
    loaded: Loader | None = None,
) -> Transcript:
    """The transcript of float32 mono samples at 16 kHz, in seconds from the first sample.

    ``loaded`` gives what :func:`load` gave for the model of that name, and is not called where
    there is no speech. Raises ModelError where the model cannot be had, or does not know the
    language.
    """
    models = recognisers(request.model, request.language, request.device, request.task)
    voice = probabilities(samples)
    everything = [(0, len(samples))] if len(samples) else []
    spoken = spoken_pieces(voice, len(samples)) if request.vad else everything
    if not spoken:
        written_in = "en" if request.task == "translate" else request.language or "en"
        return Transcript(written_in, (), unsent=1.0 if len(samples) else 0.0)
    given = loaded or (lambda model: load(replace(request, model=model)))
    sound = _Sound(samples, voice, advance)
    found = [
        _heard(sound, passage, request, given)
        for passage in _passages(sound, spoken, request, models, given)
    ]
    said = notes(found, request.model, request.task, models.others is None)
    sent = sum(last - first for first, last in spoken)
    return replace(
        _transcript(found, request.task, said),
        recogniser=_described(request),
        unsent=round(1 - sent / len(samples), 4),
    )


@dataclass(frozen=True, slots=True)
class _Sound:
    """A recording's samples, the probability of a voice in every 512, and who is told of it."""

    samples: np.ndarray
    voice: np.ndarray
    advance: Callable[[float], None]

    def of(self, pieces: Sequence[Piece]) -> np.ndarray:
        return np.concatenate([self.samples[a:b] for a, b in pieces])

    def voice_of(self, pieces: Sequence[Piece]) -> np.ndarray:
        """The probabilities of the steps that the pieces' own steps begin in."""
        firsts = np.concatenate([np.arange(a, b) for a, b in pieces])[::STEP]
        return self.voice[firsts // STEP]


def _described(request: SpeechRequest) -> str:
    if request.engine == "faster-whisper":
        return f"faster-whisper, {precision_of(request.device)}"
    return f"openai-whisper, {'float32' if request.device == 'cpu' else 'float16'}"


@dataclass(frozen=True, slots=True)
class Passage:
    """Pieces of the sound to be heard together: in which language, and by which model."""

    language: str | None
    model: str
    pieces: Sequence[Piece]
    share: float = 1.0
    """How probable the language is, 0..1."""


def _passages(
    sound: _Sound,
    spoken: Sequence[Piece],
    request: SpeechRequest,
    models: Recognisers,
    loaded: Loader,
) -> list[Passage]:
    """The speech by language; all of it in one where it was given, or only one is known."""
    if request.language is not None:
        return [Passage(request.language, models.of(request.language), spoken)]
    if models.others is None or not request.vad:
        return [Passage(None, models.others or models.english, spoken)]
    judge = judge_of(loaded(models.others), request.engine)
    parts = spoken_pieces(sound.voice, len(sound.samples), _LANGUAGE_PAUSE)
    found = stretches(sound.samples, parts, judge)
    if len(found) == 1:
        only = found[0]
        return [Passage(only.language, models.of(only.language), spoken, only.share)]
    return [Passage(x.language, models.of(x.language), x.pieces, x.share) for x in found]


def _heard(
    sound: _Sound, passage: Passage, request: SpeechRequest, loaded: Loader
) -> WrittenPassage:
    """What is said in a passage."""
    asked = replace(request, language=passage.language, model=passage.model)
    if passage.language == "en":
        asked = replace(asked, task="transcribe")
    run = _faster_whisper if request.engine == "faster-whisper" else _openai_whisper
    language, found = run(loaded(passage.model), sound, passage.pieces, asked)
    delay = delay_of(passage.model)
    timed = []
    for pieces, utterances in found:
        words = [w for utterance in utterances for w in utterance.words]
        own = placed(words, sound.of(pieces), sound.voice_of(pieces), delay)
        timed += [on_source(w, pieces) for w in own]
    clean = tidy(timed, Fraction(len(sound.samples), RATE))
    return WrittenPassage(language, passage.share, passage.model, tuple(sentences(clean)))


def _transcript(
    found: Sequence[WrittenPassage], task: SpeechTask, notes: tuple[str, ...]
) -> Transcript:
    """The sentences, which name their language where it is not that of most of the speech."""
    lengths: dict[str, float] = defaultdict(float)
    for one in found:
        lengths[_written(one, task)] += sum(float(s.range.duration) for s in one.sentences)
    main = max(lengths, key=lambda language: lengths[language])
    own = (
        s if _written(one, task) == main else replace(s, language=_written(one, task))
        for one in found
        for s in one.sentences
    )
    return Transcript(main, tuple(own), notes=notes)


def _written(passage: WrittenPassage, task: SpeechTask) -> str:
    """The language that a passage is written down in."""
    return "en" if task == "translate" else passage.language


# -------------------------------------------------------------------------------- the two engines


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch as the engine gave it, with its own doubts; times in what was heard."""

    text: str
    words: tuple[Word, ...]
    no_speech: float
    log_probability: float
    compression: float


def _word(start: float, end: float, text: str, probability: float) -> Word | None:
    """The word, be it of no length: the recogniser gives some no time; None of nothing written."""
    a, b = exact(round(float(start), 3)), exact(round(float(end), 3))
    if not text.strip():
        return None
    return Word(Range(a, max(a, b)), text, round(float(probability), 4))


def load(request: SpeechRequest) -> Any:
    """The engine's model, ready on the device; raises ModelError where it cannot be had."""
    return load_model(request.model, request.engine, request.device, request.allow_net)


Pieces = Sequence[Piece]
_Found = tuple[str, list[tuple[Pieces, list[Utterance]]]]
"""The language, and what was believed of each of the windows."""


def _faster_whisper(
    model: FasterWhisper, sound: _Sound, pieces: Pieces, request: SpeechRequest
) -> _Found:
    if request.is_told:
        language, found = _told(model, sound, pieces, request)
        if not goes_round([w.text for utterance in found for w in utterance.words]):
            return language, [(pieces, list(believed(found)))]
    return _in_windows(model, sound, pieces, request)


def _told(
    model: FasterWhisper, sound: _Sound, pieces: Pieces, request: SpeechRequest
) -> tuple[str, list[Utterance]]:
    """The language, and all that is said, by faster-whisper's own way through it."""
    parts, info = model.fresh().transcribe(
        sound.of(pieces),
        language=request.language,
        task=request.task,
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=True,
        initial_prompt=request.prompt,
        no_speech_threshold=NO_SPEECH,
        log_prob_threshold=LOG_PROBABILITY,
        compression_ratio_threshold=COMPRESSION,
        hallucination_silence_threshold=2.0,
    )
    found = []
    for part in parts:
        words = (_word(w.start, w.end, w.word, w.probability) for w in part.words or ())
        kept = tuple(w for w in words if w is not None)
        doubts = (part.no_speech_prob, part.avg_logprob, part.compression_ratio)
        found.append(Utterance(part.text, kept, *doubts))
        sound.advance(pieces[0][0] / RATE + part.end)
    return info.language, found


def _in_windows(
    model: FasterWhisper, sound: _Sound, pieces: Pieces, request: SpeechRequest
) -> _Found:
    """What is said in windows of which none knows of the others."""
    own = windows(sound.samples, sound.voice, pieces, request.longest)
    heard = [sound.of(window) for window in own]
    language = request.language or _language(model, heard[0])
    asked = WindowRequest(language, request.task, request.beam_size, request.prompt)
    texts = written(model, heard, asked, lambda n: sound.advance(own[n][-1][1] / RATE))
    said = [
        Utterance(
            text.text,
            tuple(w for given in text.words if (w := _word(*given)) is not None),
            text.no_speech, text.log_probability, text.compression,
        )
        for text in texts
    ]  # fmt: skip
    kept = {id(utterance) for utterance in believed(said)}
    return language, [(w, [u] if id(u) in kept else []) for w, u in zip(own, said, strict=True)]


def _language(model: FasterWhisper, heard: np.ndarray) -> str:
    """What is spoken in a window, where nobody said so."""
    if not model.recogniser.model.is_multilingual:
        return "en"
    (shares,) = judge_of(model, "faster-whisper")(heard, [(0, len(heard))])
    return max(sorted(shares), key=lambda language: shares[language])


def _openai_whisper(model: Any, sound: _Sound, pieces: Pieces, request: SpeechRequest) -> _Found:
    """All at once, told what it wrote before; where it goes round in circles, again without."""
    import whisper

    heard = sound.of(pieces)
    with openai_alone(request.device):
        said = _said(whisper, model, heard, request, request.is_told)
        if request.is_told and goes_round(
            [w["word"] for part in said["segments"] for w in part.get("words", ())]
        ):
            said = _said(whisper, model, heard, request, False)
    found = []
    for part in said["segments"]:
        words = (
            _word(w["start"], w["end"], w["word"], w["probability"]) for w in part.get("words", ())
        )
        kept = tuple(w for w in words if w is not None)
        found.append(
            Utterance(
                part["text"],
                kept,
                part["no_speech_prob"],
                part["avg_logprob"],
                part["compression_ratio"],
            )
        )
    sound.advance(pieces[-1][1] / RATE)
    return str(said["language"]), [(pieces, list(believed(found)))]


def _said(
    whisper: Any, model: Any, heard: np.ndarray, request: SpeechRequest, is_told: bool
) -> Any:
    return whisper.transcribe(
        model,
        heard,
        language=request.language or ("en" if not model.is_multilingual else None),
        task=request.task,
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=is_told,
        initial_prompt=request.prompt,
        no_speech_threshold=NO_SPEECH,
        logprob_threshold=LOG_PROBABILITY,
        compression_ratio_threshold=COMPRESSION,
        hallucination_silence_threshold=2.0,
        fp16=request.device != "cpu",
    )


# ------------------------------------------------------------------------------------------ doubts


def believed(utterances: Iterable[Utterance]) -> Iterator[Utterance]:
    """Those that are neither noise taken for speech nor a phrase said over and over."""
    last, repeats = "", 0
    for utterance in utterances:
        text = utterance.text.strip().lower()
        doubtful = utterance.log_probability < LOG_PROBABILITY
        if utterance.no_speech > NO_SPEECH and doubtful:
            continue
        if utterance.compression > COMPRESSION and doubtful:
            continue
        repeats = repeats + 1 if text == last else 0
        last = text
        if repeats < _MOST_REPEATS:
            yield utterance
