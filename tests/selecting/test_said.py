"""Sentences as they are spoken, whatever lines of captions they stand in; the pauses around."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.annotation import Sentence, Transcript, Word
from smartcut.selecting.said import HeardSpeech, heard_reactions, spoken_sentences
from smartcut.timebase import Range


def captions(*lines: str, pause_after: int | None = None, speakers: str = "") -> Transcript:
    """Each line a cue, a word each second; after one of them two seconds more of silence."""
    at, cues = F(0), []
    for number, line in enumerate(lines):
        words = []
        for text in line.split():
            speaker = speakers[number] if speakers else None
            words.append(Word(Range(at, at + F(9, 10)), text, 1.0, speaker))
            at += 1
        cues.append(Sentence(Range(words[0].range.start, at), line, tuple(words)))
        if number == pause_after:
            at += 2
    return Transcript("en", tuple(cues), is_captions=True)


def texts(transcript: Transcript) -> list[str]:
    return [sentence.text for sentence in spoken_sentences(transcript)]


def test_captions_are_put_together_to_sentences() -> None:
    given = captions("We sail against", "the wind. A keel", "helps. Dr. Who", "knows.")
    assert texts(given) == ["We sail against the wind.", "A keel helps.", "Dr. Who knows."]
    first = spoken_sentences(given)[0]
    assert first.range == Range(F(0), F(49, 10))
    assert [w.text for w in first.words] == ["We", "sail", "against", "the", "wind."]


def test_a_pause_and_another_speaker_end_a_sentence() -> None:
    assert texts(captions("one two", "three", pause_after=0)) == ["one two", "three"]
    assert texts(captions("one two", "three", speakers="AB")) == ["one two", "three"]
    assert texts(captions("one two", "three")) == ["one two three"]


def test_text_without_punctuation_stays_in_its_captions() -> None:
    lines = ["five words are in it"] * 20
    assert texts(captions(*lines)) == lines


def test_a_recognisers_sentences_are_its_own() -> None:
    given = captions("We sail", "on. And")
    heard = Transcript("en", given.sentences)
    assert spoken_sentences(heard) == given.sentences
    assert spoken_sentences(None) == ()


times = st.integers(0, 60).map(lambda n: F(n, 4))
stretches = st.lists(st.tuples(times, times).map(sorted).map(tuple), max_size=8)  # type: ignore[arg-type]


@settings(max_examples=60)
@given(stretches, times, times)
def test_the_speech_around_a_part(rows: list[tuple[F, F]], one: F, other: F) -> None:
    start, end = sorted((one, other))
    before, after = HeardSpeech(rows).around(start, end)
    assert before == max((b for a, b in rows if a < start), default=None)
    assert after == min((a for a, b in rows if b > end), default=None)


def test_a_part_takes_half_of_the_silence_around_it() -> None:
    speech = HeardSpeech([(F(1), F(2)), (F("2.2"), F(3)), (F(9), F(10))])
    assert speech.padded(Range(F("2.2"), F(3)), F(12)) == Range(F("2.1"), F("3.15"))
    assert speech.padded(Range(F(9), F(10)), F("10.1")) == Range(F("8.85"), F("10.1"))


def test_marks_of_sounds_are_no_sentences() -> None:
    given = captions("[Applause] Thank you.", "(laughs) We sail", "(as ever) on. [a dog barks]")
    assert texts(given) == ["Thank you.", "We sail (as ever) on."]
    first, second = heard_reactions(given)
    assert first == Range(F(0), F(9, 10))
    assert second == Range(F(3), F("3.9"))
    assert heard_reactions(Transcript("en", given.sentences)) == []


@pytest.mark.parametrize(
    "mark",
    ["[Laughter]", "[audience laughs]", "(Applaus)", "（笑い）", "[Rires]", "(Аплодисменты)"],
)
def test_reactions_are_read_in_several_languages(mark: str) -> None:
    assert len(heard_reactions(captions(f"One. {mark} Two."))) == 1
    assert texts(captions(f"One. {mark} Two.")) == ["One.", "Two."]


@pytest.mark.parametrize("text", ["One [two", "[ [ [ [ [ [ [ [", "(and this)", "a ] b", "[]", "]["])
def test_brackets_that_are_no_marks_are_no_reactions(text: str) -> None:
    assert heard_reactions(captions(text)) == []
