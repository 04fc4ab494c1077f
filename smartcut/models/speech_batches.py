"""Windows of speech, each written down by itself, several at a time (faster-whisper's model).

Whisper's decoder reads all of its weights for every piece of a word, whether for one window or for
eight; so windows are decoded together. What is written of a window does not depend on what else is
in its batch, nor on how many batches are computed side by side: int8 products are exact sums, every
float product is of one window and on one thread (shown by tests/models/test_speech_batches.py).
Nothing is drawn at random: a window that Whisper doubts is heard once more, with its whole 30 s of
context and without a phrase twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from smartcut.models.speech_loops import goes_round
from smartcut.models.steady_speech import FasterWhisper
from smartcut.usable import taken_cores, usable_cores

RATE = 16_000
#: Whisper's own thresholds (section 4.5 of the paper): beyond them a window is not believed.
NO_SPEECH, LOG_PROBABILITY, COMPRESSION = 0.6, -1.0, 2.4

# Frames of 10 ms: Whisper's whole context, and the shorter ones that speech is given; with less
# than two seconds of silence after it, more words are wrong.
_WHOLE = 3000
_CONTEXTS = (1500, 2100, 2700, _WHOLE)
_REST = 200
_HOP = 160
#: Windows in a batch, of models whose vectors are at most so wide; wider ones need more memory.
_TOGETHER, _WIDTH = 8, 512
# Pieces of words for a second of speech at most; more is a loop.
_FASTEST, _LEAST = 12, 24
_LONGEST_PROMPT = 223
_NO_REPEAT = 5


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """How all windows are to be heard; ``language`` is None for a model that knows only one."""

    language: str | None
    task: str = "transcribe"
    beam_size: int = 5
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class WindowText:
    """What is said in a window, with Whisper's own doubts."""

    words: tuple[tuple[float, float, str, float], ...]
    """(start, end, text, probability), in seconds of the window; texts carry the space before."""
    no_speech: float
    log_probability: float
    compression: float

    @property
    def text(self) -> str:
        return "".join(text for _, _, text, _ in self.words)

    @property
    def is_doubtful(self) -> bool:
        """Whether it is worth hearing once more: improbable, or round in circles."""
        is_nothing = self.no_speech > NO_SPEECH and self.log_probability < LOG_PROBABILITY
        return not is_nothing and (
            self.log_probability < LOG_PROBABILITY
            or self.compression > COMPRESSION
            or goes_round([text for _, _, text, _ in self.words])
        )


def written(
    model: FasterWhisper,
    heard: Sequence[np.ndarray],
    request: WindowRequest,
    advance: Callable[[int], None] = lambda number: None,
) -> list[WindowText]:
    """The text of each window: float32 mono at 16 kHz, 30 s at most, one at least.

    ``advance`` is told the number of every window that is done; where it raises an error, no other
    window is begun.
    """
    batch = _Batches(model, request)
    found: dict[int, WindowText] = {}
    with ThreadPoolExecutor(usable_cores()) as pool, _given_up_on_error(pool):
        groups = list(_groups(heard, batch.most))
        done = pool.map(lambda group: batch.of([heard[n] for n in group[1]], group[0]), groups)
        for (_, numbers), texts in zip(groups, done, strict=True):
            found.update(zip(numbers, texts, strict=True))
            for number in numbers:
                advance(number)
        doubtful = [number for number in sorted(found) if found[number].is_doubtful]
        again = pool.map(lambda number: batch.again(heard[number], found[number]), doubtful)
        found.update(zip(doubtful, again, strict=True))
    return [found[number] for number in range(len(heard))]


