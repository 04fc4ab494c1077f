"""Who says which word."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import pairwise

import numpy as np

from smartcut.annotation import Sentence, SpeakerTurn, Transcript, Word
from smartcut.diarising.labels import matched, renamed, speaker_of, with_speakers
from smartcut.timebase import Range


def turn(start: float, end: float, name: str) -> SpeakerTurn:
    return SpeakerTurn(Range(F(str(start)), F(str(end))), name)


def sentence(*ends: float) -> Sentence:
    words = [Word(Range(F(str(a)), F(str(b))), f"w{i}") for i, (a, b) in enumerate(pairwise(ends))]
    return Sentence(Range(words[0].range.start, words[-1].range.end), "text", tuple(words))


def said(*sentences: Sentence, turns: list[SpeakerTurn]) -> list[list[str | None]]:
    found = with_speakers(Transcript("en", sentences), turns)
    return [[word.speaker for word in s.words] for s in found.sentences]


def test_a_word_is_of_the_one_who_speaks_in_its_middle() -> None:
    turns = [turn(0, 2, "A"), turn(2.5, 5, "B")]
    assert said(sentence(0, 1, 2.1, 3, 4), turns=turns) == [["A", "A", "B", "B"]]


def test_a_word_in_a_pause_is_of_the_nearest() -> None:
    turns = [turn(1, 2, "A"), turn(4, 5, "B")]
    assert said(sentence(0, 0.5), sentence(2, 2.6), sentence(3.5, 3.8), turns=turns) == [
        ["A"], ["A"], ["B"],
    ]  # fmt: skip


def test_four_fifths_of_a_sentence_are_all_of_it() -> None:
    turns = [turn(0, 4, "A"), turn(4, 9, "B")]
    assert said(sentence(0, 1, 2, 3, 4, 5), turns=turns) == [["A"] * 5]
    assert said(sentence(0, 1, 2, 3, 4, 5.1), turns=turns) == [["A"] * 4 + ["B"]]


def test_without_turns_words_stay_as_they_are() -> None:
    given = Transcript("en", (sentence(0, 1),))
    assert with_speakers(given, ()) is given
    assert speaker_of(given.sentences[0]) is None


def test_voices_and_samples_go_together_one_to_one() -> None:
    near = np.array([[0.9, 0.95], [0.2, 0.92], [0.76, 0.5]])
    assert matched(near) == {0: 1, 2: 0}
    assert matched(np.array([[0.7]])) == {}


def test_names() -> None:
    assert renamed([turn(0, 1, "SPEAKER_00"), turn(1, 2, "X")], {"SPEAKER_00": "Ada"}) == (
        turn(0, 1, "Ada"),
        turn(1, 2, "X"),
    )
