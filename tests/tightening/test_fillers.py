"""Fillers: which words and sounds count as one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from smartcut.annotation import Word
from smartcut.tightening.fillers import (
    Heard,
    filler_words,
    near_gaps,
    of_written,
    shaped,
    unexplained,
    written,
)
from smartcut.tightening.islands import RATE, Island, islands
from smartcut.timebase import Range

F = Fraction


def word(start: float, end: float, text: str) -> Word:
    return Word(Range(F(repr(start)), F(repr(end))), text)


def test_words_by_language_or_the_users_own() -> None:
    assert filler_words("en", True)[:2] == ("um", "uh")
    assert "äh" in filler_words("de", True)
    assert filler_words("tlh", True) == ()
    assert filler_words("en", ("Like", "you know")) == ("like", "you know")
    assert filler_words("en", False) == ()
    words = [word(0, 1, "Um,"), word(1, 2, "umbrella"), word(2, 3, "“uh…”")]
    assert [w.text for w in written(words, ("um", "uh"))] == ["Um,", "“uh…”"]


def voice(seconds: float, pitch: float = 110) -> np.ndarray:
    """A steady vowel."""
    t = np.arange(int(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
    return (0.1 * tone).astype(np.float32)


def gliding(seconds: float) -> np.ndarray:
    """A voice whose spectrum changes all the time, as that of words does."""
    t = np.arange(int(seconds * RATE)) / RATE
    weights = [10 ** (1.5 * np.sin(2 * np.pi * (9 * t + k / 3))) for k in range(1, 12)]
    tone = sum(w * np.sin(2 * np.pi * 110 * k * t) / k for k, w in enumerate(weights, 1))
    return (0.005 * tone).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.float32)


def test_a_steady_voice_between_pauses_has_the_shape_of_a_filler() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, int(0.3 * RATE)).astype(np.float32)
    parts = [
        (silence(0.5), None),
        (gliding(0.6), "words"),
        (silence(0.2), None),
        (voice(0.4), "filler"),
        (silence(0.3), None),
        (noise, "breath"),
        (silence(0.3), None),
        (voice(1.5), "long"),
        (silence(0.5), None),
    ]
    samples = np.concatenate([part for part, _ in parts])
    samples += np.random.default_rng(2).normal(0, 1e-4, len(samples)).astype(np.float32)
    found = list(islands(samples))
    assert len(found) == 4
    (filler,) = shaped(found)
    assert float(filler.range.start) == pytest.approx(1.3, abs=0.02)
    assert float(filler.range.end) == pytest.approx(1.7, abs=0.02)
    assert filler.voiced == 1
    assert filler.whole.contains(filler.range.start)
    assert filler.before == pytest.approx(0.2, abs=0.03)
    assert list(islands(np.zeros(0, np.float32))) == []


def island(start: float, end: float, flux: float = 0.3) -> Island:
    place = Range(F(repr(start)), F(repr(end)))
    return Island(place, place, F(1, 5), F(1, 5), 1.0, flux)


def test_written_fillers_are_cut_where_they_are_heard() -> None:
    found = [island(1, 1.4), island(1.9, 2.2), island(5, 8)]
    # Its time is a little late; the second one's island is a whole sentence.
    fillers = [word(1.1, 1.5, "um"), word(6, 6.3, "uh"), word(9, 9.2, "um")]
    assert of_written(fillers, found) == (
        Range(F(1), F(14, 10)),
        Range(F(6), F(63, 10)),
        Range(F(9), F(92, 10)),
    )


def test_a_written_filler_with_hardly_a_time_is_the_sound_before_it() -> None:
    heard, following = island(2.06, 2.72), island(2.82, 3.4, flux=0.5)
    (late, unheard) = word(2.93, 2.95, "umm,"), word(8, 8.02, "um")
    others = [word(1.5, 2.13, "see,"), word(3.07, 3.4, "three")]
    assert of_written([late, unheard], [heard, following], others) == (heard.range,)
    said = [word(2.05, 2.8, "oh"), word(3.07, 3.4, "three")]
    assert of_written([late], [heard, following], said) == ()


def test_what_is_written_in_figures_has_no_fillers_in_it() -> None:
    found = [island(1, 1.4), island(3, 3.4), island(5, 5.4), island(7, 7.4, flux=0.9)]
    words = [word(0.5, 1.6, "1842."), word(2.9, 3.5, "3")]
    assert unexplained(found, words, (Range(F(5), F(6)),)) == [found[1]]


@pytest.mark.parametrize(
    ("flux", "likely", "unharmed", "missed", "counts"),
    [
        (0.3, -8, 0, 5, True),
        (0.3, -11, 0, 5, False),  # no filler is likely there
        (0.3, -8, -4, 5, False),  # a word is lost with it
        (0.3, -8, 0, 0, False),  # the filler is likely without it as well
        (0.22, -12, 0, 0, True),  # so steady that less is asked
        (0.22, -14, 0, 5, False),
    ],
)
def test_what_a_recogniser_says_decides(
    flux: float, likely: float, unharmed: float, missed: float, counts: bool
) -> None:
    assert Heard(island(0, 1, flux), likely, unharmed, missed).is_filler == counts


def test_a_sound_may_belong_to_gaps_near_it() -> None:
    words = [word(i, i + 0.5, "a") for i in range(10)]
    assert list(near_gaps(words, Range(F(5), F(6)))) == [4, 5, 6, 7, 8]
    assert list(near_gaps(words, Range(F(20), F(21)))) == [8, 9, 10]
    assert list(near_gaps([], Range(F(0), F(1)))) == [0]
