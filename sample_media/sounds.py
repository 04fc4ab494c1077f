"""The sound of the sample clips: a synthetic narrator, synthesised ambience, and music."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

RATE = 48_000


def voice_file() -> Path:
    """The narrator's voice; exits with advice where it is not installed."""
    from smartcut.models import weights

    folder = weights.find("piper-joe")
    if folder is None or find_spec("piper") is None:
        sys.exit(
            "the narrator needs: pip install 'smartcut-pipelines[voice]' and "
            "smartcut models pull piper-joe"
        )
    return folder / "voice.onnx"


def speak(text: str) -> np.ndarray:
    """The text spoken, mono float32 at 48 kHz; the same every time (no noise in the voice)."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        command = [sys.executable, "-m", "piper", "-m", str(voice_file()), "-f", str(spoken)]
        command += ["--noise-scale", "0", "--noise-w-scale", "0", "--", text]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(str(spoken)) as file:
            rate = file.getframerate()
            raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    values = raw.astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(values) > 0.01)
    values = values[loud[0] : loud[-1] + 1]
    at = np.arange(int(len(values) * RATE / rate)) * rate / RATE
    values = np.interp(at, np.arange(len(values)), values).astype(np.float32)
    return values * (0.09 / np.sqrt(np.mean(values**2)))


def smooth(noise: np.ndarray, hertz: float) -> np.ndarray:
    """Noise with what is above about ``hertz`` taken away."""
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(len(noise), 1 / RATE)
    return np.fft.irfft(spectrum / (1 + (frequency / hertz) ** 2), len(noise)).astype(np.float32)


def _noise(seconds: float, seed: int, hertz: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = smooth(rng.standard_normal(int(seconds * RATE)).astype(np.float32), hertz)
    return values / np.max(np.abs(values))


def waves(seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    swell = (0.5 + 0.5 * np.sin(2 * np.pi * t / 4.3)) ** 2
    return _noise(seconds, 1, 900) * (0.02 + 0.07 * swell)


def crowd(seconds: float) -> np.ndarray:
    """A murmur that rises to a cheer after the goal, 10.7 seconds in; kicks before."""
    t = np.arange(int(seconds * RATE)) / RATE
    cheer = 1 / (1 + np.exp(-(t - 11.0) * 5))
    voices = _noise(seconds, 2, 1400) * (0.04 + 0.16 * cheer)
    for at in (1.2, 2.4, 3.6, 5.1, 10.0):
        since = np.clip(t - at, 0, None)
        thud = np.sin(2 * np.pi * 95 * since) * np.exp(-since * 38) * (t >= at)
        voices = voices + 0.35 * thud
    return voices.astype(np.float32)


def wind(seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    gust = 0.5 + 0.5 * np.sin(2 * np.pi * t / 7 + np.sin(t))
    ticks = sum(
        np.sin(2 * np.pi * 2600 * (t - at)) * np.exp(-np.clip(t - at, 0, None) * 260) * (t >= at)
        for at in np.arange(6.0, 11.0, 0.5)
    )
    return (_noise(seconds, 3, 380) * (0.015 + 0.04 * gust) + 0.05 * ticks).astype(np.float32)


def narrated(
    ambience: Callable[[float], np.ndarray], seconds: float, lines: list[tuple[float, str]]
) -> tuple[np.ndarray, list[tuple[float, float, str]]]:
    """(mono samples, when each line is spoken): the narrator over the ambience."""
    total = ambience(seconds)
    spoken = []
    for start, text in lines:
        values = speak(text)
        at = int(start * RATE)
        total[at : at + len(values)] += values
        spoken.append((start, round(start + len(values) / RATE, 2), text))
    return np.clip(total, -0.98, 0.98).astype(np.float32), spoken


# --------------------------------------------------------------------------------------- music

_CHORDS = ((57, 60, 64, 67), (53, 57, 60, 64), (48, 55, 60, 64), (55, 59, 62, 67))
_BEAT = 0.5


def _tone(note: float, seconds: float, decay: float, partials: tuple[float, ...]) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((note - 69) / 12)
    wave_ = sum(a * np.sin(2 * np.pi * hertz * (k + 1) * t) for k, a in enumerate(partials))
    return wave_ * np.exp(-t * decay) * np.clip(t / 0.008, 0, 1)


def _add(track: np.ndarray, at: float, sound: np.ndarray, left: float, right: float) -> None:
    """Mix a sound in; what runs over the end comes round at the start, so that it loops."""
    index = (int(at * RATE) + np.arange(len(sound))) % track.shape[1]
    np.add.at(track[0], index, left * sound)
    np.add.at(track[1], index, right * sound)


def music(bars: int = 16) -> np.ndarray:
    """Stereo float32: two seconds a bar at 120 beats a minute; it loops without a seam."""
    track = np.zeros((2, int(bars * 4 * _BEAT * RATE)), np.float64)
    rng = np.random.default_rng(4)
    for bar in range(bars):
        chord, start = _CHORDS[bar % 4], bar * 4 * _BEAT
        for k, note in enumerate(chord):
            pad = _tone(note, 2.6, 0.9, (1, 0.3, 0.12))
            _add(track, start, pad * 0.05, 0.7 + 0.1 * k, 1.0 - 0.1 * k)
        for beat in range(4):
            at = start + beat * _BEAT
            _add(track, at, _tone(chord[0] - 12, 0.6, 4, (1, 0.35)) * 0.16, 1, 1)
            thump = np.exp(-np.arange(9000) / 1500) * np.sin(
                np.cumsum(2 * np.pi * (52 + 90 * np.exp(-np.arange(9000) / 700)) / RATE)
            )
            _add(track, at, thump * (0.3 if beat % 2 == 0 else 0.12), 1, 1)
            hat = rng.standard_normal(2400) * np.exp(-np.arange(2400) / 330)
            _add(track, at + _BEAT / 2, hat * 0.025, 0.8, 1.1)
        for step in range(8):
            note = chord[(step * 3 + bar) % 4] + 12
            pluck = _tone(note, 0.7, 6, (1, 0.5, 0.25, 0.1))
            side = 0.35 + 0.5 * ((step * 5) % 8) / 8
            _add(track, start + step * _BEAT / 2, pluck * 0.055, 1.2 - side, side)
    return (track * (0.5 / np.max(np.abs(track)))).astype(np.float32)
