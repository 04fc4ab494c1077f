"""A piece as sound: played section by section, brought to its loudness, written as a WAV file.

Memory is bounded by a few seconds of sound, whatever the length.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.media.loudness import LoudnessMeter
from smartcut.models.score.compose import Mood, Note, compose
from smartcut.models.score.harmony import parse_key
from smartcut.models.score.instruments import DRUMS, RATE, VOICES, drum, room, tone
from smartcut.timebase import nearest

_SECTION = 1 << 17
_LINEAR = 0.6
"""What is louder than this is bent to stay under :data:`_CEILING`."""
_CEILING = 0.87
_CLOSE = 0.05
"""LU: as near as the asked loudness has to be reached."""
_TRIES = 8


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """A piece as asked for; ``tempo`` is in beats a minute."""

    mood: Mood
    key: str
    tempo: Fraction
    seconds: Fraction
    seed: int = 0
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(3)
    loudness: float = -20.0
    """LUFS of the whole."""

    @property
    def beat(self) -> Fraction:
        """Seconds of one beat."""
        return 60 / self.tempo

    @property
    def samples(self) -> int:
        return nearest(self.seconds * RATE)

    def notes(self) -> list[Note]:
        return compose(self.mood, parse_key(self.key), self.seconds / self.beat, self.seed)


def write_score(
    path: Path, score: ScoreRequest, report: Callable[[float], None] = lambda seconds: None
) -> None:
    """Write the piece: 16 bits, stereo, 48 kHz, exactly ``score.samples`` long.

    It reaches its loudness within 0.1 LU, and no sample goes beyond -1 dBFS.
    """
    with tempfile.TemporaryFile(dir=path.parent) as held:
        for block in sections(score):
            held.write(np.ascontiguousarray(block.T).tobytes())
            report(held.tell() / (8 * RATE))

        def again() -> Iterator[np.ndarray]:
            held.seek(0)
            while data := held.read(8 * _SECTION):
                yield np.frombuffer(data, np.float32).reshape(-1, 2).T

        factor = _factor(again, score.loudness)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            for block in again():
                whole = np.round(bent(block * factor) * 32767).astype("<i2")
                file.writeframes(np.ascontiguousarray(whole.T).tobytes())


def _factor(again: Callable[[], Iterator[np.ndarray]], target: float) -> np.float32:
    """What to multiply the sound with before it is bent, so that it has that loudness."""
    factor = 1.0
    for _ in range(_TRIES):
        meter = LoudnessMeter(RATE, 2)
        for block in again():
            meter.add(bent(block * np.float32(factor)))
        found = meter.integrated
        if found is None or abs(found - target) <= _CLOSE:
            break
        factor *= 10 ** ((target - found) / 20)
    return np.float32(factor)


def bent(samples: np.ndarray) -> np.ndarray:
    """The samples with the loudest bent to stay under the ceiling; softer ones as they are."""
    size = np.abs(samples)
    if size.max(initial=0.0) <= _LINEAR:
        return samples
    room_left = _CEILING - _LINEAR
    over = _LINEAR + room_left * np.tanh((size - _LINEAR) / room_left)
    return np.where(size > _LINEAR, np.sign(samples) * over, samples).astype(np.float32)


# ------------------------------------------------------------------------------------- playing


def sections(score: ScoreRequest) -> Iterator[np.ndarray]:
    """float32 blocks (2, n) of the piece with its reverb and fades, before loudness is set."""
    fade_in, fade_out = nearest(score.fade_in * RATE), nearest(score.fade_out * RATE)
    at = 0
    for block in _with_room(_played(score)):
        where = np.arange(at, at + block.shape[1])
        level = np.ones(block.shape[1])
        if fade_in:
            level *= np.sin(np.clip(where / fade_in, 0, 1) * np.pi / 2)
        if fade_out:
            level *= np.sin(np.clip((score.samples - where) / fade_out, 0, 1) * np.pi / 2) ** 2
        yield (block * level).astype(np.float32)
        at += block.shape[1]


def _played(score: ScoreRequest) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(sound, what of it goes to the reverb) for each section, float32 (2, n)."""
    waiting = [(nearest(n.start * score.beat * RATE), n) for n in score.notes()]
    ahead = np.zeros((2, 2, 0), np.float32)
    for start in range(0, score.samples, _SECTION):
        size = min(_SECTION, score.samples - start)
        now = [(at, note) for at, note in waiting if at < start + size]
        waiting = waiting[len(now) :]
        sounds = [(at - start, *_sound(note, at, score)) for at, note in now]
        ahead = _laid(ahead, sounds, size)
        yield ahead[0, :, :size], ahead[1, :, :size]
        ahead = ahead[:, :, size:]


def _sound(note: Note, at: int, score: ScoreRequest) -> tuple[np.ndarray, float]:
    """The note as sound, and the share of it sent to the reverb."""
    if note.part in DRUMS:
        return drum(note.part) * np.float32(note.level), DRUMS[note.part][1]
    end = nearest((note.start + note.length) * score.beat * RATE)
    # Rounded up to 10 ms, so that notes of one written length are worked out once.
    held = -(-(end - at) // 480) * 480
    return tone(note.part, note.pitch, held) * np.float32(note.level), VOICES[note.part].reverb


def _laid(
    ahead: np.ndarray, sounds: Sequence[tuple[int, np.ndarray, float]], size: int
) -> np.ndarray:
    """What was ahead with the sounds added at their samples; at least ``size`` long."""
    needed = max([size, ahead.shape[2], *(at + s.shape[1] for at, s, _ in sounds)])
    longer = np.zeros((2, 2, needed), np.float32)
    longer[:, :, : ahead.shape[2]] = ahead
    for at, sound, share in sounds:
        longer[0, :, at : at + sound.shape[1]] += sound
        longer[1, :, at : at + sound.shape[1]] += sound * np.float32(share)
    return longer


def _with_room(parts: Iterator[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """The sound with the room's answer added, by overlapping convolutions."""
    length = 2 * _SECTION
    answer = np.fft.rfft(room(), length)
    tail = np.zeros((2, length))
    for dry, sent in parts:
        size = dry.shape[1]
        tail += np.fft.irfft(np.fft.rfft(sent, length) * answer, length)
        yield dry + 0.5 * tail[:, :size].astype(np.float32)
        tail = np.concatenate([tail[:, size:], np.zeros((2, size))], axis=1)
