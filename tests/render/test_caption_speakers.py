"""Who speaks, in captions: by names, colours and dashes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.render.captions.brought import named
from smartcut.render.captions.cues import cues
from smartcut.render.captions.files import to_srt
from smartcut.stages.subtitles import Subtitles
from smartcut.timebase import Range


def said(speaker: str, start: int, text: str) -> list[Word]:
    """A word each half second."""
    return [
        Word(Range(start + F(i, 2), start + F(i + 1, 2)), word, speaker=speaker)
        for i, word in enumerate(text.split())
    ]


TALK = [
    *said("Ada", 0, "Do you like it?"),
    *said("Ben", 2, "Yes, very much."),
    *said("Ada", 4, "Then let us go on with the second part of the story that I began."),
]


def shown(words: list[Word], **settings: object) -> list[tuple[str, ...]]:
    return [cue.lines for cue in cues(words, replace(Captions(), **settings))]  # type: ignore[arg-type]


def test_an_answer_shares_a_caption_with_dashes() -> None:
    first, *rest = shown(TALK, speakers="dashes")
    assert first == ("– Do you like it?", "– Yes, very much.")
    assert rest
    assert not any(line.startswith("–") for lines in rest for line in lines)
    one = cues(TALK, replace(Captions(), speakers="dashes"))[0]
    assert one.range == Range(F(0), F(7, 2))
    assert [[text for text, _ in line] for line in one.runs()][1][0] == "– Yes, "


def test_no_dashes_where_an_answer_is_late_or_long_or_there_is_one_line() -> None:
    late = [*said("Ada", 0, "Do you like it?"), *said("Ben", 4, "Yes.")]
    assert shown(late, speakers="dashes") == [("Do you like it?",), ("Yes.",)]
    assert all(len(lines) == 1 for lines in shown(TALK[:7], speakers="dashes", lines=1))
    assert shown(TALK[:7], speakers="dashes", line_length=14)[0] == ("Do you", "like it?")


def test_without_being_asked_speakers_do_not_show() -> None:
    assert shown(TALK[:7]) == shown([replace(word, speaker=None) for word in TALK[:7]])


def test_names_come_where_another_begins() -> None:
    text = to_srt(cues(tuple(named(TALK)), replace(Captions(), speakers="names")))
    assert [row for row in text.splitlines() if ": " in row] == [
        "Ada: Do you like it?",
        "Ben: Yes, very much.",
        "Ada: Then let us go on with",
    ]


def test_colours_are_the_styles_or_the_usual_ones() -> None:
    usual = Subtitles.model_validate({"speakers": "colours"}).captions().style
    assert [colour for _, colour in usual.speaker_colours][:2] == ["#ffffff", "#ffff00"]
    own = {"speakers": "colours", "style": {"speaker_colours": {"Ada": "#ff0000"}}}
    style = Subtitles.model_validate(own).captions().style
    assert style.speaker_colours == (("Ada", "#ff0000"),)
    assert Subtitles().captions().style.speaker_colours == ()
