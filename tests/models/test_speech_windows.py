"""What is sent to a recogniser: no long silence, cut at pauses, every sample of speech once."""

from __future__ import annotations

import numpy as np
import pytest

from smartcut.models.speech_windows import LONGEST, spoken_pieces, windows
from smartcut.models.voice_activity import RATE, STEP


def made(*parts: tuple[float, bool]) -> tuple[np.ndarray, np.ndarray]:
    """Samples and the voice's probabilities of stretches (seconds, whether somebody speaks)."""
    noise = np.random.default_rng(3)
    sound, voice = [], []
    for seconds, speaks in parts:
        steps = round(seconds * RATE / STEP)
        sound.append(noise.normal(0, 0.1 if speaks else 0.001, steps * STEP))
        voice.append(np.full(steps, 0.9 if speaks else 0.05))
    return np.concatenate(sound).astype(np.float32), np.concatenate(voice).astype(np.float32)


def seconds(pieces: object) -> list[tuple[float, float]]:
    return [(round(a / RATE, 1), round(b / RATE, 1)) for a, b in pieces]  # type: ignore[attr-defined]


def test_long_silence_is_left_out_but_for_its_margins() -> None:
    sound, voice = made((3, False), (2, True), (0.3, False), (2, True), (60, False), (1, True))
    assert seconds(spoken_pieces(voice, len(sound))) == [(2.7, 7.6), (67.0, 68.3)]
    assert len(spoken_pieces(voice, len(sound), 0.2)) == 3


def test_no_voice_is_nothing_to_hear() -> None:
    sound, voice = made((5, False))
    assert spoken_pieces(voice, len(sound)) == []


def test_margins_do_not_meet_in_a_short_pause() -> None:
    sound, voice = made((1, True), (0.55, False), (1, True))
    (_, first), (second, _) = spoken_pieces(voice, len(sound))
    assert first <= second <= first + 1


def test_windows_end_in_the_longest_pauses() -> None:
    parts = [(4, True), (0.15, False), (5, True), (0.45, False)] * 5
    sound, voice = made((1, False), *parts)
    pieces = spoken_pieces(voice, len(sound))
    found = windows(sound, voice, pieces, 20.0)
    ends = [round(window[-1][1] / RATE, 1) for window in found[:-1]]
    assert ends == [20.0, 39.2]  # in the middle of the second and fourth long pause
    assert sum(b - a for window in found for a, b in window) == sum(b - a for a, b in pieces)


@pytest.mark.parametrize("longest", [LONGEST, 7.0])
def test_a_stretch_without_pauses_is_cut_where_it_is_weakest(longest: float) -> None:
    sound, voice = made((65, True))
    weak = list(range(RATE, len(sound), 3 * RATE))
    for at in weak:
        sound[at : at + 2 * STEP] *= 0.01
    found = windows(sound, voice, [(0, len(sound))], longest)
    edges = [window[0][0] for window in found[1:]]
    assert len(edges) >= 65 // longest
    assert all(any(at <= edge < at + 2 * STEP for at in weak) for edge in edges)
    lengths = [sum(b - a for a, b in window) for window in found]
    assert max(lengths) <= longest * RATE
    assert sum(lengths) == len(sound)
