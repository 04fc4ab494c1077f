"""Edits as files: what is written is read again, and mistakes are told by line and nearest name."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest

from smartcut.editing.model import Edits
from smartcut.editing.reading import parse_edits, read_edits, write_edits
from smartcut.errors import PipelineError
from smartcut.spec_schema import edits_schema
from tests.builders.programmes import edit

WRITTEN = """\
version: 1
sources:
  talk: 5e884898da28047151d0e56f8dc62927
base:
  - {id: talk@10, source: talk, start: 10, end: 20}
edits:
  - drop: {source: talk, start: 12.4, end: 62/5, why: words struck}
"""
EDITS = Edits(
    sources={"talk": "5e88"},
    edits=(
        edit(drop={"source": "talk.mp4", "start": "12.4", "end": "1:02.5", "why": "um, äh"}),
        edit(trim={"segment": {"source": "talk", "start": F(1, 3), "end": 4}, "end": "7/3"}),
        edit(move={"segment": {"source": None, "start": 0, "end": 4, "id": "gap"}, "after": "end"}),
        edit(set={"segment": {"source": "title", "start": 0, "end": 3, "text": "yes"}, "text": "no",
                  "transition": None}),
        edit(add={"title": {"text": "Harbour"}, "at": 12.4, "of": "talk.mp4"}),
    ),
)  # fmt: skip


@pytest.mark.parametrize("name", ["reel.edits.yaml", "reel.edits.json"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_edits(EDITS, tmp_path / name)
    again = read_edits(tmp_path / name)
    assert again == EDITS
    assert again.to_plain() == EDITS.to_plain()


def test_times_are_exact_and_short() -> None:
    plain = EDITS.to_plain()["edits"]
    assert plain[0]["drop"] == {
        "source": "talk.mp4", "start": 12.4, "end": 62.5, "why": "um, äh",
    }  # fmt: skip
    assert plain[1]["trim"] == {
        "segment": {"source": "talk", "start": "1/3", "end": 4}, "end": "7/3",
    }  # fmt: skip
    assert plain[3]["set"]["transition"] is None


def test_a_list_alone_is_enough() -> None:
    text = "- drop: {source: a.mp4, start: 1, end: 2}\n- split: {segment: {source: a.mp4,\n"
    text += "    start: 0, end: 9}, at: 4}\n"
    assert [one.kind for one in parse_edits(text).edits] == ["drop", "split"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "- drp: {source: a, start: 1, end: 2}",
            "edits: edits.0: unknown key 'drp'; did you mean 'drop'?",
        ),
        (
            "version: 1\nedits:\n  - drop: {source: a, start: 5, end: 2}",
            "3: edits: edits.0.drop: `end` (2 s) does not come after `start` (5 s)",
        ),
        (
            "- drop: {source: a, start: 1, end: 2}\n- trim: {segment: {source: a, start: x, end: 2}"
            ", end: 1}",
            "2: edits: edits.1.trim.segment.start: 'x' is not a time",
        ),
        ("version: 9\nedits: []", "these edits are of version 9"),
        (
            "- drop: {source: a, start: 1, end: 2}\n  split: null",
            "an edit has one key of drop, keep",
        ),
        ("drop", "edits are a list, each such as `- drop: {source: talk.mp4"),
        ("- set: {segment: {source: a, start: 1, end: 2}}", "give something to set: label, speed"),
        (
            "- set: {segment: {source: a, start: 1, end: 2}, lable: x}",
            "unknown key 'lable'; did you mean 'label'?",
        ),
        ("- set: {track: music, label: x}", "of a track there can be set gain"),
    ],
)
def test_mistakes_name_their_line_and_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        parse_edits(text, "reel.edits.yaml")
    assert str(caught.value).startswith("reel.edits.yaml:")
    assert message in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="there is no file"):
        read_edits(tmp_path / "none.yaml")


def test_the_schema_accepts_what_is_written_and_refuses_what_is_not() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = edits_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema)
    assert valid.is_valid(EDITS.to_plain())
    assert valid.is_valid(EDITS.to_plain()["edits"])
    assert not valid.is_valid([{"drop": {"source": "a", "start": 1, "end": 2}, "keep": None}])
    assert not valid.is_valid([{"drp": {"source": "a", "start": 1, "end": 2}}])
    assert not valid.is_valid({"edits": [{"trim": {"end": 2}}]})
