"""Speech to words by Whisper (Radford et al. 2022), with either of two engines.

Both hear only what the voice activity detector (Silero, shipped with faster-whisper) takes for
speech, so that silence is not filled with invented words, and neither is told what it wrote
before, which keeps it from repeating itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np

from smartcut.annotation import Sentence, Transcript, Word
from smartcut.cache import file_sha256
from smartcut.errors import MissingModel, ModelError
from smartcut.files import whole
from smartcut.models import weights
from smartcut.models.steady_speech import FasterWhisper, steady_torch
from smartcut.models.voice_activity import probabilities
from smartcut.models.word_times import delay_of, on_source, placed
from smartcut.timebase import Range, exact

RATE = 16_000
SHIPPED = "tiny.en"
#: Those that can be had from the package index.
PINNED = tuple(n.removeprefix("whisper-") for n in weights.TABLE if n.startswith("whisper-"))

SpeechEngine = Literal["whisper", "faster-whisper"]

# Whisper's own thresholds (section 4.5 of the paper): beyond them an utterance is not believed.
_NO_SPEECH, _LOG_PROBABILITY, _COMPRESSION = 0.6, -1.0, 2.4
_MOST_REPEATS = 3
_SENTENCE_END = (".", "?", "!", "…", "。", "？", "！")
_CLOSING = "\"'”’)]»"
_LONGEST_PAUSE = Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to recognise with; ``language`` is a code, or None to find out."""

    engine: SpeechEngine
    model: str = SHIPPED
    language: str | None = None
    device: str = "cpu"
    beam_size: int = 5
    vad: bool = True
    prompt: str | None = None
    allow_net: bool = False


def is_pinned(model: str) -> bool:
    """Whether the model is a name of the table of weights, and no path."""
    return model in PINNED and not Path(model).exists()


def find_model(model: str, engine: SpeechEngine) -> Path | None:
    """The local file or folder of a model: a path as given, or a pinned one; else None."""
    given = Path(model).expanduser()
    if given.exists():
        return given
    if is_pinned(model) and (pinned := weights.find(f"whisper-{model}")):
        return pinned
    if engine == "whisper":
        cached = Path.home() / ".cache" / "whisper" / f"{model}.pt"
        return cached if cached.is_file() else None
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(model, local_files_only=True))
    except Exception:  # an unknown name, or not in the local hub cache
        return None


def identity(model: str, engine: SpeechEngine) -> tuple[str, str]:
    """(name, sha256) of the model, without loading it; raises ModelError where it is absent."""
    found = find_model(model, engine)
    if is_pinned(model) and found in (None, weights.find(f"whisper-{model}")):
        return f"whisper-{model} ({engine})", weights.digest(f"whisper-{model}")
    if found is None:
        return f"whisper-{model} ({engine})", "not on this machine"
    file = found / "model.bin" if found.is_dir() else found
    return f"whisper-{Path(model).stem} ({engine})", file_sha256(file)


def recognise(
    samples: np.ndarray,
    request: SpeechRequest,
    advance: Callable[[float], None] = lambda s: None,
    loaded: Callable[[], Any] | None = None,
) -> Transcript:
    """The transcript of float32 mono samples at 16 kHz, in seconds from the first sample.

    ``loaded`` gives what :func:`load` gave, and is not called where there is no speech. Raises
    ModelError where the model cannot be had, or does not know the language.
    """
    if request.model.endswith(".en") and request.language not in (None, "en"):
        raise ModelError(
            f"the model {request.model!r} knows English only, not {request.language!r}; "
            "choose a multilingual one such as tiny, base or small"
        )
    duration = Fraction(len(samples), RATE)
    spoken = _speech(samples) if request.vad else [(0, len(samples))]
    if not spoken or not len(samples):
        return Transcript(request.language or "en", ())
    heard = np.concatenate([samples[a:b] for a, b in spoken])
    run = _faster_whisper if request.engine == "faster-whisper" else _openai_whisper
    model = loaded() if loaded else load(request)
    language, found = run(model, heard, request, advance)
    words = [w for utterance in believed(found) for w in utterance.words]
    placed_words = placed(words, heard, probabilities(heard), delay_of(request.model))
    timed = tidy((on_source(w, spoken) for w in placed_words), duration)
    return Transcript(language, tuple(sentences(timed)))


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
    a, b = exact(round(float(start), 3)), exact(round(float(end), 3))
    return Word(Range(a, b), text.strip(), round(float(probability), 4)) if b > a else None


