from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import pytest
from pydantic import ValidationError

from smartcut.annotation import Annotation, Sentence, Transcript
from smartcut.cut import Captions, CaptionStyle, Cut
from smartcut.stage import Context, find_stage
from smartcut.stages.subtitles import Subtitles
from smartcut.timebase import Range

NO_CONTEXT = cast(Context, None)


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
        style=CaptionStyle(size=0.06, colour="#ff0", position="top", box="#00000080"),
    )


def test_karaoke_has_a_highlight_unless_one_is_named() -> None:
    assert captions(karaoke=True).style.highlight == "#ffd54a"
    assert captions(karaoke=True, style={"highlight": "#f00"}).style.highlight == "#f00"
    assert captions().style.highlight is None


def test_the_language_is_the_transcripts_where_they_agree() -> None:
    one = Cut(annotations=(heard("a", "fr"), heard("b", "fr")))
    two = Cut(annotations=(heard("a", "fr"), heard("b", "en")))
    for cut, language in ((one, "fr"), (two, None)):
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
