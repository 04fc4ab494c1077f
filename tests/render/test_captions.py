from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.render.captions.cues import GAP, Cue, cues
from smartcut.render.captions.lines import break_lines, divide, pieces_of
from smartcut.render.captions.text import break_cost, ends_sentence, join, width
from smartcut.timebase import Range


def word(text: str, start: object, end: object) -> Word:
    return Word(Range(Fraction(start), Fraction(end)), text)  # type: ignore[arg-type]


def speech(text: str, start: Fraction = Fraction(0), each: Fraction = Fraction(2, 5)) -> list[Word]:
    """Words of equal length, one directly after another."""
    return [
        Word(Range(start + i * each, start + (i + 1) * each), w) for i, w in enumerate(text.split())
    ]


def letters(text: str) -> str:
    return "".join(text.split())


# --------------------------------------------------------------------------------- properties

_texts = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyzäßéñ", min_size=1, max_size=14),
    st.sampled_from(["Yes.", "the", "and,", "“Why?”", "世界", "今日は。", "ビデオ", "שלום", "Dr."]),
    st.text("日本語字幕、。ー", min_size=1, max_size=60),
    st.text("x", min_size=45, max_size=60),
)
_ms = st.integers(0, 1500).map(lambda n: Fraction(n, 1000))


@st.composite
def _spoken(draw: st.DrawFn) -> list[Word]:
    at, result = draw(_ms), []
    for text in draw(st.lists(_texts, max_size=40)):
        length = draw(_ms) if draw(st.integers(0, 3)) else Fraction(0)
        result.append(Word(Range(at, at + length), text))
        at += length + (draw(_ms) if draw(st.booleans()) else Fraction(0))
    return result


_settings = st.builds(
    Captions,
    line_length=st.integers(8, 50),
    lines=st.integers(1, 3),
    reading_speed=st.floats(5, 40),
    min_duration=st.fractions(Fraction(1, 10), 2, max_denominator=24),
    max_duration=st.fractions(2, 10, max_denominator=24),
    pause=st.fractions(Fraction(1, 10), 2, max_denominator=24),
)


@given(_spoken(), _settings)
def test_every_word_is_shown_once_and_in_order(words: list[Word], captions: Captions) -> None:
    made = cues(words, captions)
    assert "".join(letters(c.text) for c in made) == "".join(letters(w.text) for w in words)
    for cue in made:
        assert letters(cue.text) == letters(join(cue.words))
        assert all(line == line.strip() != "" for line in cue.lines)
        assert tuple("".join(t for t, _ in line) for line in cue.runs()) == cue.lines


@given(_spoken(), _settings)
def test_captions_never_overlap_and_none_is_empty(words: list[Word], captions: Captions) -> None:
    made = cues(words, captions)
    assert all(c.range.duration > 0 for c in made)
    assert all(a.range.end <= b.range.start for a, b in pairwise(made))
    if made:
        assert made[0].range.start == words[0].range.start


@given(_spoken(), _settings)
def test_lines_are_within_their_length_and_number(words: list[Word], captions: Captions) -> None:
    unbreakable = {piece.text for parts in pieces_of(words) for piece in parts}
    for cue in cues(words, captions):
        assert len(cue.lines) <= captions.lines
        for line in cue.lines:
            assert width(line) <= captions.line_length or line in unbreakable


@given(_spoken(), _settings)
def test_a_caption_is_no_longer_than_allowed(words: list[Word], captions: Captions) -> None:
    assert all(c.range.duration <= captions.max_duration for c in cues(words, captions))


@given(_spoken(), _settings, _ms, _ms)
def test_captions_stay_within_the_cut(
    words: list[Word], captions: Captions, start: Fraction, length: Fraction
) -> None:
    within = Range(start, start + length + Fraction(1, 10))
    made = cues(words, captions, within)
    heard = [w for w in words if w.range.overlaps(within) and w.range.duration > 0]
    shown = "".join(letters(c.text) for c in made)
    for cue in made:
        assert within.start <= cue.range.start < cue.range.end <= within.end
        assert all(within.start <= w.range.start <= w.range.end <= within.end for w in cue.words)
    at = 0
    for w in heard:
        at = shown.find(letters(w.text), at)
        assert at >= 0
        at += len(letters(w.text))


# ------------------------------------------------------------------------- where captions end


def test_sentences_end_captions() -> None:
    made = cues(speech("Bread is baked here every day. Nobody eats it warm though."), Captions())
    assert [c.text for c in made] == [
        "Bread is baked here every day.",
        "Nobody eats it warm though.",
    ]


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    made = cues(speech("Then Dr. Smith arrived."), Captions())
    assert [c.text for c in made] == ["Then Dr. Smith arrived."]


def test_a_pause_ends_a_caption_and_a_shorter_one_does_not() -> None:
    one = [word("so", 0, 1), word("long", "1.499", 2)]
    two = [word("so", 0, 1), word("long", "1.5", 2)]
    assert [c.text for c in cues(one, Captions())] == ["so long"]
    assert [c.text for c in cues(two, Captions())] == ["so", "long"]


def test_captions_that_would_touch_keep_a_gap() -> None:
    first, second = cues(
        speech("Bread is baked here every day. Nobody eats it warm though."), Captions()
    )
    assert second.range.start == Fraction("2.4")
    assert first.range == Range(Fraction(0), Fraction("2.4") - GAP)


def test_a_short_word_stays_for_the_shortest_duration() -> None:
    (cue,) = cues([word("Yes.", 2, "2.1")], Captions())
    assert cue.range == Range(Fraction(2), Fraction(2) + Fraction(5, 6))


