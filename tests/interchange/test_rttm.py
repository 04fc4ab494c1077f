"""RTTM, there and back."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from smartcut.annotation import SpeakerTurn
from smartcut.errors import PipelineError
from smartcut.interchange.rttm import from_rttm, to_rttm
from smartcut.timebase import Range

TURNS = (
    SpeakerTurn(Range(F(0), F(3, 2)), "Ada"),
    SpeakerTurn(Range(F("1.75"), F("4.125")), "SPEAKER_01"),
)


def test_there_and_back() -> None:
    text = to_rttm(TURNS, "my talk")
    assert text.splitlines()[0] == "SPEAKER my_talk 1 0.000 1.500 <NA> <NA> Ada <NA> <NA>"
    assert from_rttm(text, "a.rttm") == {"my_talk": TURNS}


def test_other_lines_are_left_out_and_turns_are_in_order() -> None:
    text = (
        ";; a comment\n\nSPKR-INFO a 1 <NA> <NA> <NA> unknown Ben <NA> <NA>\n"
        "SPEAKER a 1 2.5 1 <NA> <NA> Ben <NA> <NA>\n"
        "SPEAKER a 1 0.5 1 <NA> <NA> Ada <NA>\nSPEAKER b 1 0 0 <NA> <NA> Ada <NA>\n"
    )
    found = from_rttm(text, "a.rttm")
    assert [(t.speaker, t.range.start) for t in found["a"]] == [("Ada", F(1, 2)), ("Ben", F(5, 2))]
    assert list(found) == ["a"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("SPEAKER a 1 x 1 <NA> <NA> Ada <NA> <NA>", "2: a.rttm: 'SPEAKER a 1 x"),
        ("SPEAKER a 1 1 -2 <NA> <NA> Ada <NA> <NA>", "no line of RTTM"),
        ("SPEAKER a 1 1 nan <NA> <NA> Ada <NA> <NA>", "no line of RTTM"),
        ("SPEAKER a 1 1", "no line of RTTM"),
        ("TURN a", "begins with SPEAKER"),
    ],
)
def test_what_is_no_rttm_is_refused_with_its_line(row: str, told: str) -> None:
    with pytest.raises(PipelineError, match=told):
        from_rttm(f"\n{row}\n", "a.rttm")
