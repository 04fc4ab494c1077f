"""Who speaks when, from vectors of voices."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.diarisation_error import diarisation_error
from smartcut.diarising.turns import best_path, joined, turns_of
from smartcut.diarising.voices import voices_in
from smartcut.diarising.windows import RATE, STEP, Stretches, windows_of
from tests.builders.voices import spoken

TALK = [
    (0.5, 4.0, 0), (4.5, 7.0, 1), (7.3, 8.0, 0), (8.3, 13.0, 1), (13.5, 16.0, 2),
    (16.4, 20.0, 0), (20.5, 24.0, 2), (24.2, 29.0, 1),
]  # fmt: skip


def _error(turns: list[tuple[float, float, int]], **count: int) -> tuple[float, int]:
    heard = spoken(turns)
    found = turns_of(heard, voices_in(heard, **count))
    told = [(t.start, t.end, str(t.voice)) for t in found]
    names = [(a, b, str(v)) for a, b, v in turns]
    return diarisation_error(names, told).rate, len({t.voice for t in found})


def test_a_conversation_of_three() -> None:
    rate, voices = _error(TALK)
    assert voices == 3
    assert rate < 0.01


def test_a_change_without_a_pause_is_found_where_the_sound_dips() -> None:
    rate, voices = _error([(0.5, 6.0, 0), (6.1, 12.0, 1), (12.1, 15.0, 0)])
    assert voices == 2
    assert rate < 0.02


def test_one_voice_is_one_speaker() -> None:
    assert _error([(0.5, 9.0, 0), (10.0, 24.0, 0), (25.0, 26.0, 0)]) == (0, 1)


@pytest.mark.parametrize(("least", "most", "found"), [(2, 2, 2), (1, 2, 2), (4, 4, 3), (2, 4, 3)])
def test_the_number_can_be_given(least: int, most: int, found: int) -> None:
    """Of three voices no fourth is made that would have a few windows alone."""
    _, voices = _error(TALK, least=least, most=most)
    assert voices == found


def test_recordings_one_after_the_other_share_their_voices() -> None:
    first = spoken([(0.5, 6.0, 0), (6.5, 12.0, 1)])
    whole, starts = joined([first, first], [12.5, 12.5])
    found = turns_of(whole, voices_in(whole))
    assert [t.voice for t in found if t.start < starts[1]] == [0, 1]
    assert [t.voice for t in found if t.start >= starts[1]] == [0, 1]


def test_a_path_changes_only_where_that_pays() -> None:
    gains = np.array([[1, 0.0], [0, 0.8], [1, 0], [0, 1], [0, 1]])
    assert best_path(gains, np.full(5, 1.1)).tolist() == [0, 0, 0, 1, 1]
    assert best_path(gains, np.full(5, 0.0)).tolist() == [0, 1, 0, 1, 1]
    assert best_path(gains, np.array([9, 9, 9, 0.0, 9])).tolist() == [0, 0, 0, 1, 1]
    assert best_path(gains, np.full(5, 9)).tolist() == [1] * 5


# --------------------------------------------------------------------------------- stretches


def test_stretches_do_not_depend_on_how_probabilities_come() -> None:
    chances = (
        ([0.1] * 9 + [0.6] * 30 + [0.4] * 3 + [0.1] * 4) * 3 + [0.1] * 9 + [0.9] * 3 + [0.0] * 20
    )
    chances += [0.8] * 2500
    whole = Stretches()
    expected = [*whole.feed(chances), *whole.finish()]
    parts = Stretches()
    found = [s for i in range(0, len(chances), 7) for s in parts.feed(chances[i : i + 7])]
    assert [*found, *parts.finish()] == expected
    steps = [(a // STEP, b // STEP) for a, b in expected]
    # Pauses of 13 steps divide, those of 3 do not; 30 s are the most.
    assert steps[:3] == [(9, 42), (55, 88), (101, 134)]
    assert all(b - a <= 30 * RATE // STEP for a, b in steps)
    assert steps[-1][1] == len(chances)


def test_windows_cover_their_stretch() -> None:
    assert list(windows_of(100, 20_000)) == [(100, 20_000)]
    found = list(windows_of(0, 3 * RATE))
    assert found[0] == (0, 25_600)
    assert found[-1][1] == 3 * RATE
    assert max(b[0] - a[0] for a, b in pairwise(found)) <= 6400
