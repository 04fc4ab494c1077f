"""Where a film's sound comes from, from sound alone."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np

from smartcut.conforming.hearing import RATE, KeptSound
from smartcut.conforming.parts import FilmPart
from smartcut.conforming.sound import heard_parts, with_sounds
from smartcut.timebase import Range


def noise(seconds: float, seed: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(int(seconds * RATE)).astype(np.float32)


def part(source: str | None, first: int, last: int, start: int) -> FilmPart:
    """So many seconds of the film, at 25 frames a second."""
    place = Range(F(first), F(last))
    return FilmPart(25 * first, 25 * last, place, source=source, start=F(start))


def kept(film: np.ndarray, sources: dict[str, np.ndarray]) -> KeptSound:
    """What reads these, with silence after their ends."""

    def read(source: str | None, first: int, last: int) -> np.ndarray:
        whole = film if source is None else sources[source]
        return np.pad(whole[first:last], (0, max(0, last - max(first, len(whole)))))[: last - first]

    return KeptSound(read)


def test_sound_is_read_once_and_in_any_stretches() -> None:
    film = noise(70, 9)
    asked: list[tuple[int, int]] = []

    def read(source: str | None, first: int, last: int) -> np.ndarray:
        asked.append((first, last))
        return np.pad(film, (0, 30 * RATE))[first:last]

    sound = KeptSound(read)
    for start, end in ((-1, 2), (29.5, 61.25), (1, 5)):
        found = sound(None, start, end)
        wanted = np.concatenate([np.zeros(RATE, np.float32), film])
        wanted = wanted[round((start + 1) * RATE) : round((end + 1) * RATE)]
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert asked == [(k * 30 * RATE, (k + 1) * 30 * RATE) for k in range(3)]


def test_sound_of_a_source_that_comes_back_without_a_shift_is_its_own() -> None:
    """Its second part is heard as far from its first as it was filmed."""
    sources = {"a": noise(60, 1), "b": noise(30, 2)}
    film = np.concatenate(
        [sources["a"][: 4 * RATE], sources["b"][: 26 * RATE], sources["a"][30 * RATE : 36 * RATE]]
    )
    parts = [part("a", 0, 4, 0), part("b", 4, 30, 0), part("a", 30, 36, 30)]
    sounds = heard_parts(parts, frozenset(sources), len(film) / RATE, kept(film, sources))
    assert [one.sound for one in with_sounds(parts, sounds, frozenset(sources))] == [
        "own",
        "own",
        "own",
    ]


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

    sounds = heard_parts(parts, frozenset(sources), len(film) / RATE, kept(film, sources))
    assert [one.source for one in sounds] == ["a", "b", None]
    found = with_sounds(parts, sounds, frozenset(sources))
    assert [one.sound for one in found] == ["own", "own", "other", "unknown"]
    assert abs(found[1].lead - F(1, 2)) <= F(1, 20)
    assert [one.gain for one in found[:2]] == [0.0, -6.0]
    assert abs(float(sounds[1].start) - 9.5) < 0.05


def test_silence_of_a_film_is_no_sound_of_what_is_heard_beside_it() -> None:
    sources = {"a": noise(20, 1), "b": noise(20, 2)}
    quiet = np.zeros(4 * RATE, np.float32)
    film = np.concatenate([sources["a"][: 3 * RATE], quiet, sources["a"][7 * RATE : 10 * RATE]])
    parts = [part("a", 0, 3, 0), part("b", 3, 5, 1), part(None, 5, 7, 0), part("a", 7, 10, 7)]
    sounds = heard_parts(parts, frozenset(sources), len(film) / RATE, kept(film, sources))
    found = with_sounds(parts, sounds, frozenset(sources))
    assert [one.sound for one in found] == ["own", "silent", "", "own"]
    assert [one.gain for one in found] == [0.0] * 4
    mute = with_sounds([part("p", 3, 6, 0)], sounds, frozenset(sources))  # it has no sound at all
    assert mute[0].sound == ""
