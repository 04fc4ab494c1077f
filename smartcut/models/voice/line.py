"""A line of speech: sentences spoken apart, joined with rests, at one loudness, with its words."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.annotation import Sentence, Transcript, Word
from smartcut.errors import ModelError
from smartcut.media.loudness import LoudnessMeter
from smartcut.models.voice.engine import LineSound, VoiceEngine
from smartcut.models.voice.spelling import Spans, sentences_of, shared_out, words_of
from smartcut.timebase import Range, nearest

#: LUFS of one channel; from two speakers it is 3 dB louder.
LOUDNESS = -19.0
#: Highest sample, in dBFS, of what is brought to that loudness.
PEAK = -1.0
_PEAK_OF_SHORT = -6.0
"""dBFS of a line too short to have a loudness: less than 0.4 s."""
_QUIET = 0.01
"""A share of a sentence's peak: what is under it at its ends is not the voice."""


@dataclass(frozen=True, slots=True, eq=False)
class VoiceLine:
    """``samples`` are int16, mono, ``rate`` a second; times of the transcript count from 0."""

    samples: np.ndarray
    rate: int
    transcript: Transcript


def speak(engine: VoiceEngine, text: str, speed: Fraction, pause: Fraction, seed: int) -> VoiceLine:
    """The text as it is spoken, ``pause`` seconds between its sentences.

    A sentence's times are exact, as each is spoken apart. Its words' are the engine's own where
    it tells them; else the voiced part is shared out by the words' letters. Raises ModelError
    where the engine says nothing.
    """
    sentences = sentences_of(text)
    said = engine.say(sentences, speed, seed)
    parts: list[np.ndarray] = []
    found: list[Sentence] = []
    at = 0
    for sentence, one in zip(sentences, said, strict=True):
        if not len(one.samples) or not np.any(one.samples):
            raise ModelError(f"{engine.name} ({engine.voice}) says nothing for {sentence!r}")
        if parts:
            rest = nearest(pause * engine.rate)
            parts.append(np.zeros(rest, np.float32))
            at += rest
        found.append(_sentence(sentence, one, at, engine.rate))
        parts.append(one.samples)
        at += len(one.samples)
    samples = _levelled(np.concatenate(parts), engine.rate)
    return VoiceLine(samples, engine.rate, Transcript(engine.language, tuple(found)))


def _sentence(text: str, said: LineSound, at: int, rate: int) -> Sentence:
    words = words_of(text)
    spans: Spans = said.words or shared_out(words, *_voiced(said.samples))
    ranges = [Range(Fraction(at + a, rate), Fraction(at + b, rate)) for a, b in spans]
    placed = tuple(Word(r, w) for r, w in zip(ranges, words, strict=True))
    return Sentence(Range(ranges[0].start, ranges[-1].end), text, placed)


def _voiced(samples: np.ndarray) -> tuple[int, int]:
    """The first sample of the voice, and one past its last."""
    loud = np.flatnonzero(np.abs(samples) > _QUIET * np.abs(samples).max())
    return int(loud[0]), int(loud[-1]) + 1


def _levelled(samples: np.ndarray, rate: int) -> np.ndarray:
    """int16 at :data:`LOUDNESS`, or as near to it as the highest peak allows."""
    meter = LoudnessMeter(rate, 1)
    meter.add(samples[None])
    peak = float(np.abs(samples).max())
    loudness = meter.integrated
    if loudness is None:
        factor = 10 ** (_PEAK_OF_SHORT / 20) / peak
    else:
        factor = min(10 ** ((LOUDNESS - loudness) / 20), 10 ** (PEAK / 20) / peak)
    return np.round(samples * (factor * 32767)).astype("<i2")


def write_wav(path: Path, samples: np.ndarray, rate: int) -> None:
    """Write int16 samples, (n,) or (channels, n), as a WAV file."""
    channels = np.atleast_2d(samples)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(channels.T.astype("<i2").tobytes())
