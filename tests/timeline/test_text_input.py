"""Text files in every encoding that editors and spreadsheets save, wherever text is read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from smartcut.api import Pipeline
from smartcut.errors import PipelineError
from smartcut.interchange.edl_reading import from_edl
from smartcut.runners.jobs import read_pipeline
from smartcut.runners.table import read_table
from smartcut.stages.voiceover import Voiceover
from smartcut.text_input import decoded
from tests.builders.commands import done_command

TEXT = "Café: “naïve” – Zoë"
MARKED = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKED)
def test_marks_and_utf8_are_certain(encoding: str) -> None:
    given = decoded(MARKED[encoding] + TEXT.encode(encoding), "t.csv")
    assert (given.text, given.notes) == (TEXT, ())


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16")],
)
def test_a_guess_is_noted(encoding: str, name: str) -> None:
    given = decoded(TEXT.encode(encoding), "t.csv")
    assert given.text == TEXT
    assert len(given.notes) == 1
    assert "t.csv" in given.notes[0]
    assert f"read as {name}" in given.notes[0]
    assert "save it as UTF-8" in given.notes[0]


@pytest.mark.parametrize("data", [b"a\0b", b"\x81\x8d caf\xe9", b"\xff\xfea", b"\0" * 64])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="save it as UTF-8"):
        decoded(data, "t.csv")


YAML = "params: {title: Zoë}\nstages:\n  - trim: {end: 1}\n  - title: {text: '${title}'}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_pipeline_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(YAML.encode(encoding))
    pipeline = Pipeline.from_yaml(path)
    assert pipeline.steps[1].stage.text == "Zoë"  # type: ignore[attr-defined]
    assert len(pipeline.notes) == len(read_pipeline(path, {}).notes) == (encoding == "cp1252")
    again = pipeline.with_params({"title": "Ada"})
    assert again.steps[1].stage.text == "Ada"  # type: ignore[attr-defined]
    assert again.notes == pipeline.notes


def test_the_command_tells_what_it_guessed(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(YAML.encode("cp1252"))
    done = done_command("check", path)
    assert done.returncode == 0
    assert "note: " in done.stderr
    assert "read as Windows-1252" in done.stderr


def test_a_pipeline_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"stages:\n  - \0")
    with pytest.raises(PipelineError, match="p.yaml cannot be read: .*not text"):
        Pipeline.from_yaml(tmp_path / "p.yaml")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_a_table_in_any_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    text = {".csv": "name,n\nZoë,1\n", ".tsv": "name\tn\nZoë\t1\n"}
    path = tmp_path / f"t{suffix}"
    path.write_bytes(text.get(suffix, '{"name": "Zoë", "n": 1}\n').encode(encoding))
    rows, notes = read_table(path, {"n": 0})
    assert rows == [{"name": "Zoë", "n": 1}]
    assert len(notes) == (encoding == "cp1252")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_texts_to_speak_and_edit_lists_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "say.txt"
    path.write_bytes("Zoë spricht.\n\nÜber allem.".encode(encoding))
    said = Voiceover(file=path).lines()
    assert [line.say for line in said] == ["Zoë spricht.", "Über allem."]
    event = "001  BL  V  C  00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00"
    edl = f"TITLE: Zoë\n* FRAME RATE: 25\n{event}\n"
    cut = from_edl(edl.encode(encoding), by="zoe.edl")
    assert cut.duration == 1
    assert [("Windows-1252" in note) for note in cut.notes] == [True] * (encoding == "cp1252")
