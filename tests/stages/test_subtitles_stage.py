from __future__ import annotations

import json
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from smartcut.annotation import Annotation, Sentence, Transcript
from smartcut.cut import Captions, Cut
from smartcut.interchange.json import cut_from_json
from smartcut.stage import Context, find_stage
from smartcut.stages.subtitles import Subtitles
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

NO_CONTEXT = cast(Context, SimpleNamespace(expected=()))


def captions(**params: Any) -> Captions:
    made = Subtitles(**params).apply(Cut(), NO_CONTEXT).captions
    assert made is not None
    return made


def heard(source: str, language: str) -> Annotation:
    sentence = Sentence(Range(Fraction(0), Fraction(1)), "a")
    return Annotation("transcript", source, Transcript(language, (sentence,)))


def test_it_is_found_by_its_name_and_needs_a_transcript() -> None:
    assert find_stage("subtitles") is Subtitles
    assert Subtitles.needs == (("transcript",),)


def test_the_defaults_are_those_of_the_cut() -> None:
    assert captions() == Captions()


@pytest.mark.parametrize(
    ("given", "sidecars"),
    [
        ("srt", ("srt",)),
        (["vtt", "ass"], ("vtt", "ass")),
        (["ass", "ass"], ("ass",)),
        ("none", ()),
        (None, ()),
        ([], ()),
    ],
)
def test_sidecars_are_a_list_a_name_or_none(given: Any, sidecars: tuple[str, ...]) -> None:
    assert captions(sidecar=given).sidecars == sidecars


def test_every_setting_arrives_in_the_cut() -> None:
    made = captions(
        sidecar=["vtt"], soft=True, burn=True, line_length=20, lines=1, reading_speed=12,
        min_duration="1s", max_duration="5s", pause="300ms", language="de",
        style={"size": 0.06, "colour": "#ff0", "position": "top", "box": "#00000080"},
    )  # fmt: skip
    assert made == Captions(
        sidecars=("vtt",),
        soft=True,
        burn=True,
        line_length=20,
        lines=1,
        reading_speed=12.0,
        min_duration=Fraction(1),
        max_duration=Fraction(5),
        pause=Fraction(3, 10),
        language="de",
        style=TextStyle(size=0.06, colour="#ff0", position="top", box="#00000080"),
    )


def test_karaoke_has_a_highlight_unless_one_is_named() -> None:
    assert captions(karaoke=True).style.highlight == "#ffd54a"
    assert captions(karaoke=True, style={"highlight": "#f00"}).style.highlight == "#f00"
    assert captions().style.highlight is None
    assert captions(karaoke=True, look="pop").style.highlight == "#ffe14a"


def test_a_look_is_a_style_that_others_change() -> None:
    plain, own = captions(look="box").style, captions(look="box", style={"colour": "#ff0"}).style
    assert plain.box == own.box == "#000000c8"
    assert (plain.colour, own.colour) == ("#ffffff", "#ff0")
    assert plain.model_copy(update={"colour": "#ff0"}) == own


def test_karaoke_of_older_cuts_is_a_highlight() -> None:
    def read(**captions: Any) -> Captions | None:
        return cut_from_json(json.dumps({"schema": 4, "captions": captions})).captions

    assert read(karaoke=True) == Captions(style=TextStyle(highlight="#ffd54a"))
    assert read(karaoke=True, style={"highlight": "#f00"}) == Captions(
        style=TextStyle(highlight="#f00")
    )
    assert read(karaoke=False, style={"size": 0.1}) == Captions(style=TextStyle(size=0.1))


def test_the_language_is_the_transcripts_where_they_agree() -> None:
    one = Cut(annotations=(heard("a", "fr"), heard("b", "fr")))
    two = Cut(annotations=(heard("a", "fr"), heard("b", "en")))
    for cut, language in ((one, "fr"), (two, "mul"), (Cut(), None)):
        made = Subtitles().apply(cut, NO_CONTEXT).captions
        assert made is not None
        assert made.language == language
    made = Subtitles(language="en").apply(one, NO_CONTEXT).captions
    assert made is not None
    assert made.language == "en"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sidecar": "sub"}, "'srt', 'vtt' or 'ass'"),
        ({"line_length": 3}, "greater than or equal to 8"),
        ({"pause": 0}, "greater than 0"),
        ({"reading_speed": 0}, "greater than 0"),
        ({"min_duration": 4, "max_duration": 3}, r"max_duration \(3 s\) is less than min_duration"),
        ({"style": {"colour": "white"}}, "'white' is not a colour; accepted: #rgb"),
        ({"style": {"font": "absent.ttf"}}, "'absent.ttf' is not a file"),
        ({"style": {"color": "#fff"}}, "Extra inputs are not permitted"),
        ({"burned": True}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Subtitles(**params)


def test_the_schema_names_the_accepted_files() -> None:
    schema = Subtitles.model_json_schema()["properties"]["sidecar"]
    assert {"enum": ["srt", "vtt", "ass", "none"]} in schema["anyOf"]
