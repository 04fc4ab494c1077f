"""Words files: what an edit of the text does to the cut, over all texts and edits."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.annotation import Sentence, Word
from smartcut.errors import PipelineError
from smartcut.interchange.words.markdown import written
from smartcut.interchange.words.matching import key
from smartcut.interchange.words.pieces import WordsPiece
from smartcut.interchange.words.reading import read_words
from smartcut.interchange.words.script import Script, ScriptSource, lines_of
from smartcut.timebase import Range, total

F = Fraction
# Few words, so that they are often said again; one that Markdown would read, one of two words.
WORDS = (
    "the",
    "The",
    "boat",
    "sails",
    "home,",
    "a",
    "*",
    "~~no~~",
    "[x]",
    "New York",
    "{1}",
    "-->",
)


def spoken(*texts: str, id: str = "talk", tail: float = 3) -> Script:
    """A sentence for each text: words of a quarter of a second and as much between them."""
    at, sentences = F(1), []
    for text in texts:
        words = []
        for word in text.split():
            words.append(Word(Range(at, at + F(1, 4)), word))
            at += F(1, 2)
        whole = Range(words[0].range.start, words[-1].range.end)
        sentences.append(Sentence(whole, text, tuple(words)))
    source = ScriptSource(id, Path(f"{id}.mp4"), "ab12", at + F(repr(tail)), "en")
    return Script((source,), tuple(lines_of(source, sentences)))


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    sources, lines = [], []
    for id in ("talk", "my [other] talk")[: draw(st.integers(1, 2))]:
        at, sentences = F(draw(st.integers(0, 2000)), 1000), []
        for _ in range(draw(st.integers(1, 5))):
            words = []
            for text in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8)):
                end = at + F(draw(st.integers(1, 900)), draw(st.sampled_from((1000, 900))))
                words.append(Word(Range(at, end), text, draw(st.sampled_from((1.0, 0.5)))))
                at = end + F(draw(st.sampled_from((0, 100, 400))), 1000)
            whole = Range(words[0].range.start, words[-1].range.end)
            sentences.append(Sentence(whole, "", tuple(words)))
            at += F(draw(st.sampled_from((0, 300, 4000))), 1000)
        source = ScriptSource(id, Path(f"{id}.mp4"), "ab", at + F(1, 7), "en")
        sources.append(source)
        lines += lines_of(source, sentences)
    return Script(tuple(sources), tuple(lines))


def read(text: str) -> list[WordsPiece]:
    return read_words(text.encode(), "talk.md").pieces


def rows_of(text: str) -> list[int]:
    """Which rows of a file are lines of the transcript."""
    return [i for i, row in enumerate(text.splitlines()) if row.startswith("- [")]


def whole(script: Script) -> list[WordsPiece]:
    used = {line.source for line in script.lines}
    return [WordsPiece(s.id, Range(F(0), s.duration)) for s in script.sources if s.id in used]


@settings(max_examples=40)
@given(scripts())
def test_no_edit_is_the_same_cut(script: Script) -> None:
    file = read_words(written(script).encode(), "talk.md")
    assert file.script == script
    assert list(file.items) == list(range(len(script.words)))
    assert file.pieces == whole(script)


def gone(script: Script, found: list[WordsPiece]) -> list[tuple[str, Range]]:
    """What of the sources is not heard."""
    missing = []
    for source in script.sources:
        at = F(0)
        for piece in sorted(p.range for p in found if p.source == source.id):
            if piece.start > at:
                missing.append((source.id, Range(at, piece.start)))
            at = max(at, piece.end)
        if at < source.duration:
            missing.append((source.id, Range(at, source.duration)))
    return missing


@settings(max_examples=40)
@given(scripts(), st.data(), st.booleans())
def test_a_word_that_is_taken_out_is_exactly_its_range(
    script: Script, data: st.DataObject, is_struck: bool
) -> None:
    number = data.draw(st.sampled_from([i for i, w in enumerate(script.words) if w.text]))
    line = next(k for k in range(len(script.lines)) if script.firsts[k + 1] > number)
    text = written(script).splitlines()
    row = rows_of("\n".join(text))[line]
    head, _, said = text[row].partition("] [")
    times, _, said = said.partition("] ")
    words = said.split(" ")
    place = number - script.firsts[line]
    words[place : place + 1] = [f"~~{words[place]}~~"] if is_struck else []
    text[row] = f"{head}] [{times}] {' '.join(words)}"
    taken = gone(script, read("\n".join(text)))
    expected = script.words[number].range
    if len(script.lines[line].words) == 1:
        # Nothing is left of its line: at an end of the source the rest goes with it.
        own = [n for n, s in enumerate(script.source_of) if s == script.source_of[number]]
        starts = F(0) if number == own[0] else expected.start
        lasts = script.source(script.source_of[number]).duration
        expected = Range(starts, lasts if number == own[-1] else expected.end)
    assert taken == [(script.source_of[number], expected)]


@settings(max_examples=40)
@given(scripts(), st.data())
def test_lines_in_another_order_are_segments_in_another_order(
    script: Script, data: st.DataObject
) -> None:
    text = written(script).splitlines()
    rows = rows_of("\n".join(text))
    order = data.draw(st.permutations(rows))
    moved = list(text)
    for row, other in zip(rows, order, strict=True):
        moved[row] = text[other]
    found = read("\n".join(moved))
    assert total(p.range for p in found) == total(p.range for p in whole(script))
    assert gone(script, found) == []
    heard = [
        (piece.source, word.range)
        for piece in found
        for word, source in zip(script.words, script.source_of, strict=True)
        if source == piece.source and piece.range.start <= word.range.start < piece.range.end
    ]
    numbers = [rows.index(row) for row in order]
    lines = [script.lines[number] for number in numbers]
    assert heard == [(line.source, word.range) for line in lines for word in line.words]


@settings(max_examples=40)
@given(scripts(), st.data())
def test_words_that_are_out_are_struck_and_read_so_again(
    script: Script, data: st.DataObject
) -> None:
    numbers = st.sets(st.integers(0, len(script.words) - 1), min_size=1)
    kept = sorted(data.draw(numbers))
    file = read_words(written(script, kept).encode(), "talk.md")
    assert list(file.items) == kept


def edited(script: Script, *changes: tuple[str, str]) -> list[WordsPiece]:
    text = written(script)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read(text)


def times(found: list[WordsPiece]) -> list[tuple[float, float]]:
    return [(float(p.range.start), float(p.range.end)) for p in found]


THREE = spoken("we sail to the sea.", "the boat is old.", "it goes on and on.", tail=0.1)
# Words begin every half second from 1 s on: the lines at 1.0, 3.5 and 5.5 s.


def test_a_line_that_is_not_ticked_or_deleted_is_out() -> None:
    line = "- [x] [00:00:03.500 - 00:00:05.250] the boat is old.\n"
    assert times(edited(THREE, (line, ""))) == [(0, 3.5), (5.25, 8.1)]
    assert times(edited(THREE, (line, line.replace("[x]", "[ ]")))) == [(0, 3.5), (5.25, 8.1)]


def test_a_moved_line_takes_a_little_of_the_pause_before_it_along() -> None:
    line = "- [x] [00:00:03.500 - 00:00:05.250] the boat is old.\n"
    last = "- [x] [00:00:05.500 - 00:00:07.750] it goes on and on.\n"
    found = edited(THREE, (line + last, last + line))
    assert times(found) == [(0, 3.375), (5.375, 8.1), (3.375, 5.375)]


def test_words_can_be_moved_to_another_line_and_to_one_of_their_own() -> None:
    found = edited(THREE, ("the boat is old.", "is old."), ("on and on.", "on and on. the boat"))
    assert times(found) == [(0, 3.375), (4.375, 8.1), (3.375, 4.375)]
    found = edited(THREE, ("we sail to the sea.\n", "sail to the sea.\nwe\n"))
    assert times(found) == [(0, 0.875), (1.375, 3.375), (0.875, 1.375), (3.375, 8.1)]


def test_a_copied_line_plays_twice() -> None:
    line = "- [x] [00:00:03.500 - 00:00:05.250] the boat is old.\n"
    found = edited(THREE, (line, line + line))
    assert times(found) == [(0, 5.375), (3.375, 8.1)]


def test_a_heading_begins_a_chapter() -> None:
    line = "- [x] [00:00:03.500 - 00:00:05.250] the boat is old.\n"
    found = edited(THREE, (line, f"\n## The *old* boat\n\n{line}"))
    assert times(found) == [(0, 3.375), (3.375, 8.1)]
    assert [piece.chapter for piece in found] == [None, "The old boat"]


def test_pauses_are_lines() -> None:
    script = spoken("one two.", tail=3)
    assert "- [x] [00:00:02.000 - 00:00:05.000] *3.0 s without words*" in written(script)
    line = "- [x] [00:00:00.000 - 00:00:00.750] *0.8 s without words*\n"
    assert times(edited(script, (line, ""))) == [(0.75, 5)]


def test_of_words_said_twice_the_last_stays_unless_one_is_named() -> None:
    script = spoken("the boat the boat is old.", tail=0.1)
    assert times(edited(script, ("the boat the boat", "the boat"))) == [(0, 1), (1.75, 4.1)]
    script = spoken("no no no.", tail=0.1)
    assert "no{1} no{2} no.{3}" in written(script)
    found = edited(script, ("no{1} no{2} no.{3}", "no{1} no.{3}"))
    assert times(found) == [(0, 1.5), (1.75, 2.6)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("old.", "new."), r"talk.md:12: 'new.' is not said here, .* line is 'the boat is old.'"),
        (("the boat is", "the ~~boat is"), "talk.md:12: `~~` begins a struck part"),
        (("00:00:03.500", "00:00:03.600"), "talk.md:12: no line of talk begins at 00:00:03.600"),
        (("sea.", "sea.\nsubmarine"), "talk.md:12: 'submarine' is not said in the recording"),
        (("it goes on and on.", "it goes\n\non\n"), r"'on' is said at 00:00:06.500, 00:00:07.500"),
        (("---\nsmartcut: words", "---\nsmartcut: other"), "are not those of a words file"),
        (("version: 1", "version: 7"), "version 7, not 1"),
        (("smartcut words: when", "smartcut words when"), "the comment at the end .* is gone"),
        (('["boat", 4000, 4250]', '["boat", 4000]'), "the times of words is damaged"),
        (('["boat", 4000, 4250]', '["boat", 400, 4250]'), "'boat' of 'talk' .* is not in order"),
        (('"duration": 8100', '"duration": 7000'), "the words of 'talk' go past its end"),
    ],
)
def test_what_cannot_be_matched_is_an_error_with_its_line(
    change: tuple[str, str], message: str
) -> None:
    with pytest.raises(PipelineError, match=message):
        edited(THREE, change)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PipelineError) as found:
        edited(THREE, ("old.", "new."), ("sail", "row"))
    assert str(found.value).count("is not said here") == 2


def test_comments_rules_and_emphasis_say_nothing() -> None:
    found = edited(
        THREE,
        ("the boat is", "the **boat** <!-- check this --> is"),
        ("sea.\n", "sea.\n\n---\n<!-- a note\nof two rows -->\n"),
    )
    assert times(found) == [(0, 8.1)]


def test_an_hour_of_words_is_written_and_read_in_less_than_two_seconds() -> None:
    line = "so we went down to the old harbour and looked at the boats there."
    script = spoken(*[line] * 520, tail=1)  # an hour and a half hour's worth of 6760 words
    began = time.process_time()
    text = written(script)
    rows = text.splitlines()
    # Every tenth line is struck, and half of the lines change places.
    rows = [r.replace("the old", "~~the old~~") if i % 10 == 0 else r for i, r in enumerate(rows)]
    found = read("\n".join(rows))
    assert time.process_time() - began < 2
    assert float(script.sources[0].duration) > 3300
    assert len(found) > 40


@settings(max_examples=30)
@given(st.text(max_size=8))
def test_a_word_is_compared_by_its_letters(text: str) -> None:
    assert key(key(text)) == key(text)
    assert key("“Boats,”") == key("boats")


# ----------------------------------------------------------------------------------- speakers


def _said_by(*names: str | None) -> Script:
    script = spoken("the boat sails", "home, the boat", "a boat")
    lines = [line for line in script.lines if not line.is_pause]
    told = {id(line): name for line, name in zip(lines, names, strict=True)}
    return replace(
        script,
        lines=tuple(
            replace(line, words=tuple(replace(w, speaker=told.get(id(line))) for w in line.words))
            for line in script.lines
        ),
    )


def test_who_says_a_line_is_written_before_it_and_can_be_mended() -> None:
    text = written(_said_by("SPEAKER_00", "Ada L. *", None))
    assert "] **SPEAKER\\_00:** the boat sails" in text
    assert read_words(text.encode(), "a.md").script == _said_by("SPEAKER_00", "Ada L. *", None)
    mended = text.replace("**SPEAKER\\_00:**", "**Ben:**").replace("] a boat", "] **Eve:** a boat")
    read = read_words(mended.encode(), "a.md")
    assert read.script == _said_by("Ben", "Ada L. *", "Eve")
    assert read.pieces == read_words(text.encode(), "a.md").pieces
    unticked = mended.replace("- [x] [00:00:01.000", "- [ ] [00:00:01.000")
    assert unticked != mended
    assert read_words(unticked.encode(), "a.md").script == read.script


def test_lines_that_two_say_have_no_name_before_them() -> None:
    script = _said_by("Ada", "Ben", "Ben")
    at = next(i for i, line in enumerate(script.lines) if not line.is_pause)
    lines = list(script.lines)
    words = lines[at].words
    lines[at] = replace(lines[at], words=(replace(words[0], speaker="Eve"), *words[1:]))
    shared = replace(script, lines=tuple(lines))
    text = written(shared)
    assert "] the boat sails" in text
    assert read_words(text.encode(), "a.md").script == shared
