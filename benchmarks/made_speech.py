"""A talk that nobody gave: sentences, pauses and fillers at known times, by a synthetic voice.

Every fragment is spoken by itself and cut to where it is heard, so that its times are exact; the
pauses between fragments are faint noise.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.models.voice.engine import VoiceEngine

#: What is said: fragments, ``*fillers*``, and pauses in seconds.
SCRIPT: tuple[str | float, ...] = (
    "Good morning, and welcome to the harbour.", 1.2,
    "Today we look at", 0.12, "*um*", 0.15, "the old lighthouse on the hill.", 0.8,
    "It was built", 0.1, "*uh*", 0.1, "in eighteen hundred and forty two.", 2.0,
    "The keeper lived there with his family.", 0.3,
    "*um*", 0.25, "He lit the lamp every evening,", 0.45, "and put it out at dawn.", 1.5,
    "In winter the waves reached", 0.2, "*uh*", 0.2, "up to the second window.", 0.6,
    "Nobody could", 0.08, "*um*", 0.12, "land a boat for weeks.", 3.0,
    "Then the railway came,", 0.5, "and with it the first visitors.", 0.15,
    "*uh*", 0.3, "They paid a penny each to climb the stairs.", 1.1,
    "From the top you can see", 0.2, "*um*", 0.1, "three islands and the open sea.", 0.9,
    "On a clear day", 0.25, "*uh*", 0.15, "you can even see the mountains.", 2.4,
    "The lamp is electric now,", 0.4, "*um*", 0.4, "and it turns by itself.", 0.7,
    "Thank you for coming today.", 1.0,
)  # fmt: skip

#: As a speaker who thinks draws them out; synthetic voices are curt.
FILLER_PACE = Fraction(3, 5)
_HEARD = 0.004
_NOISE = 0.0003


@dataclass(frozen=True, slots=True)
class MadeTalk:
    """Times in seconds."""

    samples: np.ndarray
    """float32 (n,)."""
    rate: int
    said: tuple[tuple[float, float, str], ...]
    fillers: tuple[tuple[float, float, str], ...]

    @property
    def duration(self) -> float:
        return len(self.samples) / self.rate


def make_talk(
    engine: VoiceEngine, script: Sequence[str | float] = SCRIPT, pace: Fraction = FILLER_PACE
) -> MadeTalk:
    """The script, spoken."""
    noise = np.random.default_rng(7)
    parts: list[np.ndarray] = []
    said: list[tuple[float, float, str]] = []
    fillers: list[tuple[float, float, str]] = []
    at = 0
    for number, item in enumerate((0.5, *script)):
        if isinstance(item, float):
            part = np.zeros(round(item * engine.rate), np.float32)
        else:
            is_filler = item.startswith("*")
            text = item.strip("*")
            speed = pace if is_filler else Fraction(1)
            spoken = engine.say([f"{text}." if is_filler else text], speed, number)[0].samples
            part = _heard(spoken)
            place = (at / engine.rate, (at + len(part)) / engine.rate, text)
            (fillers if is_filler else said).append(place)
        parts.append(part)
        at += len(part)
    samples = np.concatenate(parts)
    samples += noise.normal(0, _NOISE, len(samples)).astype(np.float32)
    return MadeTalk(samples.astype(np.float32), engine.rate, tuple(said), tuple(fillers))


def _heard(samples: np.ndarray) -> np.ndarray:
    """The sound from its first to its last audible sample, at -3 dB at most."""
    loud = np.flatnonzero(np.abs(samples) > _HEARD)
    heard = samples[loud[0] : loud[-1] + 1]
    return (heard * min(1.0, 0.7 / float(np.abs(heard).max()))).astype(np.float32)


def with_noise(talk: MadeTalk, snr: float) -> np.ndarray:
    """The talk in white noise, ``snr`` dB below what is said."""
    spoken = np.concatenate(
        [talk.samples[round(a * talk.rate) : round(b * talk.rate)] for a, b, _ in talk.said]
    )
    level = float(np.sqrt((spoken**2).mean())) * 10 ** (-snr / 20)
    noise = np.random.default_rng(11).normal(0, level, len(talk.samples))
    return (talk.samples + noise).astype(np.float32)


def write_sound(path: Path, samples: np.ndarray, rate: int) -> None:
    """A WAV file of mono samples."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
