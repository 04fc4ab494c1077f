"""Subtitle files that users bring: read, mended with a note, or refused with the line."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smartcut.annotation import Word
from smartcut.interchange.subtitles.reading import BroughtText, read_subtitles
from smartcut.interchange.subtitles.script import FoundScript, find_spoken, script_notes
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.files import to_ass, to_srt, to_vtt
from smartcut.timebase import Range


def read(tmp_path: Path, name: str, text: str | bytes, duration: int = 60) -> BroughtText:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_subtitles(path, F(duration))


def plain(found: BroughtText) -> list[tuple[float, float, tuple[str, ...]]]:
    return [(float(c.start), float(c.end or -1), c.lines) for c in found.cues]


SRT = "1\n00:00:01,000 --> 00:00:02,500\nOne\ntwo\n\n2\n00:00:03,000 --> 00:00:04,000\nThree\n"


def test_plain_subrip_is_read_as_it_is(tmp_path: Path) -> None:
    found = read(tmp_path, "a.srt", SRT)
    assert plain(found) == [(1.0, 2.5, ("One", "two")), (3.0, 4.0, ("Three",))]
    assert found.notes == ()
    assert [c.line for c in found.cues] == [2, 7]


_LINES = st.text(
    st.characters(categories=["L", "N"], include_characters=" ,.'!?-"), min_size=1, max_size=30
).filter(lambda s: s.strip() == s and any(c.isalpha() for c in s))


_CUES = st.lists(
    st.tuples(st.integers(1, 4000), st.integers(0, 2000), st.lists(_LINES, min_size=1, max_size=2)),
    min_size=1,
    max_size=8,
)


@example([(1, 0, ["שלום"])], "srt")
@given(_CUES, st.sampled_from(["srt", "vtt", "ass"]))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    given_cues: list[tuple[int, int, list[str]]],
    kind: str,
) -> None:
    at, cues = F(0), []
    tick = 10 if kind == "ass" else 1
    for length, rest, lines in given_cues:
        end = at + F(length * tick, 1000)
        cues.append(Cue(Range(at, end), tuple(lines), ()))
        at = end + F(rest * tick, 1000)
    from smartcut.text_style import TextStyle

    text = {"srt": to_srt, "vtt": to_vtt, "ass": lambda c: to_ass(c, TextStyle())}[kind](cues)
    found = read(tmp_path_factory.mktemp("s"), f"a.{kind}", text, 1000)
    assert [(c.start, c.end, _unmarked(c.lines)) for c in found.cues] == [
        (c.range.start, c.range.end, c.lines) for c in cues
    ]


def _unmarked(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines without the marks of direction that those from right to left are written with."""
    return tuple(line.strip("\u202a\u202b\u202c") for line in lines)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_of_editors_are_read(encoding: str, tmp_path: Path) -> None:
    found = read(tmp_path, "a.srt", SRT.replace("Three", "Drei Äpfel").encode(encoding))
    assert found.cues[1].lines == ("Drei Äpfel",)
    assert bool(found.notes) == (encoding in ("cp1252", "utf-16-le"))


def test_two_at_once_are_one_with_both_texts(tmp_path: Path) -> None:
    found = read(tmp_path, "a.srt", "00:01 --> 00:02\nA\n\n00:01 --> 00:02\nB")
    assert plain(found) == [(1, 2, ("A", "B"))]


def test_webvtt_with_notes_settings_and_voices(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nNOTE 00:01 --> 00:02 is no cue\n\nSTYLE\n::cue {}\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v Ada>One <00:01.500><c>two</c>\n"
    )
    (cue,) = read(tmp_path, "a.vtt", text).cues
    assert (cue.start, cue.end, cue.lines, cue.speaker) == (1, 2, ("One two",), "Ada")


