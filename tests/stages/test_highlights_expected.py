"""Highlights under expectations: the best reel that keeps to them, its cost, and conflicts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.algebra import words_in_timeline
from smartcut.annotation import Annotation, Sentence, Signal, Transcript, Word
from smartcut.cache import Cache
from smartcut.context import Stored
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.render.records.spoken import cut_words
from smartcut.source import Source, VideoStream
from smartcut.stages.highlights import Highlights
from smartcut.timebase import Range

#: Sentences of three seconds, a second apart, and how lively each is.
LINES = ("The harbour wakes", "As I said before", "Boats come home", "The light goes on",
         "Nobody sleeps here", "Good night to all")  # fmt: skip
LIVELY = (9.0, 8.0, 7.0, 3.0, 2.0, 1.0)


def talk() -> Cut:
    end = F(4 * len(LINES))
    video = VideoStream(0, "h264", F(1, 25), 320, 180, "yuv420p", F(25), False, F(0), end, 600)
    source = Source("talk", Path("talk.mp4"), "d", "mp4", F(0), end, video)
    said = []
    for number, text in enumerate(LINES):
        start = F(4 * number) + F(1, 2)
        parts = text.split()
        step = F(3) / len(parts)
        words = tuple(
            Word(Range(start + k * step, start + (k + 1) * step - F(1, 20)), part)
            for k, part in enumerate(parts)
        )
        said.append(Sentence(Range(start, start + 3), text, words))
    moves = tuple(LIVELY[second // 4] for second in range(int(end)))
    motion = Signal(F(1), tuple(range(int(end))), ("motion",), (moves,))
    known = (
        Annotation("transcript", "talk", Transcript("en", tuple(said))),
        Annotation("motion", "talk", motion),
    )
    return Cut((source,), (Track("programme", (Segment("talk", Range(F(0), end)),)),), known)


def chosen(tmp_path: Path, stage: Highlights | None = None, **expected: object) -> Cut:
    context = Stored(Cache(tmp_path / "cache"))
    if expected:
        context.expected = sc.expect(**expected).expectations  # type: ignore[attr-defined]
    stage = stage or Highlights(duration=F(10), weights={"motion": 1.0}, min_length=F(2))
    return stage.preview(talk(), context)[0]


def text(cut: Cut) -> str:
    return " ".join(word.text for word in words_in_timeline(cut))


def test_without_expectations_the_liveliest_are_taken(tmp_path: Path) -> None:
    cut = chosen(tmp_path)
    assert "As I said before" in text(cut)
    assert not any("expect" in note for note in cut.notes)


def test_what_is_kept_already_changes_nothing(tmp_path: Path) -> None:
    cut = chosen(tmp_path, length="10s ± 1s", no_word_cut=True, said={"must": ["harbour"]})
    assert cut.segments == chosen(tmp_path).segments
    assert not any("expect" in note for note in cut.notes)


def test_what_must_and_must_not_be_said(tmp_path: Path) -> None:
    said = {"must": ["good night"], "never": ["as I said"]}
    cut = chosen(tmp_path, said=said, length="10s ± 0.5s")
    assert "Good night" in text(cut)
    assert "said" not in text(cut)
    assert F(19, 2) <= cut.duration <= F(21, 2)
    told = [note for note in cut.notes if note.startswith("highlights: ")]
    assert "of the value of the best choice without it" in told[0]
    assert any("said.must 'good night' costs" in note for note in told)
    assert any("said.never 'as I said' costs" in note for note in told)


def test_the_plan_says_what_it_costs(tmp_path: Path) -> None:
    context = Stored(Cache(tmp_path / "cache"))
    context.expected = sc.expect(said={"must": ["good night"]}).expectations  # type: ignore[attr-defined]
    stage = Highlights(duration=F(10), weights={"motion": 1.0}, min_length=F(2))
    _, steps = stage.preview(talk(), context)
    assert [step.subject for step in steps] == ["expect"] * len(steps)
    assert "said.must 'good night' costs" in " ".join(step.reason for step in steps)


def test_an_expected_length_stands_in_place_of_the_duration(tmp_path: Path) -> None:
    assert F(14) <= chosen(tmp_path, length="15s ± 1s").duration <= F(16)
    assert chosen(tmp_path, length="at most 6s").duration <= 6


def test_a_conflict_names_the_fewest(tmp_path: Path) -> None:
    said = {"must": ["harbour", "good night"], "never": ["the harbour wakes"]}
    with pytest.raises(StageError) as error:
        chosen(tmp_path, said=said, no_word_cut=True, length="9s ± 1s")
    assert (
        "nothing that could be chosen keeps to said.must 'harbour' and said.never 'the harbour "
        "wakes' together" in str(error.value)
    )
    with pytest.raises(StageError, match=r"keeps to length: change or leave out"):
        chosen(tmp_path, length="100s ± 1s", no_word_cut=True)


def test_no_word_is_cut_where_sentences_may_be(tmp_path: Path) -> None:
    loose = Highlights(
        duration=F(3), weights={"motion": 1.0}, min_length=F(1), keep_sentences=False
    )
    cut = chosen(tmp_path, loose, no_word_cut=True)
    assert cut.duration <= 3
    assert cut_words(cut) == ()
    within = cut.with_segments((replace(cut.segments[0], range=Range(F(0), F(1))),))
    assert [(one.word.text, one.side) for one in cut_words(within)] == [("The", "end")]


def test_captions_that_could_not_be_read_are_left_out(tmp_path: Path) -> None:
    cut = chosen(tmp_path, captions={"speed": 5.2})
    assert "The light goes on" not in text(cut)
    assert text(cut)
