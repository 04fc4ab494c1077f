"""Where voices and words begin and end, by the level of the recording."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from smartcut.annotation import Signal
from smartcut.tightening.levels import exact_edges, heard_within, less_quiet
from smartcut.timebase import Range

F = Fraction
QUIET, LOUD = -62.0, -15.0


def level(loud: Sequence[tuple[float, float]], quiet: float = QUIET) -> Signal:
    """Five seconds, a reading each 10 ms: loud from and to these times."""
    values = [
        LOUD if any(a - 1e-9 <= i / 100 < b - 1e-9 for a, b in loud) else quiet for i in range(500)
    ]
    return Signal(F(1, 100), tuple(range(500)), ("level",), (tuple(values),), "dB")


def place(start: float, end: float) -> Range:
    return Range(F(repr(start)), F(repr(end)))


def test_words_end_where_they_are_heard() -> None:
    sound = level([(1, 2), (3, 3.5)])
    words = [place(0.8, 1.5), place(1.5, 2.4), place(2.4, 2.6), place(2.9, 3.8)]
    heard = [place(1.0, 1.5), place(1.5, 2.0), place(2.4, 2.6), place(3.0, 3.5)]
    assert heard_within(words, sound) == tuple(heard)  # one in which nothing is loud stays
    assert less_quiet([place(1.5, 3.0)], sound) == (place(1.5, 2.0),)  # what follows is loud
    assert less_quiet(words, sound) == (place(1.0, 2.0), place(3.0, 3.5))


@pytest.mark.parametrize("quiet", [-40.0, -100.0])
def test_in_noise_and_in_digital_silence_words_stay_as_they_are(quiet: float) -> None:
    words = (place(0.8, 1.5), place(2.9, 3.8))
    sound = level([(1, 2), (3, 3.5)], quiet) if quiet > -90 else level([], quiet)
    assert heard_within(words, sound) == words
    assert less_quiet(words, sound) == words


def test_a_voice_reaches_to_the_end_of_its_sound_over_a_dip() -> None:
    dip, pause = level([(1, 2), (2.03, 2.1)]), level([(1, 2), (2.06, 2.1)])
    assert exact_edges([place(0.9, 1.98)], dip) == (place(1.0, 2.1),)
    assert exact_edges([place(0.9, 2.02)], dip) == (place(1.0, 2.1),)  # it ends inside the dip
    assert exact_edges([place(0.9, 1.98)], pause) == (place(1.0, 2.0),)
