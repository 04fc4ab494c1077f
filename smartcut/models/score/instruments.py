"""The instruments: each note as stereo sound, from oscillators without partials beyond hearing.

Float32 (2, n) at 48,000 samples a second. A wave is one cycle summed from its partials, as many as
lie under 18 kHz at that pitch, so nothing folds back (additive synthesis by table).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from smartcut.models.score.compose import ScorePart

RATE = 48_000
_HIGHEST = 18_000.0
_TABLE = 4096


@dataclass(frozen=True, slots=True)
class Voice:
    """An instrument with pitch: how its partials fall, its envelope in seconds, its level."""

    partials: int
    fall: float
    """Partial k has 1 / k ** fall."""
    odd: float
    """What the even partials are multiplied with."""
    attack: float
    decay: float
    """Seconds to fall to 1 / e; 0 for a tone that stays."""
    release: float
    level: float
    detune: float = 0.0
    """Cents between left and right."""
    pan: float = 0.0
    reverb: float = 0.3


VOICES: dict[str, Voice] = {
    "pad": Voice(14, 1.5, 0.7, 0.35, 0.0, 0.8, 0.16, detune=7.0, reverb=0.5),
    "bass": Voice(8, 1.8, 1.0, 0.012, 1.6, 0.12, 0.34, reverb=0.05),
    "figure": Voice(12, 1.6, 0.6, 0.003, 0.35, 0.25, 0.17, pan=0.3, reverb=0.4),
    "melody": Voice(8, 1.9, 0.35, 0.03, 1.8, 0.35, 0.15, detune=3.0, pan=-0.25, reverb=0.5),
}
DRUMS: dict[str, tuple[float, float]] = {"kick": (0.5, 0.05), "hat": (0.07, 0.1), "tom": (0.3, 0.3)}
"""(level, share sent to the reverb)."""


@lru_cache(maxsize=256)
def _cycle(partials: int, fall: float, odd: float, pitch: int) -> np.ndarray:
    """One cycle of a wave at that pitch, with one sample more to run on to."""
    frequency = hertz(pitch)
    count = max(1, min(partials, int(_HIGHEST / frequency)))
    at = np.arange(_TABLE + 1) / _TABLE
    wave = np.zeros(_TABLE + 1)
    total = 0.0
    for k in range(1, count + 1):
        level = k**-fall * (odd if k % 2 == 0 else 1.0)
        wave += level * np.sin(2 * np.pi * k * at + 0.7 * k)
        total += level
    return wave / total


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch; 69 is 440 Hz."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _tone(voice: Voice, pitch: int, count: int, cents: float) -> np.ndarray:
    cycle = _cycle(voice.partials, voice.fall, voice.odd, pitch)
    step = hertz(pitch + cents / 100) / RATE * _TABLE
    at = (np.arange(count) * step + pitch * 97) % _TABLE
    low = at.astype(np.int64)
    return cycle[low] + (at - low) * (cycle[low + 1] - cycle[low])


@lru_cache(maxsize=64)
def tone(part: ScorePart, pitch: int, held: int) -> np.ndarray:
    """A note that is held for so many samples, and its end: float32 (2, n), at level 1."""
    voice = VOICES[part]
    count = held + int(voice.release * RATE)
    seconds = np.arange(count) / RATE
    envelope = np.minimum(seconds / voice.attack, 1.0)
    if voice.decay:
        envelope *= np.exp(-seconds / voice.decay)
    left = np.clip((count - np.arange(count)) / max(1, count - held), 0, 1)
    envelope *= np.sin(left * np.pi / 2) ** 2
    sides = [_tone(voice, pitch, count, c) for c in (-voice.detune / 2, voice.detune / 2)]
    angle = (voice.pan + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]]) * np.sqrt(2) * voice.level
    return (np.stack(sides) * envelope * gains).astype(np.float32)


@lru_cache(maxsize=8)
def drum(part: ScorePart) -> np.ndarray:
    """One stroke: float32 (2, n), at level 1."""
    level = DRUMS[part][0]
    if part == "hat":
        seconds = np.arange(int(0.12 * RATE)) / RATE
        noise = np.random.default_rng(1).uniform(-1, 1, (2, len(seconds) + 1))
        wave = np.diff(noise, axis=1) * np.exp(-seconds / 0.025)
    else:
        low, high, fall = (48.0, 70.0, 0.16) if part == "kick" else (75.0, 60.0, 0.22)
        seconds = np.arange(int(6 * fall * RATE)) / RATE
        turns = low * seconds + high * 0.04 * (1 - np.exp(-seconds / 0.04))
        wave = np.sin(2 * np.pi * turns) * np.exp(-seconds / fall)
        wave = np.stack([wave, wave]) * np.minimum(seconds / 0.002, 1.0)
    ending = np.minimum(1.0, np.arange(wave.shape[1], 0, -1) / 480)
    return (wave * ending * level).astype(np.float32)


@lru_cache(maxsize=1)
def room() -> np.ndarray:
    """What a room of two seconds answers to a click: float32 (2, n); noise that dies away.

    J. A. Moorer, "About This Reverberation Business" (1979).
    """
    count = int(2.0 * RATE)
    seconds = np.arange(count) / RATE
    noise = np.random.default_rng(2).standard_normal((2, count + 15))
    soft = np.stack([np.convolve(side, np.hanning(18)[1:-1], "valid") for side in noise])
    answer = soft * np.exp(-6.9 * seconds / 2.0) * np.minimum(seconds / 0.02, 1.0)
    return (answer / np.sqrt(np.sum(answer**2, axis=1, keepdims=True))).astype(np.float32)