def test_whispers_json_keeps_its_words(tmp_path: Path) -> None:
    words = [{"word": " One", "start": 1.0, "end": 1.4}, {"word": "two.", "start": 1.5, "end": 2}]
    rows = [{"start": 1, "end": 2, "text": " One two.", "words": words, "speaker": "SPEAKER_00"}]
    found = read(tmp_path, "a.json", json.dumps({"segments": rows, "language": "de"}))
    (cue,) = found.cues
    assert [(w.text, float(w.range.start)) for w in cue.words] == [("One", 1.0), ("two.", 1.5)]
    assert (found.language, cue.speaker) == ("de", "SPEAKER_00")
    assert {w.speaker for w in cue.words} == {"SPEAKER_00"}


def test_who_speaks_is_kept(tmp_path: Path) -> None:
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Ada>One</v>\n\n"
    both = "00:03.000 --> 00:04.000\n<v Ada>One\n<v Bo>two\n"
    found = read(tmp_path, "a.vtt", vtt + both)
    assert [c.speaker for c in found.cues] == ["Ada", ""]
    assert found.notes == (f"{tmp_path / 'a.vtt'}: tags of styles are left out: 1 cue in line 6",)
    ass = "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,Bo,0,0,0,,One\n"
    assert [c.speaker for c in read(tmp_path, "a.ass", ass).cues] == ["Bo"]


def spoken(text: str) -> list[Word]:
    return [Word(Range(F(n), F(n) + F(9, 10)), word) for n, word in enumerate(text.split())]


def test_a_script_is_found_in_what_is_heard() -> None:
    script = [
        (1, "Good evening to you all. We begin now."),
        (3, "This was cut from the talk."),
        (4, "The second part has many words."),
    ]
    heard = spoken("good evening to you all we begin now the second part had many words")
    found = find_spoken(script, heard, F(100)).sentences
    assert [(s.line, s.range is not None, s.changed) for s in found] == [
        (1, True, 0),
        (1, True, 0),
        (3, False, 6),
        (4, True, 1),
    ]
    first, second, _, last = (s.range for s in found)
    assert first is not None
    assert second is not None
    assert last is not None
    assert first.end <= second.start <= second.end <= last.start
    assert (second.contains(F(5)), last.contains(F(8)), last.contains(F(13))) == (True, True, True)
    assert script_notes(FoundScript(found), "a.txt") == (
        "a.txt, line 3: not spoken: 'This was cut from the talk.'",
        "a.txt, line 4: 1 of 6 words were not heard as written: 'The second part has many words.'",
    )


def spoken_ranges(script: list[str], heard: str) -> list[tuple[float, float, int] | None]:
    """Of each sentence: the words that it covers, by their numbers, and how many are changed."""
    words = spoken(heard)
    found = find_spoken([(n, text) for n, text in enumerate(script, 1)], words, F(1000))
    result: list[tuple[float, float, int] | None] = []
    for sentence in found.sentences:
        if sentence.range is None:
            result.append(None)
            continue
        own = [n for n, word in enumerate(words) if sentence.range.contains(word.range.middle)]
        result.append((own[0], own[-1], sentence.changed))
    return result


def test_other_words_in_place_of_some_are_a_changed_sentence() -> None:
    script = ["We begin now.", "The council closed one lane last summer.", "That is all of it."]
    heard = "we begin now the council opened two lanes last winter that is all of it"
    assert spoken_ranges(script, heard) == [(0, 2, 0), (3, 9, 4), (10, 14, 0)]


def test_figures_are_numbers_in_words() -> None:
    script = ["It was built in eighteen sixty.", "Carts crossed it each day.", "Then it fell down."]
    heard = "it was built in 1860 then it fell down"
    assert spoken_ranges(script, heard) == [(0, 4, 0), None, (5, 8, 0)]
    assert spoken_ranges(["It cost 250 in all."], "it cost two hundred fifty in all") == [(0, 6, 0)]


def test_what_is_spoken_but_not_written_is_told_of() -> None:
    words = spoken("we begin now and here i say more than i wrote that is all")
    found = find_spoken([(1, "We begin now."), (2, "That is all.")], words, F(100))
    assert script_notes(found, "a.txt") == (
        "a.txt: spoken at 00:00:03.000, but not written: 'and here i say more than i wrote'",
    )
    first, last = (s.range for s in found.sentences)
    assert first is not None
    assert last is not None
    assert (first.end < F("3.5"), last.start > F("10.5")) == (True, True)
