"""Speech to words by Whisper (Radford et al. 2022), with either of two engines.

Both hear only what the voice activity detector (Silero, shipped with faster-whisper) takes for
speech, so that silence is not filled with invented words. They are told what they wrote before,
which gets more words right; where they then go round in circles, all is heard anew without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from smartcut.annotation import Sentence, Transcript, Word
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
from smartcut.models.steady_speech import FasterWhisper, openai_alone
from smartcut.models.voice_activity import probabilities
from smartcut.models.word_times import delay_of, on_source, placed
from smartcut.timebase import Range, exact

# Whisper's own thresholds (section 4.5 of the paper): beyond them an utterance is not believed.
_NO_SPEECH, _LOG_PROBABILITY, _COMPRESSION = 0.6, -1.0, 2.4
_MOST_REPEATS = 3
_SENTENCE_END = (".", "?", "!", "…", "。", "？", "！", "؟", "۔", "।")
_CLOSING = "\"'”’)]»"
_LONGEST_PAUSE = Fraction(3, 2)
# Milliseconds of silence that divide speech: to be heard, and to be told apart by language.
_PAUSE, _LANGUAGE_PAUSE = 500, 300


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
    is_told: bool = True
    """The recogniser goes on from what it wrote before."""


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
    duration = Fraction(len(samples), RATE)
    spoken = _speech(samples) if request.vad else [(0, len(samples))]
    if not spoken or not len(samples):
        return Transcript("en" if request.task == "translate" else request.language or "en", ())
    given = loaded or (lambda model: load(replace(request, model=model)))
    found = [
        _heard(samples, passage, request, given, duration, advance)
        for passage in _passages(samples, spoken, request, models, given)
    ]
    said = notes(found, request.model, request.task, models.others is None)
    return _transcript(found, request.task, said)


@dataclass(frozen=True, slots=True)
class Passage:
    """Pieces of the sound to be heard together: in which language, and by which model."""

    language: str | None
    model: str
    pieces: Sequence[Piece]
    share: float = 1.0
    """How probable the language is, 0..1."""


def _passages(
    samples: np.ndarray,
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
    found = stretches(samples, _speech(samples, _LANGUAGE_PAUSE), judge)
    if len(found) == 1:
        only = found[0]
        return [Passage(only.language, models.of(only.language), spoken, only.share)]
    return [Passage(x.language, models.of(x.language), x.pieces, x.share) for x in found]


def _heard(
    samples: np.ndarray,
    passage: Passage,
    request: SpeechRequest,
    loaded: Loader,
    duration: Fraction,
    advance: Callable[[float], None],
) -> WrittenPassage:
    """What is said in a passage."""
    heard = np.concatenate([samples[a:b] for a, b in passage.pieces])
    asked = replace(request, language=passage.language, model=passage.model)
    if passage.language == "en":
        asked = replace(asked, task="transcribe")
    run = _faster_whisper if request.engine == "faster-whisper" else _openai_whisper
    before = passage.pieces[0][0] / RATE
    model = loaded(passage.model)
    language, found = run(model, heard, asked, lambda s: advance(before + s))
    if goes_round([w.text for utterance in found for w in utterance.words]):
        language, found = run(model, heard, replace(asked, is_told=False), lambda s: None)
    words = [w for utterance in believed(found) for w in utterance.words]
    timed = placed(words, heard, probabilities(heard), delay_of(passage.model))
    clean = tidy((on_source(w, passage.pieces) for w in timed), duration)
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


def _faster_whisper(
    model: FasterWhisper,
    heard: np.ndarray,
    request: SpeechRequest,
    advance: Callable[[float], None],
) -> tuple[str, list[Utterance]]:
    parts, info = model.fresh().transcribe(
        heard,
        language=request.language,
        task=request.task,
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=request.is_told,
        initial_prompt=request.prompt,
        no_speech_threshold=_NO_SPEECH,
        log_prob_threshold=_LOG_PROBABILITY,
        compression_ratio_threshold=_COMPRESSION,
        hallucination_silence_threshold=2.0,
    )
    found = []
    for part in parts:
        words = (_word(w.start, w.end, w.word, w.probability) for w in part.words or ())
        kept = tuple(w for w in words if w is not None)
        found.append(
            Utterance(
                part.text, kept, part.no_speech_prob, part.avg_logprob, part.compression_ratio
            )
        )
        advance(part.end)
    return info.language, found


def _openai_whisper(
    model: Any, heard: np.ndarray, request: SpeechRequest, advance: Callable[[float], None]
) -> tuple[str, list[Utterance]]:
    import whisper

    with openai_alone(request.device):
        said = _said(whisper, model, heard, request)
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
    advance(len(heard) / RATE)
    return str(said["language"]), found


def _said(whisper: Any, model: Any, heard: np.ndarray, request: SpeechRequest) -> Any:
    return whisper.transcribe(
        model,
        heard,
        language=request.language or ("en" if not model.is_multilingual else None),
        task=request.task,
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=request.is_told,
        initial_prompt=request.prompt,
        no_speech_threshold=_NO_SPEECH,
        logprob_threshold=_LOG_PROBABILITY,
        compression_ratio_threshold=_COMPRESSION,
        hallucination_silence_threshold=2.0,
        fp16=request.device != "cpu",
    )


# ------------------------------------------------------------------------------ speech and doubts


def _speech(samples: np.ndarray, pause: int = _PAUSE) -> list[Piece]:
    """The stretches of speech that a pause of so many milliseconds divides."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_silence_duration_ms=pause, speech_pad_ms=300)
    found = get_speech_timestamps(samples, options)
    return [(int(part["start"]), int(part["end"])) for part in found]


def believed(utterances: Iterable[Utterance]) -> Iterator[Utterance]:
    """Those that are neither noise taken for speech nor a phrase said over and over."""
    last, repeats = "", 0
    for utterance in utterances:
        text = utterance.text.strip().lower()
        doubtful = utterance.log_probability < _LOG_PROBABILITY
        if utterance.no_speech > _NO_SPEECH and doubtful:
            continue
        if utterance.compression > _COMPRESSION and doubtful:
            continue
        repeats = repeats + 1 if text == last else 0
        last = text
        if repeats < _MOST_REPEATS:
            yield utterance


def tidy(words: Iterable[Word], duration: Fraction) -> list[Word]:
    """The words in order, to the millisecond, inside the sound, none overlapping the next."""
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: w.range.start):
        start = _milliseconds(max(word.range.start, kept[-1].range.end if kept else Fraction(0)))
        end = _milliseconds(min(word.range.end, duration))
        if end > start and word.text.strip():
            kept.append(replace(word, range=Range(start, end)))
    return kept


def _milliseconds(time: Fraction) -> Fraction:
    return Fraction(int(time * 1000), 1000)


def sentences(words: Iterable[Word]) -> Iterator[Sentence]:
    """The words in sentences, which end at their punctuation or at a long pause.

    Words carry the space before them, where there is one.
    """
    held: list[Word] = []
    for word in words:
        if held and word.range.start - held[-1].range.end > _LONGEST_PAUSE:
            yield _sentence(held)
            held = []
        held.append(word)
        if word.text.rstrip().rstrip(_CLOSING).endswith(_SENTENCE_END):
            yield _sentence(held)
            held = []
    if held:
        yield _sentence(held)


def _sentence(words: list[Word]) -> Sentence:
    whole = Range(words[0].range.start, words[-1].range.end)
    text = " ".join("".join(w.text for w in words).split())
    return Sentence(whole, text, tuple(replace(w, text=w.text.strip()) for w in words))