@contextmanager
def _given_up_on_error(pool: ThreadPoolExecutor) -> Iterator[None]:
    """What waits in the pool when the block fails is not done."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def context_of(samples: int) -> int:
    """The frames of the shortest context that holds so many samples and the rest after them."""
    frames = -(-samples // _HOP)
    return next((c for c in _CONTEXTS if c >= frames + _REST), _WHOLE)


def _groups(heard: Sequence[np.ndarray], most: int) -> Iterator[tuple[int, list[int]]]:
    """(context, numbers of windows) of each batch."""
    of_context: dict[int, list[int]] = defaultdict(list)
    for number, samples in enumerate(heard):
        of_context[context_of(len(samples))].append(number)
    for context, numbers in of_context.items():
        for at in range(0, len(numbers), most):
            yield context, numbers[at : at + most]


class _Batches:
    """Computes batches, on one thread of the model's for each call."""

    def __init__(self, model: FasterWhisper, request: WindowRequest) -> None:
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        self._whisper, self._beam = model.recogniser, request.beam_size
        knows = self._whisper.model.is_multilingual
        self._tokens = Tokenizer(
            self._whisper.hf_tokenizer, knows, task=request.task,
            language=(request.language or "en") if knows else None,
        )  # fmt: skip
        self._suppressed = get_suppressed_tokens(self._tokens, [-1])
        #: How many windows there may be in a batch.
        self.most = self._most()
        told = self._tokens.encode(f" {request.prompt.strip()}") if request.prompt else []
        self._prompt = self._whisper.get_prompt(
            self._tokens, told[-_LONGEST_PROMPT:], without_timestamps=True
        )

    def _most(self) -> int:
        bands = self._whisper.feature_extractor.mel_filters.bands
        width = int(self._whisper.encode(np.zeros((bands, 100), np.float32)).shape[-1])
        return max(1, min(_TOGETHER, int(_TOGETHER * (_WIDTH / width) ** 2)))

    def of(self, heard: Sequence[np.ndarray], context: int) -> list[WindowText]:
        with self._core():
            return self._written(heard, context, {})

    def again(self, heard: np.ndarray, before: WindowText) -> WindowText:
        """The same window in another way; as before, where that is no better."""
        with self._core():
            (found,) = self._written([heard], _WHOLE, {"no_repeat_ngram_size": _NO_REPEAT})
        is_better = found.log_probability > before.log_probability or not found.is_doubtful
        return found if is_better else before

    def _core(self) -> AbstractContextManager[None]:
        """The core that a batch is computed on, where it is not computed elsewhere."""
        return taken_cores.one() if self._whisper.model.device == "cpu" else nullcontext()

    def _written(
        self, heard: Sequence[np.ndarray], context: int, settings: dict[str, Any]
    ) -> list[WindowText]:
        import ctranslate2

        whisper = self._whisper
        features = [self._features(samples, context) for samples in heard]
        if whisper.model.device == "cpu":  # one by one its memory stays in the processor's cache
            encoded = np.concatenate([np.array(whisper.encode(one)) for one in features])
        else:
            found = whisper.encode(np.stack(features))
            encoded = np.array(found.to_device(ctranslate2.Device.cpu))
        longest = len(self._prompt) + _LEAST + _FASTEST * context // 100
        results = whisper.model.generate(
            ctranslate2.StorageView.from_array(encoded), [self._prompt] * len(heard),
            beam_size=self._beam, max_length=min(longest, whisper.max_length),
            return_scores=True, return_no_speech_prob=True,
            suppress_blank=True, suppress_tokens=self._suppressed, **settings,
        )  # fmt: skip
        said = [[t for t in r.sequences_ids[0] if t < self._tokens.eot] for r in results]
        timed = [
            self._timed(ctranslate2.StorageView.from_array(encoded[n : n + 1]), said[n], len(one))
            for n, one in enumerate(heard)
        ]
        return [
            self._text(result, tokens, words)
            for result, tokens, words in zip(results, said, timed, strict=True)
        ]

    def _features(self, samples: np.ndarray, context: int) -> np.ndarray:
        """float32 (bands, frames): the rest of the context is silence, as Whisper was taught."""
        extractor = self._whisper.feature_extractor
        padded = np.pad(samples, (0, max(0, context * _HOP - len(samples))))
        return np.ascontiguousarray(extractor(padded, padding=_HOP)[:, :context])

    def _timed(self, encoded: Any, said: list[int], samples: int) -> list[dict[str, Any]]:
        """The words of one window with their times: beside longer texts they would change."""
        from faster_whisper.transcribe import merge_punctuations

        if not said:
            return []
        frames = min(samples // _HOP, _WHOLE)
        (words,) = self._whisper.find_alignment(self._tokens, [said], encoded, frames)
        merge_punctuations(words, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、")
        return list(words)

    def _text(self, result: Any, tokens: list[int], words: list[dict[str, Any]]) -> WindowText:
        from faster_whisper.transcribe import get_compression_ratio

        count = len(result.sequences_ids[0])
        text = self._tokens.decode(tokens).strip()
        return WindowText(
            tuple(
                (float(w["start"]), float(w["end"]), str(w["word"]), float(w["probability"]))
                for w in words
                if w["word"].strip()
            ),
            float(result.no_speech_prob),
            float(result.scores[0]) * count / (count + 1),
            float(get_compression_ratio(text)) if text else 0.0,
        )
