"""How likely Whisper thinks a filler somewhere, and what it would hear without a sound.

It is made to spell a text, and says how likely each part is. A text with a filler in it, beside
the same without, tells whether one is heard there, though left to itself it would not write one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

RATE = 16_000
_SENTENCE_END = (".", "?", "!", "…")
#: What a sound is brought down by that is taken away, and its ramps in samples.
_MUTED, _RAMP = 0.01, 80


class SpellingScorer:
    """Likelihoods of texts for sounds, by a loaded recogniser.

    ``recogniser`` is a ``faster_whisper.WhisperModel``.
    """

    def __init__(self, recogniser: Any, language: str) -> None:
        from faster_whisper.tokenizer import Tokenizer

        self._recogniser = recogniser
        self._tokenizer = Tokenizer(
            recogniser.hf_tokenizer,
            recogniser.model.is_multilingual,
            task="transcribe",
            language=language,
        )

    def window(self, samples: np.ndarray, words: Sequence[str]) -> ScoredWindow:
        """A window of sound, 30 s at most, and the words that are said in it."""
        return ScoredWindow(self._recogniser, self._tokenizer, samples, words)


class ScoredWindow:
    """A window of float32 mono samples at 16 kHz with its words."""

    def __init__(
        self, recogniser: Any, tokenizer: Any, samples: np.ndarray, words: Sequence[str]
    ) -> None:
        self._recogniser, self._tokenizer = recogniser, tokenizer
        self._samples, self._words = samples, words
        self._tokens = [tokenizer.encode(f" {word}") for word in words]

    def without(self, first: int, last: int) -> ScoredWindow:
        """The same with the sound of these samples taken away."""
        gain = np.ones(len(self._samples), np.float32)
        gain[first:last] = _MUTED
        kernel = np.ones(_RAMP, np.float32) / _RAMP
        faded = self._samples * np.convolve(gain, kernel, "same")
        return ScoredWindow(
            self._recogniser, self._tokenizer, faded.astype(np.float32), self._words
        )

    @cached_property
    def _heard(self) -> tuple[Any, int]:
        from faster_whisper.audio import pad_or_trim

        features = self._recogniser.feature_extractor(self._samples)
        return self._recogniser.encode(pad_or_trim(features)), features.shape[-1]

    @cached_property
    def words_alone(self) -> float:
        """The logarithm of the likelihood of the words."""
        return self._likelihood(self._tokens)

    def with_filler(self, gap: int, filler: str) -> float:
        """How much likelier the words are with a filler before the ``gap``-th of them.

        The natural logarithm of the ratio.
        """
        begins = gap == 0 or self._words[gap - 1].endswith(_SENTENCE_END)
        spelled = self._tokenizer.encode(f" {filler.capitalize() if begins else filler},")
        tokens = [*self._tokens[:gap], spelled, *self._tokens[gap:]]
        return self._likelihood(tokens) - self.words_alone

    def _likelihood(self, tokens: list[list[int]]) -> float:
        heard, frames = self._heard
        flat = [token for word in tokens for token in word]
        if not flat:
            return 0.0
        (found,) = self._recogniser.model.align(
            heard, list(self._tokenizer.sot_sequence), [flat], [frames]
        )
        return sum(math.log(max(p, 1e-9)) for p in found.text_token_probs)
