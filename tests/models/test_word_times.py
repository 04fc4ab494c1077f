"""Words lie where they are heard: off by a model's delay, beside pauses, at the weakest sound."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest

from smartcut.annotation import Word
from smartcut.models.speech import tidy
from smartcut.models.voice_activity import RATE, STEP
from smartcut.models.word_times import delay_of, loudness, on_source, pauses, placed
from smartcut.timebase import Range


def word(start: float, end: float, text: str = "x") -> Word:
    return Word(Range(F(str(start)), F(str(end))), text)


def sound(*spoken: tuple[float, float], length: float) -> np.ndarray:
    """Noise while somebody speaks, and next to nothing else."""
    random = np.random.default_rng(3)
    level = np.full(round(length * RATE), 1e-4)
    for start, end in spoken:
        level[round(start * RATE) : round(end * RATE)] = 0.1
    return (random.standard_normal(len(level)) * level).astype(np.float32)


def voice(*spoken: tuple[float, float], length: float) -> np.ndarray:
    """What the detector says of it, 1 or 0."""
    times = np.arange(round(length * RATE / STEP)) * STEP / RATE
    return np.sum([(a <= times) & (times < b) for a, b in spoken], axis=0).astype(np.float32)


def times(words: list[Word]) -> list[tuple[float, float]]:
    return [(float(w.range.start), float(w.range.end)) for w in words]


def test_pauses_are_where_no_voice_is_for_a_tenth_of_a_second() -> None:
    heard = np.array([0.1] * 5 + [0.6, 0.9, 0.4, 0.4] + [0.1] * 3 + [0.9] * 4 + [0.1] * 4 + [0.9])
    step = STEP / RATE
    found = pauses(heard, len(heard) * step)
    expected = [(0, 5), (16, 20), (21, 21)]  # three short ones are none
    assert np.allclose(found, [(a * step, b * step) for a, b in expected])
    assert pauses(np.zeros(50), 1.6) == []


def test_a_models_delay_is_taken_off() -> None:
    steady = np.full(4 * RATE, 0.1, np.float32)
    always = voice((0, 4), length=4)
    late = [word(1.1, 1.5), word(1.5, 2.1), word(2.1, 2.6)]
    for delay, start in ((0.1, 1.0), (0.0, 1.1), (-0.06, 1.16)):
        found = times(placed(late, steady, always, delay))
        assert np.allclose(
            found,
            [(start, start + 0.4), (start + 0.4, start + 1), (start + 1, start + 1.5)],
            atol=0.003,
        )


def test_the_delay_is_that_of_the_model() -> None:
    assert delay_of("tiny.en") > 0 > delay_of("base")
    assert delay_of("/models/whisper-base") == delay_of("base")
    assert delay_of("large-v3") == 0


def test_the_edge_between_words_is_where_the_sound_is_weakest() -> None:
    heard = sound((0.5, 1.0), (1.03, 1.5), length=2)
    first, second = placed(
        [word(0.5, 1.06), word(1.06, 1.5)], heard, voice((0.48, 1.52), length=2), 0
    )
    assert float(first.range.end) == pytest.approx(1.0, abs=0.011)
    assert float(second.range.start) == pytest.approx(1.03, abs=0.011)


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ([word(0.4, 0.8), word(0.8, 1.0, "done."), word(1.0, 1.6, "Now"), word(2.7, 3.0)], 2),
        ([word(0.4, 0.9), word(0.9, 1.7, "done"), word(1.7, 2.9, "Now"), word(2.9, 3.1)], 2),
        ([word(0.4, 0.8), word(0.8, 1.1, "done."), word(2.7, 2.8, "Now"), word(2.8, 3.1)], 2),
    ],
    ids=["begins in the voice before", "spread over it", "begins late"],
)
def test_the_first_word_after_a_pause_begins_with_the_voice(said: list[Word], after: int) -> None:
    spoken = (0.5, 1.2), (2.5, 3.2)
    found = placed(said, sound(*spoken, length=4), voice(*spoken, length=4), 0)
    assert [w.text for w in found] == [w.text for w in said]
    assert float(found[after].range.start) == pytest.approx(2.5, abs=0.06)
    assert float(found[after - 1].range.end) == pytest.approx(1.2, abs=0.06)
    for w in found:
        assert not w.range.overlaps(Range(F("1.3"), F("2.4")))


def test_a_word_alone_between_two_pauses_is_there() -> None:
    spoken = (0.5, 1.2), (2.3, 2.7), (3.0, 3.4)
    said = [word(0.5, 1.3, "Americans,"), word(1.9, 2.6, "ask"), word(2.6, 3.3, "not")]
    found = times(placed(said, sound(*spoken, length=4), voice(*spoken, length=4), 0))
    assert np.allclose([start for start, _ in found], [0.5, 2.3, 3.0], atol=0.06)
    assert np.allclose([end for _, end in found], [1.2, 2.7, 3.4], atol=0.06)


def test_no_word_is_lost_turned_round_or_outside() -> None:
    random = np.random.default_rng(5)
    for _ in range(40):
        length = float(random.uniform(1, 6))
        edges = np.sort(random.uniform(0, length, 6)).reshape(-1, 2)
        spoken = [(float(a), float(b)) for a, b in edges]
        starts = np.sort(random.uniform(0, length, 8)).round(3)
        said = [word(a, min(a + 0.3, length + 1).round(3), f"{n}") for n, a in enumerate(starts)]
        heard = sound(*spoken, length=length)
        found = placed(said, heard, voice(*spoken, length=length), float(random.normal(0, 0.3)))
        assert [w.text for w in found] == [w.text for w in said]
        assert all(w.range.start < w.range.end for w in found)
        assert all(a.range.end <= b.range.start for a, b in pairwise(found))
        assert found[0].range.start >= 0
        assert float(found[-1].range.end) <= length + 0.001


def test_a_word_that_was_given_no_time_gets_some() -> None:
    heard = sound((0.5, 2), length=3)
    said = [word(0.6, 1, "to"), word(1, 1, "be"), word(1, 1, "or"), word(1, 2, "not")]
    found = tidy(placed(said, heard, voice((0.5, 2), length=3), 0), F(3))
    assert [w.text for w in found] == ["to", "be", "or", "not"]
    assert all(w.range.duration >= F(1, 50) for w in found)


def test_without_words_or_sound_nothing_happens() -> None:
    assert placed([], sound(length=1), voice((0, 1), length=1), 0.1) == []
    nothing = np.zeros(0, np.float32)
    assert placed([word(1, 2)], nothing, nothing, 0.1) == [word(1, 2)]


def test_a_word_belongs_to_the_piece_that_holds_its_middle() -> None:
    pieces = [(16_000, 32_000), (80_000, 96_000)]
    assert on_source(word(0.25, 0.5), pieces).range == Range(F("1.25"), F("1.5"))
    assert on_source(word(1.25, 1.5), pieces).range == Range(F("5.25"), F("5.5"))
    assert on_source(word(0.8, 1.1), pieces).range == Range(F("1.8"), F(2))
    assert on_source(word(0.9, 1.3), pieces).range == Range(F(5), F("5.3"))


def test_loudness_is_in_decibels_of_the_power() -> None:
    level = loudness(np.concatenate([np.full(RATE, 0.1), np.zeros(RATE)]).astype(np.float32))
    assert level[100] == pytest.approx(-20, abs=0.01)
    assert level[200] == pytest.approx(-23, abs=0.1)
    assert level[300] == -60
