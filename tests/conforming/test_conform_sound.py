"""Where a film's sound comes from, from sound alone."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.sound import RATE, heard_parts, with_sounds
from smartcut.timebase import Range


def noise(seconds: float, seed: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(int(seconds * RATE)).astype(np.float32)


def part(source: str | None, first: int, last: int, start: int) -> FilmPart:
    """So many seconds of the film, at 25 frames a second."""
    place = Range(F(first), F(last))
    return FilmPart(25 * first, 25 * last, place, source=source, start=F(start))


def test_sound_is_found_early_softer_and_under_other_pictures() -> None:
    sources = {"a": noise(20, 1), "b": noise(20, 2)}
    # Of a; then b, heard half a second before it is seen and softer; then a picture of a over
    # b's sound, which goes on; then sound of neither.
    film = np.concatenate(
        [
            sources["a"][2 * RATE : int(5.5 * RATE)],
            0.5 * sources["b"][int(9.5 * RATE) : 16 * RATE],
            noise(3, 3),
        ]
    )
    parts = [part("a", 0, 4, 2), part("b", 4, 7, 10), part("a", 7, 10, 15), part("b", 10, 13, 2)]

    def heard(source: str | None, start: float, end: float) -> np.ndarray:
        whole = film if source is None else sources[source]
        first, last = round(start * RATE), round(end * RATE)
        padded = np.pad(whole, (max(-first, 0), max(last - len(whole), 0)))
        return padded[max(first, 0) : max(first, 0) + last - first]

    sounds = heard_parts(parts, frozenset(sources), len(film) / RATE, heard)
    assert [one.source for one in sounds] == ["a", "b", None]
    found = with_sounds(parts, sounds)
    assert [one.sound for one in found] == ["own", "own", "other", "unknown"]
    assert abs(found[1].lead - F(1, 2)) <= F(1, 20)
    assert [one.gain for one in found[:2]] == [0.0, -6.0]
    assert abs(float(sounds[1].start) - 9.5) < 0.05
