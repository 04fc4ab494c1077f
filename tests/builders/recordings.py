"""Two recordings of one event: other microphones, rooms, noise, and clocks that drift."""

from __future__ import annotations

import numpy as np

RATE = 16_000


def event(seconds: float, seed: int = 0) -> np.ndarray:
    """Like speech: syllables of voiced sound and hiss, with pauses; float64 at 16 kHz."""
    random = np.random.default_rng(seed)
    syllables = [_syllable(random) for _ in range(60)]
    made = np.zeros(int(seconds * RATE))
    at = 0
    while at < len(made) - RATE // 2:
        sound = syllables[random.integers(len(syllables))] * random.uniform(0.5, 1)
        made[at : at + len(sound)] += sound
        pause = random.uniform(0.5, 1.5) if random.random() < 0.1 else random.uniform(0.02, 0.06)
        at += len(sound) + int(pause * RATE)
    return made / np.abs(made).max()


def _syllable(random: np.random.Generator) -> np.ndarray:
    lasts = random.uniform(0.08, 0.3)
    time = np.arange(int(lasts * RATE)) / RATE
    pitch = random.uniform(90, 220) * (1 + 0.1 * time / lasts)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voiced = sum(np.sin(k * phase) / k * random.uniform(0.2, 1) for k in range(1, 20))
    hiss = random.standard_normal(len(time)) * random.uniform(0, 0.5)
    return np.asarray((voiced + hiss) * np.hanning(len(time)))


def recorded(
    sound: np.ndarray, offset: float, drift: float, seconds: float, snr: float, seed: int
) -> np.ndarray:
    """What a recorder has whose clock says ``offset + (1 + drift) * t`` at second t of the event.

    Its microphone and room colour the sound, and add noise ``snr`` dB below it. float32.
    """
    random = np.random.default_rng(seed)
    room = random.standard_normal(800) * np.exp(-np.arange(800) / 150) * 0.12
    room[0] = 1.0  # the direct sound comes first
    size = 1 << (len(sound) + len(room)).bit_length()
    heard = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)[: len(sound)]
    tilt = np.convolve(heard, [1.0, random.uniform(-0.7, 0.3)])[: len(sound)]
    times = (np.arange(int(seconds * RATE)) / RATE - offset) / (1 + drift)
    made = np.interp(times * RATE, np.arange(len(tilt)), tilt, left=0, right=0)
    noise = random.standard_normal(len(made)) * np.sqrt(np.mean(made**2)) * 10 ** (-snr / 20)
    return (0.3 * (made + noise)).astype(np.float32)
