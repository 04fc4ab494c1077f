"""Chapters are named by what is in them, no two alike."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest

from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.interchange.titles import with_text
from smartcut.render.chapter_names import chapters_of
from smartcut.source import Chapter, Source
from smartcut.timebase import Range


def said(*texts: str) -> Annotation:
    """A sentence every ten seconds."""
    sentences = []
    for n, text in enumerate(texts):
        words = tuple(
            Word(Range(F(10 * n) + F(i, 2), F(10 * n) + F(i + 1, 2)), t)
            for i, t in enumerate(text.split())
        )
        if words:
            sentences.append(
                Sentence(Range(words[0].range.start, words[-1].range.end), text, words)
            )
    return Annotation("transcript", "talk", Transcript("en", tuple(sentences)))


def cut_of(
    *segments: Segment, transcript: Annotation | None = None, chapters: tuple[Chapter, ...] = ()
) -> Cut:
    source = Source("talk", Path("talk.mp4"), "d", "mp4", F(0), F(100), chapters=chapters)
    found = (transcript,) if transcript else ()
    return Cut((source,), (Track("programme", segments),), found)


def part(start: int, end: int, label: str = "talk", **scores: float) -> Segment:
    return Segment(
        "talk", Range(F(start), F(end)), label=label, scores=tuple(sorted(scores.items()))
    )


def names(cut: Cut) -> list[str]:
    found = chapters_of(cut)
    assert [c.range for c in found] == [place for _, place in cut.programme.placed()]
    return [c.title for c in found]


def test_parts_of_one_file_are_named_by_what_is_said() -> None:
    transcript = said(
        "Hello there. Dr. Smith waits.",
        "When the time reaches forty seconds I will save this and go home for good.",
        "",
        "Why not?",
    )
    cut = cut_of(part(0, 9), part(10, 19), part(20, 29), part(30, 39), transcript=transcript)
    assert names(cut) == [
        "Hello there",
        "When the time reaches forty seconds I will …",
        "talk, 00:20",
        "Why not?",
    ]


def test_labels_win_unless_they_name_the_file_the_signal_or_each_other() -> None:
    transcript = said("One is here.", "Two is here.", "Three is here.", "Four is here.")
    cut = cut_of(
        part(0, 9, "The start"),
        part(10, 19, "motion", motion=0.9),
        part(20, 29, "Both"),
        part(30, 39, "Both"),
        transcript=transcript,
    )
    assert names(cut) == ["The start", "Two is here", "Three is here", "Four is here"]


def test_titles_and_the_sources_own_chapters_name_them() -> None:
    own = (Chapter(Range(F(2), F(30)), "The harbour"), Chapter(Range(F(30), F(60)), "The sea"))
    cut = cut_of(part(0, 9), part(10, 19), part(30, 39), transcript=said("One."), chapters=own)
    titled = with_text(cut, (("text", "A day\nat sea"),), Range(F(10), F(12)))
    assert names(titled) == ["The harbour", "A day at sea", "The sea"]


@pytest.mark.parametrize("text", ["Yes. Yes.", ""])
def test_no_two_are_alike(text: str) -> None:
    cut = cut_of(*[part(10 * n, 10 * n + 9) for n in range(4)], transcript=said(*[text] * 4))
    found = names(cut)
    assert len(set(found)) == 4
    assert found == (
        ["Yes", "Yes (2)", "Yes (3)", "Yes (4)"]
        if text
        else ["talk, 00:00", "talk, 00:10", "talk, 00:20", "talk, 00:30"]
    )


def test_an_only_chapter_without_words_is_named_after_the_file() -> None:
    assert names(cut_of(part(0, 9))) == ["talk"]
    assert names(cut_of(Segment(None, Range(F(0), F(2))))) == ["gap"]


def test_texts_without_spaces_are_cut() -> None:
    cut = cut_of(part(0, 9), part(10, 19), transcript=said("我" * 60, "你好。"))
    first, second = names(cut)
    assert first.startswith("我我")
    assert first.endswith("…")
    assert len(first) <= 30
    assert second == "你好"
