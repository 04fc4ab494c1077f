"""False starts and repeated takes: of what is said again right after, the last stays."""

from __future__ import annotations

from fractions import Fraction

import pytest

from smartcut.annotation import Sentence, Word
from smartcut.tightening.repeats import repeated
from smartcut.timebase import Range

F = Fraction


def sentences(text: str) -> list[Sentence]:
    """Words of 0.2 s with 0.05 s between; ``|`` is a pause of half a second more.

    Sentences end with their punctuation.
    """
    at, found, words = F(0), [], []
    for part in text.split():
        if part == "|":
            at += F(1, 2)
            continue
        words.append(Word(Range(at, at + F(1, 5)), part))
        at += F(1, 4)
        if part.endswith((".", "?", "!")):
            found.append(words)
            words = []
    if words:
        found.append(words)
    return [
        Sentence(Range(w[0].range.start, w[-1].range.end), " ".join(x.text for x in w), tuple(w))
        for w in found
    ]


def left(text: str) -> str:
    """What is still heard of a text."""
    said = sentences(text)
    gone = repeated(said)
    words = [word for sentence in said for word in sentence.words]
    assert all(not r.overlaps(w.range) or r.intersect(w.range) == w.range
               for r in gone for w in words)  # fmt: skip
    return " ".join(w.text for w in words if not any(r.overlaps(w.range) for r in gone))


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        ("We sail | we sail to the sea.", "we sail to the sea."),
        ("I | I | I think so.", "I think so."),
        ("We went to the | we went down to the sea.", "we went down to the sea."),
        ("So we should buy | we should wait.", "So we should wait."),
        ("The boat that I bought is the boat that I bought is old.",
         "the boat that I bought is old."),
        ("The boat is very old. | The boat is really old. | Thank you.",
         "The boat is really old. Thank you."),
        ("We sail. | We sail to the sea.", "We sail to the sea."),
        ("One take of it here. | One take of it here. | One take of it, here.",
         "One take of it, here."),
    ],
)  # fmt: skip
def test_the_last_attempt_stays(said: str, stays: str) -> None:
    assert left(said) == stays


@pytest.mark.parametrize(
    "said",
    [
        "It goes on and on and on.",
        "It is very very old.",
        "I had had a boat.",
        "We will sail. We will row.",
        "Who is it? | Who is it for?",
        "The boat is old and the boat is slow.",
        "Yes. Yes. Yes.",
        "",
    ],
)
def test_what_is_meant_stays(said: str) -> None:
    assert left(said) == " ".join(said.replace("|", " ").split())


def test_what_is_left_out_lasts_to_the_word_that_stays() -> None:
    said = sentences("We sail | we sail.")
    # It begins at 1 s; a little before it stays.
    assert repeated(said) == (Range(F(0), F(95, 100)),)