def _needed(request: SpeechRequest) -> Path | str:
    found = find_model(request.model, request.engine)
    if found is not None:
        return found
    if is_pinned(request.model):
        return weights.path(f"whisper-{request.model}", allow_net=request.allow_net)
    if not request.allow_net:
        raise MissingModel(
            f"the Whisper model {request.model!r} is not on this machine; allow fetching it with "
            f"--allow-net, give the path of a local one, or use one of "
            f"{', '.join(PINNED)} (smartcut models pull whisper-{PINNED[0]})"
        )
    return request.model


def load(request: SpeechRequest) -> Any:
    """The engine's model, ready on the device; raises ModelError where it cannot be had."""
    where = _needed(request)
    if request.engine == "whisper":
        return _load_openai(where, request.device)
    return FasterWhisper(where, request.device)


def _faster_whisper(
    model: FasterWhisper,
    heard: np.ndarray,
    request: SpeechRequest,
    advance: Callable[[float], None],
) -> tuple[str, list[Utterance]]:
    parts, info = model.fresh().transcribe(
        heard,
        language=request.language,
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=False,
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


# openai-whisper keeps what it decodes in hooks on the model.
_one_at_a_time = Lock()


def _openai_whisper(
    model: Any, heard: np.ndarray, request: SpeechRequest, advance: Callable[[float], None]
) -> tuple[str, list[Utterance]]:
    import whisper

    with _one_at_a_time, steady_torch(request.device):
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
        beam_size=request.beam_size,
        word_timestamps=True,
        condition_on_previous_text=False,
        initial_prompt=request.prompt,
        no_speech_threshold=_NO_SPEECH,
        logprob_threshold=_LOG_PROBABILITY,
        compression_ratio_threshold=_COMPRESSION,
        hallucination_silence_threshold=2.0,
        fp16=request.device != "cpu",
    )


def _load_openai(where: Path | str, device: str) -> Any:
    """openai-whisper's model; one in CTranslate2's form is converted once, beside itself."""
    import torch
    import whisper

    heads: list[list[int]] | None = None
    if isinstance(where, Path) and where.is_dir():
        from smartcut.models.speech_convert import read_variables, to_checkpoint

        heads = json.loads((where / "config.json").read_text()).get("alignment_heads")
        converted = where / "openai-whisper.pt"
        if not converted.is_file():
            with whole(converted, alone=False) as hidden:
                torch.save(to_checkpoint(read_variables(where / "model.bin")), hidden)
        where = converted
    try:
        model = whisper.load_model(str(where), device=device)
    except (RuntimeError, OSError) as error:
        raise ModelError(f"openai-whisper cannot load {where}: {error}") from error
    if heads:
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model


# ------------------------------------------------------------------------------ speech and doubts


def _speech(samples: np.ndarray) -> list[tuple[int, int]]:
    """(first, last) samples of each stretch of speech."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_silence_duration_ms=500, speech_pad_ms=300)
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
        if end > start and word.text:
            kept.append(replace(word, range=Range(start, end)))
    return kept


def _milliseconds(time: Fraction) -> Fraction:
    return Fraction(int(time * 1000), 1000)


def sentences(words: Iterable[Word]) -> Iterator[Sentence]:
    """The words in sentences, which end at their punctuation or at a long pause."""
    held: list[Word] = []
    for word in words:
        if held and word.range.start - held[-1].range.end > _LONGEST_PAUSE:
            yield _sentence(held)
            held = []
        held.append(word)
        if word.text.rstrip(_CLOSING).endswith(_SENTENCE_END):
            yield _sentence(held)
            held = []
    if held:
        yield _sentence(held)


def _sentence(words: list[Word]) -> Sentence:
    whole = Range(words[0].range.start, words[-1].range.end)
    return Sentence(whole, " ".join(w.text for w in words), tuple(words))
