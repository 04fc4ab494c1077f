"""What the row of speech counts: wrong and lost words, loops, and times that are off."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.speech_errors import (
    backwards,
    loops,
    lost,
    matches,
    plain,
    time_errors,
    word_errors,
)
from benchmarks.spoken import spoken
from smartcut.models.voice.engine import LineSound


def words(text: str) -> list[str]:
    return text.split()


def test_wrong_words_are_the_fewest_changes() -> None:
    said = words("the cat sat on the mat")
    assert word_errors(said, said) == 0
    assert word_errors(said, words("the cat sat the mat")) == 1
    assert word_errors(said, words("a cat sat on on the mat")) == 2
    assert word_errors([], ["you"]) == 1
    assert lost(said, words("the cat on a mat")) == 1
    assert lost(said, words("the cat sat on the the mat")) == 0


def test_words_are_aligned_by_the_fewest_changes() -> None:
    """difflib takes the longest run of right words, whatever that costs beside it."""
    said, written = words("d f a d a c"), words("f e e e d")
    assert word_errors(said, written) == 5
    assert lost(said, written) == 1  # by difflib five: it takes the last "d"
    assert matches(said, written) == [(1, 0)]
    assert matches(words("a b"), words("b c")) == [(1, 0)]


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
def test_no_other_alignment_has_fewer_changes(said: list[str], written: list[str]) -> None:
    @cache
    def fewest(a: int, b: int) -> int:
        if not a or not b:
            return a + b
        both = fewest(a - 1, b - 1) + (said[a - 1] != written[b - 1])
        return min(both, fewest(a - 1, b) + 1, fewest(a, b - 1) + 1)

    assert word_errors(said, written) == fewest(len(said), len(written))
    pairs = matches(said, written)
    assert all(said[a] == written[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


def test_a_loop_is_said_three_times_on_end() -> None:
    assert loops(words("no no yes no no")) == 0
    assert loops(words("no no no no yes")) == 1
    assert loops(words("and so on and so on and so on the end the end the end")) == 2


def test_times_are_compared_where_words_are_right() -> None:
    said = [("One,", 0.0, 0.5), ("two", 0.5, 1.0), ("three.", 1.0, 1.5)]
    written = [("one", 0.1, 0.4), ("-", 0.4, 0.4), ("too", 0.6, 0.9), ("three", 0.8, 1.6)]
    assert np.allclose(time_errors(said, written), [(0.1, -0.1), (-0.2, 0.1)])
    assert plain(written) == ["one", "too", "three"]
    assert backwards(written) == 0
    assert backwards([("a", 1.0, 0.5), ("b", 0.2, 0.9)]) == 2


def test_made_recordings_know_when_words_are_heard() -> None:
    class Beeps:
        """Each word is a beep of half a second, after as long a silence."""

        name, voice, rate, language, model, weights = "beeps", "beeps", 16_000, "en", None, None

        def say(self, sentences: list[str], speed: object, seed: int) -> list[LineSound]:
            return [self._say(len(s.split())) for s in sentences]

        def _say(self, count: int) -> LineSound:
            one = np.concatenate([np.zeros(8000), np.full(8000, 0.5)])
            spans = tuple((16_000 * n + 8000, 16_000 * (n + 1)) for n in range(count))
            return LineSound(np.tile(one, count + 1)[:-8000].astype(np.float32), spans)

    samples, said = spoken(Beeps(), "One two. Three.", (1.0,))  # type: ignore[arg-type]
    assert [w for w, *_ in said] == ["One", "two.", "Three."]
    for _, start, end in said:
        loud = np.abs(samples[round((start - 0.2) * 16_000) : round((end + 0.04) * 16_000)]) > 0.1
        assert np.flatnonzero(loud)[0] / 16_000 == pytest.approx(0.2, abs=0.01)
        assert loud.sum() / 16_000 == pytest.approx(0.5, abs=0.05)
