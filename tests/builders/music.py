"""Music with known beats: the composer's notes, with swing and a tempo that changes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from smartcut.models.score.compose import Mood, compose
from smartcut.models.score.harmony import parse_key
from smartcut.models.score.instruments import DRUMS, RATE, drum, tone


def swung(beat: float, swing: float) -> float:
    """A time in beats with the second eighth at ``swing`` of the beat; 0.5 is straight."""
    whole, share = divmod(beat, 1)
    return whole + (share * 2 * swing if share < 0.5 else swing + (share - 0.5) * 2 * (1 - swing))


def played(
    mood: Mood,
    key: str,
    beats: int,
    seconds_of: Callable[[float], float],
    *,
    swing: float = 0.5,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """(float32 (2, n) at 48 kHz, the seconds of every beat, which ``seconds_of`` tells)."""
    notes = compose(mood, parse_key(key), Fraction(beats), seed)
    lasts = seconds_of(beats)
    made = np.zeros((2, int((lasts + 3) * RATE)), np.float32)
    for note in notes:
        begin, end = (
            seconds_of(swung(float(b), swing)) for b in (note.start, note.start + note.length)
        )
        if note.part in DRUMS:
            sound = drum(note.part)
        else:
            held = -(-round((end - begin) * RATE) // 480) * 480
            sound = tone(note.part, note.pitch, held)
        at = round(begin * RATE)
        room = made.shape[1] - at
        made[:, at : at + sound.shape[1]] += sound[:, :room] * np.float32(note.level)
    made = made[:, : int(lasts * RATE)]
    return made / np.abs(made).max() * 0.5, np.array([seconds_of(b) for b in range(beats)])


def steady(tempo: float) -> Callable[[float], float]:
    return lambda beat: beat * 60 / tempo


def changing(first: float, second: float, at_beat: int) -> Callable[[float], float]:
    """One tempo, and from a beat on another."""

    def seconds(beat: float) -> float:
        return min(beat, at_beat) * 60 / first + max(0, beat - at_beat) * 60 / second

    return seconds