def test_fast_speech_stays_long_enough_to_read_where_there_is_silence() -> None:
    words = [word("incomprehensibilities", 0, "0.2"), word("notwithstanding", "0.2", "0.4")]
    (cue,) = cues(words, Captions(reading_speed=10.0))
    assert cue.range.end == Fraction(37, 10)
    early, late = cues([*words, word("Stop.", 2, 3)], Captions(reading_speed=10.0))
    assert early.range.end == 2 - GAP
    assert late.range.start == 2


def test_the_last_caption_ends_with_the_cut() -> None:
    (cue,) = cues([word("Yes.", 2, 9)], Captions(), Range(Fraction(0), Fraction("2.4")))
    assert cue.range == Range(Fraction(2), Fraction("2.4"))
    assert cue.words[0].range == Range(Fraction(2), Fraction("2.4"))


def test_words_at_one_and_the_same_time_are_all_shown() -> None:
    words = [word(text, 1, 1) for text in ("one", "two", "three", "four")]
    made = cues(words, Captions(line_length=9, lines=1), Range(Fraction(0), Fraction(2)))
    assert [c.text for c in made] == ["one", "two three", "four"]
    assert [c.range.start for c in made] == [1, Fraction(4, 3), Fraction(5, 3)]
    assert made[-1].range.end == 2


def test_no_words_no_captions() -> None:
    assert cues([], Captions()) == ()
    assert cues([word("  ", 0, 1)], Captions()) == ()


# ---------------------------------------------------------------------------- where lines end


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("It was a long journey with his wife and their children", 42,
         ("It was a long journey", "with his wife and their children")),
        ("When the rain stopped, we all went out", 30,
         ("When the rain stopped,", "we all went out")),
        ("She went to New York with a friend", 24, ("She went to New York", "with a friend")),
        ("one two three four five six", 14, ("one two three", "four five six")),
    ],
)  # fmt: skip
def test_lines_end_in_good_places(text: str, limit: int, lines: tuple[str, ...]) -> None:
    pieces = [p for ps in pieces_of(speech(text)) for p in ps]
    assert break_lines(pieces, limit, len(lines)) == lines


def test_a_long_word_has_a_line_of_its_own() -> None:
    text = "a Donaudampfschifffahrtsgesellschaft b"
    made = cues(speech(text), Captions(line_length=12, lines=3))
    assert [line for c in made for line in c.lines] == [
        "a",
        "Donaudampfschifffahrtsgesellschaft",
        "b",
    ]


def test_chinese_breaks_between_characters_that_count_double() -> None:
    text = "今天天气很好我们一起去公园散步吧"
    (cue,) = cues([word(text, 0, 4)], Captions(line_length=20, lines=2))
    assert "".join(cue.lines) == text
    assert [width(line) for line in cue.lines] == [16, 16]


def test_a_line_does_not_begin_with_a_closing_mark() -> None:
    def parts(text: str, limit: int) -> list[str]:
        return [w.text for w in divide(word(text, 0, 1), limit)]

    assert parts("これはペンです。", 14) == ["これはペ", "ンです。"]
    assert parts("「あい」うえ", 4) == ["「あ", "い」", "うえ"]
    assert parts("unbreakable", 4) == ["unbreakable"]


def test_a_divided_word_shares_out_its_time() -> None:
    parts = divide(word(" 今日は、いい天気", 0, 9), 10)
    assert [(p.text, p.range.start, p.range.end) for p in parts] == [
        (" 今日は、", 0, Fraction(9, 2)),
        ("いい天気", Fraction(9, 2), 9),
    ]


def test_text_of_right_to_left_scripts_keeps_its_order() -> None:
    (cue,) = cues(speech("שלום לכולם היום"), Captions())
    assert cue.text == "שלום לכולם היום"


# -------------------------------------------------------------------------------- the writing


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["Hello", "world"], "Hello world"),
        ([" Hello", " world"], "Hello world"),
        ([" twenty", "-five", " years"], "twenty-five years"),
        (["I", "'m", "fine", ",", "thanks"], "I'm fine, thanks"),
        (["今日", "は"], "今日は"),
        (["我", "用", "Python", "写"], "我用 Python 写"),
        (["안녕", "하세요"], "안녕 하세요"),
        (["-5", "degrees"], "-5 degrees"),
    ],
)
def test_spaces_between_words(words: list[str], text: str) -> None:
    assert join([word(w, 0, 1) for w in words]) == text


@pytest.mark.parametrize(
    ("left", "right", "ends"),
    [
        ("done.", "Next", True),
        ("done.”", "Next", True),
        ("Really?", "yes", True),
        ("Dr.", "Smith", False),
        ("U.S.", "Army", False),
        ("approx.", "ten", False),
        ("3.", "times", False),
        ("です。", "次", True),
        ("and", "then", False),
    ],
)
def test_ends_of_sentences(left: str, right: str, ends: bool) -> None:
    assert ends_sentence(left, right) is ends


def test_breaks_are_ranked() -> None:
    ranked = [("end.", "Now"), ("rain,", "we"), ("dog", "and"), ("went", "to"), ("big", "dog"),
              ("New", "York"), ("the", "dog")]  # fmt: skip
    costs = [break_cost(a, b) for a, b in ranked]
    assert costs == sorted(set(costs))
    assert break_cost("der", "Hund", "de-AT") > break_cost("der", "Hund", "en")


def test_runs_name_the_word_of_each_stretch() -> None:
    words = (word(" twenty", 0, 1), word("-five", 1, 2), word(" years", 2, 3))
    cue = Cue(Range(Fraction(0), Fraction(3)), ("twenty-five", "years"), words)
    assert cue.runs() == ((("twenty", 0), ("-five", 1)), (("years", 2),))
    with pytest.raises(ValueError, match="do not hold"):
        replace(cue, lines=("thirty",)).runs()
